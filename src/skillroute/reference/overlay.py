"""
The overlay: what was changed while running, on top of the plan (rule 15.1).

``site.base_plan`` is the plan as it was compiled, ``site.plan`` the same with the
overlay laid over it: whoever asks what an agent holds, or who serves a queue, sees
what holds now.  The overlay is state, so it is part of a snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ..plan.compiled import CompiledAgent, CompiledPlan, CompiledQueue
from .state import MemberOverlay, Overlay, TagsOverlay


def laid_over(plan: CompiledPlan, overlay: Overlay) -> CompiledPlan:
    """
    Return a plan with what was changed while running.
    """
    tags = {held.agent: held for held in overlay.tags}
    members: dict[str, dict[int, bool]] = {}
    for one in overlay.members:
        # All versions of a queue have its name.
        name = plan.queues[one.queue].name
        members.setdefault(name, {})[one.agent] = one.member
    if not tags and not members:
        return plan
    return msgspec.structs.replace(
        plan,
        agents=tuple(
            _with_tags(agent, tags.get(number))
            for number, agent in enumerate(plan.agents)
        ),
        queues=tuple(
            _with_members(queue, members.get(queue.name, {}), len(plan.agents))
            for queue in plan.queues
        ),
    )


def set_tags(overlay: Overlay, agent: int, held: TagsOverlay | None) -> None:
    """
    Change what an agent holds; None: what the plan says.
    """
    others = [other for other in overlay.tags if other.agent != agent]
    overlay.tags = sorted([*others, held] if held else others)


def set_member(overlay: Overlay, queue: int, agent: int, *, member: bool) -> None:
    """
    Put an agent into a queue, or take them out.
    """
    key = (queue, agent)
    others = [one for one in overlay.members if (one.queue, one.agent) != key]
    overlay.members = sorted([*others, MemberOverlay(queue, agent, member)])


def reset_members(overlay: Overlay, agent: int) -> None:
    """
    Let an agent serve the queues that the plan says.
    """
    overlay.members = [one for one in overlay.members if one.agent != agent]


def _with_tags(agent: CompiledAgent, held: TagsOverlay | None) -> CompiledAgent:
    if held is None:
        return agent
    return msgspec.structs.replace(agent, tags=held.tags, wildcard=held.wildcard)


def _with_members(
    queue: CompiledQueue, changes: Mapping[int, bool], agents: int
) -> CompiledQueue:
    """
    Change who serves a queue, in all its steps.
    """
    if not changes:
        return queue

    def changed(members: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if members is None and all(changes.values()):
            return None
        present = set(range(agents) if members is None else members)
        present |= {agent for agent, member in changes.items() if member}
        present -= {agent for agent, member in changes.items() if not member}
        return tuple(sorted(present))

    steps = tuple(
        msgspec.structs.replace(step, members=changed(step.members))
        for step in queue.steps
    )
    return msgspec.structs.replace(queue, members=changed(queue.members), steps=steps)
