"""
What must hold after every event (chapter 17 of the rules), checked from the outside.

The checker sees the compiled plan, the snapshots and the orders, and judges
them with its own short code: it shares no test of eligibility or order with an
engine.  ``Ledger.check`` returns what is broken, in words; empty is good.
"""

from __future__ import annotations

import msgspec

from ..actions import Action, RecordOutcome
from ..plan.compiled import CompiledPlan
from ..reference.kept import joined
from ..reference.overlay import laid_over
from ..reference.state import CallPhase, OfferPhase, Snapshot
from .announcements import Announcements
from .calls_kept import calls_kept
from .choices import held, orders_kept, overtaking, rest, specificity
from .deadlines import deadlines_kept
from .empty_lines import lines_left
from .leases import Leases
from .orders import Orders
from .pauses import pauses_kept
from .rounds import Rounds
from .seen import Seen
from .serving import Serving
from .visits import Visits
from .widths import width, width_max

__all__ = ["Ledger"]

_SNAPSHOT = msgspec.msgpack.Decoder(Snapshot)
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
        self._serving = Serving(plan, plan.tags)
        self._beyond: dict[str, int] = {}
        """By agent: calls beyond the capacity that a reload has left them."""
        self._reloaded = False
        self._old_offers = 0
        """How many offers were made when the plan was reloaded last."""
        self._before: Snapshot | None = None
        self._rounds = Rounds()
        self._leases = Leases()
        self._visits = Visits()
        self._announcements = Announcements()
        self._orders = Orders(plan)
        self._outcomes = 0

    def reload(self, plan: CompiledPlan) -> None:
        """
        Judge by another plan from the next ``check`` on.
        """
        self._base = plan
        self._reloaded = True

    def begin_with(self, snapshot: bytes) -> None:
        """
        Take the books over from somebody else: judge what comes after this state.
        """
        state = _SNAPSHOT.decode(snapshot)
        self._outcomes = state.call_sequence - len(state.calls)
        self._visits.begin_with(state)
        self._announcements.begin_with(state)
        # What stands may have come about under other rules, as after a reload.
        self._reloaded = True

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
        former = self._serving.plan if self._reloaded else None
        is_same_plan = self._know(after)
        seen = Seen(self._serving, self._before, after, actions)
        broken = [
            *self._conservation(after, actions),
            *self._capacity(after),
            *_widths_kept(seen),
            *deadlines_kept(after),
            *rest(seen),
            *held(seen),
            *overtaking(seen),
            *specificity(seen),
            *orders_kept(seen, self._orders),
            *lines_left(seen),
            *self._rounds.check(seen),
            *self._leases.check(seen),
            *self._visits.check(actions),
            *self._announcements.check(seen.plan, after, actions),
            *pauses_kept(seen, is_same_plan=is_same_plan),
            *self._devices(after),
            *(calls_kept(seen, former) if former else ()),
        ]
        self._before = after
        return broken

    def _know(self, after: Snapshot) -> bool:
        """
        Look up the plan that holds: with the overlay, and what is kept of former ones.

        Returns:
            Whether it is the one that held before.
        """
        before = self._before
        is_same = (
            not self._reloaded
            and before is not None
            and (before.overlay, before.kept) == (after.overlay, after.kept)
        )
        plan = self._serving.plan
        if not is_same:
            plan = laid_over(joined(self._base, after.kept), after.overlay)
        if not is_same or before is None or before.extra_tags != after.extra_tags:
            self._serving = Serving(plan, (*self._base.tags, *after.extra_tags))
        self._orders.know(plan)
        if self._reloaded:
            self._note_reload(after)
        return is_same

    def _note_reload(self, after: Snapshot) -> None:
        """
        Remember what stands from before a reload, though it could not be begun now.
        """
        self._beyond = {
            plan.id: len(state.offers)
            for plan, state in zip(self._serving.plan.agents, after.agents, strict=True)
            if len(state.offers) > plan.units
        }
        self._old_offers = after.offer_sequence
        self._rounds.reload(self._serving.numbers)
        self._orders.reload(after)
        self._reloaded = False

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
            plan = self._serving.plan.agents[number]
            beyond = self._beyond.get(plan.id, 0)
            if beyond:
                self._beyond[plan.id] = min(beyond, len(agent.offers))
            if len(agent.offers) > max(plan.units, beyond):
                broken.append(f"17.2: {plan.id} holds {len(agent.offers)}")
            if agent.offers != by_agent[number]:
                broken.append(f"17.2: {plan.id} and the offers disagree")
        for call in after.calls:
            most = {
                CallPhase.RINGING: width_max(self._serving.plan, call),
                CallPhase.CONNECTING: 1,
                CallPhase.CONNECTED: 1,
            }.get(CallPhase(call.phase), 0)
            if call.offers != active.get(call.sequence, []):
                broken.append(f"17.2: {call.id} and its offers disagree")
            if not min(most, 1) <= len(call.offers) <= most:
                broken.append(f"17.2: {call.id} has {len(call.offers)} offers")
        return broken

    def _devices(self, after: Snapshot) -> list[str]:
        """
        Rule 4.4: what rings can be reached, is one device unless all are to ring, and
        nothing else rings.
        """
        broken = []
        for offer in after.offers:
            plan = self._serving.plan.agents[offer.agent]
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


def _widths_kept(seen: Seen) -> list[str]:
    """
    Rule 6.4: no offer is made beyond a call's width.
    """
    after = seen.after
    by_offer = {id: call for call in after.calls for id in call.offers}
    offered = (by_offer.get(action.offer) for action in seen.at_rest)
    return [
        f"6.4: {call.id} rings {len(call.offers)}"
        for call in offered
        if call is not None and len(call.offers) > width(seen.plan, call, after)
    ]
