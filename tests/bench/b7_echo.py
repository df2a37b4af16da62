"""B7: from a key to its echo while the counter follows a thousand refunds CCV has not decided.

A real terminal of 120 x 40. The refunds are five minutes old, so each is asked about every 15 s or
so, with the answers of a sandbox in another process. Letters that are nowhere else on the screen
are typed into the search box, one every `GAP_SECONDS`; the time runs from the write of the key to
the first piece of output with it. Budget: 16.7 ms (p99). The same with nothing open is beside it.
"""

import sqlite3
import time

from posrefund.journal.rows import time_text
from tests.bench.b9_following import AGE
from tests.bench.installed import counter_environment
from tests.bench.measure import Row, Table, median, percentile
from tests.bench.practice import decided, practice
from tests.bench.pretend import PretendCcv
from tests.bench.setting import Setting
from tests.bench.watched import InTerminal

OPEN = 1_000
KEYS = 600
GAP_SECONDS = 0.05
SETTLING_SECONDS = 15.0
BUDGET_MS = 16.7
_LETTERS = "αβγδεζηθικλμνξοπρστυφχψω"
_CLEAR = "\x15"
"""Ctrl+U: everything before the cursor goes."""


def run(setting: Setting) -> Table:
    """Leave so many open, start the counter, type."""
    table = Table(f"B7: a key, seen in the search box while {OPEN:,} refunds are followed")
    for count in (0, OPEN):
        taken = _typed(setting, count)
        worst = percentile(taken, 99)
        judged = ("", None) if count == 0 else (f"<= {BUDGET_MS:g} ms", worst <= BUDGET_MS)
        shown = f"{median(taken):.1f} ms, p99 {worst:.1f} ms"
        table.rows.append(Row(f"{count:,} open", shown, "", *judged))
    table.remarks.append(f"{KEYS} keys each, {GAP_SECONDS * 1e3:g} ms apart")
    return table


def _typed(setting: Setting, count: int) -> list[float]:
    home = setting.new_folder("home")
    with PretendCcv() as ccv:
        environment = counter_environment(home, ccv.base_url)
        with practice(home, ccv.base_url) as program:
            sent = [program.service.send(decided(program, ccv.sell())) for _ in range(count)]
            path = program.settings.journal_path
        if sent and path is not None:
            with sqlite3.connect(path) as connection:
                then = time_text(sent[-1].created_at - AGE)
                connection.execute(
                    "UPDATE refund SET first_sent_at = ?, updated_at = ?", (then, then)
                )
            connection.close()
        with InTerminal([setting.installed.posrefund], environment) as app:
            app.seconds_until("Scan or type")
            # The start is not what is measured: every refund has been asked about by then.
            app.watch(SETTLING_SECONDS)
            return [_echo(app, number) for number in range(KEYS)]


def _echo(app: InTerminal, number: int) -> float:
    """Milliseconds."""
    letter = _LETTERS[number % len(_LETTERS)]
    if letter == _LETTERS[0]:
        app.press(_CLEAR)
    app.watch(GAP_SECONDS)
    pressed = time.monotonic() - app.begun
    app.press(letter)
    return (app.seconds_until(letter) - pressed) * 1e3
