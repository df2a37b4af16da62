"""The real command in a process of its own: what it prints, how it ends, what the bank has."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import KEY, Workplace

pytestmark = pytest.mark.process


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Workplace]:
    with Workplace(tmp_path) as opened:
        yield opened


def test_a_refund_prints_every_change_of_state_and_exits_0(workplace: Workplace) -> None:
    done = workplace.run("refund", "T1001.Y", "--amount", "5.00", "--yes", "--json")

    states = [line["state"] for line in done.lines]
    assert (done.code, states) == (0, ["intent", "accepted", "succeeded"])
    (paid,) = workplace.ledger()
    assert paid["reference"] == done.lines[-1]["provider_reference"]
    assert (paid["amount"], done.lines[-1]["money_moved"]) == ("5.00", "yes")


def test_a_reply_lost_after_the_commit_is_recovered_by_itself(workplace: Workplace) -> None:
    workplace.spoil("commit_then_hang_up")

    done = workplace.run("refund", "T1001.Y", "--amount", "5.00", "--yes", "--json")

    states = [line["state"] for line in done.lines]
    assert (done.code, states) == (0, ["intent", "unknown", "succeeded"])
    assert len(workplace.ledger()) == 1


def test_not_waiting_for_a_lost_reply_exits_5_and_recover_ends_the_case(
    workplace: Workplace,
) -> None:
    workplace.spoil("commit_then_hang_up")

    unknown = workplace.run("refund", "T1001.Y", "--amount", "5.00", "--yes", "--json", "--no-wait")
    again = workplace.run("refund", "T1001.Y", "--amount", "5.00", "--yes")
    recovered = workplace.run("recover", "--json")
    nothing = workplace.run("list", "--open", "--json")

    assert (unknown.code, again.code, recovered.code) == (5, 1, 0)
    assert recovered.lines[-1]["state"] == "succeeded"
    assert (nothing.code, nothing.out) == (0, "")
    assert len(workplace.ledger()) == 1


def test_the_same_id_pays_once(workplace: Workplace) -> None:
    ask = ("refund", "T1001.Y", "--amount", "5.00", "--yes", "--json", "--id", "kiosk-7")

    first, second = workplace.run(*ask), workplace.run(*ask)

    assert (first.code, second.code) == (0, 0)
    assert first.lines[-1] == second.lines[-1]
    assert len(workplace.ledger()) == 1


def test_a_wrong_key_exits_3_and_nothing_is_carried_out(workplace: Workplace) -> None:
    workplace.control("settings", {"api_keys": ["t_another"]})

    refused = workplace.run("refund", "T1001.Y", "--amount", "5.00", "--yes")

    assert refused.code == 3
    assert workplace.ledger() == []


def test_no_sandbox_exits_4(workplace: Workplace) -> None:
    text = workplace.config.read_text("utf-8").replace(workplace.site, "http://127.0.0.1:9")
    workplace.config.write_text(text, "utf-8")

    assert workplace.run("refund", "T1001.Y", "--amount", "5.00", "--yes").code == 4


BAD = [
    (("T9999.Y", "--amount", "5.00"), 1),
    (("T1007.A", "--amount", "5.00"), 1),
    (("T1011.Y", "--amount", "5.00"), 1),
    (("T1012.Y", "--amount", "5.00"), 1),
    (("T1001.Y", "--amount", "49.91"), 1),
    (("T1001.Y", "--amount", "0"), 2),
    (("T1001.Y", "--amount", "-5"), 2),
    (("T1001.Y", "--amount", "5.001"), 2),
    (("T1001.Y", "--amount", "1.000"), 2),
    (("T1001.Y", "--amount", ""), 2),
    (("T1001.Y",), 2),
    (("T1001\x1b.Y", "--amount", "5.00"), 2),
    (("T1001.Y", "--amount", "5.00", "--terminal", "nowhere"), 2),
]


@pytest.mark.parametrize(("arguments", "code"), BAD, ids=str)
def test_bad_input_is_one_sentence_and_nothing_is_sent(
    workplace: Workplace, arguments: tuple[str, ...], code: int
) -> None:
    refused = workplace.run("refund", *arguments, "--yes")

    assert (refused.code, refused.out) == (code, "")
    assert "Traceback" not in refused.err
    assert workplace.ledger() == []


def test_the_key_is_nowhere(workplace: Workplace) -> None:
    """The canary: after good and bad runs the key is in no output and no file but none."""
    workplace.spoil("commit_then_hang_up")
    runs = [
        workplace.run("refund", "T1001.Y", "--amount", "5.00", "--yes", "--json"),
        workplace.run("refund", "T1001.Y", "--amount", "nonsense", "--yes"),
        workplace.run("list", "--json"),
        workplace.run("find", "1001", "--json"),
    ]
    refund = json.loads(runs[0].out.splitlines()[-1])
    runs.append(workplace.run("show", refund["id"], "--json"))
    files = [path for path in workplace.folder.rglob("*") if path.is_file()]

    assert len(files) >= 3
    canaries = (KEY, KEY.removeprefix("t_"), "dF9hX2tleV90aGF0X29ubHlfdGVzdHNfdXNl")
    for canary in canaries:
        assert not [run for run in runs if canary in run.out + run.err]
        assert not [path for path in files if canary.encode() in path.read_bytes()]
