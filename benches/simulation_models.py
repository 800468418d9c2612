"""
The models of the simulation's bench: plans and scenarios, and what theory says.

Times are those of a call centre: conversations of three minutes on average.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from skillroute.contract import Party
from skillroute.plan import parse_plan
from skillroute.simulation import (
    CompiledClass,
    CompiledGroup,
    CompiledScenario,
    constant,
    encode_scenario,
    exponential,
    uniform,
    unit_exponential,
)

__all__ = [
    "HANDLING_S",
    "SKILLS",
    "Model",
    "five_skills",
    "large_centre",
    "queueing_model",
]

HANDLING_S = 180
HOUR_MS = 3_600_000
START_MS = 1_795_000_000_000
SKILLS = 5
LARGE_AGENTS = 1_000
LARGE_TAGS = 50


class Model(NamedTuple):
    """
    What is simulated.
    """

    name: str
    agents: tuple[frozenset[int], ...]
    """Skills of each; a single model has one skill."""
    arrivals_per_hour: float
    """Of all skills together; each is equally likely."""
    patience_s: float | None
    plan: bytes

    def scenario(self, calls: int, seed: int, warm_up: float = 0) -> bytes:
        """
        Make the scenario of about so many calls; a part of them may be warm-up.
        """
        length_ms = round(calls / self.arrivals_per_hour * HOUR_MS)
        skills = sorted(set().union(*self.agents))
        rate = round(self.arrivals_per_hour * 1_000_000 / len(skills))
        tables = [unit_exponential(), constant(0), exponential(HANDLING_S * 1000)]
        if self.patience_s is not None:
            tables.append(exponential(round(self.patience_s * 1000)))
        scenario = CompiledScenario(
            format=1,
            name=self.name,
            seed=seed,
            start_ms=START_MS,
            length_ms=length_ms,
            warm_up_ms=round(warm_up * length_ms),
            distributions=tuple(tables),
            unit_exponential=0,
            classes=tuple(
                CompiledClass(
                    name=f"s{skill}",
                    dialled=Party(kind="e164", number=_number(skill)),
                    handling=2,
                    patience=None if self.patience_s is None else 3,
                    rates=((0, length_ms, rate),),
                )
                for skill in skills
            ),
            groups=(CompiledGroup(name="all", answer=1, connect=1),),
        )
        return encode_scenario(scenario)


def queueing_model(
    name: str, agents: int, load: float, patience_s: float | None = None
) -> Model:
    """
    Make M/M/c, or with patience Erlang's A: so many agents, load is calls x length / c.
    """
    per_hour = load * agents / HANDLING_S * 3600
    held = (frozenset({0}),) * agents
    return Model(name, held, per_hour, patience_s, _plan(held))


def five_skills(agents: int = 100, load: float = 0.9) -> Model:
    """
    Make the centre of five skills: each agent has one to three of them.
    """
    draw = random.Random(5)
    held = tuple(
        frozenset(draw.sample(range(SKILLS), 1 + agent % 3)) for agent in range(agents)
    )
    per_hour = load * agents / HANDLING_S * 3600
    return Model("five_skills", held, per_hour, None, _plan(held))


def large_centre(
    calls_a_day: int,
) -> tuple[bytes, Callable[[int], bytes]]:
    """
    Make a centre of a thousand agents, fifty tags and fifty queues.

    Agents hold three to eight tags, are rung for some seconds, miss three calls in a
    hundred and wrap up; callers come from six to ten, most of them in the morning, and
    hang up after three minutes on average.

    Returns:
        (plan, a scenario of so many days).
    """
    draw = random.Random(50)
    held = tuple(
        frozenset(draw.sample(range(LARGE_TAGS), 3 + agent % 6))
        for agent in range(LARGE_AGENTS)
    )
    plan = _plan(held, wrap_up_s=15)
    return plan, lambda days: _large_scenario(calls_a_day, days)


def _large_scenario(calls_a_day: int, days: int) -> bytes:
    weights = [0] * 6 + [3, 5, 8, 10, 11, 10, 9, 8, 8, 8, 7, 6, 5, 4, 3, 2, 0, 0]
    scale = calls_a_day * 1_000_000 / sum(weights) / LARGE_TAGS
    rates = tuple(
        (hour * HOUR_MS, (hour + 1) * HOUR_MS, round(weight * scale))
        for hour, weight in enumerate(weights)
    )
    return encode_scenario(
        CompiledScenario(
            format=1,
            name="large",
            seed=1,
            start_ms=START_MS,
            length_ms=days * 24 * HOUR_MS,
            distributions=(
                unit_exponential(),
                uniform(1_000, 8_000),
                constant(500),
                exponential(240_000),
                exponential(180_000),
            ),
            unit_exponential=0,
            classes=tuple(
                CompiledClass(
                    name=f"s{tag}",
                    dialled=Party(kind="e164", number=_number(tag)),
                    handling=3,
                    caller_prefix="+4420",
                    caller_digits=8,
                    patience=4,
                    rates=rates,
                    repeat_ms=24 * HOUR_MS,
                )
                for tag in range(LARGE_TAGS)
            ),
            groups=(
                CompiledGroup(name="all", answer=1, connect=2, answer_permille=970),
            ),
        )
    )


def _plan(held: tuple[frozenset[int], ...], wrap_up_s: int = 0) -> bytes:
    lines = ["[site]", 'name = "bench"']
    for skill in sorted(set().union(*held)):
        lines += [f"[queues.s{skill}]", f'needs = ["s{skill}"]']
        lines += [f"wrap_up_s = {wrap_up_s}"]
        lines += [f'[numbers."{_number(skill)}"]', f'queue = "s{skill}"']
    for agent, skills in enumerate(held):
        tags = ", ".join(f'"s{skill}"' for skill in sorted(skills))
        lines += [f"[agents.a{agent}]", f"tags = [{tags}]"]
    return parse_plan("\n".join(lines)).compiled


def _number(skill: int) -> str:
    return f"+1202555{skill:04}"
