"""`refund --json` that was refused before there is a refund: one object, and nothing was sent."""

import io
import json

import pytest
from jsonschema import Draft202012Validator

from posrefund import errors
from posrefund.cli.main import run
from posrefund.cli.refusing import NOBODY_SAID_YES, OF_ANOTHER, name_of, tell_scripts
from posrefund.cli.schemas import REFUSED, published
from posrefund.cli.session import Session
from posrefund.errors import KeyRefused, NoInformation, PosrefundError
from posrefund.refund.model import ProviderStatus
from tests.cli.fakes import BrokenJournal, Counter, Ended, raising
from tests.cli.test_refund import REFUND_KEYS
from tests.cli.test_schemas import check

FULL = ("refund", "1001", "--full", "--yes", "--json")


def why(ended: Ended) -> tuple[str, int]:
    """The only line: what it is called, and the exit code, which is that of the command."""
    (line,) = ended.lines
    schema = {**published(REFUSED), "unevaluatedProperties": False}
    Draft202012Validator(schema).validate(line)
    assert line["exit_code"] == ended.code
    return line["error"], ended.code


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("refund", "1001", "--amount", "50.00", "--yes"), ("not_confirmed", 1)),
        (("refund", "1001", "--amount", "500.00", "--yes"), ("not_allowed", 1)),
        (("refund", "1015", "--full", "--yes"), ("not_allowed", 1)),
        (("refund", "1001", "--amount", "1", "--terminal", "x", "--yes"), ("misused", 2)),
        (("refund", "nothing", "--full", "--yes"), ("not_found", 1)),
        (("refund", "1001", "--amount", "5,0,0", "--yes"), ("misused", 2)),
        (("refund", "1001", "--full"), ("misused", 2)),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_a_refusal_is_one_line_on_stdout_and_a_sentence_on_stderr(
    counter: Counter, command: tuple[str, ...], told: tuple[str, int]
) -> None:
    ended = counter.run(*command, "--json")
    assert why(ended) == told
    assert counter.bank.sent == []
    assert "Nothing was" in ended.err
    assert counter.run(*command).out == ""


@pytest.mark.parametrize("kind", [errors.Unrecorded, errors.Unanswered, errors.JournalTrouble])
def test_where_money_may_have_moved_it_is_not_said_that_nothing_was_sent(
    kind: type[PosrefundError],
) -> None:
    out = io.StringIO()
    session = Session(stdout=out)
    session.output.as_json = True
    tell_scripts(session, kind("why"))
    line = json.loads(out.getvalue())
    Draft202012Validator(published(REFUSED)).validate(line)
    assert (line["error"], line["sent"]) == (name_of(kind), None)


def test_a_payment_with_an_open_refund_names_it(counter: Counter) -> None:
    refund = counter.in_state(None)
    ended = counter.run(*FULL)
    assert why(ended) == ("already_open", 1)
    assert ended.lines[0]["refund_id"] == refund.id


@pytest.mark.parametrize("status", [ProviderStatus.SUCCESS, ProviderStatus.PENDING])
def test_an_id_that_names_another_refund_is_told_apart_from_a_no_of_ccvs(
    counter: Counter, status: ProviderStatus
) -> None:
    refund = counter.in_state(status)
    sent = len(counter.bank.sent)
    for other in (("1001", "--amount", "6.00"), ("T1015.A", "--amount", "5.00")):
        ended = counter.run("refund", *other, "--id", refund.id, "--yes", "--json")
        assert why(ended) == ("of_another", 1)
        assert ended.lines[0]["refund_id"] == refund.id
    assert len(counter.bank.sent) == sent
    same = counter.run("refund", "1001", "--amount", "5.00", "--id", refund.id, "--yes", "--json",
                       "--no-wait")  # fmt: skip
    assert list(same.lines[-1]) == REFUND_KEYS


def test_a_new_id_with_a_bad_amount_is_no_other_refund(counter: Counter) -> None:
    ended = counter.run("refund", "1001", "--amount", "500", "--id", "new", "--yes", "--json")
    assert why(ended) == ("not_allowed", 1)


def test_who_is_asked_and_does_not_agree_is_told_too(counter: Counter) -> None:
    ended = counter.run("refund", "1001", "--full", "--json", typed="n\n")
    assert why(ended) == (NOBODY_SAID_YES, 4)


def test_where_nothing_can_be_found_out_nothing_was_sent(counter: Counter) -> None:
    counter.bank.on_ask = [NoInformation("no answer")]
    assert why(counter.run(*FULL)) == ("no_information", 4)
    counter.bank.on_ask = [KeyRefused("401")]
    assert why(counter.run(*FULL)) == ("key_refused", 3)
    assert why(Counter(journal=BrokenJournal(writes=0)).run(*FULL)) == ("journal_unavailable", 8)


def test_a_wrong_configuration_is_told_with_its_number(empty_home) -> None:
    out, err = io.StringIO(), io.StringIO()
    code = run(FULL, session=Session(environ={}, stdin=io.StringIO(), stdout=out, stderr=err))
    ended = Ended(code, out.getvalue(), err.getvalue())
    assert why(ended) == ("config_wrong", 3)
    assert ended.lines[0]["catalogue"] == "C-101"


def test_once_there_is_a_refund_every_line_is_one(counter: Counter) -> None:
    counter.bank.on_send = [raising(KeyRefused("401"))]
    ended = counter.refund()
    assert (ended.code, ended.states) == (3, ["intent", "not_sent"])
    check("refund", ended.lines)


def test_other_commands_print_nothing_when_refused(counter: Counter) -> None:
    for command in (("find", "nothing"), ("show", "nothing"), ("export", "--day", "x")):
        assert counter.run(*command, "--json").out == ""


def test_every_error_has_its_name_in_the_schema() -> None:
    found = [PosrefundError]
    for kind in found:
        found.extend(kind.__subclasses__())
    names = {name_of(kind) for kind in found[1:] if kind.__module__ == errors.__name__}
    named = published(REFUSED)["properties"]["error"]["enum"]
    assert set(named) == names | {OF_ANOTHER, NOBODY_SAID_YES}
