"""B3: from the start of `posrefund refund` to the QR code on the screen, journal on.

The baseline is a script of curl, jq and qrencode that sends the same request to the same sandbox
and keeps no journal. A second script asks the two questions first that posrefund asks, and has no
budget. Both run in a terminal; the sandbox runs in another process, its customer never comes, and
posrefund is killed when the code is drawn. Budget: 3.0 times.
"""

import shutil
from functools import partial
from pathlib import Path

from posrefund.receipt.qr import qr_ansi
from tests.bench.imports import import_report, with_import_times
from tests.bench.installed import counter_environment
from tests.bench.measure import Table, in_turn, median, paired_ratio
from tests.bench.pretend import Arrival, PretendCcv
from tests.bench.setting import Setting
from tests.bench.watched import InTerminal, Unexpected, Words

BUDGET = 3.0
TOOLS = ("bash", "curl", "jq", "qrencode")
_SCRIPT = Path(__file__).with_name("shell_refund.sh")
_MARK = "the code is drawn"
_SHELL, _ASKING = "curl + jq + qrencode", "the same, asking first"
_OURS = "posrefund refund"
_END_OF_LINE = b"\x1b[0m"

Stamps = tuple[float, ...]
"""Milliseconds after the start: of each request and its answer, last of the code on the screen."""


def run(setting: Setting) -> Table:
    """Measure."""
    table = Table("B3: from the start to the QR code on the screen")
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        table.remarks.append(f"SKIPPED, because these are not installed: {', '.join(missing)}")
        return table
    program = setting.installed
    with PretendCcv() as ccv:
        environment = counter_environment(setting.new_folder("home"), ccv.base_url)
        shell = partial(_shell, ccv, environment)
        shell("ask")
        lines = qr_ansi(ccv.last_page()).count("\n") + 1
        ours = partial(_ours, ccv, environment, [program.posrefund], lines)
        samples = in_turn(
            {_SHELL: shell, _ASKING: partial(shell, "ask"), _OURS: ours}, setting.rounds
        )
        for name, taken in samples.items():
            table.ratio(
                name,
                [one[-1] for one in taken],
                [one[-1] for one in samples[_SHELL]],
                at_most=BUDGET if name == _OURS else None,
            )
        pair = ([one[-1] for one in samples[name]] for name in (_OURS, _ASKING))
        table.remarks.append(f"posrefund beside the asking script: {paired_ratio(*pair):.2f}x")
        table.remarks.append(f"posrefund, ms: {_stages(samples[_OURS])}")
        table.remarks.append(f"the asking script, ms: {_stages(samples[_ASKING])}")
        if setting.shows_imports:
            watched = with_import_times([program.python, program.posrefund])
            with InTerminal([*watched, *_words(ccv), "--no-wait"], environment) as it:
                table.remarks += import_report(it.until_it_ends())
    return table


def _words(ccv: PretendCcv) -> list[str]:
    return ["refund", ccv.sell(), "--amount", "1.00", "--yes"]


def _ours(ccv: PretendCcv, environment: dict[str, str], program: Words, lines: int) -> Stamps:
    words = _words(ccv)
    ccv.arrivals()
    with InTerminal([*program, *words], environment) as it:
        drawn = it.seconds_when(lambda: it.written.count(_END_OF_LINE) >= lines, "a QR code")
        return _stamps(it, ccv.arrivals(), drawn)


def _shell(ccv: PretendCcv, environment: dict[str, str], *asks: str) -> Stamps:
    reference = ccv.sell()
    ccv.arrivals()
    bash = shutil.which("bash") or "bash"
    with InTerminal([bash, _SCRIPT, ccv.base_url, reference, _MARK, *asks], environment) as it:
        drawn = it.seconds_until(_MARK)
        return _stamps(it, ccv.arrivals(), drawn)


def _stamps(it: InTerminal, arrivals: list[Arrival], drawn: float) -> Stamps:
    if [one.what for one in arrivals].count("POST /refund") != 1:
        raise Unexpected(f"not one refund but {arrivals}:\n{it.text}")
    asked = [at - it.begun for one in arrivals for at in (one.at, one.answered)]
    return tuple(at * 1e3 for at in (*asked, drawn))


def _stages(taken: list[Stamps]) -> str:
    """Say how long each part took: medians of the gaps between the stamps."""
    number = (len(taken[0]) - 1) // 2
    names = ["to the first request"]
    for one in range(1, number + 1):
        names += [f"answer {one}", f"to request {one + 1}"]
    names[-1] = "to the code on the screen"
    gaps = [
        median([one[at] - (one[at - 1] if at else 0.0) for one in taken])
        for at in range(len(names))
    ]
    return ", ".join(f"{name} {gap:.1f}" for name, gap in zip(names, gaps, strict=True))
