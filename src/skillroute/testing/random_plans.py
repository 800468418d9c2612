"""
Small random sites, and others under which each may go on.

They are small on purpose (at most 12 agents, 6 tags, 3 queues): ties, last agents and
full houses are the rule in them.
"""

from __future__ import annotations

import random

import msgspec

from ..plan.compiled import (
    FORMAT,
    LIMITS,
    STRATEGIES,
    CompiledAgent,
    CompiledAnnouncements,
    CompiledBox,
    CompiledEnd,
    CompiledLimits,
    CompiledNeed,
    CompiledNumber,
    CompiledParallel,
    CompiledPlacement,
    CompiledPlan,
    CompiledQueue,
    CompiledSettings,
    CompiledStep,
)
from .plan_variants import other_tags, reordered
from .random_hours import random_schedule, random_zone

__all__ = ["HOSTS", "NUMBERS", "START_MS", "TAGS", "random_plan", "variants"]

START_MS = 1_795_000_000_000
"""A Wednesday in November 2026, 06:26:40 UTC."""

TAGS = ("dept:sales", "dept:support", "geo:msk", "lang:de", "lang:pl", "skill:x")
HOSTS = ("other", "sim")
NUMBERS = ("+12025550101", "+12025550102", "+12025550103")
_LAST_RESORT = CompiledEnd(kind=0, target=0)
_LAST_RESORTS = (
    _LAST_RESORT,
    _LAST_RESORT,
    CompiledEnd(kind=1, target=0),
    CompiledEnd(kind=3, target=0, text="+12025550199"),
)


def random_plan(draw: random.Random) -> CompiledPlan:
    """
    Make a small site.
    """
    agents = draw.randint(1, 12)
    schedules = tuple(random_schedule(draw, f"s{n}") for n in range(draw.randint(1, 3)))
    count = draw.randint(1, 3)
    queues = tuple(_queue(draw, n, agents, count) for n in range(count))
    return CompiledPlan(
        format=FORMAT,
        name="world",
        settings=CompiledSettings(
            seed=draw.choice((0, 7, 2**63 - 1)),
            cancel_grace_ms=draw.choice((0, 500, 2000)),
            connect_timeout_ms=draw.choice((1000, 3000)),
            whisper_ms=draw.choice((0, 500)),
            last_resort_message="sorry",
            never_relax=draw.choice(((), (), (1,), (0, 4))),
            auto_pause_after=draw.choice((None, None, 1, 2)),
            auto_pause_for_ms=draw.choice((500, 3000, 8000)),
            auto_pause_last=draw.random() < 0.4,
            last_resort=draw.choice(_LAST_RESORTS),
            max_visits=draw.choice((1, 2, 3)),
            zone=draw.choice((None, 0)),
        ),
        tags=TAGS,
        single=draw.choice((("dept", "lang"), ("lang",), ())),
        uncounted=draw.choice(((), (), ("geo",))),
        zones=(random_zone(draw, START_MS),),
        schedules=schedules,
        agents=tuple(_agent(draw, n, len(schedules)) for n in range(agents)),
        queues=queues,
        boxes=(
            CompiledBox(
                name="box", greeting="hello", recipients=("a@b",), message_ms_min=2000
            ),
        ),
        numbers=tuple(
            CompiledNumber(
                number=number,
                label=f"label {number[-1]}",
                queue=draw.randrange(len(queues)),
                priority=draw.choice((0, 0, 1, 1000)),
                needs=_needs(draw, 1),
                prefer_agents=_some(draw, agents, draw.choice((0, 0, 0, 1, 2))),
                prefer_for_ms=draw.choice((0, 1000, 3000)),
            )
            for number in NUMBERS[: draw.randint(1, 3)]
        ),
    )


def variants(draw: random.Random, plan: CompiledPlan) -> tuple[CompiledPlan, ...]:
    """
    Make plans under which a site may go on: another one, its own, and a few changes.
    """
    number = draw.randrange(len(plan.agents))
    agents = list(plan.agents)
    agents[number] = _agent(draw, number, len(plan.schedules))
    queues = list(plan.queues)
    which = draw.randrange(len(queues))
    queues[which] = _queue(draw, which, len(agents), len(queues))
    changed = msgspec.structs.replace(plan, agents=tuple(agents), queues=tuple(queues))
    other = other_tags(random_plan(draw))
    return (plan, reordered(draw, plan), reordered(draw, changed), changed, other)


def _agent(draw: random.Random, number: int, schedules: int) -> CompiledAgent:
    tags = sorted(draw.sample(range(len(TAGS)), draw.randint(0, len(TAGS))))
    endpoints = (f"PJSIP/{number}", f"SIP/{number}", f"+4930{number}")
    count = draw.choice((1, 1, 1, 2, 3, 0))
    digits = (draw.choice(("", "", "", "1")), draw.choice(("", "2")), "1")
    return CompiledAgent(
        id=f"a{number}",
        name=f"Agent {number}",
        tags=tuple((tag, draw.choice((100, 100, 50, 60))) for tag in tags),
        wildcard=draw.random() < 0.15,
        schedule=draw.randrange(schedules) if draw.random() < 0.3 else None,
        login=int(draw.random() < 0.2),
        units=draw.choice((1, 1, 1, 2, 3)),
        wrap_up_ms=draw.choice((None, None, 0, 1000)),
        endpoints=endpoints[:count],
        wrap_up=draw.choice((None, 0, 1, 2)),
        confirm_digits=digits[:count],
        follows=tuple(draw.random() < 0.4 for _ in range(count)),
        rings_all=draw.random() < 0.4,
        host=draw.choice(("", "", "", *HOSTS)),
        weight=draw.choice((1, 1, 2, 5, 1000)),
    )


def _queue(draw: random.Random, number: int, agents: int, queues: int) -> CompiledQueue:
    members = None
    if draw.random() < 0.4:
        count = draw.randint(0, agents)
        members = tuple(sorted(draw.sample(range(agents), count)))
    round_end = draw.choice((0, 0, 0, 1, 2))
    strategy = _strategy(draw)
    ringing = draw.choice((0, 0, 0, 1, 2))
    has_places = members is not None and draw.random() < 0.4
    return CompiledQueue(
        name=f"q{number}",
        strategy=strategy,
        needs=_needs(draw, 2),
        members=members,
        priority=draw.choice((0, 0, 2)),
        ring_ms=draw.choice((1000, 2000, 5000)),
        wrap_up_ms=draw.choice((0, 500, 3000)),
        on_round_end=round_end,
        round_counts_busy=draw.choice((round_end != 1, True, False)),
        retry_after_ms=draw.choice((500, 2000)),
        retry_unreachable_ms=draw.choice((1000, 5000)),
        max_wait_ms=draw.choice((None, 2000, 8000, 30000)),
        overflow=_end(draw, queues),
        next_step_overflows=draw.random() < 0.5,
        placements=_placements(draw, members or ()) if has_places else (),
        line=draw.choice((0, 0, 0, 1, 2)),
        aging_milli=draw.choice((0, 0, 1000, 12_345, 60_000)),
        aging_cap=draw.choice((1000, 1000, 1, 0)),
        steps=_steps(draw, agents, members, (strategy, ringing)),
        merge_steps=draw.random() < 0.2,
        relax_while_ringing=draw.random() < 0.7,
        wrap_up=draw.choice((0, 1, 2)),
        decline_for_ms=draw.choice((None, None, 0, 500, 2000, 4000)),
        ringing=ringing,
        parallel=CompiledParallel(
            max_parallel=draw.choice((1, 2, 3, 10)),
            batch=draw.choice((1, 1, 2)),
            every_ms=draw.choice((500, 1000, 1500)),
        ),
        limits=_limits(draw, queues),
        is_direct=draw.random() < 0.1,
        exclude=tuple(sorted(_some(draw, agents, draw.choice((0, 0, 0, 1, 2))))),
        announcements=CompiledAnnouncements(
            every_ms=draw.choice((None, None, 1000, 1500, 4000)),
            position=draw.random() < 0.8,
            wait=draw.random() < 0.8,
            expected_handling_ms=draw.choice((1000, 5000, 180_000)),
        ),
    )


def _some(draw: random.Random, agents: int, most: int) -> tuple[int, ...]:
    """
    Draw some of the agents, in any order.
    """
    return tuple(draw.sample(range(agents), min(most, agents)))


def _strategy(draw: random.Random) -> int:
    """
    Half of all queues take the one with the fewest tags.
    """
    return draw.randrange(len(STRATEGIES)) if draw.random() < 0.5 else 0


def _placements(
    draw: random.Random, members: tuple[int, ...]
) -> tuple[CompiledPlacement, ...]:
    return tuple(
        CompiledPlacement(
            agent=agent,
            priority=draw.choice((1, 1, 2, 3)),
            delay_ms=draw.choice((0, 0, 1000, 3000)),
        )
        for agent in members
        if draw.random() < 0.5
    )


def _steps(
    draw: random.Random,
    agents: int,
    members: tuple[int, ...] | None,
    ways: tuple[int, int],
) -> tuple[CompiledStep, ...]:
    """
    Make the steps of a queue, each with the changes of those before it.
    """
    steps: list[CompiledStep] = []
    strategy, ringing = ways
    after_ms, raised = 0, 0
    drop: set[int] = set()
    categories: set[str] = set()
    lower: dict[int, int] = {}
    prefer: dict[int, int] = {}
    grants: dict[int, tuple[int, ...]] = {}
    for _ in range(draw.choice((0, 0, 0, 1, 2, 3))):
        after_ms += draw.choice((500, 1000, 2500))
        raised += draw.choice((0, 0, 1))
        tag = draw.randrange(len(TAGS))
        if draw.random() < 0.4:
            drop.add(tag)
        if draw.random() < 0.2:
            categories.add(draw.choice(("dept", "lang")))
        if draw.random() < 0.3:
            lower[tag] = min(draw.choice((1, 50)), lower.get(tag, 100))
        if draw.random() < 0.2:
            prefer[tag] = prefer.get(tag, 0) + draw.choice((1, 3))
        if draw.random() < 0.3:
            granted = {*grants.get(tag, ()), draw.randrange(agents)}
            grants[tag] = tuple(sorted(granted))
        if members is not None and draw.random() < 0.5:
            members = tuple(sorted({*members, draw.randrange(agents)}))
        if draw.random() < 0.2:
            strategy = _strategy(draw)
        if draw.random() < 0.2:
            ringing = draw.choice((0, 1, 2))
        steps.append(
            CompiledStep(
                after_ms=after_ms,
                drop=tuple(sorted(drop)),
                drop_categories=tuple(sorted(categories)),
                lower=tuple(sorted(lower.items())),
                members=members,
                strategy=strategy,
                raise_priority=raised,
                prefer=tuple(sorted(prefer.items())),
                ringing=ringing,
                grants=tuple(sorted(grants.items())),
            )
        )
    return tuple(steps)


def _limits(draw: random.Random, queues: int) -> CompiledLimits:
    limits = sorted(draw.sample(range(len(LIMITS)), draw.randint(0, 3)))
    return CompiledLimits(
        overflow_on=tuple((limit, _end(draw, queues)) for limit in limits),
        keeps_place=draw.random() < 0.7,
        max_wait_cuts_ring=draw.random() < 0.3,
        hours=draw.choice((None, None, None, 0)),
        size_per_caller=draw.choice((None, None, 1, 2)),
        size=draw.choice((None, None, 2, 4)),
        digits=(("1", _end(draw, queues)),) if draw.random() < 0.7 else (),
        refuse_nobody_on_shift=draw.random() < 0.25,
        refuse_nobody_logged_in=draw.random() < 0.25,
        leave_when_empty=draw.random() < 0.25,
    )


def _end(draw: random.Random, queues: int) -> CompiledEnd:
    """
    A destination, most often another queue or the same one.
    """
    choices = (
        _LAST_RESORT,
        CompiledEnd(kind=1, target=0),
        *(CompiledEnd(kind=2, target=queue) for queue in range(queues)),
        CompiledEnd(kind=3, target=0, text="+12025550198"),
        CompiledEnd(kind=4, target=0, text=draw.choice(("", "closed"))),
    )
    return draw.choice(choices)


def _needs(draw: random.Random, most: int) -> tuple[CompiledNeed, ...]:
    return tuple(_need(draw) for _ in range(draw.randint(0, most)))


def _need(draw: random.Random) -> CompiledNeed:
    kind = draw.choice((0, 0, 0, 1, 2, 3, 3))
    if kind == 1:
        tags = sorted(draw.sample(range(len(TAGS)), draw.randint(1, 3)))
        return CompiledNeed(kind=1, tags=tuple(tags), value=0, never_relax=False)
    value = {0: draw.choice((1, 1, 50, 60, 61)), 3: draw.choice((1, 5))}.get(kind, 0)
    return CompiledNeed(
        kind=kind,
        tags=(draw.randrange(len(TAGS)),),
        value=value,
        never_relax=draw.random() < 0.1,
    )
