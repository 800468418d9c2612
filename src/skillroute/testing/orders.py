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
        self._offered: dict[tuple[str, str], int] = {}
        """(queue, agent) to the number of the last offer that was no assignment."""
        self._is_reloaded = False
        self.know(plan)

    def know(self, plan: CompiledPlan) -> None:
        """
        Look up agents and queues in a plan.
        """
        self._agents = [agent.id for agent in plan.agents]
        self._queues = [queue.name for queue in plan.queues]

    def reload(self, after: Snapshot) -> None:
        """
        Go on with what the engine remembers after a reload: who is gone and comes back,
        and queues that go round only since, begin anew.
        """
        self._is_reloaded = True
        self._offered = {
            (self._queues[queue], id): offer
            for id, state in zip(self._agents, after.agents, strict=True)
            for queue, offer in state.last_offers
        }

    def note(self, action: OfferCall) -> None:
        """
        Remember an offer after it was judged.
        """
        self._offered[action.queue, action.agent] = action.offer

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
                if self._is_reloaded:
                    return None
                queue = self._queues[call.queue]
                return lambda agent: self._offered.get((queue, self._agents[agent]), 0)
            case "in_order":
                return lambda agent: agent
            case "fewest_open_cases":
                return lambda agent: after.agents[agent].open_cases
            case "highest_level":
                return lambda agent: -sum(levels[agent].get(t, 0) for t in required)
            case _:
                return None
