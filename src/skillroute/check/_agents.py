"""
Lints of agents: those whom no call reaches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ..plan import WILDCARD, agents_rung, category_of, parse_held, suggest
from ._asked import Asked, asked_of, relaxed
from ._lint import Lint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..plan import Fault
    from ..plan.model import RawNumber
    from ._survey import Survey

__all__ = ["LINTS", "find"]

AGENT_UNREACHABLE = Lint(
    code="agent_unreachable",
    severity="warning",
    meaning="An agent can take the calls of no queue.",
    remedy="Compare their tags with the needs of the queues that they serve.",
)
AGENT_NOT_ASKED_FOR = Lint(
    code="agent_not_asked_for",
    severity="note",
    meaning="An agent gets only calls that bring needs of their own.",
    remedy="If no calls bring any, add a number that asks for what the agent can do.",
)
DELAY_NEVER_OVER = Lint(
    code="delay_never_over",
    severity="warning",
    meaning="A delay of agents is as long as calls wait, so they get none.",
    remedy="Make `delay_s` shorter than `max_wait_s`.",
)

PREFERRED_EXCLUDED = Lint(
    code="preferred_excluded",
    severity="warning",
    meaning="A number prefers an agent whom its queue excludes, so they get no call.",
    remedy="Take the agent out of `prefer_agents` or of `exclude`.",
)

LINTS = (
    AGENT_UNREACHABLE,
    AGENT_NOT_ASKED_FOR,
    DELAY_NEVER_OVER,
    PREFERRED_EXCLUDED,
)

# A plan that reaches nobody would be searched for misspelt tags all day.
_SUGGESTIONS_MAX = 100


def find(survey: Survey) -> Iterable[Fault]:
    """
    Find agents who can take no call of any queue.
    """
    yield from _delays(survey)
    yield from _preferred(survey)
    if survey.raw.queues and survey.agents:
        reached = _reached(survey)
        by_calls = set(survey.ids(_reached_by_needs_of_calls(survey) & ~reached))
        for count, agent in enumerate(survey.ids(survey.everybody & ~reached)):
            hint = _misspelt(survey, agent) if count < _SUGGESTIONS_MAX else ""
            others = agent in by_calls and not hint
            yield _idle(agent, hint, others=others and _can_more(survey, agent))


def _idle(agent: str, hint: str, *, others: bool) -> Fault:
    if others:
        return AGENT_NOT_ASKED_FOR.at(
            ("agents", agent),
            f"{agent!r} gets only calls that bring needs of their own",
            "no number asks for what they can do; add one, or change their tags",
        )
    return AGENT_UNREACHABLE.at(
        ("agents", agent),
        f"{agent!r} can take the calls of no queue",
        hint or "compare their tags with the needs of the queues they serve",
    )


def _reached(survey: Survey) -> int:
    """
    Return who can take some calls.

    A queue or number that nobody can serve is the fault, not those who serve it.
    """
    found = sum(1 << survey.bits[agent] for agent in agents_rung(survey.raw))
    for number in survey.raw.numbers.values():
        found |= survey.named(number.prefer_agents, ())
    entered = {entry.queue for entry in survey.entries}
    for name in survey.raw.queues:
        if name not in entered or not survey.able[name]:
            found |= survey.able[name] or survey.members[name]
    for entry in survey.entries:
        found |= entry.able or survey.able[entry.queue]
    return found


def _reached_by_needs_of_calls(survey: Survey) -> int:
    """
    Return who could take calls that bring another tag of a ``single`` category.
    """
    found = 0
    for entry in survey.entries:
        number = survey.raw.numbers[entry.number]
        asked = _without_single(survey, entry.queue, number)
        if asked is not None:
            found |= survey.passing(asked) & survey.members[entry.queue]
    return found


def _without_single(survey: Survey, name: str, number: RawNumber) -> Asked | None:
    """
    Return what remains if a call brings its own tags; None: that makes no difference.
    """
    raw = survey.raw
    queue = raw.queues[name]
    asked = relaxed(asked_of(raw, queue, number), queue.steps)
    required = {
        tag: need
        for tag, need in asked.required.items()
        if category_of(tag) not in raw.site.single
    }
    if len(required) == len(asked.required):
        return None
    return msgspec.structs.replace(asked, required=required)


def _misspelt(survey: Survey, agent: str) -> str:
    """
    Return a suggestion for a tag of an agent that nothing asks for.
    """
    for tag in _unasked(survey, agent):
        category, _, value = tag.partition(":")
        alike = (asked.partition(":") for asked in survey.asked_tags)
        close = suggest(value, {other for kind, _, other in alike if kind == category})
        if close.startswith("did"):
            meant = close.replace("'", f"'{category}:", 1)
            return f"nothing asks for their tag {tag!r}; {meant}"
    return ""


def _can_more(survey: Survey, agent: str) -> bool:
    """
    Tell whether an agent holds another tag of a ``single`` category.
    """
    single = survey.raw.site.single
    return any(category_of(tag) in single for tag in _unasked(survey, agent))


def _unasked(survey: Survey, agent: str) -> list[str]:
    """
    Return an agent's tags that nothing in the plan asks for.
    """
    texts = survey.raw.agents[agent].tags
    tags = (parse_held(text)[0] for text in texts if text != WILDCARD)
    return [tag for tag in tags if tag not in survey.asked_tags]


def _preferred(survey: Survey) -> Iterable[Fault]:
    for text, number in survey.raw.numbers.items():
        excluded = survey.raw.queues[number.queue].exclude
        for index, agent in enumerate(number.prefer_agents):
            if agent in excluded:
                yield PREFERRED_EXCLUDED.at(
                    ("numbers", text, "prefer_agents", index),
                    f"{agent!r} is preferred here, and excluded by the queue"
                    f" {number.queue!r}",
                    "take them out of one of the two lists",
                )


def _delays(survey: Survey) -> Iterable[Fault]:
    for name, queue in survey.raw.queues.items():
        for index, members in enumerate(queue.members):
            if queue.max_wait_s is not None and members.delay_s >= queue.max_wait_s:
                yield DELAY_NEVER_OVER.at(
                    ("queues", name, "members", index, "delay_s"),
                    "these agents get no call: calls leave the queue after"
                    f" {queue.max_wait_s:g} s",
                    f"write less than {queue.max_wait_s:g}, or a longer max_wait_s",
                )
