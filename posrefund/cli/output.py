"""The answer, on stdout, as text or as JSON. Nothing else writes there."""

from collections.abc import Iterable, Mapping
from typing import TextIO

from posrefund.cli.streams import Stream

_LONGEST_LINE = 4000


class Output:
    """Writes answers. Each is flushed at once: a script may be waiting for it."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = Stream(stream)
        self.as_json = False
        """One JSON object per line instead of text."""
        self.is_begun = False
        """Whether there was an answer, or a part of one."""

    @property
    def is_terminal(self) -> bool:
        """Whether a person is likely to read it."""
        return self._stream.is_terminal

    @property
    def columns(self) -> int:
        """How wide the terminal is; 80 where nobody knows."""
        return self._stream.columns

    @property
    def is_lost(self) -> bool:
        """Whether a part of the answer could not be written, as on a full disk."""
        return self._stream.is_lost or (self.is_begun and self._stream.is_missing)

    def show(self, data: Mapping[str, object], lines: Iterable[str]) -> None:
        """Write one answer: `data` as one line of JSON when that is wanted, else `lines`."""
        self.is_begun = True
        if self.as_json:
            import json

            # Escaping everything beyond ASCII escapes the control characters, too.
            self._stream.write(json.dumps(data, ensure_ascii=True) + "\n")
            return
        from posrefund.safe_text import safe_text

        shown = [safe_text(line, limit=_LONGEST_LINE).rstrip() for line in lines]
        self._stream.write("".join(f"{line}\n" for line in shown))

    def page(self, text: str) -> None:
        """Write a page of help as it is: an answer too, which may be lost like any other."""
        self.is_begun = True
        self._stream.write(text + "\n")
