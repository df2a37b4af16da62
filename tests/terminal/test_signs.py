"""Letters and colours of terminals."""

from posrefund.terminal.model import Method, Terminal
from posrefund.terminal.signs import COLOURS, INK, sign_of

MANY = [Terminal(name=f"Desk {number}", method=Method.TERMINAL) for number in range(30)]
READABLE = 4.5


def test_letters_follow_the_configuration():
    assert [sign_of(MANY, f"Desk {number}").letter for number in range(3)] == ["A", "B", "C"]


def test_a_terminal_that_is_not_configured_any_more_has_no_sign():
    assert sign_of(MANY, "Desk 77") is None
    assert sign_of(MANY, None) is None


def test_after_z_there_is_no_letter():
    assert sign_of(MANY, "Desk 25").letter == "Z"
    assert sign_of(MANY, "Desk 26") is None


def test_every_letter_can_be_read():
    assert all(_contrast(colour, INK) >= READABLE for colour in COLOURS)


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
