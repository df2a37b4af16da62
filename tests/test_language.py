"""All words in four languages: none missing, none stale, and no value lost on the way."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from posrefund import errors, language
from posrefund.cli import options
from posrefund.errors import ConfigWrong, NoInformation, NotAllowed
from posrefund.money import Money
from posrefund.refund.model import RefundState
from posrefund.refund.transitions import TABLE
from posrefund.sentence import Sentence
from posrefund.settings import LANGUAGES
from posrefund.speech import WRITTEN, retold, said
from posrefund.wording import error_words, words
from tests.cli.fakes import Counter
from tests.language import (
    KEYWORDS,
    LOCALES,
    PACKAGE,
    compiled,
    in_code,
    is_translated,
    po_file,
    read,
)
from tests.support.builders import a_sent_refund
from tests.test_wording import ERRORS, made

REFUND = ("refund", "1001", "--amount", "5.00", "--yes", "--no-wait")
OTHERS = sorted(LOCALES)
TEMPLATE = {message.id for message in in_code() if message.id}
ENDINGS = (".", "?", ":", "\u2026", "!", ")")


def texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, tuple | list) else [str(value)]


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def pairs(code: str) -> Iterator[tuple[str, str]]:
    """Every English text beside each of its translations."""
    for message in read(code):
        if message.id and is_translated(message):
            yield from zip(texts(message.id), texts(message.string), strict=True)


@pytest.mark.parametrize("code", OTHERS)
def test_the_catalog_has_every_sentence_of_the_code_and_no_other(code: str) -> None:
    assert {message.id for message in read(code) if message.id} == TEMPLATE, (
        "run: python -m tests.language"
    )


@pytest.mark.parametrize("code", OTHERS)
def test_no_sentence_lacks_a_translation(code: str) -> None:
    missing = [message.id for message in read(code) if message.id and not is_translated(message)]

    assert missing == []


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_is_half_translated(code: str) -> None:
    assert [message.id for message in read(code) if message.id and message.fuzzy] == []
    assert not read(code).obsolete


@pytest.mark.parametrize("code", OTHERS)
def test_no_value_is_lost_or_invented(code: str) -> None:
    assert [pair for pair in pairs(code) if names(pair[0]) != names(pair[1])] == []


@pytest.mark.parametrize("code", OTHERS)
def test_sentences_end_and_begin_as_they_do_in_english(code: str) -> None:
    odd = [
        (english, text)
        for english, text in pairs(code)
        if (english[:1] == " ") != (text[:1] == " ")
        or (english[-1:] == " ") != (text[-1:] == " ")
        or any(english.endswith(end) != text.endswith(end) for end in ENDINGS)
    ]

    assert [pair for pair in odd if len(pair[0]) > 15] == [], "a short label may be cut off"


@pytest.mark.parametrize("code", OTHERS)
def test_what_is_loaded_is_what_was_written(code: str) -> None:
    assert po_file(code).with_suffix(".mo").read_bytes() == compiled(read(code)), (
        "run: python -m tests.language"
    )


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_every_sentence_can_be_found(path: Path) -> None:
    """One that is put together, or stands inside another, is in no catalog."""
    if "sandbox" in path.parts:
        return
    tree = ast.parse(path.read_text("utf-8"))
    inside = [
        call
        for joined in ast.walk(tree)
        if isinstance(joined, ast.JoinedStr)
        for call in calls(joined)
        if isinstance(sentence_of(call), ast.Constant)
    ]
    together = [
        call for call in calls(tree) if isinstance(sentence_of(call), ast.JoinedStr | ast.BinOp)
    ]

    assert [ast.unparse(call) for call in [*inside, *together]] == []


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node) in KEYWORDS:
            yield node


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def sentence_of(call: ast.Call) -> ast.expr | None:
    place = (KEYWORDS[name_of(call)] or (1,))[0]
    return call.args[place - 1] if len(call.args) >= place else None


def test_the_same_languages_everywhere() -> None:
    assert tuple(language.LANGUAGES) == tuple(LANGUAGES) == tuple(options.LANGUAGES)
    assert {language.SOURCE, *OTHERS} == set(language.LANGUAGES)


def test_the_language_changes_at_once() -> None:
    english = language._("Nothing was sent.")
    language.use("nld")
    dutch = language._("Nothing was sent.")
    language.use("eng")

    assert english == language._("Nothing was sent.") == "Nothing was sent."
    assert dutch == "Er is niets verstuurd."


@pytest.mark.parametrize("code", OTHERS)
def test_one_and_many(code: str) -> None:
    language.use(code)

    one = language.plural("{number} refund is not finished", "{number} refunds are not finished", 1)
    two = language.plural("{number} refund is not finished", "{number} refunds are not finished", 2)
    assert one != two


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    from posrefund.settings import load_settings

    file = tmp_path / "config.toml"
    file.write_text('language = "ita"\n')

    with pytest.raises(ConfigWrong, match="language"):
        load_settings(file)
    with pytest.raises(OSError, match="posrefund"):
        language.use("ita")


@pytest.fixture
def counter() -> Counter:
    return Counter()


# -- words ------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_is_said_in_every_language(kind: type[Exception], code: str) -> None:
    english = error_words(made(kind))
    language.use(code)
    spoken = error_words(made(kind))

    assert len([one for one in spoken.split(". ") if one]) == 3
    assert not set(english.split(". ")) & set(spoken.split(". ")) - {
        "Why it came",
        "Refund R is open",
    }


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("state", list(RefundState))
def test_every_state_is_said_in_every_language(state: RefundState, code: str) -> None:
    closed_as = "executed" if state is RefundState.CLOSED else None
    refund = a_sent_refund(state, closed_as=closed_as)
    english = words(refund)
    language.use(code)
    spoken = words(refund)

    assert spoken.outcome is english.outcome
    assert spoken.money != english.money
    assert spoken.next != english.next
    assert spoken.title != english.title
    assert len(spoken.title) <= 20


def test_a_sentence_is_said_with_its_values_in_the_language() -> None:
    total, amount = Money(4990, "EUR"), Money(1000, "EUR")
    error = NotAllowed(
        "the parts add up to {total}, but the refund is {amount}", total=total, amount=amount
    )
    assert str(error) == "the parts add up to EUR 49.90, but the refund is EUR 10.00"

    language.use("deu")

    assert said(error) == (
        "die Teile ergeben 49,90\u00a0\u20ac, aber die Rückerstattung ist 10,00\u00a0\u20ac"
    )


def test_a_sentence_inside_another_is_said_too() -> None:
    error = NoInformation("CCV's answer cannot be used: {why}", why=Sentence("it is not JSON"))
    language.use("fra")

    assert said(error) == "la réponse de CCV est inutilisable\u00a0: ce n'est pas du JSON"


def test_braces_that_came_from_outside_are_left_alone() -> None:
    assert said(NotAllowed("{this} came from outside")) == "{this} came from outside"
    assert said(errors.Declined("CCV refused it: {complaint}", complaint="{x}")).endswith("{x}")


# -- the journal ------------------------------------------------------------------------------


@pytest.mark.parametrize("text", WRITTEN)
def test_what_can_be_retold_is_what_is_written(text: str) -> None:
    assert text in TEMPLATE


@pytest.mark.parametrize("rule", TABLE, ids=lambda rule: rule.number)
def test_every_step_is_retold(rule) -> None:
    language.use("nld")

    assert retold(rule.because) != rule.because
    assert (
        retold(f"{rule.because} T. Jansen: case 12")
        .removesuffix(".")
        .endswith(" T. Jansen: case 12")
    )


def test_a_step_is_retold_with_its_reason() -> None:
    language.use("deu")

    said = "No answer came that can be trusted. the server answered with an error (502)"
    assert retold(said) == (
        "Es kam keine Antwort, der man trauen kann. Der Server antwortete mit einem Fehler (502)."
    )


def test_a_reason_behind_a_full_stop_is_a_sentence_and_a_name_stays_as_it_was_written() -> None:
    said = "No answer came that can be trusted. "
    assert retold(f"{said}the connection was cut") == f"{said}The connection was cut."
    closed = "A person: not executed. m. de vries: case 12"
    assert retold(closed) == closed


def test_an_amount_that_was_written_down_is_retold_too() -> None:
    language.use("fra")

    assert (
        retold("Decided at Desk 2: EUR 1049.90 of T1001.Y.")
        == "Décidé à Desk 2\u00a0: 1\u202f049,90\u00a0\u20ac de T1001.Y."
    )


def test_what_others_wrote_is_not_retold() -> None:
    language.use("nld")

    assert retold("CCV refused it: Done") == "CCV weigerde het: Done"


def test_the_journal_itself_stays_english(counter: Counter) -> None:
    language.use("nld")
    counter.refund()

    (refund,) = counter.journal.latest(limit=1)
    assert counter.journal.entries(refund.id)[1].text == "The request is about to leave."


# -- the commands -----------------------------------------------------------------------------


@pytest.mark.parametrize("code", OTHERS)
def test_keys_and_exit_codes_have_no_language(code: str, counter: Counter) -> None:
    english = counter.refund()
    other = Counter().refund("--language", code)

    assert other.code == english.code
    assert [json.loads(line).keys() for line in other.out.splitlines()] == [
        json.loads(line).keys() for line in english.out.splitlines()
    ]
    assert json.loads(other.out.splitlines()[-1])["amount"] == "5.00"


def test_a_command_speaks_the_language_it_is_asked_for(counter: Counter) -> None:
    assert "TEST, geen echt geld" in counter.run(*REFUND, "--language", "nld").out
    assert language.current() == "eng", "and only that command"


def test_help_loads_no_catalog() -> None:
    code = (
        "import sys; from posrefund.cli.main import run; run(['--help'])\n"
        "sys.exit('posrefund.language' in sys.modules)"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert ended.returncode == 0
