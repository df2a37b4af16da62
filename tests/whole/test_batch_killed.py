"""A batch that is killed with SIGKILL again and again, under faults. The ledger is the judge.

`python -m tests.whole.test_batch_killed 500 5` runs the large form and prints time and requests.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import Workplace

SEED = 20261121
TERMINALS = 20
FAULTS: list[tuple[str, dict[str, object]]] = [
    ("commit_then_hang_up", {}),
    ("error_500_after_commit", {}),
    ("error_500_before_commit", {}),
    ("hang_up", {}),
    ("reset", {"committed": True}),
    ("rate_limit", {"retry_after": "1"}),
    ("html_200", {"committed": True}),
    ("half_body", {"at": 20}),
    ("status", {"code": 409}),
]

TERMINAL = """
[[terminals]]
name = "Kiosk {number}"
method = "terminal"
terminal_id = "K{number}"
management_system_id = "000103030"
operating_environment = "SEMI_UNATTENDED"
"""


@dataclass(frozen=True)
class Story:
    """What happened, in figures."""

    seconds: float
    requests: int
    posts: int
    kills: int
    summary: dict[str, Any]
    ledger: list[dict[str, Any]]
    paid: set[str]
    """What should have been paid."""
    refused: set[str]
    code: int

    @property
    def successes(self) -> list[str]:
        return [one["original_reference"] for one in self.ledger if one["status"] == "success"]


def story(folder: Path, *, lines: int, kills: int) -> Story:
    """Run a file to its end, killed on the way, and tell what came of it."""
    dice = random.Random(SEED)  # noqa: S311 - to repeat a run, not to keep a secret
    with Workplace(folder) as workplace:
        configure(workplace)
        references = [f"B{number:04}.Y" for number in range(1, lines + 1)]
        failing = sell(workplace, references, dice)
        refused = failing | {"TooMuch.Y", "Nobody.Y"}
        path = folder / "incident.csv"
        path.write_text(file_of(references), "utf-8")
        begun = time.monotonic()
        for number in range(1, kills + 1):
            kill_after(workplace, path, number * lines // (kills + 1), dice)
        done = workplace.run("batch", str(path), "--yes", "--json")
        seconds = time.monotonic() - begun
        seen = requests(workplace)
        assert done.lines[-1]["kind"] == "summary", (done.out[-2000:], done.err[-2000:])
        return Story(
            seconds=seconds,
            requests=len(seen),
            posts=sum(one["method"] == "POST" for one in seen),
            kills=kills,
            summary=done.lines[-1],
            ledger=workplace.ledger(),
            paid=set(references) - failing,
            refused=refused,
            code=done.code,
        )


def configure(workplace: Workplace) -> None:
    with workplace.config.open("a", encoding="utf-8") as config:
        for number in range(TERMINALS):
            config.write(TERMINAL.format(number=number))
        config.write('\n[polling]\nprofile = "brisk"\n')


def sell(workplace: Workplace, references: list[str], dice: random.Random) -> set[str]:
    """Make the payments, script a fault for one refund in ten, and return those that must fail."""
    for place, reference in enumerate(references):
        details = {"terminalId": f"K{place % TERMINALS}"}
        payment = {"reference": reference, "amount": "5.00", "details": details}
        workplace.control("payment", payment)
    workplace.control("payment", {"reference": "TooMuch.Y", "amount": "1.00"})
    spoilt = dice.sample(references, len(references) // 10)
    failing = set(spoilt[:: len(FAULTS) + 1])
    for place, reference in enumerate(spoilt):
        match = {"reference": reference}
        if reference in failing:
            args = {"status": "failed", "failure_code": "card_refused"}
            workplace.spoil("final", match=match, times="forever", args=args)
        else:
            do, arguments = FAULTS[place % len(FAULTS)]
            workplace.spoil(do, match=match, args=arguments)
    for skip in range(20, len(references) * 4, 60):
        workplace.spoil("status", on="GET /transaction", skip=skip, args={"code": 503})
    return failing


def file_of(references: list[str]) -> str:
    rows = [
        f"Kiosk {place % TERMINALS};{one};2,50;no product" for place, one in enumerate(references)
    ]
    rows += ["Kiosk 1;TooMuch.Y;99,00;too much", "Kiosk 1;Nobody.Y;1,00;no such payment"]
    return "\r\n".join(["machine;payment;amount;description", *rows])


def kill_after(workplace: Workplace, path: Path, outcomes: int, dice: random.Random) -> None:
    process = workplace.start("batch", str(path), "--yes", "--json")
    assert process.stdout is not None
    for told, _ in enumerate(process.stdout, start=1):
        if told >= outcomes:
            break
    try:
        process.wait(dice.uniform(0, 0.3))
    except subprocess.TimeoutExpired:
        process.kill()
    process.communicate()
    assert process.returncode == -9, "it had ended before it was killed"


def requests(workplace: Workplace) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{workplace.site}/_sandbox/requests") as answer:  # noqa: S310
        return json.load(answer)


def judge(told: Story) -> None:
    """The ledger has what should be there, once; the summary says the same."""
    counted = Counter(told.successes)
    assert not [one for one, times in counted.items() if times > 1], "paid twice"
    assert set(counted) == told.paid
    keys = Counter(one["idempotency_reference"] for one in told.ledger)
    assert max(keys.values()) == 1
    assert told.summary["done"]["count"] == len(told.paid)
    assert told.summary["not_done"]["count"] == len(told.refused)
    for rest in ("not_sent", "running", "unknown", "attention"):
        assert told.summary[rest]["count"] == 0, rest
    assert told.code == 1


@pytest.mark.process
def test_killed_three_times_under_faults_it_pays_every_line_once(tmp_path: Path) -> None:
    judge(story(tmp_path, lines=60, kills=3))


def main(lines: int, kills: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        told = story(Path(folder), lines=lines, kills=kills)
    judge(told)
    per_refund = told.requests / len(told.paid)
    sys.stdout.write(
        f"{lines} lines, {kills} kills: {told.seconds:.1f} s, {told.requests} requests,"
        f" {told.posts} of them POST, {per_refund:.2f} per refund;"
        f" {len(told.successes)} paid of {len(told.paid)} that should be, 0 twice\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
