"""One simulated run: a shop with bad luck for a while, then a calm day, then the accounts."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from posrefund.refund.model import RefundState
from tests.campaign.simulate_people import People
from tests.campaign.world import Outcome, World
from tests.campaign.world_process import ELSEWHERE, HERE, Process

CALM_HOURS = 26


def run(seed: int, number: int) -> Outcome:
    """Play run `number` of `seed` and say what came of it."""
    world = World(seed, number)
    people = People(world)
    for _ in range(world.rng.choice((6, 10, 15, 25))):
        _storm(world, people)
        if world.violations or world.cut_short:
            break
    else:
        _calm(world, people)
    return _outcome(number, world)


def _storm(world: World, people: People) -> None:
    """One step of bad days."""
    rng = world.rng
    if rng.random() < 0.25:
        world.advance(rng.choice((1, 5, 20, 61, 130, 400, 1000, 4000)))
    if world.chance(world.temper.jump):
        world.jump(rng.choice((-90_000, -3600, -600, -1, 200, 400, 3600, 90_000)))
    if rng.random() < 0.2:
        decides, elsewhere = people.bank_decides, people.refund_elsewhere
        rng.choice((decides, decides, decides, elsewhere, elsewhere, people.copied_elsewhere))()
    if rng.random() < 0.01:
        people.lists_fail()
    if world.chance(world.temper.flap):
        people.bank_flips()
    if not people.alive or (len(people.alive) < 2 and rng.random() < 0.05):
        world.advance(rng.choice((2, 10, 70, 600, 2000, 4000)))
        people.act(people.start(), people.take_over)
        return
    process = rng.choice(people.alive)
    people.act(process, rng.choice(_acts(people, process)))


def _acts(people: People, process: Process) -> list[Callable[[Process], None]]:
    acts = [people.follow] * 6 + [people.check_now, people.recover, people.close]
    if any(row.state is RefundState.ATTENTION for row in people.world.refunds.values()):
        acts += [people.insist] * 2
    if len(people.world.refunds) < 4:
        acts += [people.refund] * 4 + [people.press_again]
    if any(owner is process for owner, _ in people.intents):
        acts += [people.send_later] * 4 + [people.withdraw]
    return acts


def _calm(world: World, people: People) -> None:
    """Nothing goes wrong any more, and a whole day passes."""
    world.calm = True
    world.note("-", "calm")
    for process in people.alive:
        process.die()
    world.gone.update(process.name for process in people.processes)
    world.bank.settings.customer = "auto"
    world.advance(120)
    if world.rng.random() > 0.02:
        people.bank_decides(always=True)
    for address in (HERE, ELSEWHERE):
        if any(row.address == address for row in world.refunds.values()):
            process = Process(world, f"calm {address[17]}", address=address)
            people.act(process, _whole_day)
    people.promises.at_the_end()


def _whole_day(process: Process) -> None:
    until = process.world.now() + timedelta(hours=CALM_HOURS)
    for refund in process.recovery.work(until=until):
        process.remember(refund)
    _verify(process)


def _verify(process: Process) -> None:
    """Ask about failed refunds again, as `watch` and the counter's follower do."""
    for refund in process.journal.unsettled_refunds():
        while process.service.is_ours(refund):
            due = process.service.next_step_at(refund)
            if due is None:
                break
            process.world.advance((due - process.world.now()).total_seconds())
            refund = process.service.check_quietly(refund)


def _outcome(number: int, world: World) -> Outcome:
    rules: Counter[str] = Counter()
    states: Counter[str] = Counter()
    for entries in world.entries.values():
        rules.update(entry.rule for entry in entries)  # type: ignore[attr-defined]
        states.update(str(entry.state) for entry in entries)  # type: ignore[attr-defined]
    return Outcome(
        run=number,
        violations=world.violations,
        cut_short=world.cut_short,
        log=world.log,
        rules=dict(rules),
        states=dict(states),
        ends=dict(Counter(str(row.state) for row in world.refunds.values())),
        posts=len(world.posts),
        ledger=len(world.ledger()),
    )
