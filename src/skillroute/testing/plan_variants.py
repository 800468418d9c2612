"""
Other plans for a small random site, under which it may go on.

Agents, queues, schedules, numbers and boxes have the same few names everywhere, so that
some come, some go, and some stay as they were or change.
"""

from __future__ import annotations

import random

import msgspec

from ..plan.compiled import CompiledEnd, CompiledPlan, CompiledQueue

__all__ = ["other_tags", "permuted", "reordered"]

_QUEUE = 2
"""Kind of an end that leads to a queue."""
_OTHER_TAGS = ("dept:sales", "geo:spb", "lang:de", "lang:fr", "lang:pl", "skill:y")


def other_tags(plan: CompiledPlan) -> CompiledPlan:
    """
    Return a plan in which every number of a tag, and the only box, means another one.
    """
    boxes = (msgspec.structs.replace(plan.boxes[0], name="desk", greeting="hi"),)
    return msgspec.structs.replace(plan, tags=_OTHER_TAGS, boxes=boxes)


def reordered(draw: random.Random, plan: CompiledPlan) -> CompiledPlan:
    """
    Return a plan with its agents in another order; some are gone.
    """
    order = list(range(len(plan.agents)))
    if draw.random() < 0.7:
        draw.shuffle(order)
    order = order[: max(1, len(order) - draw.choice((0, 0, 1, 1, 2, 5)))]
    places = {agent: place for place, agent in enumerate(order)}
    return msgspec.structs.replace(
        plan,
        agents=tuple(plan.agents[agent] for agent in order),
        queues=tuple(_renumbered(queue, places) for queue in plan.queues),
        numbers=tuple(
            msgspec.structs.replace(
                number,
                prefer_agents=tuple(
                    places[agent] for agent in number.prefer_agents if agent in places
                ),
            )
            for number in plan.numbers
        ),
    )


def permuted(draw: random.Random, plan: CompiledPlan) -> CompiledPlan:
    """
    Return the same plan with queues and numbers written in another order.
    """
    order = list(range(len(plan.queues)))
    draw.shuffle(order)
    places = {queue: place for place, queue in enumerate(order)}
    numbers = [
        msgspec.structs.replace(number, queue=places[number.queue])
        for number in plan.numbers
    ]
    draw.shuffle(numbers)
    return msgspec.structs.replace(
        plan,
        queues=tuple(_redirected(plan.queues[queue], places) for queue in order),
        numbers=tuple(numbers),
    )


def _redirected(queue: CompiledQueue, places: dict[int, int]) -> CompiledQueue:
    """
    Return a queue that leads to the same queues, whose numbers are others.
    """

    def end(old: CompiledEnd) -> CompiledEnd:
        if old.kind != _QUEUE:
            return old
        return msgspec.structs.replace(old, target=places[old.target])

    limits = msgspec.structs.replace(
        queue.limits,
        overflow_on=tuple((limit, end(to)) for limit, to in queue.limits.overflow_on),
        digits=tuple((digit, end(to)) for digit, to in queue.limits.digits),
    )
    return msgspec.structs.replace(queue, overflow=end(queue.overflow), limits=limits)


def _renumbered(queue: CompiledQueue, places: dict[int, int]) -> CompiledQueue:
    def members(agents: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if agents is None:
            return None
        return tuple(sorted(places[agent] for agent in agents if agent in places))

    placements = [
        msgspec.structs.replace(place, agent=places[place.agent])
        for place in queue.placements
        if place.agent in places
    ]
    return msgspec.structs.replace(
        queue,
        members=members(queue.members),
        exclude=members(queue.exclude) or (),
        placements=tuple(sorted(placements, key=lambda place: place.agent)),
        steps=tuple(
            msgspec.structs.replace(
                step,
                members=members(step.members),
                grants=tuple(
                    (tag, members(agents) or ()) for tag, agents in step.grants
                ),
            )
            for step in queue.steps
        ),
    )
