"""
Who could serve whom by the rules, judged apart from the engines.

No test of eligibility or order is shared with one: what they agree on by a common
mistake would otherwise be found by nobody.
"""

from __future__ import annotations

from ..plan.compiled import CompiledPlan
from ..reference.state import Call, OfferPhase, Presence, Snapshot
from ..reference.timers import TimerKind
from .switches import is_agent_down
from .widths import turn_of

__all__ = ["Serving"]

_UNCONFIRMED = (OfferPhase.RINGING, OfferPhase.CONNECTING, OfferPhase.WITHDRAWN)
_LONGEST_WAITING, _HARDEST_FIRST = 1, 2


class Serving:
    """
    Agents, queues and tags of a site, asked about one call and one agent.

    Args:
        plan: The plan, with the overlay and what is kept of former ones.
        names: Of every tag, those that calls have brought along included.
    """

    def __init__(self, plan: CompiledPlan, names: tuple[str, ...]) -> None:
        self.plan = plan
        self._names = names
        self.levels = [dict(agent.tags) for agent in plan.agents]
        """By agent: the level of each tag held."""
        self.numbers = {agent.id: n for n, agent in enumerate(plan.agents)}
        """By id, the number of each agent."""
        self.names_other_calls = any(
            queue.line == _HARDEST_FIRST
            or any(place.priority != 1 for place in queue.placements)
            for queue in plan.queues
        )
        """Whether agents may compare calls otherwise than a common line would."""

    def may_take(self, after: Snapshot, call: Call, agent: int) -> bool:
        """
        Membership, tags, and the history of call and agent; not state.
        """
        waited_ms = (after.clock_ms or 0) - call.queue_since_ms
        lost, endpoints = after.agents[agent].lost, self.plan.agents[agent].endpoints
        unreachable = lost.bit_count() == len(endpoints) > 0 or any(
            timer.kind == TimerKind.RETRY_UNREACHABLE_ENDS and timer.subject == agent
            for timer in after.timers
        )
        open_for_it = any(
            offer.call == call.sequence
            and offer.agent == agent
            and offer.phase in _UNCONFIRMED
            for offer in after.offers
        )
        holder = turn_of(call)
        is_reached = holder == agent or (
            holder is None
            and self._serves(call, agent, call.step)
            and waited_ms >= self._place(call, agent)[1]
        )
        excluded = (*call.excluded, *self.plan.queues[call.queue].exclude)
        return (
            is_reached
            and agent not in excluded
            and not unreachable
            and not open_for_it
            and agent not in call.tried
            and agent not in call.declined
            and self._has_tags(call, agent, call.step)
        )

    def is_free(self, after: Snapshot, agent: int) -> bool:
        """
        Tell whether an agent is there and has a unit left.
        """
        state = after.agents[agent]
        left = self.plan.agents[agent].units - len(state.offers) - state.occupied
        return left > 0 and self.serves_now(after, agent)

    def serves_now(self, after: Snapshot, agent: int) -> bool:
        """
        Tell whether an agent is there and can be reached over a host.
        """
        is_down = is_agent_down(self.plan, after, agent)
        return self.is_there(after, agent) and not is_down

    def is_there(self, after: Snapshot, agent: int) -> bool:
        """
        Tell whether an agent is available and on shift.
        """
        return after.agents[agent].presence == 0 and self._is_on_shift(after, agent)

    def could_serve(self, after: Snapshot, call: Call, agent: int) -> bool:
        """
        Tell whether an agent is logged in and on shift, and serves the call's queue
        from some step on.
        """
        queue = self.plan.queues[call.queue]
        return (
            after.agents[agent].presence != Presence.LOGGED_OUT
            and self._is_on_shift(after, agent)
            and agent not in queue.exclude
            and any(
                self._serves(call, agent, step) and self._has_tags(call, agent, step)
                for step in range(len(queue.steps) + 1)
            )
        )

    def _is_on_shift(self, after: Snapshot, agent: int) -> bool:
        schedule = self.plan.agents[agent].schedule
        return schedule is None or after.schedules_open[schedule]

    def strategy(self, call: Call) -> int:
        """
        Return the strategy of a call's queue in its present step.
        """
        queue = self.plan.queues[call.queue]
        return queue.steps[call.step - 1].strategy if call.step else queue.strategy

    def _serves(self, call: Call, agent: int, step: int) -> bool:
        """
        Tell whether an agent is a member of the call's queue from a step on.
        """
        queue = self.plan.queues[call.queue]
        members = queue.steps[step - 1].members if step else queue.members
        return members is None or agent in members

    def _place(self, call: Call, agent: int) -> tuple[int, int]:
        """
        Return an agent's priority and delay for the call's queue.
        """
        for place in self.plan.queues[call.queue].placements:
            if place.agent == agent:
                return (place.priority, place.delay_ms)
        return (1, 0)

    def queue_key(self, after: Snapshot, call: Call) -> tuple[int, int, int]:
        """
        Return the place of a call in its queue's order (rules 8.2, 8.3).
        """
        queue = self.plan.queues[call.queue]
        first = 0
        if queue.line == _HARDEST_FIRST:
            first = sum(
                state.presence != Presence.LOGGED_OUT
                and self._is_on_shift(after, agent)
                and self._serves(call, agent, call.step)
                and self._has_tags(call, agent, call.step)
                for agent, state in enumerate(after.agents)
            )
        elif queue.line != _LONGEST_WAITING:
            raised = queue.steps[call.step - 1].raise_priority if call.step else 0
            waited_ms = (after.clock_ms or 0) - call.line_since_ms
            aged = min(waited_ms * queue.aging_milli // 60_000, queue.aging_cap * 1000)
            first = -1000 * (call.priority + raised) - aged
        return (first, call.line_since_ms, call.sequence)

    def required(self, call: Call, step: int) -> tuple[dict[int, int], list[set[int]]]:
        """
        Return the levels and the groups that are asked from a step on (rule 9.2).
        """
        needs = call.needs
        required = {need.tags[0]: need.value for need in needs.required}
        groups = [set(need.tags) for need in needs.any_of]
        if step == 0:
            return required, groups
        changed = self.plan.queues[call.queue].steps[step - 1]
        fixed = set(self.plan.settings.never_relax)
        fixed_here = fixed | {n.tags[0] for n in needs.required if n.never_relax}
        lower = dict(changed.lower)

        def is_dropped(tag: int, kept: set[int]) -> bool:
            category = self._names[tag].split(":")[0]
            named = tag in changed.drop or category in changed.drop_categories
            return named and tag not in kept

        return (
            {
                tag: level if tag in fixed_here else min(level, lower.get(tag, level))
                for tag, level in required.items()
                if not is_dropped(tag, fixed_here)
            },
            [group for group in groups if not any(is_dropped(t, fixed) for t in group)],
        )

    def earliest(self, call: Call, agent: int) -> int:
        """
        Return the first step that let an agent in; all alike if steps are merged.
        """
        if self.plan.queues[call.queue].merge_steps:
            return 0
        steps = range(call.step + 1)
        fits = (
            self._serves(call, agent, s) and self._has_tags(call, agent, s)
            for s in steps
        )
        return next((step for step, fit in enumerate(fits) if fit), call.step)

    def _has_tags(self, call: Call, agent: int, step: int) -> bool:
        held = self.levels[agent]
        wildcard = self.plan.agents[agent].wildcard
        required, groups = self.required(call, step)
        for need in call.needs.forbidden:
            if need.tags[0] in held or (wildcard and need.tags[0] in required):
                return False
        if wildcard:
            return True
        steps = self.plan.queues[call.queue].steps[:step]
        granted = {tag for s in steps for tag, agents in s.grants if agent in agents}
        enough = all(
            held.get(tag, 0) >= level or tag in granted
            for tag, level in required.items()
        )
        return enough and all(group & {*held, *granted} for group in groups)

    def is_narrower(self, call: Call, agent: int, than: int) -> bool:
        """
        Tell whether an agent has a proper subset of another's counted tags, all
        that counts before being equal.
        """
        plan = self.plan
        if plan.agents[agent].wildcard and not plan.agents[than].wildcard:
            return False
        if self.earliest(call, agent) > self.earliest(call, than):
            return False
        if self.preference(call, agent) != self.preference(call, than):
            return False
        return self._counted(agent) < self._counted(than)

    def preference(self, call: Call, agent: int) -> int:
        """
        Return the weight of what a call prefers and an agent has.
        """
        held = self.levels[agent]
        weights = {need.tags[0]: need.value for need in call.needs.preferred}
        if call.step:
            required, _ = self.required(call, call.step)
            step = self.plan.queues[call.queue].steps[call.step - 1]
            for tag, weight in step.prefer:
                if tag not in required:
                    weights[tag] = weights.get(tag, 0) + weight
        return sum(weight for tag, weight in weights.items() if tag in held)

    def _counted(self, agent: int) -> set[int]:
        names = self._names
        uncounted = self.plan.uncounted
        held = self.levels[agent]
        return {tag for tag in held if names[tag].split(":")[0] not in uncounted}
