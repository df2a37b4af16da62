"""CCV's messages in our words. The only place that knows both.

Every text is made safe to show on the way, and only documented fields come through: no names of
cardholders, no field CCV may add, at most the last four digits of a card.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from posrefund.errors import Misused
from posrefund.money import Money
from posrefund.provider import strict_json, wire
from posrefund.provider.checks import check_pay_url, is_reference
from posrefund.provider.wire import NotUnderstood, Transaction
from posrefund.refund.model import Payment, Payout, ProviderRefund, ProviderStatus
from posrefund.safe_text import safe_text
from posrefund.sentence import Sentence

NOT_ON_THE_ALLOWED_HOST = Sentence(
    "CCV sent the address of a page that is not on an allowed host; it is neither shown nor kept."
)
MAX_TEXT = 300
"""Longer than any text CCV documents (255): the marker at the end of a description must survive."""
MAX_LINK = 2000

_STATUSES = {
    status.value: status for status in ProviderStatus if status is not ProviderStatus.UNRECOGNISED
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MILLISECOND = 253_402_300_799_999
"""The end of the year 9999, the last one a datetime can hold."""
_NEW_LINE = re.compile(r"\r\n|\r|\n")
_CARD_NUMBER = re.compile(r"(?<![A-Za-z0-9])[2-6](?:[ -]?[0-9]){14,18}(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class PayUrlRule:
    """Where the cashier's page of a terminal refund may be."""

    hosts: Collection[str]
    loopback_ok: bool


def payment(answer: Transaction) -> Payment:
    """Translate a payment.

    Raises:
        NotUnderstood: If its reference or an amount is not one, or its currency has no cents.
    """
    child = answer.child_reference_id
    return Payment(
        reference=_reference(answer),
        type=safe_text(answer.type.lower(), limit=50),
        status=_status(answer),
        status_text=safe_text(answer.status, limit=50),
        method=safe_text((answer.method or "").lower(), limit=50),
        amount=_money(answer),
        order_reference=_safe(answer.merchant_order_reference),
        description=free_text(answer.description),
        created_at=_at(answer.created),
        brand=_safe(answer.brand),
        terminal_id=_terminal_id(answer),
        child_reference=child if child is not None and is_reference(child) else None,
        payouts=tuple(
            Payout(
                external_reference=_safe(payout.external_reference),
                amount=_exact_money(payout.amount, answer.currency),
            )
            for payout in answer.payout_instructions or ()
        ),
    )


def given_back(answer: Transaction, rule: PayUrlRule) -> ProviderRefund:
    """Translate a refund or a reversal.

    A payUrl that breaks the rule is dropped and spoken of in `message`. The refund itself is not
    doubted for it: CCV has it, and forgetting that would be worse.

    Raises:
        NotUnderstood: If its reference or amount is not one, or its currency has no cents.
    """
    reference = _reference(answer)
    pay_url = None
    if answer.pay_url:
        pay_url = check_pay_url(
            answer.pay_url, hosts=rule.hosts, reference=reference, loopback_ok=rule.loopback_ok
        )
    original = answer.original_reference
    return ProviderRefund(
        reference=reference,
        original_reference=safe_text(original, limit=255) if original is not None else None,
        type=safe_text(answer.type.lower(), limit=50),
        status=_status(answer),
        status_text=safe_text(answer.status, limit=50),
        amount=_money(answer),
        description=free_text(answer.description),
        created_at=_at(answer.created),
        last_update=_at(answer.last_update),
        failure_code=_safe(answer.failure_code),
        pay_url=pay_url,
        message=NOT_ON_THE_ALLOWED_HOST if answer.pay_url and pay_url is None else None,
        facts=_facts(answer),
    )


def free_text(text: str | None) -> str | None:
    """Make a text that people wrote safe, and cut a card number in it to its last four digits."""
    if text is None:
        return None
    return safe_text(_CARD_NUMBER.sub(_last_four, text), limit=MAX_TEXT)


def _last_four(match: re.Match[str]) -> str:
    digits = [int(character) for character in match[0] if character.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    is_card = (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
    return f"**** {match[0][-4:]}" if is_card else match[0]


def _reference(answer: Transaction) -> str:
    if not is_reference(answer.reference):
        raise NotUnderstood("its reference is not one")
    return answer.reference


def _status(answer: Transaction) -> ProviderStatus:
    return _STATUSES.get(answer.status.lower(), ProviderStatus.UNRECOGNISED)


def _money(answer: Transaction) -> Money:
    return _exact_money(answer.amount, answer.currency)


def _exact_money(amount: wire.Amount, currency: str) -> Money:
    try:
        return Money.from_decimal(amount, currency)
    except Misused as error:
        raise NotUnderstood("its amount cannot be used: {why}", why=error) from None


def _safe(text: str | None) -> str | None:
    return None if text is None else safe_text(text, limit=MAX_TEXT)


def _at(milliseconds: int | None) -> datetime | None:
    """Read CCV's epoch milliseconds; a time that no calendar has is no time."""
    if milliseconds is None or not 0 <= milliseconds <= _LAST_MILLISECOND:
        return None
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _time_text(milliseconds: int | None) -> str | None:
    at = _at(milliseconds)
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _terminal_id(answer: Transaction) -> str | None:
    terminal_id = (answer.details or {}).get(wire.TERMINAL_ID)
    return safe_text(terminal_id, limit=50) if isinstance(terminal_id, str) else None


def _facts(answer: Transaction) -> dict[str, object]:
    """Every documented field that is there, as JSON values, under our spelling."""
    link = answer.return_url
    facts: dict[str, object | None] = {
        "type": safe_text(answer.type, limit=50),
        "reference": answer.reference,
        "original_reference": _safe(answer.original_reference),
        "amount": _money(answer).text,
        "currency": answer.currency.upper(),
        "status": safe_text(answer.status, limit=50),
        "failure_code": _safe(answer.failure_code),
        "created": _time_text(answer.created),
        "last_update": _time_text(answer.last_update),
        "status_final_date": _time_text(answer.status_final_date),
        "method": _safe(answer.method),
        "brand": _safe(answer.brand),
        "language": _safe(answer.language),
        "merchant_order_reference": _safe(answer.merchant_order_reference),
        "description": free_text(answer.description),
        "metadata": free_text(answer.metadata),
        "entry_mode": _safe(answer.entry_mode),
        "method_transaction_id": _safe(answer.method_transaction_id),
        "paidout": _safe(answer.paidout),
        "paidout_date": _time_text(answer.paidout_date),
        "paidout_reference": _safe(answer.paidout_reference),
        "unstructured_reference": _safe(answer.unstructured_reference),
        "payout_instructions": _payout_facts(answer),
        "return_url": None if link is None else safe_text(link, limit=MAX_LINK),
        "cancel_offered": True if answer.cancel_url else None,
        **_detail_facts(answer.details or {}),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _payout_facts(answer: Transaction) -> list[dict[str, object]] | None:
    if answer.payout_instructions is None:
        return None
    listed: list[dict[str, object]] = []
    for payout in answer.payout_instructions:
        facts = {
            "external_reference": _safe(payout.external_reference),
            "amount": format(payout.amount, "f"),
            "paidout": _safe(payout.paidout),
            "paidout_date": _time_text(payout.paidout_date),
            "unstructured_reference": _safe(payout.unstructured_reference),
            "paidout_reference": _safe(payout.paidout_reference),
        }
        listed.append({name: value for name, value in facts.items() if value is not None})
    return listed


def _detail_facts(details: Mapping[str, object]) -> dict[str, object | None]:
    facts: dict[str, object | None] = {
        ours: _receipt_lines(details.get(theirs)) for ours, theirs in wire.RECEIPTS.items()
    }
    for ours, theirs in wire.FLAGS.items():
        facts[ours] = _flag(details.get(theirs))
    journal = details.get(wire.E_JOURNAL)
    # It is evidence for the acquirer and goes back exactly as it came.
    facts["e_journal"] = journal if isinstance(journal, str) else None
    card = details.get(wire.MASKED_PAN)
    if isinstance(card, str) and re.fullmatch(r"[0-9]{4}", card[-4:]):
        facts["card_last_four"] = card[-4:]
    return facts


def _flag(value: object) -> bool | None:
    # CCV writes some of its truths as words, as in `"cardPresent": "false"`.
    if isinstance(value, str):
        return {"true": True, "yes": True, "false": False, "no": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def _receipt_lines(value: object) -> list[str] | None:
    """Read a receipt as CCV may write it; its lines are never altered, dropped or joined.

    A JSON list of lines in a string, an object of formatted lines in a string, either of them not
    in a string, or plain text.
    """
    if value is None or value == "":
        return None
    decoded = value
    if isinstance(value, str):
        try:
            decoded = strict_json.parse(value.encode("utf-8"))
        except (strict_json.NotJson, UnicodeEncodeError):
            return _NEW_LINE.split(value)
    lines = _lines(decoded)
    return _NEW_LINE.split(value) if lines is None and isinstance(value, str) else lines


def _lines(decoded: object) -> list[str] | None:
    if isinstance(decoded, dict):
        formatted = decoded.get(wire.FORMATTED_LINES)
        if isinstance(formatted, list):
            decoded = [line.get("text") if isinstance(line, dict) else line for line in formatted]
    if isinstance(decoded, list) and all(isinstance(line, str) for line in decoded):
        return decoded
    return None
