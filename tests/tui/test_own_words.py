"""What a language has of its own: one refund or several, and its quotation marks."""

import re

import pytest

from posrefund import language
from posrefund.speech import quoted
from posrefund.tui.rhythm import KeyRhythm
from posrefund.tui.screens.leaving import QuitScreen
from tests.language import LOCALES, read
from tests.support.builders import a_payment
from tests.test_language import texts
from tests.tui.fakes import a_counter, running
from tests.tui.screens import EVERY, prepared

# -- one or several --------------------------------------------------------------------------------

KEPT = {
    "eng": ("does not stop or undo it:", "does not stop or undo them:"),
    "nld": ("houdt de terugbetaling niet tegen", "houdt ze niet tegen"),
    "deu": ("h\u00e4lt sie nicht an", "h\u00e4lt sie nicht an"),
    "fra": ("ne l'arr\u00eate ni ne l'annule", "ne les arr\u00eate ni ne les annule"),
}
FORGOTTEN = {
    "eng": ("it is forgotten", "they are forgotten"),
    "nld": ("de terugbetaling is vergeten", "ze zijn vergeten"),
    "deu": ("ist sie vergessen", "sind sie vergessen"),
    "fra": ("il est oubli\u00e9", "ils sont oubli\u00e9s"),
}


@pytest.mark.parametrize("code", language.LANGUAGES)
@pytest.mark.parametrize(("is_kept", "said"), [(True, KEPT), (False, FORGOTTEN)])
def test_leaving_speaks_of_one_refund_as_of_one(is_kept, said, code):
    language.use(code)
    one, several = said[code]
    for number, words, others in [(1, one, several), (2, several, one)]:
        _, text, _, _ = QuitScreen(KeyRhythm(), number, is_kept=is_kept).texts()
        assert words in text
        assert words == others or others not in text


# -- quotation marks -------------------------------------------------------------------------------

MARKS = {
    "eng": "\u201c{}\u201d",
    "nld": "\u201c{}\u201d",
    "deu": "\u201e{}\u201c",
    "fra": "\u00ab\u00a0{}\u00a0\u00bb",
}
OWN = {
    "nld": re.compile(r"\u201c[^\u201c\u201d]+\u201d"),
    "deu": re.compile(r"\u201e[^\u201e\u201c]+\u201c"),
    "fra": re.compile("\u00ab\u00a0[^\u00ab\u00bb]*[^\u00ab\u00bb ]\u00a0\u00bb"),
}
ANY = re.compile("[\u201c\u201d\u201e\u00ab\u00bb]")
OF_A_FILE = re.compile(r"\[[^]]*\]|method = \"terminal\"")
"""What somebody types into the configuration has the marks of its own language."""


@pytest.mark.parametrize("code", language.LANGUAGES)
def test_a_text_is_quoted_as_the_language_does(code):
    language.use(code)
    assert quoted("x") == MARKS[code].format("x")


@pytest.mark.parametrize("code", LOCALES)
def test_no_sentence_has_the_quotation_marks_of_another_language(code):
    sentences = [text for message in read(code) if message.id for text in texts(message.string)]
    left = [(OF_A_FILE.sub("", OWN[code].sub("", text)), text) for text in sentences]
    assert [text for rest, text in left if ANY.search(rest) or '"' in rest] == []


@pytest.mark.parametrize("code", language.LANGUAGES)
@pytest.mark.parametrize("name", ["progress", "qr"])
async def test_what_the_customer_is_told_stands_between_them(name, code):
    language.use(code)
    before, after = MARKS[code].split("{}")
    async with running(prepared()) as counter:
        await EVERY[name](counter)
        await counter.until(lambda: before in counter.text() and after in counter.text())
        others = set("".join(MARKS.values())) - set(MARKS[code])
        assert not others & set(counter.text()) - {"\u00a0"}


@pytest.mark.parametrize("code", language.LANGUAGES)
async def test_the_description_of_a_payment_stands_between_them(code):
    language.use(code)
    async with running(a_counter(a_payment(description="shoes"))) as counter:
        await counter.find()
        await counter.until(lambda: MARKS[code].format("shoes") in counter.text())


# -- lights ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", language.LANGUAGES)
async def test_a_light_has_its_noun_and_the_form_its_place(code):
    language.use(code)
    words = {"eng": "No similar refund", "deu": "Keine \u00e4hnliche Erstattung"}
    async with running(a_counter()) as counter:
        await counter.find()
        await counter.until_says(f"\u2713 {words.get(code, language._('No similar refund'))}")
        footer = counter.app.screen.query_one("Footer").region
        form = counter.app.screen.query_one("#amount").region
        assert form.bottom < footer.y
