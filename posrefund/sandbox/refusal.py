"""How the pretend CCV says no."""

from collections.abc import Mapping


class Refusal(Exception):
    """A request that is turned down; nothing was created.

    The body has the fields of CCV's two documented examples (refund guide). `process_error` is the
    only documented `type`; the words for validation and for a bad key are ours.
    """

    def __init__(
        self,
        message: str,
        *,
        failure_code: str = "processing_error",
        status: int | None = None,
        kind: str = "process_error",
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.failure_code = failure_code
        self.status = status
        """HTTP status; None leaves it to the setting `error_status`."""
        self.kind = kind
        self.more = dict(more or {})

    @classmethod
    def of_field(
        cls, field: str, what: str, *, failure_code: str = "processing_error"
    ) -> "Refusal":
        """Refuse because of one field of the request."""
        return cls(
            f"{field} {what}",
            failure_code=failure_code,
            kind="validation_error",
            more={"field": field},
        )

    @classmethod
    def unknown(cls, reference: str) -> "Refusal":
        """Refuse because there is no such transaction: 404, as two till clients handle it."""
        return cls(f"Unknown reference {reference}", failure_code="unknown_reference", status=404)

    def body(self, reference: str) -> dict[str, object]:
        """Give the error object.

        Args:
            reference: Eight hex digits that name this error for support. Never a transaction.
        """
        return {
            "type": self.kind,
            "message": self.message,
            "reference": reference,
            "failureCode": self.failure_code,
            **self.more,
        }
