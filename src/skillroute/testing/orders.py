"""
Strategies, judged from the outside: who was chosen though somebody else goes first.

Each judge has its own short code and its own memory; what a day's counters decide is
left to the comparison of engines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ..actions import OfferCall
from ..plan.compiled import STRATEGIES, CompiledPlan
from ..reference.state import Call, Snapshot

__all__ = ["Orders"]


class Orders:
    """
    The strategies of a site that can be judged by one event.
    """

    def __init__(self, plan: CompiledPlan) -> None:
        self._agents = {agent.id: number for number, agent in enumerate(plan.agents)}
        self._queues = {queue.name: number for number, queue in enumerate(plan.queues)}
        self._offered: dict[tuple[int, int], int] = {}
        """(queue, agent) to the number of the last offer that was no assignment."""

    def note(self, action: OfferCall) -> None:
        """
        Remember an offer after it was judged.
        """
        place = (self._queues[action.queue], self._agents[action.agent])
        self._offered[place] = action.offer

    def judge(
        self,
        after: Snapshot,
        call: Call,
        strategy: int,
        levels: Sequence[Mapping[int, int]],
        required: Iterable[int],
    ) -> Callable[[int], int] | None:
        """
        Say what a strategy compares agents by.

        Args:
            after: The state after the choice.
            call: The call.
            strategy: Index into ``STRATEGIES``.
            levels: Of each agent the level of each tag held.
            required: The tags that the call requires.

        Returns:
            What to call with an agent, the smaller goes first; None: the strategy is
            not judged here.
        """
        match STRATEGIES[strategy]:
            case "round_robin":
                return lambda agent: self._offered.get((call.queue, agent), 0)
            case "in_order":
                return lambda agent: agent
            case "fewest_open_cases":
                return lambda agent: after.agents[agent].open_cases
            case "highest_level":
                return lambda agent: -sum(levels[agent].get(t, 0) for t in required)
            case _:
                return None
