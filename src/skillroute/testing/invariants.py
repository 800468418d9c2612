"""
What must hold after every event (chapter 17 of the rules), checked from the outside.

The checker sees the compiled plan, the snapshots and the orders, and judges
them with its own short code: it shares no test of eligibility or order with an
engine.  ``Ledger.check`` returns what is broken, in words; empty is good.
"""

from __future__ import annotations

import msgspec

from ..actions import (
    Action,
    CancelOffer,
    OfferCall,
    PauseAgent,
    RecordAssignment,
    RecordOutcome,
    StartWaiting,
)
from ..plan.compiled import CompiledPlan
from ..reference.kept import joined
from ..reference.overlay import laid_over
from ..reference.state import Call, CallPhase, OfferPhase, Presence, Snapshot
from ..reference.timers import Timer, TimerKind
from .announcements import Announcements
from .orders import Orders
from .switches import are_all_up, is_agent_down, is_up
from .visits import Visits
from .widths import turn_of, wants_offer, width, width_max

__all__ = ["Ledger"]

_SNAPSHOT = msgspec.msgpack.Decoder(Snapshot)
_UNCONFIRMED = (OfferPhase.RINGING, OfferPhase.CONNECTING, OfferPhase.WITHDRAWN)
_PHASE_TIMER = {
    OfferPhase.RINGING: TimerKind.RING_ENDS,
    OfferPhase.CONNECTING: TimerKind.CONNECT_LEASE_ENDS,
    OfferPhase.WRAP_UP: TimerKind.WRAP_UP_ENDS,
    OfferPhase.WITHDRAWN: TimerKind.CANCEL_GRACE_ENDS,
}
_CALL_TIMERS = (
    TimerKind.DECLINE_ENDS,
    TimerKind.TRIED_SET_EMPTIED,
    TimerKind.STEP_BEGINS,
    TimerKind.DELAY_ENDS,
    TimerKind.RING_WIDENS,
    TimerKind.PREFERRED_TURN_ENDS,
    TimerKind.MAX_WAIT_ENDS,
    TimerKind.ANNOUNCEMENT_DUE,
)
_LONGEST_WAITING, _HARDEST_FIRST = 1, 2
_OUTCOMES = {
    "answered",
    "abandoned",
    "voicemail",
    "forwarded",
    "overflowed",
    "hung_up",
    "failed",
}


class Ledger:
    """
    The books of one site: what arrived, what ended, who was offered what.
    """

    def __init__(self, plan: CompiledPlan) -> None:
        self._base = plan
        self._plan = plan
        self._overlaid = True
        self._beyond: dict[str, int] = {}
        """By agent: calls beyond the capacity that a reload has left them."""
        self._reloaded = False
        self._old_offers = 0
        """How many offers were made when the plan was reloaded last."""
        self._before: Snapshot | None = None
        self._offered_ms: dict[tuple[str, str], int] = {}
        self._emptied_ms: dict[int, int] = {}
        self._visits = Visits()
        self._announcements = Announcements()
        self._orders = Orders(plan)
        self._outcomes = 0
        self._know(plan)

    def _know(self, plan: CompiledPlan) -> None:
        """
        Look everything up in a plan: with the overlay, and what is kept of former ones.
        """
        self._plan = plan
        self._names: tuple[str, ...] = plan.tags
        self._levels = [dict(agent.tags) for agent in plan.agents]
        self._agent_numbers = {a.id: n for n, a in enumerate(plan.agents)}
        self._names_other_calls = any(
            queue.line == _HARDEST_FIRST
            or any(place.priority != 1 for place in queue.placements)
            for queue in plan.queues
        )

    def reload(self, plan: CompiledPlan) -> None:
        """
        Judge by another plan from the next ``check`` on.
        """
        self._base = plan
        self._reloaded = True

    def _note_reload(self, after: Snapshot) -> None:
        """
        Remember what stands from before a reload, though it could not be begun now.
        """
        self._beyond = {
            plan.id: len(state.offers)
            for plan, state in zip(self._plan.agents, after.agents, strict=True)
            if len(state.offers) > plan.units
        }
        self._old_offers = after.offer_sequence
        for pair in [p for p in self._offered_ms if p[1] not in self._agent_numbers]:
            del self._offered_ms[pair]

    def check(self, snapshot: bytes, actions: tuple[Action, ...]) -> list[str]:
        """
        Check one event.

        Args:
            snapshot: The state after it.
            actions: The orders it and its timers gave.

        Returns:
            What is broken; empty: nothing.
        """
        after = _SNAPSHOT.decode(snapshot)
        before = self._before
        is_same = before and (before.overlay, before.kept) == (
            after.overlay,
            after.kept,
        )
        self._overlaid = self._reloaded or not is_same
        if self._overlaid:
            self._know(laid_over(joined(self._base, after.kept), after.overlay))
        self._names = (*self._base.tags, *after.extra_tags)
        self._orders.know(self._plan)
        if self._reloaded:
            self._note_reload(after)
            self._orders.reload(after)
            self._reloaded = False
        broken = [
            *self._conservation(after, actions),
            *self._capacity(after),
            *self._widths(after, actions),
            *self._deadlines(after),
            *self._rest(after),
            *self._held(after),
            *self._overtaking(after, actions),
            *self._specificity(after, actions),
            *self._orders_kept(after, actions),
            *self._rounds_kept(after, actions),
            *self._visits.check(actions),
            *self._announcements.check(self._plan, after, actions),
            *self._pauses(after, actions),
            *self._devices(after),
        ]
        self._before = after
        return broken

    def _conservation(self, after: Snapshot, actions: tuple[Action, ...]) -> list[str]:
        """
        Rule 17.1: what arrived is in progress or has ended, exactly once.
        """
        broken = []
        live = {call.id for call in after.calls}
        for action in actions:
            if not isinstance(action, RecordOutcome):
                continue
            self._outcomes += 1
            if action.outcome.partition(":")[0] not in _OUTCOMES:
                broken.append(f"17.1: outcome {action.outcome} of {action.call}")
            if action.call in live:
                broken.append(f"17.1: {action.call} has an outcome and goes on")
        if after.call_sequence != len(after.calls) + self._outcomes:
            broken.append(
                f"17.1: {after.call_sequence} arrived, {len(after.calls)} in"
                f" progress, {self._outcomes} ended"
            )
        return broken

    def _capacity(self, after: Snapshot) -> list[str]:
        """
        Rule 17.2: nobody holds more than their capacity; no call has two winners, or
        rings more agents than it may.
        """
        broken = []
        by_agent: dict[int, list[int]] = {n: [] for n in range(len(after.agents))}
        active: dict[int, list[int]] = {}
        for offer in after.offers:
            by_agent[offer.agent].append(offer.id)
            if offer.phase in (
                OfferPhase.RINGING,
                OfferPhase.CONNECTING,
                OfferPhase.CONNECTED,
            ):
                active.setdefault(offer.call, []).append(offer.id)
        for number, agent in enumerate(after.agents):
            plan = self._plan.agents[number]
            beyond = self._beyond.get(plan.id, 0)
            if beyond:
                self._beyond[plan.id] = min(beyond, len(agent.offers))
            if len(agent.offers) > max(plan.units, beyond):
                broken.append(f"17.2: {plan.id} holds {len(agent.offers)}")
            if agent.offers != by_agent[number]:
                broken.append(f"17.2: {plan.id} and the offers disagree")
        for call in after.calls:
            most = {
                CallPhase.RINGING: width_max(self._plan, call),
                CallPhase.CONNECTING: 1,
                CallPhase.CONNECTED: 1,
            }.get(CallPhase(call.phase), 0)
            if call.offers != active.get(call.sequence, []):
                broken.append(f"17.2: {call.id} and its offers disagree")
            if not min(most, 1) <= len(call.offers) <= most:
                broken.append(f"17.2: {call.id} has {len(call.offers)} offers")
        return broken

    def _widths(self, after: Snapshot, actions: tuple[Action, ...]) -> list[str]:
        """
        Rule 6.4: no offer is made beyond a call's width.
        """
        by_offer = {id: call for call in after.calls for id in call.offers}
        offered = (
            by_offer.get(action.offer) for action in _offers_at_rest(after, actions)
        )
        return [
            f"6.4: {call.id} rings {len(call.offers)}"
            for call in offered
            if call is not None and len(call.offers) > width(self._plan, call, after)
        ]

    def _deadlines(self, after: Snapshot) -> list[str]:
        """
        Rules 17.3, 17.12: every phase that must end has its timer, none is overdue,
        and no timer is about something that is gone.
        """
        broken = []
        timers = {(timer.kind, timer.subject): timer for timer in after.timers}
        needed = {
            (int(_PHASE_TIMER[OfferPhase(offer.phase)]), offer.id)
            for offer in after.offers
            if offer.phase != OfferPhase.CONNECTED
        } - self._waiting_for_hosts(after, timers)
        of_offers = {key for key in timers if key[0] in map(int, _PHASE_TIMER.values())}
        if needed != of_offers:
            broken.append(f"17.3: timers of offers differ: {needed ^ of_offers}")
        now_ms = after.clock_ms or 0
        broken += [
            f"17.12: overdue {t}" for t in after.timers if t.deadline_ms <= now_ms
        ]
        live = {call.sequence: call for call in after.calls}
        broken += [
            f"17.12: timer {kind} of a call that is not in line"
            for kind, subject in timers
            if kind in _CALL_TIMERS
            and (subject not in live or live[subject].phase > CallPhase.CONNECTING)
        ]
        for call in after.calls:
            key = (int(TimerKind.TRIED_SET_EMPTIED), call.sequence)
            if call.round_ended != (key in timers):
                broken.append(f"17.12: {call.id} waits for a round that never comes")
            if bool(call.declines) != (
                (int(TimerKind.DECLINE_ENDS), call.sequence) in timers
            ):
                broken.append(f"17.12: {call.id} was declined and that never ends")
        return broken

    def _waiting_for_hosts(
        self, after: Snapshot, timers: dict[tuple[int, int], Timer]
    ) -> set[tuple[int, int]]:
        """
        Rule 18.4: a lost host's joins have no lease, its withdrawn rings no grace.
        """
        if are_all_up(after):
            return set()
        held = {call.sequence for call in after.calls if not is_up(after, call.host)}
        found = {
            (int(_PHASE_TIMER[OfferPhase.CONNECTING]), offer.id)
            for offer in after.offers
            if offer.phase == OfferPhase.CONNECTING and offer.call in held
        }
        found |= {
            (int(_PHASE_TIMER[OfferPhase.WITHDRAWN]), offer.id)
            for offer in after.offers
            if offer.phase == OfferPhase.WITHDRAWN
        }
        return found - timers.keys()

    def _rest(self, after: Snapshot) -> list[str]:
        """
        Rule 17.4: no call waits while somebody free could take it.
        """
        return [
            f"17.4: {call.id} waits, {self._plan.agents[agent].id} could take it"
            for call in after.calls
            if wants_offer(self._plan, call, after)
            for agent in range(len(after.agents))
            if self._is_free(after, agent) and self._may_take(after, call, agent)
        ]

    def _held(self, after: Snapshot) -> list[str]:
        """
        Rule 17.4: a call is held only for an agent who lacks nothing but a unit.
        """
        return [
            f"17.4: {call.id} is held for {self._plan.agents[agent].id} in vain"
            for call in after.calls
            if is_up(after, call.host)
            if call.phase == CallPhase.WAITING
            for agent in [turn_of(call)]
            if agent is not None
            and not (
                call.preferred[call.turn][1] > 0
                and self._serves_now(after, agent)
                and self._may_take(after, call, agent)
                and not self._is_free(after, agent)
            )
        ]

    def _overtaking(self, after: Snapshot, actions: tuple[Action, ...]) -> list[str]:
        """
        Rule 17.5: nobody is served before a call ahead of them that could be served.
        """
        broken = []
        waited = {
            (call.sequence, call.queue, call.queue_since_ms)
            for call in (self._before.calls if self._before else ())
            if call.phase in (CallPhase.WAITING, CallPhase.RINGING)
        }
        by_id = {call.id: call for call in after.calls}
        for action in _offers_at_rest(after, actions):
            if action.call not in by_id:
                continue
            served = by_id[action.call]
            agent = self._agent_numbers[action.agent]
            broken += [
                f"17.5: {served.id} overtook {other.id}"
                for other in after.calls
                if wants_offer(self._plan, other, after)
                and (other.sequence, other.queue, other.queue_since_ms) in waited
                and other.queue == served.queue
                and self._queue_key(after, other) < self._queue_key(after, served)
                and self._may_take(after, other, agent)
                and self._serves_now(after, agent)
            ]
        return broken

    def _specificity(self, after: Snapshot, actions: tuple[Action, ...]) -> list[str]:
        """
        Rule 6.5: nobody is chosen while somebody free has a proper subset of the tags.
        """
        broken = []
        by_id = {call.id: call for call in after.calls}
        for action in _offers_at_rest(after, actions):
            call = by_id.get(action.call)
            if call is None:
                continue
            if (
                self._strategy(call) != 0
                or action.offer not in call.offers
                or self._names_other_calls
            ):
                continue
            chosen = self._agent_numbers[action.agent]
            for other in range(len(after.agents)):
                if (
                    other != chosen
                    and self._is_free(after, other)
                    and self._may_take(after, call, other)
                    and self._is_narrower(call, other, chosen)
                ):
                    id = self._plan.agents[other].id
                    broken.append(f"6.5: {action.agent} chosen, {id} is narrower")
        return broken

    def _orders_kept(self, after: Snapshot, actions: tuple[Action, ...]) -> list[str]:
        """
        Rule 6.3: nobody is chosen while somebody free comes first by the strategy.
        """
        broken = []
        by_id = {call.id: call for call in after.calls}
        at_rest = {action.offer for action in _offers_at_rest(after, actions)}
        assigned = {
            action.offer
            for action in actions
            if isinstance(action, RecordAssignment) and action.act == "assign"
        }
        for action in actions:
            if not isinstance(action, OfferCall):
                continue
            call = by_id.get(action.call)
            if call and action.offer in at_rest and action.offer in call.offers:
                broken += self._passed_over(after, call, action)
            if action.offer not in assigned:
                self._orders.note(action)
        return broken

    def _passed_over(self, after: Snapshot, call: Call, action: OfferCall) -> list[str]:
        """
        Who comes before the agent who was chosen, by a strategy that can be judged.
        """
        required, _ = self._required(call, call.step)
        strategy = self._strategy(call)
        place = self._orders.judge(after, call, strategy, self._levels, required)
        if place is None or self._names_other_calls:
            return []

        def key(agent: int) -> tuple[int, ...]:
            earliest, preference = self._earliest(call, agent), self._preference
            return (earliest, -preference(call, agent), place(agent))

        chosen = self._agent_numbers[action.agent]
        return [
            f"6.3: {action.agent} chosen, {self._plan.agents[other].id} goes first"
            for other in range(len(after.agents))
            if self._is_free(after, other)
            and self._may_take(after, call, other)
            and key(other) < key(chosen)
        ]

    def _rounds_kept(self, after: Snapshot, actions: tuple[Action, ...]) -> list[str]:
        """
        Rule 17.3: in one round no agent is offered the same call twice.

        Between two offers of one call to one agent the tried set was emptied: its
        timer was seen to pass, or at least ``retry_after`` has gone by.
        """
        broken = []
        now_ms = after.clock_ms or 0
        by_id = {call.id: call for call in after.calls}
        self._note_new_rounds(now_ms)
        entered = {a.call for a in actions if isinstance(a, StartWaiting)}
        for pair in [pair for pair in self._offered_ms if pair[0] in entered]:
            del self._offered_ms[pair]
        self._forgive(actions)
        for action in _offers_at_rest(after, actions):
            call = by_id.get(action.call)
            if call is None:
                continue
            last_ms = self._offered_ms.get((action.call, action.agent), -1)
            retry_ms = self._plan.queues[call.queue].retry_after_ms
            emptied_ms = self._emptied_ms.get(call.sequence, -1)
            if last_ms >= 0 and emptied_ms < last_ms and now_ms - last_ms < retry_ms:
                broken.append(f"17.3: {action.call} offered again to {action.agent}")
            state = after.agents[self._agent_numbers[action.agent]]
            units = self._plan.agents[self._agent_numbers[action.agent]].units
            if len(state.offers) + state.occupied > units:
                broken.append(
                    f"17.2: {action.agent} is offered more than they can take"
                )
            if self._agent_numbers[action.agent] in (*call.tried, *call.declined):
                broken.append(f"7.4: {action.agent} was tried for {action.call}")
            self._offered_ms[action.call, action.agent] = now_ms
        return broken

    def _note_new_rounds(self, now_ms: int) -> None:
        """
        Remember when each call's tried set was emptied last.
        """
        for timer in self._before.timers if self._before else ():
            if (
                timer.kind == TimerKind.TRIED_SET_EMPTIED
                and timer.deadline_ms <= now_ms
            ):
                self._emptied_ms[timer.subject] = timer.deadline_ms

    def _forgive(self, actions: tuple[Action, ...]) -> None:
        """
        Forget offers that were withdrawn since another was accepted: nobody was tried.
        """
        for action in actions:
            if isinstance(action, CancelOffer) and action.reason in (
                "answered_elsewhere",
                "host_lost",
            ):
                self._offered_ms.pop((action.call, action.agent), None)

    def _pauses(self, after: Snapshot, actions: tuple[Action, ...]) -> list[str]:
        """
        Rule 7.6: a pause for missed calls ends, and leaves nobody alone with a queue.
        """
        kind = TimerKind.PAUSE_ENDS
        ending = {timer.subject for timer in after.timers if timer.kind == kind}
        broken = [
            f"7.6: {self._plan.agents[agent].id} is not paused by the engine"
            for agent in ending
            if after.agents[agent].pause_reason != "missed_offers"
        ]
        paused: set[int] = set()
        for action in actions:
            if isinstance(action, PauseAgent) and action.agent in self._agent_numbers:
                broken += self._left_alone(after, paused, action)
                if (action.until_ms or 0) > (after.clock_ms or 0):
                    paused.add(self._agent_numbers[action.agent])
        return broken

    def _left_alone(
        self, after: Snapshot, paused: set[int], action: PauseAgent
    ) -> list[str]:
        """
        The queues of a paused agent in which nobody else was, or is, available.
        """
        agent = self._agent_numbers[action.agent]
        before = self._before
        if (
            before is None
            or self._overlaid
            or self._plan.settings.auto_pause_last
            or not self._is_there(before, agent)
            or self._somebody_came(before, after)
        ):
            return []
        there = {
            other
            for other in range(len(after.agents))
            if other not in (agent, *paused)
            and (self._is_there(before, other) or self._is_there(after, other))
        }
        queues = [
            (queue.name, queue.steps[-1].members if queue.steps else queue.members)
            for queue in self._plan.queues
        ]
        return [
            f"7.6: {action.agent} was the last of {name}"
            for name, members in queues
            if (members is None or agent in members)
            and not there
            & set(range(len(after.agents)) if members is None else members)
        ]

    def _devices(self, after: Snapshot) -> list[str]:
        """
        Rule 4.4: what rings can be reached, is one device unless all are to ring, and
        nothing else rings.
        """
        broken = []
        for offer in after.offers:
            plan = self._plan.agents[offer.agent]
            lost = after.agents[offer.agent].lost
            if (
                offer.phase != OfferPhase.RINGING
                or not plan.endpoints
                or offer.assigned
            ):
                continue
            rings = offer.devices.bit_count()
            if offer.id <= self._old_offers:
                continue
            if not rings or offer.devices & lost & ~offer.answered:
                broken.append(f"4.4: {offer.id} rings where nobody can be reached")
            if rings > 1 and not plan.rings_all and not offer.answered:
                broken.append(f"4.4: {offer.id} rings on {rings} devices")
        return broken

    def _somebody_came(self, before: Snapshot, after: Snapshot) -> bool:
        """
        Tell whether a timer that brings agents back has fired in between.
        """
        kinds = (TimerKind.PAUSE_ENDS, TimerKind.SHIFT_CHANGES)
        now_ms = after.clock_ms or 0
        return any(t.kind in kinds and t.deadline_ms <= now_ms for t in before.timers)

    def _serves_now(self, after: Snapshot, agent: int) -> bool:
        is_down = is_agent_down(self._plan, after, agent)
        return self._is_there(after, agent) and not is_down

    def _is_there(self, after: Snapshot, agent: int) -> bool:
        return after.agents[agent].presence == 0 and self._is_on_shift(after, agent)

    def _is_on_shift(self, after: Snapshot, agent: int) -> bool:
        schedule = self._plan.agents[agent].schedule
        return schedule is None or after.schedules_open[schedule]

    def _is_free(self, after: Snapshot, agent: int) -> bool:
        state = after.agents[agent]
        left = self._plan.agents[agent].units - len(state.offers) - state.occupied
        return left > 0 and self._serves_now(after, agent)

    def _may_take(self, after: Snapshot, call: Call, agent: int) -> bool:
        """
        Membership, tags, and the history of call and agent; not state.
        """
        waited_ms = (after.clock_ms or 0) - call.queue_since_ms
        lost, endpoints = after.agents[agent].lost, self._plan.agents[agent].endpoints
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
        excluded = (*call.excluded, *self._plan.queues[call.queue].exclude)
        return (
            is_reached
            and agent not in excluded
            and not unreachable
            and not open_for_it
            and agent not in call.tried
            and agent not in call.declined
            and self._has_tags(call, agent, call.step)
        )

    def _strategy(self, call: Call) -> int:
        queue = self._plan.queues[call.queue]
        return queue.steps[call.step - 1].strategy if call.step else queue.strategy

    def _serves(self, call: Call, agent: int, step: int) -> bool:
        """
        Tell whether an agent is a member of the call's queue from a step on.
        """
        queue = self._plan.queues[call.queue]
        members = queue.steps[step - 1].members if step else queue.members
        return members is None or agent in members

    def _place(self, call: Call, agent: int) -> tuple[int, int]:
        """
        Return an agent's priority and delay for the call's queue.
        """
        for place in self._plan.queues[call.queue].placements:
            if place.agent == agent:
                return (place.priority, place.delay_ms)
        return (1, 0)

    def _queue_key(self, after: Snapshot, call: Call) -> tuple[int, int, int]:
        """
        Return the place of a call in its queue's order (rules 8.2, 8.3).
        """
        queue = self._plan.queues[call.queue]
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

    def _required(self, call: Call, step: int) -> tuple[dict[int, int], list[set[int]]]:
        """
        Return the levels and the groups that are asked from a step on (rule 9.2).
        """
        needs = call.needs
        required = {need.tags[0]: need.value for need in needs.required}
        groups = [set(need.tags) for need in needs.any_of]
        if step == 0:
            return required, groups
        changed = self._plan.queues[call.queue].steps[step - 1]
        fixed = set(self._plan.settings.never_relax)
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

    def _earliest(self, call: Call, agent: int) -> int:
        """
        Return the first step that let an agent in; all alike if steps are merged.
        """
        if self._plan.queues[call.queue].merge_steps:
            return 0
        steps = range(call.step + 1)
        fits = (
            self._serves(call, agent, s) and self._has_tags(call, agent, s)
            for s in steps
        )
        return next((step for step, fit in enumerate(fits) if fit), call.step)

    def _has_tags(self, call: Call, agent: int, step: int) -> bool:
        held = self._levels[agent]
        wildcard = self._plan.agents[agent].wildcard
        required, groups = self._required(call, step)
        for need in call.needs.forbidden:
            if need.tags[0] in held or (wildcard and need.tags[0] in required):
                return False
        if wildcard:
            return True
        enough = all(held.get(tag, 0) >= level for tag, level in required.items())
        return enough and all(group & set(held) for group in groups)

    def _is_narrower(self, call: Call, agent: int, than: int) -> bool:
        plan = self._plan
        if plan.agents[agent].wildcard and not plan.agents[than].wildcard:
            return False
        if self._earliest(call, agent) > self._earliest(call, than):
            return False
        if self._preference(call, agent) != self._preference(call, than):
            return False
        return self._counted(agent) < self._counted(than)

    def _preference(self, call: Call, agent: int) -> int:
        held = self._levels[agent]
        weights = {need.tags[0]: need.value for need in call.needs.preferred}
        if call.step:
            required, _ = self._required(call, call.step)
            step = self._plan.queues[call.queue].steps[call.step - 1]
            for tag, weight in step.prefer:
                if tag not in required:
                    weights[tag] = weights.get(tag, 0) + weight
        return sum(weight for tag, weight in weights.items() if tag in held)

    def _counted(self, agent: int) -> set[int]:
        names = self._names
        uncounted = self._plan.uncounted
        held = self._levels[agent]
        return {tag for tag in held if names[tag].split(":")[0] not in uncounted}


def _offers_at_rest(
    after: Snapshot, actions: tuple[Action, ...]
) -> tuple[OfferCall, ...]:
    """
    The offers after which nothing changed any more: those of the event itself,
    if no timer fired behind it.  What a supervisor or an agent said is no choice.
    """
    if after.timer_ordinal != 0:
        return ()
    told = {a.offer for a in actions if isinstance(a, RecordAssignment)}
    return tuple(
        action
        for action in actions
        if isinstance(action, OfferCall)
        and action.id[:2] == (after.event_sequence, 0)
        and action.offer not in told
    )
