"""CCV's Payment API: one method per thing that can be asked of it. Only `send` moves money."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

from posrefund.errors import Mismatched, NoInformation, NotAllowed, NotFound, Unanswered
from posrefund.money import Money
from posrefund.provider import checks, failures, reading, translate, wire
from posrefund.provider.answer import Answer
from posrefund.provider.compose import Extras, compose
from posrefund.provider.failures import Broken
from posrefund.provider.lists import whole_list
from posrefund.provider.together import told_apart
from posrefund.provider.transport import Secret, Transport
from posrefund.provider.wire import NotUnderstood, Transaction
from posrefund.refund.model import Environment, Payment, ProviderRefund, Refund, RefundOrder
from posrefund.refund.ports import Clock

MAX_ORDER_REFERENCE = 255

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class HttpProvider:
    """The `Provider` port over HTTP, for any number of threads."""

    def __init__(
        self,
        *,
        base_url: str,
        key: Secret,
        environment: Environment,
        pay_url_hosts: Collection[str],
        clock: Clock,
        proxy: str | None = None,
        ca_file: Path | None = None,
        webhook_url: str | None = None,
        return_url: str | None = None,
        notification_requests: Sequence[Mapping[str, object]] | None = None,
        post_seconds: float = 30.0,
        get_seconds: float = 10.0,
        connect_seconds: float = 5.0,
    ) -> None:
        """Prepare; nothing is sent and nothing is connected yet.

        Args:
            base_url: Everything is sent below it. It is used as it is, path included.
            key: The API key; revealed only while a request is being written.
            environment: What the key says: test or live money.
            pay_url_hosts: The exact hosts a payUrl may have.
            clock: Tells the time for a `Retry-After` that is a date.
            proxy: The only proxy used, `http://` or `https://`.
            ca_file: Certificates to trust instead of the system's.
            webhook_url: Sent with each refund.
            return_url: Sent with each refund on a terminal.
            notification_requests: Sent with each refund, as they are.
            post_seconds: The time of one refund request, from connecting to the last byte.
            get_seconds: The same for a question.
            connect_seconds: How long connecting may take of it.

        Raises:
            ConfigWrong: If `ca_file` holds no certificates. Nothing was sent.
        """
        self._address = base_url
        self._environment = environment
        self._clock = clock
        self._post_seconds = post_seconds
        self._get_seconds = get_seconds
        self._extras = Extras(
            webhook_url=webhook_url,
            return_url=return_url,
            notification_requests=notification_requests,
        )
        host = urlsplit(base_url).hostname or ""
        self._pay_urls = translate.PayUrlRule(
            hosts=pay_url_hosts,
            loopback_ok=checks.is_loopback(host),
        )
        self._transport = Transport(
            base_url=base_url,
            key=key,
            proxy=proxy,
            ca_file=ca_file,
            connect_seconds=connect_seconds,
        )

    @property
    def address(self) -> str:
        """The base URL everything is sent to, path included."""
        return self._address

    @property
    def environment(self) -> Environment:
        """Test or live, as the API key says."""
        return self._environment

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    # -- moving money --------------------------------------------------------------------------

    def compose(self, order: RefundOrder, *, description: str) -> bytes:
        """Build the request body of a refund. It is frozen in the journal and sent as it is.

        Raises:
            Misused: If CCV would not take it; names the field. Nothing was sent.
        """
        return compose(order, description=description, extras=self._extras)

    def send(self, refund: Refund) -> ProviderRefund:
        """POST `refund.body` with its idempotency reference. The answer has been checked.

        One request and never a second: what to do after silence is the journal's decision.

        Raises:
            NotAllowed: If it belongs to another address or environment. Nothing was sent.
            Unreachable: If not one byte of the request left. No money moved.
            Declined: If CCV answered with an error object and a status that refuses.
            KeyRefused: If CCV does not accept the key. Nothing was carried out.
            Unanswered: In every other case. The refund may have been carried out.
        """
        self._refuse_foreign(refund)
        try:
            answer = self._transport.exchange(
                "POST",
                "/refund",
                seconds=self._post_seconds,
                body=refund.body,
                headers={
                    "Content-Type": "application/json",
                    "Idempotency-Reference": refund.idempotency_reference,
                },
            )
        except Broken as broken:
            raise failures.refund_broken(broken) from broken.cause
        if not answer.is_success:
            raise failures.refund_refused(
                answer.status,
                answer.headers,
                reading.error(answer),
                original_reference=refund.original_reference,
                now=self._clock.now(),
            )
        try:
            said = reading.transaction(answer)
            difference = checks.what_differs(said, refund)
            if difference is not None:
                raise Unanswered("CCV's answer is not believed: {why}", why=difference)
            return translate.given_back(said, self._pay_urls)
        except NotUnderstood as error:
            raise Unanswered("CCV's answer cannot be used: {why}", why=error) from None

    def cancel(self, refund: Refund) -> bool:
        """Ask CCV to cancel a refund; True if it took the request, False if it said no.

        Neither says what becomes of the refund: only its status does, so keep following it.

        Raises:
            NotAllowed: If it belongs to another address or environment. Nothing was sent.
            KeyRefused: If CCV does not accept the key.
            NoInformation: If there was no answer that can be used. Follow the refund.
        """
        self._refuse_foreign(refund)
        reference = _known_reference(refund)
        try:
            # A POST needs a length, or CCV answers 403 in HTML.
            answer = self._transport.exchange(
                "POST",
                f"/cancel?reference={_quoted(reference)}",
                seconds=self._get_seconds,
                body=b"",
            )
        except Broken as broken:
            raise failures.question_broken(broken) from broken.cause
        if answer.is_success:
            return True
        if answer.status == 401 or reading.error(answer) is None:
            raise failures.list_refused(answer.status)
        return False

    # -- asking --------------------------------------------------------------------------------

    def status(self, refund: Refund) -> ProviderRefund:
        """Read the refund by CCV's reference. The answer has been checked against `refund`.

        Raises:
            NotAllowed: If it belongs to another address or environment. Nothing was asked.
            NotFound: If CCV says it does not know the reference. That proves nothing yet.
            KeyRefused: If CCV does not accept the key.
            Mismatched: If the answer is about something else. It is not believed.
            NoInformation: If there was no answer that can be used. It only asked.
        """
        self._refuse_foreign(refund)
        answer = self._one(_known_reference(refund))
        difference = checks.what_differs(answer, refund)
        if difference is not None:
            raise Mismatched("CCV's answer is not believed: {why}", why=difference)
        try:
            return translate.given_back(answer, self._pay_urls)
        except NotUnderstood as error:
            raise NoInformation("CCV's answer cannot be used: {why}", why=error) from None

    def statuses(self, refunds: Sequence[Refund]) -> dict[str, ProviderRefund]:
        """Read several refunds in one question; answers by our id, each checked.

        Raises:
            NotAllowed: If one belongs to another address or environment. Nothing was asked.
            KeyRefused: If CCV does not accept the key.
            NoInformation: If there was no answer that can be used. It only asked.
        """
        for refund in refunds:
            self._refuse_foreign(refund)
        asked = [_quoted(_known_reference(refund)) for refund in refunds]
        answer = self._ask("references=" + ",".join(asked))
        if not answer.is_success:
            raise failures.list_refused(answer.status)
        try:
            return told_apart(reading.transactions(answer), refunds, self._pay_urls)
        except NotUnderstood as error:
            raise NoInformation("CCV's list cannot be used: {why}", why=error) from None

    def payment(self, reference: str) -> Payment | ProviderRefund:
        """Read one transaction: a payment, or a refund whose payment the caller asks for next.

        Raises:
            NotFound: If CCV does not know the reference, or no reference looks like that.
            KeyRefused: If CCV does not accept the key.
            Mismatched: If the answer is about another transaction. It is not believed.
            NoInformation: If there was no answer that can be used. It only asked.
        """
        if not checks.is_reference(reference):
            raise NotFound("this is not a reference of CCV's")
        answer = self._one(reference)
        try:
            if answer.type.lower() in wire.GIVEN_BACK_TYPES:
                return translate.given_back(answer, self._pay_urls)
            return translate.payment(answer)
        except NotUnderstood as error:
            raise NoInformation("CCV's answer cannot be used: {why}", why=error) from None

    def payments_of_order(self, order_reference: str) -> list[Payment]:
        """List the payments (not refunds) with exactly this merchant order reference.

        Raises:
            KeyRefused: If CCV does not accept the key.
            NoInformation: If there was no whole list that can be used. It only asked.
        """
        if not 0 < len(order_reference) <= MAX_ORDER_REFERENCE:
            return []
        query = f"merchantOrderReference={_quoted(order_reference)}"
        listed = whole_list(query, types=wire.PAYMENT_TYPES, ask=self._ask)
        try:
            return [
                translate.payment(answer)
                for answer in listed
                # A server that does not know the filter lists everything it has.
                if answer.merchant_order_reference == order_reference
            ]
        except NotUnderstood as error:
            raise NoInformation("CCV's list cannot be used: {why}", why=error) from None

    def payments_made(
        self, *, after: datetime, before: datetime, amount: Money | None = None
    ) -> list[Payment]:
        """List the payments (not refunds) made between two moments, of this amount if given.

        Raises:
            KeyRefused: If CCV does not accept the key.
            NoInformation: If there was no whole list that can be used. It only asked.
        """
        query = f"createdAfter={_milliseconds(after)}&createdBefore={_milliseconds(before)}"
        if amount is not None:
            query += f"&amountMinimum={amount.text}&amountMaximum={amount.text}"
        listed = whole_list(query, types=wire.PAYMENT_TYPES, ask=self._ask)
        try:
            payments = [translate.payment(answer) for answer in listed]
        except NotUnderstood as error:
            raise NoInformation("CCV's list cannot be used: {why}", why=error) from None
        # A server that does not know a filter lists everything it has.
        return [
            one
            for one in payments
            if one.created_at is not None
            and after <= one.created_at <= before
            and amount in {None, one.amount}
        ]

    def given_back(self, original_references: Sequence[str]) -> list[ProviderRefund]:
        """List refunds and reversals of those payments, complete or not at all.

        Each is attributed to its payment: where CCV leaves `originalReference` out, by having been
        asked for that payment alone.

        Raises:
            KeyRefused: If CCV does not accept the key.
            NoInformation: If anything on the list is unclear. What is left of the payment is then
                not known either.
        """
        asked = list(dict.fromkeys(original_references))
        if not asked:
            return []
        query = "originalReferences=" + ",".join(map(_quoted, asked))
        listed = whole_list(query, types=wire.GIVEN_BACK_TYPES, ask=self._ask)
        if len(asked) > 1 and any(answer.original_reference is None for answer in listed):
            return [said for one in asked for said in self.given_back([one])]
        if any(answer.original_reference not in {None, *asked} for answer in listed):
            raise NoInformation("CCV listed a refund of a payment that was not asked for")
        try:
            said = [translate.given_back(answer, self._pay_urls) for answer in listed]
        except NotUnderstood as error:
            raise NoInformation("CCV's list cannot be used: {why}", why=error) from None
        return [replace(one, original_reference=one.original_reference or asked[0]) for one in said]

    # -- beneath -------------------------------------------------------------------------------

    def _refuse_foreign(self, refund: Refund) -> None:
        if refund.address != self._address or refund.environment != self._environment:
            raise NotAllowed(
                "refund {id} belongs to {environment} at another address; nothing was sent",
                id=refund.id,
                environment=refund.environment.value,
            )

    def _one(self, reference: str) -> Transaction:
        """Read the transaction with this reference, and no other."""
        answer = self._ask(f"reference={_quoted(reference)}")
        if not answer.is_success:
            raise failures.question_refused(
                answer.status, reading.error(answer), is_json=reading.value(answer) is not None
            )
        try:
            found = [wire.read_transaction(one) for one in reading.transactions(answer)]
        except NotUnderstood as error:
            raise NoInformation("CCV's answer cannot be used: {why}", why=error) from None
        if len(found) != 1:
            raise NoInformation("CCV's answer is not about one transaction")
        if found[0].reference != reference:
            raise Mismatched("CCV's answer is about another transaction")
        return found[0]

    def _ask(self, query: str) -> Answer:
        try:
            answer = self._transport.exchange(
                "GET", f"/transaction?{query}", seconds=self._get_seconds
            )
        except Broken as broken:
            raise failures.question_broken(broken) from broken.cause
        busy = failures.asked_to_wait(answer.status, answer.headers, now=self._clock.now())
        if busy is not None:
            raise busy
        return answer


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _known_reference(refund: Refund) -> str:
    if refund.provider_reference is None:
        raise NoInformation("CCV has not told its reference of this refund yet")
    return refund.provider_reference
