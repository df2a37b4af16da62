"""What every command prints with --json is what its published schema says, and nothing else."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from posrefund import keychain
from posrefund.cli.commands import cli
from posrefund.cli.main import run
from posrefund.cli.practice import _show_sandbox
from posrefund.cli.schemas import REFUSED, SCHEMA_OF, published
from posrefund.cli.session import Session
from posrefund.errors import Unanswered
from posrefund.journal.sqlite import SqliteJournal
from posrefund.refund.model import Payout, ProviderStatus, RefundState
from posrefund.report.rows import COLUMNS
from posrefund.sandbox.server import SandboxServer
from tests.cli.fakes import Counter, Ended, answering, raising
from tests.support.builders import a_payment, a_refund, an_entry, eur

WITHOUT_JSON = {"demo", "schema", "help", "completion"}
"""`demo` opens the counter, `schema` prints schemas, and the others are for persons and shells."""
KEY = "t_0123456789abcdef"


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keychain, "_BACK_ENDS", {})


def check(command: str, lines: list[dict]) -> None:
    """Every line keeps to the schema, and has no key that is not in it."""
    schema = {**published(SCHEMA_OF[command]), "unevaluatedProperties": False}
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    assert lines, "nothing was printed"
    for line in lines:
        errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(line)]
        assert errors == []


def leaves(group: click.Group, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def test_every_command_has_a_schema() -> None:
    assert set(leaves(cli)) == set(SCHEMA_OF) | WITHOUT_JSON


@pytest.mark.parametrize("name", sorted({*SCHEMA_OF.values(), REFUSED}))
def test_a_schema_stands_by_itself_and_explains_each_key(name: str) -> None:
    schema = published(name)
    Draft202012Validator.check_schema(schema)
    assert schema["title"]
    text = json.dumps(schema)
    for other in set(SCHEMA_OF.values()):
        if f'"$ref": "urn:posrefund:schema:{other}"' in text:
            assert f'"$id": "urn:posrefund:schema:{other}"' in text
    for one in parts(schema):
        if "properties" in one:
            assert set(one["required"]) == set(one["properties"])


def parts(part: object) -> Iterator[dict]:
    if isinstance(part, dict):
        yield part
        for value in part.values():
            yield from parts(value)
    elif isinstance(part, list):
        for value in part:
            yield from parts(value)


def test_a_state_that_is_new_is_in_every_schema() -> None:
    for name in ("refund", "export", "slip", "show"):
        for one in parts(published(name)):
            if "intent" in one.get("enum", ()):
                assert set(one["enum"]) == set(RefundState)


# -- the command -------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("find",), ("status",), ("refund",), ("key", "set")])
def test_a_schema_is_found_by_the_command(counter: Counter, words: tuple[str, ...]) -> None:
    text, line = counter.run("schema", *words), counter.run("schema", *words, "--json")
    assert (text.code, json.loads(text.out)) == (0, line.lines[0])


def test_without_a_name_all_are_listed(counter: Counter) -> None:
    *lines, last = counter.run("schema", "--json").lines
    assert {line["command"]: line["schema"] for line in lines} == SCHEMA_OF
    assert last == {"command": "refund", "schema": REFUSED}
    assert "posrefund watch" in counter.run("schema").out


def test_an_unknown_name_is_wrong_use(counter: Counter) -> None:
    assert counter.run("schema", "../config").code == 2


# -- what is really printed --------------------------------------------------------------------


def test_find(counter: Counter) -> None:
    payouts = (Payout(external_reference="M1", amount=eur("5.00")),)
    counter.bank.payments["SPLIT"] = a_payment(reference="SPLIT", payouts=payouts)
    counter.bank.payments["BARE"] = a_payment(
        reference="BARE",
        order_reference=None,
        description=None,
        created_at=None,
        terminal_id=None,
        type="authorise",
    )
    counter.refund("--no-wait")
    for text in ("1001", "1015", "SPLIT", "BARE"):
        check("find", counter.run("find", text, "--json").lines)


@pytest.mark.parametrize("status", [*ProviderStatus, None])
def test_refund_and_whatever_tells_of_one(counter: Counter, status: ProviderStatus | None) -> None:
    silence = raising(Unanswered("cut"))
    counter.bank.on_send = [silence if status is None else answering(counter.bank, status)]
    check("refund", counter.refund("--id", "till-7", "--no-wait").lines)
    for command in (
        ("status", "till-7"),
        ("list",),
        ("show", "till-7"),
        ("slip", "till-7"),
        ("slip", "till-7", "--merchant"),
        ("export", "--from", "today", "--to", "today"),
    ):
        check(command[0], counter.run(*command, "--json").lines)


def test_recover_close_and_cancel(counter: Counter) -> None:
    counter.in_state(None)
    check("recover", counter.run("recover", "--json", "--wait-seconds", "1").lines)
    counter = Counter()
    case = counter.in_state(ProviderStatus.MANUAL_INTERVENTION)
    close = ("close", case.id, "--executed", "--by", "Ann", "--evidence", "portal", "--json")
    check("close", counter.run(*close).lines)
    check("slip", counter.run("slip", case.id, "--json").lines)
    counter = Counter()
    pending = counter.in_state(ProviderStatus.PENDING)
    cancelled = counter.run("cancel", pending.id, "--json", "--wait-seconds", "1")
    check("cancel", cancelled.lines)


def test_batch(counter: Counter, tmp_path: Path) -> None:
    path = tmp_path / "incident.csv"
    path.write_text(
        "machine,payment,amount,description\n"
        "K,1001,5.00,x\nK,T9999,1.00,x\nK,S1006.Y,1.00,x\nK,T1015.A,1.00,x\n"
    )
    counter.bank.on_send = [
        answering(counter.bank, ProviderStatus.SUCCESS),
        answering(counter.bank, ProviderStatus.MANUAL_INTERVENTION),
    ]
    check("batch", counter.run("batch", str(path), "--dry-run", "--json").lines)
    ended = counter.run("batch", str(path), "--yes", "--json", "--wait-seconds", "5")
    assert {line.get("outcome") for line in ended.lines} >= {"done", "not_done", "attention"}
    check("batch", ended.lines)


def test_the_columns_of_an_export_are_its_keys() -> None:
    assert tuple(published("export")["properties"]) == COLUMNS


class Machine:
    """A configuration, a journal and a sandbox: for what does not talk about one refund."""

    def __init__(self, folder: Path, base_url: str) -> None:
        self.folder = folder
        self.journal = folder / "state" / "journal.sqlite3"
        self.config = folder / "config.toml"
        self.config.write_text(
            f'[provider]\nbase_url = "{base_url}"\n[journal]\npath = "{self.journal}"\n'
            '[[terminals]]\nname = "Phone"\nmethod = "softpos"\nterminal_id = "SP0001"\n'
            '[[terminals]]\nname = "Desk"\nmethod = "terminal"\nterminal_id = "1"\n'
            'management_system_id = "2"\naccess_protocol = "OPI_NL"\n'
        )
        self.config.chmod(0o600)

    def run(self, *arguments: str, stdin: str = "", key: str | None = KEY) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        environ = {} if key is None else {"POSREFUND_API_KEY": key}
        session = Session(environ=environ, stdin=io.StringIO(stdin), stdout=out, stderr=err)
        command = [*arguments, "--json", "--config", str(self.config)]
        return Ended(run(command, session=session), out.getvalue(), err.getvalue())


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with SandboxServer() as sandbox:
        yield Machine(tmp_path, sandbox.base_url)


@pytest.mark.parametrize("command", ["doctor", "terminals", "config show", "key status"])
def test_what_looks_after_the_machine(machine: Machine, command: str) -> None:
    check(command, machine.run(*command.split()).lines)


def test_keys(machine: Machine) -> None:
    check("key set", machine.run("key", "set", stdin=KEY, key=None).lines)
    check("key status", machine.run("key", "status", key=None).lines)
    check("key delete", machine.run("key", "delete", "--yes", key=None).lines)


def test_backup_and_restore(machine: Machine) -> None:
    journal = SqliteJournal(machine.journal)
    journal.open_case(a_refund(), an_entry())
    journal.close()
    path = str(machine.folder / "copy")
    check("backup", machine.run("backup", path).lines)
    check("restore", machine.run("restore", path).lines)


def test_init(machine: Machine) -> None:
    base_url = machine.config.read_text().split('"')[1]
    machine.config.unlink()
    terminal = ("--terminal-id", "1234536", "--management-system-id", "000103030")
    where = ("--counter", "Kiosk 7", "--base-url", base_url, "--unattended")
    ended = machine.run("init", *where, *terminal)
    assert ended.code == 0, ended.err
    check("init", ended.lines)


def test_sandbox() -> None:
    out = io.StringIO()
    session = Session(environ={}, stdout=out, stderr=io.StringIO())
    session.output.as_json = True
    _show_sandbox(session, "http://127.0.0.1:1/api/v1")
    check("sandbox", [json.loads(line) for line in out.getvalue().splitlines()])
