"""What every screen and every dialog has: words in the language of now."""

from dataclasses import replace
from typing import ClassVar

from textual.binding import ActiveBinding
from textual.screen import ModalScreen, Screen, ScreenResultType

from posrefund.language import _

_ON_THE_COUNTER_ONLY = frozenset({"quit", "next_language"})


class Spoken(Screen[ScreenResultType]):
    """A screen whose keys are named in the language of now.

    Keys are declared once, in English, for every screen; footer and help read them from here.
    """

    is_home = False
    """The counter, which alone has room in its footer for the keys of the whole program."""

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that act now, with their names as they are shown."""
        return {key: self._spoken(active) for key, active in super().active_bindings.items()}

    def _spoken(self, active: ActiveBinding) -> ActiveBinding:
        binding = active.binding
        hidden = not self.is_home and binding.action in _ON_THE_COUNTER_ONLY
        spoken = replace(
            binding, description=_(binding.description), show=binding.show and not hidden
        )
        return active._replace(binding=spoken)


class Dialog(Spoken[ScreenResultType], ModalScreen[ScreenResultType]):
    """A screen on top of another one, to be answered or closed before anything else."""

    ASKS: ClassVar[bool] = True
    """A question: it stays until somebody answers it, however long nobody is there."""
