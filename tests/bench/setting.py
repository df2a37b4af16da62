"""What the command line asked for, handed to every budget."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from tests.bench.installed import Installed, installed


@dataclass(slots=True)
class Setting:
    """How to measure."""

    rounds: int
    shows_imports: bool
    folder: Path
    """On the disk that is judged; thrown away afterwards."""
    python: Path | None
    at_end: ExitStack
    rows: int = 1_000_000
    """Refunds in the journal of B8."""
    _installed: Installed | None = None

    @property
    def installed(self) -> Installed:
        """The program, installed when it is first asked for."""
        if self._installed is None:
            self._installed = self.at_end.enter_context(installed(self.python, self.folder))
        return self._installed

    def new_folder(self, name: str) -> Path:
        """An empty folder, such as a home."""
        return Path(mkdtemp(prefix=f"{name}-", dir=self.folder))
