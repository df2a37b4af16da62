"""Only an answer about this refund is believed, and only CCV's own page is opened."""

from decimal import Decimal

import pytest

from posrefund.provider.checks import check_pay_url, is_reference, what_differs
from posrefund.provider.wire import read_transaction
from tests.support.builders import PAYMENT, a_refund

REFERENCE = "TL260414072854599CB87E19B.Y"
HOST = "onlinepayments.ccv.eu"
GOOD = f"https://{HOST}/terminal/poll?reference={REFERENCE}"
QUERY = f"?reference={REFERENCE}"


def an_answer(**changes):
    sent = {
        "type": "refund",
        "amount": Decimal("5.00"),
        "currency": "eur",
        "status": "pending",
        "reference": "TR1.Y",
        "originalReference": PAYMENT,
    }
    return read_transaction(
        {name: value for name, value in (sent | changes).items() if value != ""}
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"originalReference": ""},
        {"originalReference": None},
        {"type": "REFUND"},
        {"currency": "EUR"},
        {"currency": "Eur"},
        {"amount": 5},
        {"amount": "5.00"},
        {"amount": "5"},
        {"amount": Decimal("5.0000")},
        {"amount": Decimal("5E+0")},
        {"status": "PENDING"},
        {"status": "brand new"},
        {"payUrl": "javascript:alert(1)"},
    ],
    ids=str,
)
def test_an_answer_about_this_refund_is_taken(changes):
    assert what_differs(an_answer(**changes), a_refund()) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"type": "sale"}, "refund"),
        ({"type": "reversal"}, "refund"),
        ({"type": "process_error"}, "refund"),
        ({"reference": " TR1.Y"}, "reference"),
        ({"reference": "TR1.Y\n"}, "reference"),
        ({"reference": "TR1/../Y"}, "reference"),
        ({"reference": "x" * 256}, "reference"),
        ({"reference": "\u0422R1.Y"}, "reference"),
        ({"originalReference": "T1505181754007761.Y"}, "payment"),
        ({"originalReference": PAYMENT.lower()}, "payment"),
        ({"originalReference": PAYMENT + " "}, "payment"),
        ({"amount": Decimal("5.01")}, "amount"),
        ({"amount": Decimal("4.99")}, "amount"),
        ({"amount": Decimal("500")}, "amount"),
        ({"amount": Decimal("0.05")}, "amount"),
        ({"amount": Decimal("5.0000000000000001")}, "amount"),
        ({"amount": 0}, "amount"),
        ({"currency": "usd"}, "currency"),
        ({"currency": "eur "}, "currency"),
    ],
)
def test_an_answer_about_something_else_is_named(changes, said):
    assert said in what_differs(an_answer(**changes), a_refund())


def test_a_reference_we_know_must_come_back():
    refund = a_refund(provider_reference="TR0.Y")
    difference = what_differs(an_answer(), refund)
    assert "TR0.Y" in difference
    assert "TR1.Y" in difference
    assert what_differs(an_answer(reference="TR0.Y"), refund) is None


@pytest.mark.parametrize(
    "text",
    ["C1505181754007360.1", "TL260414072854599CB87E19B", "a" * 255, "a:b=c+d~e_f-g", "0" * 40],
)
def test_what_ccv_calls_its_transactions_is_a_reference(text):
    assert is_reference(text)


@pytest.mark.parametrize("text", ["", "a b", "a" * 256, "a/b", "a%20b", "a\x1b", "\u00e9", "a\n"])
def test_other_text_is_not_a_reference(text):
    assert not is_reference(text)


ALLOWED = [
    GOOD,
    f"https://{HOST}/terminal/poll?lang=nld&reference={REFERENCE}",
    f"https://{HOST}/terminal/poll?reference={REFERENCE}&a=%20b",
    f"https://{HOST}:443/terminal/poll{QUERY}",
    f"https://{HOST}/{QUERY}",
    f"https://OnlinePayments.CCV.eu/terminal/poll{QUERY}",
    f"https://{HOST}/a/b-c_d.e~f/@:!$'()*,;={QUERY}",
    f"https://{HOST}/terminal/poll?reference=TL260414072854599CB87E19B%2EY",
    f"https://{HOST}/{'p' * (2048 - len(f'https://{HOST}/{QUERY}'))}{QUERY}",
]

REFUSED = [
    "",
    "https://",
    HOST,
    f"https://{HOST}",
    f"https://{HOST}/",
    f"https://{HOST}/terminal/poll",
    f"https://{HOST}{QUERY}",
    f"https://{HOST}/terminal/poll?",
    f"https://{HOST}/terminal/poll?reference=",
    f"https://{HOST}/terminal/poll?reference=TL260414072854599CB87E19C.Y",
    f"https://{HOST}/terminal/poll?reference={REFERENCE.lower()}",
    f"https://{HOST}/terminal/poll?reference={REFERENCE}.",
    f"https://{HOST}/terminal/poll?reference={REFERENCE}&reference={REFERENCE}",
    f"https://{HOST}/terminal/poll?reference=X&reference={REFERENCE}",
    f"https://{HOST}/terminal/poll?reference={REFERENCE}&%72eference=X",
    f"https://{HOST}/terminal/poll?Reference={REFERENCE}",
    f"https://{HOST}/terminal/poll?xreference={REFERENCE}",
    f"https://{HOST}/terminal/poll?a=reference={REFERENCE}",
    f"https://{HOST}/terminal/poll/reference={REFERENCE}",
    f"https://{HOST}/terminal/poll{QUERY}#",
    f"https://{HOST}/terminal/poll{QUERY}#@evil.example/",
    f"https://{HOST}/terminal/poll#{QUERY}",
    f"http://{HOST}/terminal/poll{QUERY}",
    f"HTTPS://{HOST}/terminal/poll{QUERY}",
    f"ftp://{HOST}/terminal/poll{QUERY}",
    f"//{HOST}/terminal/poll{QUERY}",
    f"/terminal/poll{QUERY}",
    f"javascript:alert(1)//{HOST}/{QUERY}",
    f"javascript://{HOST}/%0aalert(1){QUERY}",
    f"data:text/html,<script>//{HOST}/{QUERY}",
    f"file:///etc/passwd{QUERY}",
    f"file://{HOST}/etc/passwd{QUERY}",
    f"https:{HOST}/terminal/poll{QUERY}",
    f"https:/{HOST}/terminal/poll{QUERY}",
    f"https:///{HOST}/terminal/poll{QUERY}",
    f"https:\\\\{HOST}/terminal/poll{QUERY}",
    f"https://evil.example\\@{HOST}/terminal/poll{QUERY}",
    f"https://{HOST}\\@evil.example/terminal/poll{QUERY}",
    f"https://{HOST}/terminal\\poll{QUERY}",
    f"https://{HOST}@evil.example/terminal/poll{QUERY}",
    f"https://evil@{HOST}/terminal/poll{QUERY}",
    f"https://evil:x@{HOST}/terminal/poll{QUERY}",
    f"https://@{HOST}/terminal/poll{QUERY}",
    f"https://evil.example#@{HOST}/terminal/poll{QUERY}",
    f"https://evil.example?@{HOST}/terminal/poll{QUERY}",
    f"https://evil.example/{HOST}/terminal/poll{QUERY}",
    f"https://{HOST}.evil.example/terminal/poll{QUERY}",
    f"https://evil{HOST}/terminal/poll{QUERY}",
    f"https://evil.{HOST}/terminal/poll{QUERY}",
    f"https://{HOST}./terminal/poll{QUERY}",
    f"https://.{HOST}/terminal/poll{QUERY}",
    f"https://onlinepayments-accept.ccv.eu/terminal/poll{QUERY}",
    f"https://ccv.eu/terminal/poll{QUERY}",
    f"https://onlinepayments%2eccv.eu/terminal/poll{QUERY}",
    f"https://onlinepayments.ccv.eu%00.evil.example/terminal/poll{QUERY}",
    f"https://{HOST}%2f@evil.example/terminal/poll{QUERY}",
    f"https://\u043enlinepayments.ccv.eu/terminal/poll{QUERY}",
    f"https://onlinepayments\uff0eccv.eu/terminal/poll{QUERY}",
    f"https://onlinepayments\u3002ccv.eu/terminal/poll{QUERY}",
    f"https://xn--nlinepayments-fwk.ccv.eu/terminal/poll{QUERY}",
    f"https://{HOST}:8443/terminal/poll{QUERY}",
    f"https://{HOST}:80/terminal/poll{QUERY}",
    f"https://{HOST}:/terminal/poll{QUERY}",
    f"https://{HOST}:0443/terminal/poll{QUERY}",
    f"https://{HOST}:443@evil.example/terminal/poll{QUERY}",
    f"https://{HOST}:\u0664\u0664\u0663/terminal/poll{QUERY}",
    f" {GOOD}",
    f"{GOOD} ",
    f"{GOOD}\n",
    f"\n{GOOD}",
    f"ht\ntps://{HOST}/terminal/poll{QUERY}",
    f"https://{HOST}/terminal\t/poll{QUERY}",
    f"https://{HOST}/terminal/\x1b[31mpoll{QUERY}",
    f"https://{HOST}/terminal/\x00poll{QUERY}",
    f"https://{HOST}/terminal/\x7fpoll{QUERY}",
    f"https://{HOST}/terminal/poll\u202e{QUERY}",
    f"https://{HOST}/terminal/po ll{QUERY}",
    f'https://{HOST}/terminal/poll"{QUERY}',
    f"https://{HOST}/terminal/[@click=app.quit]{QUERY}",
    f"https://[::1]/terminal/poll{QUERY}",
    f"https://[::ffff:10.0.0.1]/terminal/poll{QUERY}",
    f"https://[{HOST}]/terminal/poll{QUERY}",
    f"https://127.0.0.1/terminal/poll{QUERY}",
    f"http://127.0.0.1:8080/terminal/poll{QUERY}",
    f"http://localhost:8080/terminal/poll{QUERY}",
    f"https://0x7f.1/terminal/poll{QUERY}",
    f"https://{HOST}/{'p' * (2049 - len(f'https://{HOST}/{QUERY}'))}{QUERY}",
    f"https://{HOST}/{'p' * 100_000}{QUERY}",
]


def test_the_corpus_is_large_enough():
    assert len(ALLOWED) + len(REFUSED) >= 95
    assert len(set(REFUSED)) == len(REFUSED)


@pytest.mark.parametrize("url", ALLOWED)
def test_the_page_of_this_refund_at_ccv_may_be_opened(url):
    assert check_pay_url(url, hosts=[HOST], reference=REFERENCE, loopback_ok=False) == url


@pytest.mark.parametrize("url", REFUSED, ids=range(len(REFUSED)))
def test_nothing_else_may_be_opened(url):
    assert check_pay_url(url, hosts=[HOST], reference=REFERENCE, loopback_ok=False) is None


def test_no_host_is_allowed_where_none_is_listed():
    assert check_pay_url(GOOD, hosts=[], reference=REFERENCE, loopback_ok=False) is None


@pytest.mark.parametrize(
    "start",
    [
        "http://127.0.0.1:8080",
        "https://127.0.0.1",
        "http://localhost",
        "http://localhost:1",
        "http://[::1]:65535",
        "http://127.0.0.53:8000",
        f"https://{HOST}",
    ],
)
def test_the_sandbox_on_this_machine_may_use_plain_http_and_any_port(start):
    url = f"{start}/terminal/poll{QUERY}"
    assert check_pay_url(url, hosts=[HOST], reference=REFERENCE, loopback_ok=True) == url


@pytest.mark.parametrize(
    "start",
    [
        f"http://{HOST}",
        f"https://{HOST}:8443",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example",
        "http://evil.example:127",
        "http://127.1",
        "http://127.0.0.1:0",
        "http://127.0.0.1:65536",
        "http://127.0.0.1:99999",
        "http://10.0.0.1",
        "http://[::2]",
        "http://LOCALHOST.",
        "ftp://127.0.0.1",
    ],
)
def test_the_sandbox_opens_no_other_door(start):
    url = f"{start}/terminal/poll{QUERY}"
    assert check_pay_url(url, hosts=[HOST], reference=REFERENCE, loopback_ok=True) is None
