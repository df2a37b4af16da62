"""The promises of the program as questions to the journal, with the bank's ledger as the judge.

Each is asked after every step of a simulated run. `I` numbers are those of the reliability study.
"""

from posrefund.refund.model import Refund, RefundState
from posrefund.sandbox.transaction import Transaction
from tests.campaign.world import START_MS, World

_FROZEN = (
    "idempotency_reference",
    "environment",
    "address",
    "original_reference",
    "amount",
    "body",
    "marker",
    "created_at",
)


class Promises:
    """Watches one world, remembering what may never change again."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._before: dict[str, Refund] = {}
        self.paid_above: set[str] = set()
        """Payments for which a person confirmed more than was paid."""

    def hold(self) -> None:
        """Ask every question that must be true at any moment."""
        world = self._world
        made: dict[str, list[Transaction]] = {}
        for item in world.ledger():
            made.setdefault(item.idempotency or "", []).append(item)
        keys = {row.idempotency_reference: row for row in world.refunds.values()}
        for key, items in made.items():
            row = keys.get(key)
            if row is None:
                world.violate("I2", f"{key} is at CCV and in no row")
            elif len(items) > 1 and self._on_a_clock_set_back(items):
                # LIMIT: a program that was started after the clock was set back, and does not find
                # it behind the journal, believes the window to be open. The empty list that comes
                # before every repeat protects then, unless CCV's list hides the refund as well.
                world.end_at_limit("the clock was set back before the program was started")
            elif len(items) > 1:
                late = _out_of_time(row, items)
                world.violate(f"I1{late}", f"{row.id} was made {len(items)} times")
        for row in world.refunds.values():
            self._row(row, made.get(row.idempotency_reference, []))
        self._together()
        self._before = dict(world.refunds)

    def _on_a_clock_set_back(self, items: list[Transaction]) -> bool:
        first, second = (item.created - START_MS - self._world.bank_skew_ms for item in items[:2])
        apart = (second - first) / 1000 > 15 * 60
        return apart and self._world.went_back(first, second)

    def _row(self, row: Refund, items: list[Transaction]) -> None:
        self._told(row, items)
        known = self._world.bank.find(row.provider_reference or "")
        if known is not None and known.idempotency != row.idempotency_reference:
            self._world.violate(
                f"I16{_out_of_time(row, items)}", f"{row.id} took over a refund that is not its own"
            )
        before = self._before.get(row.id)
        if before is None or before is row:
            return
        if any(getattr(before, name) != getattr(row, name) for name in _FROZEN):
            self._world.violate("I6", f"{row.id}: what was decided has changed")
        if before.state.is_final and row.state not in {before.state, RefundState.CLOSED}:
            self._world.violate("I9", f"{row.id} was {before.state} and became {row.state}")
        if before.alarm is not None and row.alarm is None:
            self._world.violate("I9", f"{row.id}: its alarm was lifted")
        if row.version < before.version:
            self._world.violate("I9", f"{row.id}: an older version was written over a newer one")

    def _told(self, row: Refund, items: list[Transaction]) -> None:
        """What a cashier may believe is true."""
        if any(item.reference in self._world.flipped for item in items):
            # LIMIT: CCV itself changed what it had called final. See `flips_were_noticed`.
            return
        paid = [item for item in items if item.status == "success"]
        possible = [item for item in items if item.status != "failed"]
        if row.money_moved == "no" and possible:
            number = "I4"
            if row.state is RefundState.CLOSED:
                number = f"T18{_out_of_time(row, possible)}"
                number = "T18f" if row.provider_reference else number
            self._world.violate(
                number, f"{row.id} is {row.state}, CCV has it: {possible[0].status}"
            )
        if row.money_moved == "yes" and not paid:
            number = "I3" if row.state is RefundState.SUCCEEDED else "T17"
            number += _out_of_time(row, items)
            self._world.violate(number, f"{row.id} is {row.state}, CCV did not pay it")
        if row.alarm is not None:
            self._world.violate("alarm", f"{row.id} raised a false alarm")

    def _together(self) -> None:
        world = self._world
        rows = list(world.refunds.values())
        keys = [row.idempotency_reference for row in rows]
        references = [row.provider_reference for row in rows if row.provider_reference]
        if len(set(keys)) != len(keys) or len(set(references)) != len(references):
            world.violate("I7", "two rows share a key or a reference of CCV's")
        still_open = [row.original_reference for row in rows if not row.state.is_final]
        if len(set(still_open)) != len(still_open):
            world.violate("I10", "a payment has two unfinished refunds")

    # -- after the calm end ----------------------------------------------------------------------

    def at_the_end(self) -> None:
        """Ask what must be true once a calm day has passed."""
        self.hold()
        world = self._world
        for row in world.refunds.values():
            if not row.state.is_final and row.state is not RefundState.ATTENTION:
                number = "I12c" if world.went_back(0, world.ms) else "I12"
                world.violate(number, f"{row.id} is still {row.state}")
            history = [entry for entry in world.entries[row.id] if entry.rule != "-"]  # type: ignore[attr-defined]
            if history[-1].state is not row.state:  # type: ignore[attr-defined]
                world.violate("I11", f"{row.id}: its history does not end in {row.state}")
            self._flip_was_noticed(row)
        self._not_too_much()

    def _flip_was_noticed(self, row: Refund) -> None:
        """CCV said failed, then success: the program asks three times more, and raises the alarm.

        LIMIT: after the third time nobody asks any more, and an answer of before, out of some
        cache, cannot be told from a new one that says the same.
        """
        verified = self._world.flipped.get(row.provider_reference or "")
        if verified is None or verified >= 3 or row.state is not RefundState.FAILED:
            return
        item = self._world.bank.get(row.provider_reference or "")
        if item.reference in self._world.cached:
            return
        if item.status == "success" and row.alarm is None:
            self._world.violate("T20", f"{row.id} is failed, CCV paid it after all: no alarm")

    def _not_too_much(self) -> None:
        """No payment gave back more than was paid, unless a person said so."""
        world = self._world
        for payment in world.bank.all():
            if payment.gives_back or payment.reference in self.paid_above | world.misled:
                # LIMIT: what CCV says was paid is believed; there is nothing to compare it with.
                continue
            related = world.bank.related(payment.reference)
            if any(item.origin != "api" or item.reference in world.flipped for item in related):
                # LIMIT: a refund made elsewhere at the same moment is CCV's to refuse (120 %).
                continue
            given = sum(item.amount for item in related if item.counts)
            if given > payment.amount:
                world.violate("I15", f"{payment.reference}: {given} of {payment.amount} given back")


def _out_of_time(row: Refund, items: list[Transaction]) -> str:
    """Does CCV's time of it, on our clock, lie where a look-up does not believe it is ours?"""
    first, last = row.first_sent_at or row.created_at, row.last_sent_at or row.created_at
    since, until = first.timestamp() - 120, last.timestamp() + 600
    return "" if all(since < item.created / 1000 <= until for item in items) else "l"
