"""What the terminal prints and asks for when a refund is final (test book for attended tills)."""

import json
from datetime import UTC, datetime

from posrefund.sandbox.cents import as_text
from posrefund.sandbox.transaction import Transaction

SIGNATURE, IDENTIFICATION, BOTH, DECLINED = 5001, 5002, 5003, 5005
"""Refund amounts in cents on which CCV's test host acts up (RG1, RG2, RG3, FS1)."""

_WIDTH = 24
_WORDS = {
    "nld": ("RETOURBETALING", "BEDRAG", "AKKOORD", "KLANTBON", "WINKELBON", "HANDTEKENING"),
    "deu": ("GUTSCHRIFT", "BETRAG", "GENEHMIGT", "KUNDENBELEG", "HÄNDLERBELEG", "UNTERSCHRIFT"),
    "fra": ("REMBOURSEMENT", "MONTANT", "ACCEPTE", "TICKET CLIENT", "TICKET COMMERCE", "SIGNATURE"),
    "eng": ("REFUND", "AMOUNT", "APPROVED", "CUSTOMER COPY", "MERCHANT COPY", "SIGNATURE"),
}


def outcome_of(refund: Transaction) -> tuple[str, str | None]:
    """Say how the refund ends when the card is presented: status and failure code."""
    if refund.amount == DECLINED:
        return "failed", "card_refused"
    return "success", None


def language_of(refund: Transaction) -> str:
    """What the terminal of a refund speaks; a phone is told nothing and speaks as the payment."""
    return str(refund.details.get("merchantLanguage", refund.language)).lower()


def receipts_of(refund: Transaction) -> dict[str, object]:
    """Give the receipt part of `details` of a refund that succeeded.

    Receipts are strings that hold a JSON array of lines, blank ones included; the journal line is
    opaque. Both must be stored unaltered by a till (test book J1, J2).
    """
    lines = _lines(refund)
    words = _words(refund)
    customer = [words[3], "", *lines, "", "TEST"]
    merchant = [words[4], "", *lines, "", f"{words[5]}:", "", "." * _WIDTH, "", "TEST"]
    return {
        "customerReceipt": json.dumps(customer),
        "merchantReceipt": json.dumps(merchant),
        "journalReceipt": json.dumps(["JOURNAL", *lines]),
        "eJournal": f"{refund.last_update}|RF|{refund.reference}|{refund.amount}|000",
        "printCustomerReceipt": True,
        "askCustomerSignature": refund.amount in {SIGNATURE, BOTH},
        "askCustomerIdentification": refund.amount in {IDENTIFICATION, BOTH},
        "askMerchantSignature": True,
    }


def _words(refund: Transaction) -> tuple[str, ...]:
    return _WORDS.get(language_of(refund), _WORDS["eng"])


def _lines(refund: Transaction) -> list[str]:
    words = _words(refund)
    when = datetime.fromtimestamp(refund.last_update / 1000, UTC)
    digits = as_text(refund.amount)
    if words is not _WORDS["eng"]:
        digits = digits.replace(".", ",")
    amount = f"{refund.currency.upper()} {digits}"
    return [
        "CCV SANDBOX".center(_WIDTH).rstrip(),
        f"TERMINAL  {refund.details.get('terminalId', '')}",
        f"{when:%d/%m/%Y %H:%M:%S} UTC",
        "",
        words[0],
        f"{words[1]:<10}{amount:>{_WIDTH - 10}}",
        "",
        "DEBIT MASTERCARD",
        "************1234",
        words[2],
    ]
