"""
Order: what puts the eligible agents of a call in order.

First comes the earliest step that let an agent in, then the summed weight of the
preferred tags that they hold, more first; then the keys of the strategy
(``strategies.py``); agent order last (rule 6.1).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property

from ..plan.compiled import STRATEGIES as NAMES
from . import ringing, steps, strategies, tallies
from .site import Site
from .state import Call
from .strategies import STRATEGIES, Draw

_FRONT = ("step", "preferred")
_IDLE = ("handled", "idle_since_ms")
_MILLION = 10**6


def strategy(site: Site, call: Call) -> str:
    """
    Return the name of the strategy that is in force for a call.
    """
    return NAMES[steps.strategy(site, call)]


def arranged(site: Site, call: Call, agents: Iterable[int]) -> list[int]:
    """
    Put the eligible agents of a call in order, the first choice first.
    """
    candidates: dict[int, tuple[tuple[int, ...], strategies.Candidate]] = {
        agent: (_front(site, call, agent), _Candidate(site, call, agent))
        for agent in agents
    }
    return strategies.arranged(strategy(site, call), candidates, _draw(site, call))


def key_names(site: Site, call: Call) -> tuple[str, ...]:
    """
    Name what ``shown_keys`` returns.
    """
    rule = STRATEGIES[strategy(site, call)]
    idle = _IDLE if rule.by_idle else ()
    return (*_FRONT, *rule.names, *idle, "agent_order")


def shown_keys(site: Site, call: Call, agent: int, rank: int | None) -> tuple[int, ...]:
    """
    Return the keys of an agent for a call, in the order of their names.

    A ratio is shown in millionths, rounded down; the number of a draw by weight is
    the agent's rank, 0 if they do not take part.
    """
    candidate = _Candidate(site, call, agent)
    own: strategies.Key = (rank or 0,)
    if (name := strategy(site, call)) != "weighted_random":
        own = strategies.keys(name, agent, candidate, _draw(site, call))
    return (*_front(site, call, agent), *map(_whole, own), agent)


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


def _front(site: Site, call: Call, agent: int) -> tuple[int, int]:
    return (step_key(site, call, agent), -preferred_weight(site, call, agent))


def _draw(site: Site, call: Call) -> Draw:
    """
    Return what the next offer is drawn by; while none would be made, the last one.
    """
    offer = call.offers_made + ringing.wants_offer(site, call)
    return Draw(site.plan.settings.seed, call.sequence, offer)


def _whole(key: int | Fraction) -> int:
    return key * _MILLION // 1 if isinstance(key, Fraction) else int(key)


class _Candidate:
    """
    An agent, and what the keys ask about.
    """

    def __init__(self, site: Site, call: Call, agent: int) -> None:
        self._site = site
        self._needs = steps.needs(site, call, call.step)
        self._held = site.levels[agent]
        state, plan = site.agents[agent], site.agent_plan(agent)
        self.wildcard = plan.wildcard
        self.weight = plan.weight
        self.open_cases = state.open_cases
        today = tallies.tally(site, agent)
        self.calls = today.calls
        self.talk_ms = today.talk_ms
        self.wrap_up_ms = today.wrap_up_ms
        self.logged_in_ms = today.logged_in_ms
        self.last_offer = dict(state.last_offers).get(site.lines[call.queue], 0)
        # Agents without a handled call come first, by log-in time (rule 4.6).
        known_ms = state.handled_ms
        self.idle = (0, state.login_ms) if known_ms is None else (1, known_ms)

    @cached_property
    def tags(self) -> int:
        return len(self._counted())

    @cached_property
    def extra(self) -> tuple[int, ...]:
        parts = (self._needs.required, self._needs.preferred, self._needs.any_of)
        asked = {tag for part in parts for need in part for tag in need.tags}
        costs = dict(self._site.demand.costs)
        return tuple(costs.get(tag, 0) for tag in self._counted() if tag not in asked)

    @cached_property
    def levels(self) -> int:
        return sum(self._held.get(need.tags[0], 0) for need in self._needs.required)

    def _counted(self) -> list[int]:
        """
        List the tags held, but for categories that do not count.
        """
        site = self._site
        return [
            tag
            for tag in self._held
            if site.tag_name(tag).partition(":")[0] not in site.plan.uncounted
        ]
