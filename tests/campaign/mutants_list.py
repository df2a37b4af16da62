"""The rules of a refund, each broken in one way, at run time and in this process alone.

What is promised: no file is touched; leaving a mutant's `with` mends the program again; a mutant
whose target no longer exists fails loudly instead of surviving.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from posrefund.errors import Declined, KeyRefused, NoInformation, Unanswered
from posrefund.journal.memory import MemoryJournal
from posrefund.provider import checks, failures, strict_json
from posrefund.provider.answer import Answer
from posrefund.provider.client import HttpProvider
from posrefund.refund import holding, inquiry, polling, rules, service, transitions, watch
from posrefund.refund.model import Entry, Refund, RefundState
from posrefund.refund.search import Search
from posrefund.refund.service import RefundService
from posrefund.refund.transitions import Guard, Trigger, move
from posrefund.refund.watch import ClockWatch


@dataclass(frozen=True, slots=True)
class Mutant:
    """One broken rule."""

    name: str
    changes: tuple[tuple[Any, str, Callable[[Any], Any]], ...]
    """What is replaced, and how the replacement is made of the original."""
    tests: str = ""
    """Tests that must fail, where no simulated run can tell."""

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Break the rule for as long as this lasts."""
        with ExitStack() as at_end:
            for target, name, made in self.changes:
                original = vars(target)[name]
                setattr(target, name, made(original))
                at_end.callback(setattr, target, name, original)
            yield


def _always(value: object) -> Callable[[Any], Any]:
    return lambda _original: lambda *_args, **_named: value


def _rows(**changes: Mapping[str, object]) -> Callable[[Any], Any]:
    """Change rows of the table by their numbers; one that is missing is an error."""

    def made(table: tuple[transitions.Rule, ...]) -> tuple[transitions.Rule, ...]:
        assert set(changes) <= {rule.number for rule in table}
        # What a changed row says comes first, so that no other row speaks before it.
        changed = [replace(row, **changes[row.number]) for row in table if row.number in changes]
        return (*changed, *(row for row in table if row.number not in changes))

    return made


def _first_attempts_only(change: Callable[[Refund], Refund]) -> Callable[[Any], Any]:
    """Change what a repeat sends."""

    def made(original: Any) -> Any:
        def send(self: HttpProvider, refund: Refund) -> Any:
            return original(self, change(refund) if refund.attempts > 1 else refund)

        return send

    return made


def _new_key(refund: Refund) -> Refund:
    key = refund.idempotency_reference
    return replace(refund, idempotency_reference=key[:-4] + f"{refund.attempts:04x}")


def _other_bytes(refund: Refund) -> Refund:
    return replace(refund, body=refund.body.replace(b'"amount"', b' "amount"', 1))


def _sends_before_it_commits(_original: Any) -> Any:
    def attempt(self: Any, refund: Refund) -> Refund:
        now = self._clock.now()
        sending, entry = move(refund, Trigger.SEND, at=now)
        try:
            said = self._provider.send(replace(sending))
        except (Declined, Unanswered, KeyRefused) as error:
            kept = self._journal.record(replace(sending, lease_until=now + holding.LEASE), entry)
            return self._hold.note(kept, Trigger.SILENCE, str(error))
        kept = self._journal.record(replace(sending, lease_until=now + holding.LEASE), entry)
        return self._hear(kept, said)

    return attempt


def _server_errors_decline(original: Any) -> Any:
    def refused(status: int, *args: Any, **named: Any) -> Any:
        return Declined("no") if status >= 500 else original(status, *args, **named)

    return refused


def _refused_keys_decline(original: Any) -> Any:
    def refused(status: int, *args: Any, **named: Any) -> Any:
        return Declined("no") if status == 401 else original(status, *args, **named)

    return refused


def _crash_means_a_new_key(original: Any) -> Any:
    def check(self: Any, refund: Refund, *args: Any) -> Refund:
        current = self._journal.get(refund.id)
        if current.state is not RefundState.SENDING:
            return original(self, refund, *args)
        now = self._clock.now()
        held = self._hold.claim(current)
        self._decided.add(held.id)
        fresh = replace(
            _new_key(held), state=RefundState.INTENT, created_at=now, updated_at=now, owner=None
        )
        entry = Entry(at=now, rule="T10", state=fresh.state, text="A new key.")
        return self._journal.record(fresh, entry)

    return check


def _absent_means_failed(original: Any) -> Any:
    def look_up(self: Any, refund: Refund) -> Any:
        lesson = original(self, refund)
        return lesson if lesson.is_listed else replace(lesson, send_again=False, give_up="No.")

    return look_up


def _loses_sendings(original: Any) -> Any:
    def record(self: MemoryJournal, refund: Refund, entry: Entry | None) -> Refund:
        if refund.state is RefundState.SENDING:
            return replace(refund, version=refund.version)
        return original(self, refund, entry)

    return record


def _opens_always(_original: Any) -> Any:
    def open_case(self: MemoryJournal, refund: Refund, entry: Entry) -> Refund:
        kept = replace(refund, owner=self._owner, version=1, fence=1)
        self._refunds[refund.id] = kept
        self._entries[refund.id] = [entry]
        return kept

    return open_case


def _records_whatever_the_fence(original: Any) -> Any:
    def record(self: MemoryJournal, refund: Refund, entry: Entry | None) -> Refund:
        known = self._refunds[refund.id]
        return original(self, replace(refund, version=known.version, fence=known.fence), entry)

    return record


def _forgets_ours(original: Any) -> Any:
    def refreshed(self: Search, finding: Any) -> Any:
        return replace(original(self, finding), refunds=())

    return refreshed


def _sends_twice(original: Any) -> Any:
    def send(self: HttpProvider, refund: Refund) -> Any:
        try:
            return original(self, refund)
        except Unanswered:
            return original(self, refund)

    return send


def _takes_the_last(original: Any) -> Any:
    def candidates(*args: Any, **named: Any) -> Any:
        return original(*args, **named)[-1:]

    return candidates


def _needs_no_marker(original: Any) -> Any:
    def candidates(refund: Refund, listed: Any, *, taken: Any) -> Any:
        return original(replace(refund, marker=""), listed, taken=taken)

    return candidates


def _no_list_is_an_empty_list(original: Any) -> Any:
    def given_back(self: HttpProvider, *args: Any, **named: Any) -> Any:
        try:
            return original(self, *args, **named)
        except NoInformation:
            return []

    return given_back


def _never_refused(_original: Any) -> Any:
    """`self._key_refused = error` is forgotten at once."""

    def attempt(self: Any, refund: Refund) -> Refund:
        self._key_refused = None
        try:
            return _original(self, refund)
        finally:
            self._key_refused = None

    return attempt


ALWAYS = {"guard": Guard.ALWAYS}
PERSONS = "tests/refund/test_doubts_and_persons.py"
TABLE = (transitions, "TABLE")
MUTANTS = (
    Mutant("new key on retry", ((HttpProvider, "send", _first_attempts_only(_new_key)),)),
    Mutant(
        "repeat with changed body", ((HttpProvider, "send", _first_attempts_only(_other_bytes)),)
    ),
    Mutant("send before commit", ((RefundService, "_attempt", _sends_before_it_commits),)),
    Mutant("5xx is failed", ((failures, "refund_refused", _server_errors_decline),)),
    Mutant("time-out is failed", ((failures, "refund_broken", _always(Declined("no"))),)),
    Mutant("crash is not sent", ((*TABLE, _rows(T10={"after": RefundState.NOT_SENT})),)),
    Mutant("crash is a new key", ((RefundService, "check", _crash_means_a_new_key),)),
    Mutant("window of 28 hours", ((polling, "RESEND_WINDOW_SECONDS", lambda _: 28 * 3600.0),)),
    Mutant("late 4xx is failed", ((*TABLE, _rows(T6=ALWAYS)),)),
    Mutant(
        "not found is failed",
        (
            (inquiry.Inquiry, "_look_up", _absent_means_failed),
            (*TABLE, _rows(T13={"after": RefundState.FAILED})),
        ),
    ),
    Mutant("answers are not checked", ((checks, "what_differs", _always(None)),)),
    Mutant("lost write", ((MemoryJournal, "record", _loses_sendings),)),
    Mutant(
        "no open-refund guard",
        ((MemoryJournal, "open_case", _opens_always), (Search, "refreshed", _forgets_ours)),
    ),
    Mutant("no open-refund guard in the journal", ((MemoryJournal, "open_case", _opens_always),)),
    Mutant(
        "no intent age",
        ((service, "intent_is_old", _always(False)), (watch, "intent_is_old", _always(False))),
    ),
    Mutant(
        "terminal overwrite",
        (
            (
                *TABLE,
                _rows(
                    T19={"alarm": False, "after": RefundState.FAILED},
                    T20={"alarm": False, "after": RefundState.SUCCEEDED},
                ),
            ),
        ),
    ),
    Mutant("stale fence accepted", ((MemoryJournal, "record", _records_whatever_the_fence),)),
    Mutant(
        "3xx is believed",
        ((Answer, "is_success", lambda _: property(lambda self: 200 <= self.status < 400)),),
    ),
    Mutant("transport repeats a POST", ((HttpProvider, "send", _sends_twice),)),
    Mutant("adopts one of many", ((inquiry, "candidates", _takes_the_last),)),
    Mutant("adopts without marker", ((inquiry, "candidates", _needs_no_marker),)),
    Mutant("duplicate JSON keys", ((strict_json, "_object", lambda _: dict),)),
    Mutant("401 is failed", ((failures, "refund_refused", _refused_keys_decline),)),
    Mutant("sending goes on after 401", ((RefundService, "_attempt", _never_refused),)),
    Mutant("unsent repeat is not sent", ((*TABLE, _rows(T7=ALWAYS)),)),
    Mutant("key refused on a repeat is not sent", ((*TABLE, _rows(T8=ALWAYS)),)),
    Mutant("pending for ever", ((inquiry, "decision_is_late", _always(False)),)),
    Mutant("no list is an empty list", ((HttpProvider, "given_back", _no_list_is_an_empty_list),)),
    Mutant("left ignores our open refunds", ((rules, "_reserves", _always(False)),)),
    Mutant("no end to the attempts", ((polling, "MAX_ATTEMPTS", lambda _: 999),)),
    Mutant("clock is always right", ((ClockWatch, "is_sane", _always(True)),)),
    Mutant("closed without quiet", ((rules, "QUIET_SECONDS", lambda _: 0.0),), tests=PERSONS),
    Mutant("one empty list is proof", ((rules, "EMPTY_LISTS", lambda _: 1),), tests=PERSONS),
    Mutant("failed is never verified", ((polling, "VERIFY_AFTER_SECONDS", lambda _: ()),)),
    # Three looks at the clock, of which each alone would do: only all together are missed.
    Mutant(
        "a sleep is not noticed",
        (
            (service, "NAP", lambda _: timedelta(days=9)),
            (service, "may_send_again", _always(True)),
            (ClockWatch, "is_too_late", _always(False)),
        ),
    ),
    Mutant(
        "references are not unique", ((MemoryJournal, "with_provider_reference", _always(None)),)
    ),
)
