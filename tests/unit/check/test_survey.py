"""What lints take to be so is what an engine does."""

from __future__ import annotations

import random
from typing import Any

import pytest

from skillroute.check import _priorities
from skillroute.check._survey import Survey
from skillroute.events import CallArrived
from skillroute.numbers import parse_party
from skillroute.plan import compile_plan
from skillroute.plan.compiled import encode
from skillroute.plan.model import (
    RawAgent,
    RawMembers,
    RawNumber,
    RawPlan,
    RawQueue,
    RawSite,
    RawStep,
    RawTeam,
)
from skillroute.reference import Engine, steps
from skillroute.reference.line import effective_priority

TAGS = ("dept:a", "dept:b", "lang:x", "lang:y", "skill:k", "skill:l")
START_MS = 1_795_000_000_000


def some(draw: random.Random, things: Any, most: int) -> tuple[Any, ...]:
    """Draw some things, none twice."""
    things = tuple(things)
    return tuple(draw.sample(things, draw.randint(0, min(most, len(things)))))


def needs(draw: random.Random, most: int) -> tuple[str, ...]:
    """Draw needs, at most one of each ``single`` category."""
    found = {}
    for tag in some(draw, TAGS, most):
        category = tag.partition(":")[0]
        level = draw.choice(("", ">=40"))
        found[category if category in {"dept", "lang"} else tag] = tag + level
    return tuple(found.values())


def random_raw_plan(draw: random.Random) -> RawPlan:
    """Make a small plan; its steps come after 10, 20 and 30 seconds."""
    held = [*TAGS, *(f"{tag}=30" for tag in TAGS)]
    agents = {
        f"a{n}": RawAgent(
            tags=("*",) if draw.random() < 0.1 else some(draw, held, 4),
            login="manual",
        )
        for n in range(draw.randint(1, 6))
    }
    queue = RawQueue(
        needs=needs(draw, 3),
        any_of=tuple(
            g for _ in range(draw.randint(0, 2)) if (g := some(draw, TAGS, 3))
        ),
        agents=some(draw, agents, 3),
        teams=draw.choice(((), ("t",))),
        members=tuple(
            RawMembers(agents=some(draw, agents, 2)) for _ in range(draw.randint(0, 1))
        ),
        steps=tuple(
            RawStep(
                after_s=10 * n,
                drop=some(draw, ("dept:a", "lang:*", "skill:k", "dept:*"), 2),
                lower=dict.fromkeys(some(draw, TAGS, 2), 10),
                agents=some(draw, agents, 2),
                raise_priority=draw.choice((0, 0, 3)),
                grant=dict.fromkeys(
                    some(draw, TAGS, 2), (draw.choice((*agents, "team:t")),)
                ),
            )
            for n in range(1, draw.randint(1, 4))
        ),
        priority=draw.choice((0, 1)),
        line=draw.choice(("priority", "priority", "longest_waiting")),
        aging_per_min=draw.choice((0, 0.7, 5)),
        aging_cap=draw.choice((4, 1000)),
    )
    return RawPlan(
        site=RawSite(name="s", single=draw.choice((("lang", "dept"), ("lang",)))),
        agents=agents,
        teams={"t": RawTeam(agents=some(draw, agents, 2))},
        queues={"q": queue},
        numbers={
            f"+7495555010{n}": RawNumber(
                queue="q", needs=needs(draw, 2), priority=draw.choice((0, 2))
            )
            for n in range(2)
        },
    )


def engine_with_call(raw: RawPlan, number: str) -> Engine:
    """Make an engine in which one call, of a number, waits for nobody."""
    engine = Engine(encode(compile_plan(raw)))
    arrival = CallArrived(
        call="c", host="h", caller=parse_party(""), dialled=parse_party(number)
    )
    engine.handle(arrival, START_MS)
    return engine


@pytest.mark.parametrize("seed", range(60))
def test_who_can_take_a_call_by_a_step_is_who_the_engine_lets_in(seed: int) -> None:
    """A lint that reads needs otherwise than the engine warns of nothing real."""
    raw = random_raw_plan(random.Random(seed))
    survey = Survey(raw)
    for text, number in raw.numbers.items():
        site = engine_with_call(raw, text)._site
        [call] = site.calls.values()
        for step in range(len(raw.queues["q"].steps) + 1):
            expected = [
                agent
                for index, agent in enumerate(raw.agents)
                if steps.is_member(site, call, index, step)
                and steps.passes_tags(site, call, index, step)
            ]
            assert expected == survey.ids(survey.able_for("q", number, step))


@pytest.mark.parametrize("seed", range(60))
def test_a_call_overtakes_when_it_is_said_to(seed: int) -> None:
    """The seconds of a note are what an administrator plans with."""
    raw = random_raw_plan(random.Random(seed))
    survey = Survey(raw)
    counted = 0
    for entry in survey.entries:
        grade = _priorities._grade(survey, entry)
        for priority in range(grade.priority + 1, grade.priority + 9):
            engine = engine_with_call(raw, entry.number)
            after_s = _priorities._after_s(grade, priority)
            waited_ms = 3_600_000 if after_s is None else round(after_s * 1000)
            for at_ms, reached in ((waited_ms - 1, False), (waited_ms, True)):
                engine.advance(START_MS + at_ms)
                [call] = engine._site.calls.values()
                worth = effective_priority(engine._site, call)
                assert (worth >= 1000 * priority) == (reached and after_s is not None)
                counted += 1
    assert counted > 0
