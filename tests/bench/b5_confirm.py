"""B5: from the yes of a person to the request at the server, the connection being warm.

The payment was looked up before, as always, and so the connection is open. Timed to the arrival at
the sandbox, which runs in another process and stamps it on the clock both share. The baseline is
the same POST by a bare httpx client that asked something before. Each round is a new process for
either, so that the first refund of a process is seen too; the journal is there before, as in a
shop. Budget: 10 ms more than httpx, and no connection but the one of the look-up.
"""

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import httpx

from posrefund.references import mint
from tests.bench.installed import KEY
from tests.bench.measure import Row, Table, in_turn, median, paired_extra, paired_ratio
from tests.bench.practice import ordered, practice
from tests.bench.pretend import PretendCcv
from tests.bench.setting import Setting

EXTRA_BUDGET_MS = 10.0
POSTS = 11
"""Of a process: the first one, and ten that count as warm."""
_BARE, _INTEND, _SEND = "bare httpx POST", "intend and send (2 commits)", "send alone (1 commit)"

Begun = tuple[float, float]
"""When a refund was decided, and when it was handed over to be sent: `time.monotonic()`."""
Way = Callable[[Path, str, list[str]], list[Begun]]


def run(setting: Setting) -> Table:
    """Measure."""
    warm: dict[str, list[float]] = {_BARE: [], _INTEND: [], _SEND: []}
    first: dict[str, list[float]] = {_BARE: [], _INTEND: [], _SEND: []}
    home = setting.new_folder("home")
    ways: dict[Way, list[str]] = {_by_httpx: [_BARE], _by_posrefund: [_INTEND, _SEND]}
    with PretendCcv() as ccv:
        cases = {way: partial(_sample, way, home, ccv) for way in ways}
        samples = in_turn(cases, setting.rounds, warm_up=1)
        opened = ccv.connections()
    for way, names in ways.items():
        for place, name in enumerate(names):
            first[name] = [posts[0][place] for posts in samples[way]]
            warm[name] = [median([one[place] for one in posts[1:]]) for posts in samples[way]]
    table = Table("B5: from the yes to the request at the server, on a warm connection")
    for when, taken in (("warm", warm), ("first of a process", first)):
        table.rows += [_row(f"{name}, {when}", taken[name], taken[_BARE]) for name in taken]
    wanted = len(ways) * (setting.rounds + 1)
    table.rows.append(
        Row("connections, all processes", str(opened), "", f"exactly {wanted}", opened == wanted)
    )
    table.remarks.append("the ratio is for the eye; what is judged is the difference, in brackets")
    return table


def _row(case: str, values: list[float], baseline: list[float]) -> Row:
    shown, ratio = f"{median(values):.2f} ms", f"{paired_ratio(values, baseline):.2f}x"
    if values is baseline:
        return Row(case, shown, ratio)
    extra = paired_extra(values, baseline)
    budget = f"<= {EXTRA_BUDGET_MS:g} ms more"
    return Row(case, f"{shown} (+{extra:.2f})", ratio, budget, extra <= EXTRA_BUDGET_MS)


def _sample(way: Way, home: Path, ccv: PretendCcv) -> list[Begun]:
    """Send refunds in a new process; milliseconds from either beginning to the arrival."""
    references = [ccv.sell() for _ in range(POSTS)]
    ccv.arrivals()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        begun = process.submit(way, home, ccv.base_url, references).result()
    arrived = [one.at for one in ccv.arrivals() if one.what == "POST /refund"]
    return [
        ((at - decided) * 1e3, (at - handed) * 1e3)
        for at, (decided, handed) in zip(arrived, begun, strict=True)
    ]


def _by_posrefund(home: Path, base_url: str, references: list[str]) -> list[Begun]:
    begun = []
    with practice(home, base_url) as program:
        for reference in references:
            order = ordered(program, reference)
            decided = time.monotonic()
            refund = program.service.intend(order)
            begun.append((decided, time.monotonic()))
            program.service.send(refund)
    return begun


def _by_httpx(_: Path, base_url: str, references: list[str]) -> list[Begun]:
    begun = []
    with httpx.Client(base_url=base_url, auth=(KEY, ""), trust_env=False) as client:
        for reference in references:
            client.get("/transaction", params={"reference": reference}).raise_for_status()
            body = (
                f'{{"reference":"{reference}","description":"Order 1001 #ABCDEFGHIJ",'
                '"amount":"1.00","details":{"managementSystemId":"000103030",'
                '"terminalId":"1234536","accessProtocol":"OPI_NL",'
                '"operatingEnvironment":"ATTENDED","merchantLanguage":"NLD"}}'
            )
            headers = {"Content-Type": "application/json", "Idempotency-Reference": mint()}
            at = time.monotonic()
            begun.append((at, at))
            client.post("/refund", content=body, headers=headers).raise_for_status()
    return begun
