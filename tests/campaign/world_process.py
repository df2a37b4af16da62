"""One program on the machine: the shipped service on its own view of the journal, until it dies."""

from copy import copy

from posrefund.credentials import ApiKey
from posrefund.provider.client import HttpProvider
from posrefund.references import short_id
from posrefund.refund.model import Environment, Refund
from posrefund.refund.polling import Profile
from posrefund.refund.recovery import Recovery
from posrefund.refund.service import RefundService
from tests.campaign.world import Post, World
from tests.campaign.world_journal import JournalView
from tests.campaign.world_wire import Wire

HERE = "http://127.0.0.1:1/api/v1"
ELSEWHERE = "http://127.0.0.1:2/api/v1"
"""The address of another configuration: what was decided under one is never sent to the other."""
WINDOW_SECONDS = 15 * 60
POST_SECONDS = 30
MAX_ATTEMPTS = 6
INTENT_AGE_SECONDS = 120
EPSILON_SECONDS = 40
"""What one step may take between its last look at the clock and the wire: a journal write and the
question before a repeat."""
BACK_MS, AHEAD_MS = -2000, 300_000


class _Clock:
    """The clock port of one process, which others may use to act while it waits."""

    def __init__(self, world: World) -> None:
        self.now = world.now
        self.elapsed = world.elapsed
        self.wait = world.wait
        self.wake = world.wake


class _NoClock:
    def now(self) -> None:
        raise AssertionError("the template has no clock")


def _template() -> HttpProvider:
    provider = HttpProvider(
        base_url=HERE,
        key=ApiKey("t_a_key_that_only_tests_use"),
        environment=Environment.TEST,
        pay_url_hosts=("127.0.0.1",),
        clock=_NoClock(),  # type: ignore[arg-type]
    )
    provider.close()
    return provider


_TEMPLATE = _template()
"""Copied for each process, because making an httpx client takes longer than a whole run."""


class Process:
    """A worker with its own owner name, clock watch and memory of what it follows."""

    def __init__(self, world: World, name: str, *, address: str = HERE) -> None:
        self.world = world
        self.name = name
        self.alive = True
        self.address = address
        self.born = world.ms
        self._jumps = len(world.jumps)
        self.refused_at: int | None = None
        """When CCV refused its key, of a refund."""
        self.followed: dict[str, Refund] = {}
        clock = _Clock(world)
        provider = copy(_TEMPLATE)
        provider._address = address
        provider._clock = clock  # type: ignore[assignment]
        provider._transport = Wire(world, self, address=address)  # type: ignore[assignment]
        self.journal = JournalView(world, self, owner=name)
        self.service = RefundService(
            provider=provider,
            journal=self.journal,
            clock=clock,
            counter=name,
            mint=world.mint,
            short_id=short_id,
            profile=world.rng.choice(tuple(Profile)),
        )
        self.recovery = Recovery(service=self.service, journal=self.journal, clock=clock)

    def __str__(self) -> str:
        return self.name

    def die(self) -> None:
        """Be gone; the system knows at once, or the lease has to run out (as on Windows)."""
        self.alive = False
        if self.world.rng.random() < 0.7:
            self.world.gone.add(self.name)

    def remember(self, refund: Refund) -> Refund:
        """Follow this refund from now on, with its count of questions."""
        self.followed[refund.id] = refund
        return refund

    def known(self, refund_id: str) -> Refund:
        """The refund as this process saw it last, which may be long ago."""
        return self.followed.get(refund_id) or self.world.refunds[refund_id]

    def step(self, refund: Refund, *, quietly: bool = True) -> None:
        """Take the next step of a refund, as `follow` and the follower do."""
        service = self.service
        self.remember(service.check_quietly(refund) if quietly else service.check(refund))

    # -- what the wire tells, for the promises -------------------------------------------------

    def key_refused(self, method: str) -> None:
        """CCV refuses the key of this process."""
        if method == "POST" and self.refused_at is None:
            self.refused_at = self.world.ms

    def before_post(self, post: Post) -> None:
        """Hold the promises that must be true at the moment a refund leaves."""
        world = self.world
        row = next(
            (one for one in world.refunds.values() if one.idempotency_reference == post.key), None
        )
        world.note(self.name, f"POST {post.attempt} of {row.id if row else post.key}")
        if row is None:
            world.violate("I2", f"{post.key} was sent and is in no row")
            return
        self._check_durable(row, post)
        self._check_same(row, post)
        self._check_time(row, post)
        if self.refused_at is not None and self._began() > self.refused_at:
            world.violate("I8", f"{row.id} was sent after the key was refused")
        if self._clock_was_set():
            number = "I8c" if post.attempt == 1 else "I8"
            world.violate(number, f"{row.id} was sent on a clock that was set")

    def _check_durable(self, row: Refund, post: Post) -> None:
        sendings = sum(entry.rule in {"T3", "T12"} for entry in self.world.entries[row.id])  # type: ignore[attr-defined]
        if post.attempt > sendings:
            self.world.violate("I5", f"{row.id}: attempt {post.attempt} was not written down")
        if row.attempts > MAX_ATTEMPTS:
            # Counted are those that may have been carried out; one that met a 401 was not.
            self.world.violate("G21", f"{row.id} was sent {row.attempts} times")

    def _check_same(self, row: Refund, post: Post) -> None:
        if post.body != row.body or post.address != row.address:
            self.world.violate("I6", f"{row.id} was sent with other bytes or elsewhere")

    def _check_time(self, row: Refund, post: Post) -> None:
        opened = self.world.opened[row.id]
        age = (post.at - opened) / 1000
        is_old = age > INTENT_AGE_SECONDS + EPSILON_SECONDS
        is_first = post.attempt == 1 and row.attempts == 1
        if is_first and is_old and not self._clock_went_back_unseen(opened):
            self.world.violate("I14", f"{row.id} was sent {age:.0f} s after it was decided")
        earlier = [one.at for one in self.world.posts if one.key == post.key]
        if earlier and post.at - earlier[0] > (WINDOW_SECONDS + EPSILON_SECONDS) * 1000:
            minutes = (post.at - earlier[0]) // 60_000
            if not self._clock_went_back_unseen(earlier[0]):
                number = "I8s" if self._slept() else "I8"
                self.world.violate(number, f"{row.id} was repeated after {minutes} minutes")

    def _began(self) -> int:
        """When the outermost action of this process that is under way began."""
        return next(frame.began for frame in self.world.stack if frame.process is self)

    def _slept(self) -> bool:
        return any(frame.slept for frame in self.world.stack if frame.process is self)

    def _clock_was_set(self) -> bool:
        """Could it have seen, before this action began, that the clock jumped?"""
        frame = next(frame for frame in self.world.stack if frame.process is self)
        seen = self.world.jumps[self._jumps : frame.jumps]
        total = sum(by for _, by in seen)
        return bool(seen) and not BACK_MS <= total <= AHEAD_MS

    def _clock_went_back_unseen(self, since: int) -> bool:
        """Was the clock set back after `since`, and before this process was started?

        LIMIT: a new process cannot know it, as long as the clock is not behind the journal. The
        empty list that comes before every repeat is what protects then.
        """
        return any(by < 0 and since <= at <= self.born for at, by in self.world.jumps)
