"""Batch files on the fake counter, and what became of their lines."""

from pathlib import Path

from posrefund.refund.model import ProviderStatus
from tests.cli.fakes import Counter, Ended

HEADING = "machine,payment,amount,description\n"
TWO = HEADING + "Kiosk 7,1001,5.00,no product\nKiosk 8,S1006.Y,6.00,jammed\n"


class Decides(dict):
    """The bank comes to this result the first time it is asked about any refund."""

    def __init__(self, status: ProviderStatus = ProviderStatus.SUCCESS) -> None:
        super().__init__()
        self._status = status

    def __contains__(self, reference: object) -> bool:
        return True

    def pop(self, *_: object) -> ProviderStatus:
        return self._status


def generous() -> Counter:
    """A counter whose bank gives everything back as soon as it is asked."""
    counter = Counter()
    counter.bank.status_after = Decides()
    return counter


def run(counter: Counter, tmp_path: Path, text: str, *arguments: str, **more: object) -> Ended:
    path = tmp_path / "incident.csv"
    path.write_text(text, "utf-8")
    if "typed" not in more and "--dry-run" not in arguments:
        arguments = ("--yes", *arguments)
    return counter.run("batch", str(path), *arguments, **more)  # type: ignore[arg-type]  # a fake


def outcomes(ended: Ended) -> list[str]:
    """The outcome of each line, in the order of the file."""
    told = [line for line in ended.lines if line["kind"] == "outcome"]
    return [line["outcome"] for line in sorted(told, key=lambda line: line["line"])]


def summary(ended: Ended) -> dict:
    assert ended.lines[-1]["kind"] == "summary"
    return ended.lines[-1]
