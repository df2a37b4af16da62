from html.parser import HTMLParser

import pytest


class Outline(HTMLParser):
    """The texts, buttons and links of a page, and whether its tags fit."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, page):
        super().__init__()
        self.texts, self.buttons, self.links, self.open, self.tags = [], [], [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "button":
            self.buttons.append(dict(attrs))
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip() and self.open[-1] not in {"style", "script"}:
            self.texts.append(data.strip())


@pytest.fixture
def refund(ccv, json_of, details):
    def make(language="NLD", **fields):
        answer = ccv.refund(details={**details, "merchantLanguage": language}, **fields)
        return json_of(answer)["reference"]

    return make


def page(ccv, reference):
    answer = ccv.get("/terminal/poll", reference=reference)
    assert answer.content_type.startswith("text/html")
    return Outline(answer.body.decode())


def press(ccv, reference, action):
    return ccv.post("/terminal/poll", query={"reference": reference, "action": action})


def test_the_page_shows_amount_reference_terminal_and_status(ccv, refund):
    made = refund(amount="5.00")
    texts = page(ccv, made).texts
    assert {"EUR 5.00", made, "1234536", "pending"} <= set(texts)


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("NLD", "Terugbetaling op de betaalautomaat"),
        ("deu", "Rückerstattung am Terminal"),
        ("FRA", "Remboursement sur le terminal"),
        ("ENG", "Refund at the terminal"),
        ("ita", "Refund at the terminal"),
    ],
)
def test_the_page_speaks_the_merchants_language(ccv, refund, language, title):
    assert title in page(ccv, refund(language)).texts


@pytest.mark.parametrize(
    ("action", "status"), [("success", "success"), ("declined", "failed"), ("cancelled", "failed")]
)
def test_a_press_plays_the_customer_and_shows_the_result(ccv, refund, action, status):
    made = refund()
    answer = press(ccv, made, action)
    assert answer.status == 303
    assert dict(answer.headers)["Location"] == f"/terminal/poll?reference={made}"
    shown = page(ccv, made)
    assert status in shown.texts
    assert shown.buttons == []


def test_pressing_again_changes_nothing(ccv, refund):
    made = refund()
    press(ccv, made, "cancelled")
    assert press(ccv, made, "success").status == 303
    assert ccv.look(made)["failureCode"] == "cancelled"


def test_an_unknown_press_or_page_is_refused(ccv, refund):
    assert press(ccv, refund(), "explode").status == 400
    assert ccv.get("/terminal/poll", reference="T9.X").status == 404
    assert ccv.get("/terminal/poll", reference="T1001.Y").status == 404


def test_the_page_can_be_used_by_keyboard(ccv, refund):
    buttons = page(ccv, refund()).buttons
    assert [button["data-key"] for button in buttons] == ["1", "2", "3"]
    assert "autofocus" in buttons[0]


def test_the_page_loads_nothing_from_elsewhere(ccv, refund):
    for tag, attrs in page(ccv, refund()).tags:
        assert tag not in {"link", "img", "iframe"}
        assert "src" not in attrs


def test_the_page_tells_its_script_the_status_and_is_not_logged_then(ccv, json_of, refund):
    made = refund()
    before = len(ccv.routes.requests)
    ccv.headers["accept"] = "application/json"
    assert json_of(ccv.get("/terminal/poll", reference=made)) == {"status": "pending"}
    assert len(ccv.routes.requests) == before


@pytest.mark.parametrize(
    ("url", "linked"),
    [("https://till.example/back?a=1&b=2", True), ("myapp://back", True), ("till", False),
     ("javascript:alert(1)", False), ("JavaScript:alert(1)", False), ("data:text/html,x", False)],
)  # fmt: skip
def test_only_an_address_that_cannot_run_code_becomes_a_link(ccv, refund, url, linked):
    made = refund(returnUrl=url)
    press(ccv, made, "success")
    assert page(ccv, made).links == ([url] if linked else [])


def test_text_from_outside_stays_text(ccv, refund, details, json_of):
    hostile = "<script>alert(1)</script>"
    made = json_of(ccv.refund(details={**details, "terminalId": hostile}, description=hostile))
    assert hostile in page(ccv, made["reference"]).texts
    assert hostile in Outline(ccv.get("/_sandbox/").body.decode()).texts


def test_the_index_lists_samples_and_refunds(ccv, refund):
    made = refund()
    answer = ccv.get("/_sandbox/")
    texts = Outline(answer.body.decode()).texts
    assert {"T1001.Y", "EUR 49.90", "a payment in pounds", made, "GBP 35.00"} <= set(texts)
    assert Outline(answer.body.decode()).links == [f"/terminal/poll?reference={made}"]
    press(ccv, made, "success")
    assert Outline(ccv.get("/_sandbox/").body.decode()).links == []
