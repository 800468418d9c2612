"""
Random small scenarios, to compare how backends play them.

Some minutes of a small site with everything in it that a scenario can have: rates and
counts that repeat, days with factors, given calls, menus, callers who try again,
breaks, agents who decline, miss and wrap up, few lines, short intervals.
"""

from __future__ import annotations

import random
from itertools import pairwise

from ..contract import Party, Required
from ..plan.compiled import CompiledPlan
from ..simulation import (
    CompiledBreak,
    CompiledCall,
    CompiledClass,
    CompiledDistribution,
    CompiledGroup,
    CompiledRetry,
    CompiledScenario,
    constant,
    equally_likely,
    exponential,
    uniform,
    unit_exponential,
)
from .random_plans import START_MS

__all__ = ["random_scenario"]

_SECOND_MS = 1000
_MINUTE_MS = 60_000
_HOUR_RATE = 1_000_000
_LENGTHS = (2, 3, 4, 5, 6, 7)
"""Numbers of the distributions below that are lengths of time."""


def random_scenario(draw: random.Random, plan: CompiledPlan) -> CompiledScenario:
    """
    Make a scenario for a site.

    Args:
        draw: Decides everything.
        plan: The site: its numbers, agents and tags are used, and some that it has not.

    Returns:
        A sound scenario of some dozen calls.
    """
    tables = _tables(draw)
    length_ms = draw.randrange(2, 12) * _MINUTE_MS + draw.choice((0, 1, 999))
    classes = draw.randrange(1, 4)
    groups = draw.randrange(1, 4)
    warm_up_ms = draw.choice((0, 0, draw.randrange(length_ms)))
    factors = tuple(draw.sample((0, 6), draw.randrange(3)))
    return CompiledScenario(
        format=1,
        name="random",
        seed=draw.randrange(1 << 63),
        start_ms=START_MS + draw.randrange(86_400_000),
        length_ms=length_ms,
        distributions=tables,
        unit_exponential=1,
        classes=tuple(
            _class(draw, plan, length_ms, factors=len(factors), groups=groups)
            for _ in range(classes)
        ),
        groups=tuple(_group(draw) for _ in range(groups)),
        agents=_agents(draw, plan, groups),
        breaks=_breaks(draw, plan, length_ms),
        calls=_calls(draw, classes, length_ms),
        factors=factors,
        warm_up_ms=warm_up_ms,
        drain_ms=draw.choice((0, _MINUTE_MS, 5 * _MINUTE_MS)),
        interval_ms=draw.choice((_MINUTE_MS, 7 * _MINUTE_MS, 1_800_000)),
        interval_count=draw.choice((1, 3, 48)),
        day_ms=draw.choice((5 * _MINUTE_MS, 86_400_000)),
        thresholds_ms=draw.choice(((20_000,), (0, 10_000, 60_000), ())),
        lines=draw.choice((None, None, draw.randrange(8))),
        log_in=draw.random() < 0.9,
        release_ms=draw.choice((0, 200, 5_000)),
        message_ms=draw.choice((1_000, 20_000)),
        forwarded_ms=draw.choice((0, 60_000)),
    )


def _tables(draw: random.Random) -> tuple[CompiledDistribution, ...]:
    few = [draw.randrange(60) * _SECOND_MS for _ in range(3)]
    coarse = sorted(draw.randrange(200_000) for _ in range(1 + 3 * 2))
    return (
        equally_likely([500_000, 1_000_000, 2_000_000]),
        unit_exponential(),
        constant(draw.choice((0, 0, 1_000, 3_000))),
        exponential(draw.choice((20_000, 90_000))),
        uniform(0, 30_000),
        equally_likely(few),
        CompiledDistribution(values=tuple(coarse), cell_bits=1),
        constant(-5),
    )


def _class(
    draw: random.Random,
    plan: CompiledPlan,
    length_ms: int,
    *,
    factors: int,
    groups: int,
) -> CompiledClass:
    numbers = [number.number for number in plan.numbers]
    dialled = draw.choice([*numbers, *numbers, *numbers, "+19990000000"])
    tags = [*plan.tags, "lang:xx"]
    repeat_ms = draw.choice((0, 0, draw.randrange(1, length_ms)))
    span_ms = repeat_ms or length_ms
    of_groups = range(draw.randrange(groups + 2))
    return CompiledClass(
        name=f"class-{draw.randrange(100)}",
        dialled=Party(kind="e164", number=dialled),
        handling=_length(draw),
        caller_prefix=draw.choice(("", "+4420", "2")),
        caller_digits=draw.randrange(4),
        needs=tuple(Required(draw.choice(tags)) for _ in range(draw.randrange(2))),
        priority=draw.choice((0, 0, 5, -3)),
        handling_by_group=tuple(draw.choice((None, _length(draw))) for _ in of_groups),
        patience=draw.choice((None, *_LENGTHS)),
        menu=draw.choice((None, None, 2, 4)),
        rates=_spans(draw, span_ms, 500 * _HOUR_RATE),
        counts=_spans(draw, span_ms, 4),
        repeat_ms=repeat_ms,
        factor=draw.choice((None, *range(factors))),
        retry=draw.choice((None, _retry(draw))),
    )


def _length(draw: random.Random) -> int:
    """
    Choose a distribution of lengths of time.
    """
    return draw.choice(_LENGTHS)


def _spans(
    draw: random.Random, length_ms: int, most: int
) -> tuple[tuple[int, int, int], ...]:
    cuts = sorted({draw.randrange(length_ms + 1) for _ in range(draw.randrange(5))})
    spans = [(low, high, draw.randrange(most + 1)) for low, high in pairwise(cuts)]
    return tuple(span for span in spans if draw.random() < 0.8)


def _retry(draw: random.Random) -> CompiledRetry:
    return CompiledRetry(
        abandoned_permille=draw.choice((0, 500, 1000)),
        blocked_permille=draw.choice((0, 500, 1000)),
        delay=_length(draw),
        tries_max=draw.randrange(1, 4),
        same_patience=draw.random() < 0.5,
    )


def _group(draw: random.Random) -> CompiledGroup:
    answered = draw.choice((1000, 800, 500))
    return CompiledGroup(
        name="group",
        answer=_length(draw),
        connect=draw.choice((2, 4, 5)),
        answer_permille=answered,
        decline_permille=draw.randrange(1001 - answered),
        wrap_up=draw.choice((None, *_LENGTHS)),
    )


def _agents(
    draw: random.Random, plan: CompiledPlan, groups: int
) -> tuple[tuple[str, int], ...]:
    ids = [agent.id for agent in plan.agents if draw.random() < 0.8]
    return tuple((id, draw.randrange(groups)) for id in sorted({*ids, "nobody"}))


def _breaks(
    draw: random.Random, plan: CompiledPlan, length_ms: int
) -> tuple[CompiledBreak, ...]:
    ids = ["nobody", *(agent.id for agent in plan.agents)]
    breaks = []
    for id in draw.sample(ids, min(len(ids), draw.randrange(3))):
        from_ms = draw.randrange(length_ms)
        until_ms = from_ms + draw.randrange(1, 5) * _MINUTE_MS
        breaks.append(
            CompiledBreak(agent=id, from_after_ms=from_ms, until_after_ms=until_ms)
        )
    return tuple(breaks)


def _calls(
    draw: random.Random, classes: int, length_ms: int
) -> tuple[CompiledCall, ...]:
    times_ms = sorted(
        draw.randrange(length_ms + 1000) for _ in range(draw.randrange(6))
    )
    return tuple(
        CompiledCall(
            arrival_after_ms=at_ms,
            kind=draw.randrange(classes),
            patience_ms=draw.choice((None, 0, 30_000)),
            handling_ms=draw.choice((None, 0, 45_000)),
        )
        for at_ms in times_ms
    )
