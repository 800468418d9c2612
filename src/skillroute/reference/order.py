"""
Order: the sort keys that put the eligible agents of a call in order.

Keys are compared as a tuple, the smaller first, and are never packed into one
number.  Agent order comes last, so the order is total and depends on nothing
but the keys (rule 6.5).
"""

from __future__ import annotations

from . import steps
from .site import Site
from .state import Call

KEY_NAMES = {
    "most_specific": (
        "step",
        "preferred",
        "wildcard",
        "tags",
        "handled",
        "idle_since_ms",
        "agent_order",
    ),
    "longest_idle": ("step", "preferred", "handled", "idle_since_ms", "agent_order"),
}
"""Names of the keys of each strategy, in their order."""


def sort_keys(site: Site, call: Call, agent: int, strategy: str) -> tuple[int, ...]:
    """
    Return the keys of an agent for a call, in the order of ``KEY_NAMES``.
    """
    front: tuple[int, ...] = (
        step_key(site, call, agent),
        -preferred_weight(site, call, agent),
    )
    if strategy == "most_specific":
        wildcard = int(site.agent_plan(agent).wildcard)
        front = (*front, wildcard, counted_tags(site, agent))
    return (*front, *_idle_keys(site, agent), agent)


def step_key(site: Site, call: Call, agent: int) -> int:
    """
    Return the earliest step that let an agent in (rules 6.1, 18.11).

    Of agents whom no step has let in it is the step in force.
    """
    if site.queue_of(call).merge_steps or call.step == 0:
        return 0
    earliest = steps.earliest(site, call, agent)
    return call.step if earliest is None else min(earliest, call.step)


def preferred_weight(site: Site, call: Call, agent: int) -> int:
    """
    Add up the weights of the preferred tags that an agent holds by name.
    """
    levels = site.levels[agent]
    preferred = steps.needs(site, call, call.step).preferred
    return sum(need.value for need in preferred if need.tags[0] in levels)


def counted_tags(site: Site, agent: int) -> int:
    """
    Count an agent's distinct tags, but for categories that do not count.
    """
    return sum(
        site.tag_name(tag).partition(":")[0] not in site.plan.uncounted
        for tag in site.levels[agent]
    )


def _idle_keys(site: Site, agent: int) -> tuple[int, int]:
    """
    Agents without a handled call come first, by log-in time (rule 4.6).
    """
    state = site.agents[agent]
    if state.handled_ms is None:
        return (0, state.login_ms)
    return (1, state.handled_ms)
