"""Keeps a page key in a list that has no room in the window from ending the program.

Textual looks up the marked line among lines it has not made, where there is no room to draw any:
Page Up in the list of terminals, opened in a very small window, raises a KeyError. Found by keys at
random.
"""

from textual.widgets import OptionList


def forgive_page_keys() -> None:
    """Let such a key do nothing. Safe to call again."""
    move = OptionList.__dict__["_move_page"]
    if getattr(move, "is_forgiving", False):
        return

    def forgiving(self: OptionList, direction: int) -> None:
        if self.scrollable_content_region:
            move(self, direction)

    forgiving.is_forgiving = True  # type: ignore[attr-defined]
    setattr(OptionList, "_move_page", forgiving)  # noqa: B010 - a name of Textual's own
