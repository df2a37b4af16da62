"""`slip`: an original once, copies afterwards; on stdout, in a file, on paper; always offline."""

from datetime import timedelta
from pathlib import Path

import pytest

from posrefund.refund.model import ProviderStatus, RefundState
from tests.cli.fakes import Counter, FullDisk
from tests.support.builders import NOON, PAYMENT, a_refund, an_entry

KEYS = ["id", "state", "proof", "copy", "merchant", "file", "lines"]


def test_the_first_slip_is_the_original_and_the_next_a_copy(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.SUCCESS)

    first, second = counter.run("slip", refund.id), counter.run("slip", refund.id)

    assert (first.code, first.err) == (0, "")
    assert "REFUND" in first.out
    assert "TEST - NO REAL MONEY" in first.out
    assert "COPY" not in first.out
    assert "COPY" in second.out
    assert "MERCHANT" in counter.run("slip", refund.id, "--merchant").out


def test_it_needs_neither_key_nor_network(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.SUCCESS)
    before = counter.bank.questions

    counter.run("slip", refund.id)

    assert counter.bank.questions == before


@pytest.mark.parametrize("state", [ProviderStatus.FAILED, ProviderStatus.PENDING, None])
def test_only_success_gives_a_proof(counter: Counter, state: ProviderStatus | None) -> None:
    refund = counter.in_state(state)

    (told,) = counter.run("slip", refund.id, "--json").lines

    assert list(told) == KEYS
    assert told["proof"] is False
    assert "REFUND" not in [line.strip() for line in told["lines"]]


def test_a_payment_gives_the_slip_of_its_last_attempt_not_of_its_last_success(
    counter: Counter,
) -> None:
    for number, state in enumerate((RefundState.SUCCEEDED, RefundState.FAILED)):
        at = NOON + timedelta(minutes=number)
        counter.journal.open_case(
            a_refund(id=f"till-{number}", state=state, created_at=at), an_entry()
        )

    (told,) = counter.run("slip", PAYMENT, "--json").lines

    assert (told["id"], told["proof"]) == ("till-1", False)


def test_a_slip_nobody_could_read_is_not_remembered(counter: Counter) -> None:
    refund = counter.in_state(ProviderStatus.SUCCESS)

    assert counter.run("slip", refund.id, stdout=FullDisk()).code == 4

    assert "COPY" not in counter.run("slip", refund.id).out


def test_a_file_has_the_slip_and_stdout_nothing(counter: Counter, tmp_path: Path) -> None:
    refund = counter.in_state(ProviderStatus.SUCCESS)
    file = tmp_path / "slip.txt"

    ended = counter.run("slip", refund.id, "--file", str(file))

    assert (ended.code, ended.out, ended.err) == (0, "", f"Written: {file}\n")
    assert "REFUND" in file.read_text("utf-8")
    gone = counter.run("slip", refund.id, "--file", str(tmp_path / "no" / "slip.txt"))
    assert gone.code == 2
    assert "cannot be written" in gone.err


def test_an_unknown_id_is_refused_and_a_malformed_one_wrong_use(counter: Counter) -> None:
    assert counter.run("slip", "ABCDEFGHIJ").code == 1
    assert counter.run("slip", "\x1b[31m").code == 2


# -- on paper ----------------------------------------------------------------------------------


def configured(tmp_path: Path, address: Path) -> str:
    file = tmp_path / "config.toml"
    file.write_text(f'[printer]\nkind = "file"\naddress = "{address}"\ncolumns = 32\n')
    return str(file)


def test_the_printer_gets_the_slip_as_wide_as_its_paper(counter: Counter, tmp_path: Path) -> None:
    refund = counter.in_state(ProviderStatus.SUCCESS)
    config = configured(tmp_path, tmp_path / "paper.txt")

    for _ in range(2):
        ended = counter.run("slip", refund.id, "--print", "--config", config)
        assert (ended.code, ended.out) == (0, "The slip was printed.\n")

    first, second = (tmp_path / "paper.txt").read_text("utf-8").split("\n" * 4)[:2]
    assert "COPY" not in first
    assert "COPY" in second
    assert "-" * 32 in first.splitlines()


def test_a_printer_that_fails_touches_nothing_but_the_exit_code(
    counter: Counter, tmp_path: Path
) -> None:
    refund = counter.in_state(ProviderStatus.SUCCESS)
    config = configured(tmp_path, tmp_path / "no" / "paper.txt")
    before = counter.journal.get(refund.id)

    ended = counter.run("slip", refund.id, "--print", "--config", config, "--json")

    assert ended.code == 1
    assert (ended.lines[0]["printed"], ended.lines[0]["may_have_printed"]) == (False, False)
    assert "the refund is as it was" in ended.err
    assert counter.journal.get(refund.id) == before
    assert "COPY" not in counter.run("slip", refund.id).out


def test_without_a_printer_print_is_wrong_use(counter: Counter, tmp_path: Path) -> None:
    refund = counter.in_state(ProviderStatus.SUCCESS)
    config = tmp_path / "config.toml"
    config.write_text("")

    ended = counter.run("slip", refund.id, "--print", "--config", str(config))

    assert ended.code == 2
    assert "no printer is configured" in ended.err.casefold()
    for part in (str(config), "[printer]", 'kind = "network"', "address =", "help files"):
        assert part in ended.err
    assert "config.example" not in ended.err
    assert counter.run("slip", refund.id, "--print", "--file", "x").code == 2
