"""B10: the start after a bad day: a thousand refunds open in a journal of a hundred thousand.

Every one was left by a process that is gone. `take_over` writes down what that means for each
before anything is asked or sent; the counter's first page is read before. Budget: two seconds.
"""

import sqlite3
import time
from pathlib import Path

from posrefund.refund.model import RefundState
from posrefund.settings import load_settings
from tests.bench import b8_history
from tests.bench.installed import config_for
from tests.bench.measure import Row, Table
from tests.bench.practice import practice
from tests.bench.setting import Setting
from tests.support.builders import ADDRESS

ROWS, OPEN = 100_000, 1_000
SECONDS = 2.0
_STATES = (
    [RefundState.ACCEPTED] * 600
    + [RefundState.UNKNOWN] * 200
    + [RefundState.SENDING] * 150
    + [RefundState.INTENT] * 50
)


def run(setting: Setting) -> Table:
    """Fill, leave open, start."""
    home = setting.new_folder("home")
    config = config_for(home, ADDRESS)
    path = load_settings(config).journal_path
    assert path is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    b8_history.fill(path, ROWS)
    _leave_open(path)
    with practice(home, ADDRESS) as program:
        begun = time.perf_counter()
        found = program.recovery.take_over()
        seconds = time.perf_counter() - begun
        left = [one for one in found if one.state in {RefundState.SENDING, RefundState.INTENT}]
    table = Table(f"B10: {OPEN:,} refunds open in a journal of {ROWS:,}")
    table.rows.append(
        Row(
            f"{len(found):,} taken over",
            f"{seconds:.2f} s",
            "",
            f"<= {SECONDS:g} s",
            seconds <= SECONDS,
        )
    )
    table.rows.append(Row("left unclassified", str(len(left)), "", "0", not left))
    return table


def _leave_open(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        newest = connection.execute(
            "SELECT id FROM refund ORDER BY created_at DESC LIMIT ?", (OPEN,)
        ).fetchall()
        connection.executemany(
            "UPDATE refund SET state = ?, owner = ? WHERE id = ?",
            [
                (str(state), None if state is RefundState.ACCEPTED else "gone", name)
                for state, (name,) in zip(_STATES, newest, strict=True)
            ],
        )
    connection.close()
