"""What an API key is: a type that checks it and never prints it."""

from typing import NoReturn

from posrefund.errors import ConfigWrong
from posrefund.refund.model import Environment
from posrefund.sentence import Sentence

MAX_LENGTH = 200
"""No key of CCV's comes near it; a longer text is a wrong file."""

THE_KEY = Sentence("the API key")

NO_KEY = "C-122"
"""Its number in the catalogue, which stays what it is: people write it down."""

_ENVIRONMENTS = {"t_": Environment.TEST, "l_": Environment.LIVE}
_SAMPLE_BODY = "e40a9b36f4c1fa31f512c623bb5a315696e98cea"
_PLACEHOLDERS = ("your", "changeme", "placeholder", "apikey", "api_key", "example")


class ApiKey:
    """An API key that was checked. It shows itself only to `reveal`, and cannot be pickled."""

    __slots__ = ("_text",)

    def __init__(self, text: str, *, origin: Sentence = THE_KEY) -> None:
        """Check the key and keep it.

        Raises:
            ConfigWrong: If it cannot be a key of CCV's; `origin` begins the sentence. The key
                itself is not in it. Nothing was sent.
        """
        self._text = text
        # A crash screen shows the variables of each frame; this object shows nothing.
        del text
        complaint = _complaint(self._text, origin)
        if complaint is not None:
            raise complaint

    @property
    def environment(self) -> Environment:
        """Test or live, as the prefix says."""
        return _ENVIRONMENTS[self._text[:2]]

    def reveal(self) -> str:
        """The key itself, for the one place that sends it."""
        return self._text

    def is_same(self, other: "ApiKey") -> bool:
        """Whether it is the same key; neither is shown for it."""
        return self._text == other.reveal()

    def __repr__(self) -> str:
        return "<API key, not shown>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("an API key is neither pickled nor copied")


def without_newline(text: str) -> str:
    """A key as it stands in a file or a variable, which may end its line."""
    return text.removesuffix("\n").removesuffix("\r")


def _complaint(text: str, origin: Sentence) -> ConfigWrong | None:
    """Say what is wrong with the key, or None. The answer never holds a part of it."""
    if not text:
        return ConfigWrong("{origin} is empty", catalogue=NO_KEY, origin=origin)
    if len(text) > MAX_LENGTH:
        return ConfigWrong(
            "{origin} is longer than {longest} characters, so it is not an API key",
            catalogue=NO_KEY,
            origin=origin,
            longest=MAX_LENGTH,
        )
    if any(character.isspace() for character in text):
        return ConfigWrong(
            "{origin} contains a space or a line break; it must hold the key alone",
            catalogue=NO_KEY,
            origin=origin,
        )
    if not (text.isascii() and text.isprintable()) or ":" in text:
        return ConfigWrong(
            "{origin} contains a character that no API key has", catalogue=NO_KEY, origin=origin
        )
    prefix, body = text[:2], text[2:]
    if prefix not in _ENVIRONMENTS or not body:
        return ConfigWrong(
            "{origin} is not an API key of CCV: those begin with t_ (test) or l_ (live)",
            catalogue=NO_KEY,
            origin=origin,
        )
    if body.casefold() == _SAMPLE_BODY:
        return ConfigWrong(
            "{origin} is the sample from CCV's documentation; use the key of your own shop",
            catalogue=NO_KEY,
            origin=origin,
        )
    if any(word in body.casefold() for word in _PLACEHOLDERS):
        return ConfigWrong(
            "{origin} is a placeholder; use the key of your own shop",
            catalogue=NO_KEY,
            origin=origin,
        )
    return None
