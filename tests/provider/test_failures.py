"""What each way of going wrong means for the money.."""

import socket
import ssl
from datetime import UTC, datetime

import httpx
import pytest

from posrefund.errors import (
    Declined,
    KeyRefused,
    NoInformation,
    NotFound,
    Unanswered,
    Unreachable,
    Withheld,
)
from posrefund.provider import failures
from posrefund.provider.failures import Broken, Unacceptable, retry_after
from posrefund.provider.wire import read_error
from tests.provider.documents import document
from tests.support.builders import PAYMENT

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LIMIT = read_error(document("error_refund_limit"))


class NotInventedYet(Exception):
    """What the next version of a library will raise."""


TRANSPORT_ERRORS = [
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.ReadTimeout,
    httpx.ReadError,
    httpx.WriteError,
    httpx.RemoteProtocolError,
]


@pytest.mark.parametrize("kind", TRANSPORT_ERRORS)
def test_what_broke_before_the_request_left_moved_no_money(kind):
    assert type(failures.refund_broken(Broken(kind("x"), left=False))) is Unreachable


@pytest.mark.parametrize(
    "cause",
    [
        *[kind("x") for kind in TRANSPORT_ERRORS],
        httpx.WriteTimeout("x"),
        NotInventedYet("x"),
        Unacceptable("x"),
        ValueError(),
        MemoryError(),
        RecursionError(),
        OSError(9, "x"),
        AssertionError(),
    ],
    ids=lambda cause: type(cause).__name__,
)
def test_what_broke_after_it_left_may_have_moved_money(cause):
    assert type(failures.refund_broken(Broken(cause, left=True))) is Unanswered


@pytest.mark.parametrize("cause", [NotInventedYet("x"), Unacceptable("x"), ValueError(), OSError()])
def test_what_nobody_knows_proves_nothing_even_before_it_left(cause):
    assert type(failures.refund_broken(Broken(cause, left=False))) is Unanswered


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("cause", [httpx.ConnectError("x"), NotInventedYet("x"), Unacceptable("x")])
def test_a_broken_question_only_asked(cause, left):
    assert type(failures.question_broken(Broken(cause, left=left))) is NoInformation


def refused(status, *, error=None, headers=None):
    return failures.refund_refused(
        status, headers or {}, error, original_reference=PAYMENT, now=NOW
    )


@pytest.mark.parametrize("status", [400, 402, 403, 404, 422])
def test_a_refusing_status_with_ccvs_error_object_is_a_refusal(status):
    error = refused(status, error=LIMIT)
    assert type(error) is Declined
    assert error.failure_code == "refund_limit"
    assert "Maximum Refundable Amount: 11.98" in str(error)


@pytest.mark.parametrize("status", [400, 402, 403, 404, 422])
def test_a_refusing_status_without_it_is_not(status):
    assert type(refused(status)) is Unanswered


@pytest.mark.parametrize("error", [None, LIMIT], ids=["no error object", "CCV's error object"])
def test_every_other_status_leaves_it_open(error):
    for status in {*range(1000)} - {400, 401, 402, 403, 404, 422}:
        assert type(refused(status, error=error)) is Unanswered, status


@pytest.mark.parametrize("error", [None, LIMIT])
def test_401_is_the_key(error):
    assert type(refused(401, error=error)) is KeyRefused
    assert type(failures.question_refused(401, error)) is KeyRefused
    assert type(failures.list_refused(401)) is KeyRefused


def test_an_error_that_names_another_transaction_is_no_refusal():
    named = read_error({"type": "process_error", "message": "x", "transactionReference": "TR9.Y"})
    error = refused(400, error=named)
    assert type(error) is Unanswered
    assert "TR9.Y" in str(error)


@pytest.mark.parametrize("reference", [PAYMENT, "", None])
def test_an_error_that_names_the_payment_is_a_refusal(reference):
    named = read_error({"type": "process_error", "message": "x", "transactionReference": reference})
    assert type(refused(400, error=named)) is Declined


def test_a_refusal_without_words_still_has_a_code():
    error = refused(400, error=read_error({"type": "process_error", "failureCode": "brand_new"}))
    assert error.failure_code == "brand_new"
    assert "brand_new" in str(error)


def test_ccvs_words_are_safe_and_show_no_card():
    evil = "\x1b[31mcard 4111111111111111\u202e\n"
    said = read_error({"type": "x", "message": evil, "failureCode": evil})
    error = refused(400, error=said)
    for text in (str(error), error.failure_code):
        assert text.isprintable()
        assert "\x1b" not in text
    assert "4111111111111111" not in str(error)


@pytest.mark.parametrize(
    ("status", "error", "is_json", "kind"),
    [
        (404, LIMIT, True, NotFound),
        (404, None, True, NotFound),
        (404, None, False, Withheld),
        (400, LIMIT, True, NotFound),
        (422, LIMIT, True, NotFound),
        (400, None, True, Withheld),
        (403, LIMIT, True, Withheld),
        (403, None, False, Withheld),
        (408, None, False, NoInformation),
        (429, LIMIT, True, NoInformation),
        (500, LIMIT, True, NoInformation),
        (302, None, False, NoInformation),
        (409, read_error({"type": "x", "failureCode": "unknown_reference"}), True, NotFound),
    ],
)
def test_a_question_for_one_transaction(status, error, is_json, kind):
    assert type(failures.question_refused(status, error, is_json=is_json)) is kind


@pytest.mark.parametrize("status", [429, 500, 302])
def test_a_question_for_a_list_never_finds_that_there_is_nothing(status):
    assert type(failures.list_refused(status)) is NoInformation


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_a_list_that_is_refused_is_withheld_and_not_empty(status):
    assert type(failures.list_refused(status)) is Withheld


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1", 1),
        ("59", 59),
        ("60", 60),
        ("61", 60),
        ("1000000000", 60),
        ("Fri, 20 Nov 2026 12:00:07 GMT", 7),
        ("Fri, 20 Nov 2026 13:00:00 GMT", 60),
        ("Fri, 20 Nov 2026 13:00:07 +0100", 7),
        ("Friday, 20-Nov-26 12:00:07 GMT", 7),
        ("Fri Nov 20 12:00:07 2026", 7),
        (" 5 ", 5),
        ("0", None),
        ("-5", None),
        ("", None),
        ("soon", None),
        ("1.5", None),
        ("1e3", None),
        ("NaN", None),
        ("\u0665", None),
        ("9" * 400, None),
        ("Fri, 20 Nov 2026 11:59:59 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Fri, 99 Nov 2026 12:00:07 GMT", None),
        ("Fri, 20 Nov 999999999999 12:00:07 GMT", None),
        ("\x00\xff", None),
    ],
)
def test_retry_after_is_read_or_ignored(text, seconds):
    assert retry_after({"retry-after": text}, now=NOW) == seconds


def test_without_retry_after_there_is_no_wish():
    assert retry_after({}, now=NOW) is None


@pytest.mark.parametrize("status", [409, 425, 429, 503])
def test_the_wish_to_wait_comes_with_the_error(status):
    assert refused(status, headers={"retry-after": "9"}).retry_after_seconds == 9


@pytest.mark.parametrize(
    ("root", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "name of the server"),
        (ConnectionRefusedError(111, "x"), "refused the connection"),
        (ssl.SSLError(1, "x"), "secure connection"),
        (ssl.SSLCertVerificationError(1, "x"), "certificate"),
        (TimeoutError(), "could not be reached"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_reason_is_said_in_plain_words(root, words):
    cause = httpx.ConnectError("x")
    cause.__cause__ = root
    assert words in failures.sentence(cause)
