"""
Audits: what a journal leads to, and whether switches and engine agree.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from ...actions import Action, ActionId
from ...errors import EventRefusedError
from ...events import Event
from ...journal import digest_of
from ...plan.compiled import CompiledPlan
from ...reference.state import CallPhase, OfferPhase, Snapshot
from ..invariants import Ledger
from .link import Link
from .stores import Replayed
from .switch import LegState

__all__ = ["Auditor", "compare_with_switches", "settled", "still_there"]

_SNAPSHOT = msgspec.msgpack.Decoder(Snapshot)
_OUT = (OfferPhase.RINGING, OfferPhase.CONNECTING, OfferPhase.CONNECTED)


class Auditor:
    """
    Somebody who replays a journal event by event, as far as it goes.

    Args:
        journal: The journal.
        engine_class: Of the engine that replays.
        begun: A restart on a journal of an earlier version, whose records may be
            decided otherwise now; None: it begins at the first record.
    """

    def __init__(
        self, journal: Any, engine_class: Any, begun: Replayed | None = None
    ) -> None:
        self._engine_class = engine_class
        self._seq = 0
        self._ordered: dict[ActionId, Action] = {}
        if begun is None:
            self._engine = engine_class(journal.plans()[journal.base_plan_id])
        else:
            self._engine = begun.engine
            self._seq = journal.durable_seq
            self._ordered.update((action.id, action) for action in begun.redeliver)

    def go_on(
        self, journal: Any
    ) -> tuple[Counter[Event], dict[ActionId, Action], list[str]]:
        """
        Replay what was recorded since the last time.

        Args:
            journal: The same one, maybe opened anew.

        Returns:
            How often each event was recorded since then; all orders that were given
            since the beginning; what does not hold.
        """
        recorded: Counter[Event] = Counter()
        broken: list[str] = []
        self._give(journal)
        for record in journal.records(self._seq):
            self._seq = record.seq
            if record.note_kind == "hole":
                # Nobody can replay over it: what follows begins with a snapshot.
                kept = journal.last_snapshot(record.seq)
                plan = journal.plans()[kept.plan_id]
                self._engine = self._engine_class.restore(plan, kept.state)
                self._give(journal)
            if record.event is None:
                continue
            recorded[record.event] += 1
            actions, refused = _told(self._engine, record.event, record.at_ms)
            self._ordered.update((action.id, action) for action in actions)
            if refused != record.refused or digest_of(actions) != record.digest:
                broken.append(f"17.8: record {record.seq} is decided otherwise")
                break
        return recorded, self._ordered, broken

    def state(self) -> bytes:
        """
        Return the state to which the records lead.
        """
        state: bytes = self._engine.snapshot()
        return state

    def state_at(self, at_ms: int) -> tuple[bytes, bool]:
        """
        Return the state at an instant after the last record, and whether time alone
        gave orders until then, which should have been recorded.
        """
        orders = self._engine.advance(at_ms)
        return self.state(), bool(orders)

    def _give(self, journal: Any) -> None:
        """
        Give the engine all the plans that records may name.
        """
        for compiled in journal.plans().values():
            self._engine.add_plan(compiled)


def _told(engine: Any, event: Event, at_ms: int) -> tuple[tuple[Action, ...], str]:
    try:
        return engine.handle(event, at_ms), ""
    except EventRefusedError as refusal:
        return refusal.actions, refusal.code


def compare_with_switches(
    state: bytes, links: dict[str, Link], *, only_known: bool = False
) -> list[str]:
    """
    Say in what the engine and the switches disagree, with all connections there.

    Args:
        state: The engine's.
        links: The connections.
        only_known: Whether only calls count that are there and nobody knows of.
    """
    site = _SNAPSHOT.decode(state)
    broken: list[str] = []
    calls = {(call.host, call.id): call for call in site.calls}
    offers = {offer.id: offer for offer in site.offers}
    for name, link in links.items():
        for caller in link.switch.calls.values():
            call = calls.pop((name, caller.id), None)
            if call is None and caller.is_there:
                broken.append(f"17.14: {caller.id} is there, and nobody knows of it")
            elif only_known:
                continue
            elif call is not None and not caller.is_there:
                broken.append(f"17.14: {caller.id} has hung up, and is not ended")
            elif call is not None and (call.phase == CallPhase.CONNECTED) != (
                caller.joined in link.switch.legs
            ):
                broken.append(f"17.14: {caller.id} is joined or not: {call.phase}")
        if only_known:
            continue
        for leg in link.switch.legs.values():
            offer = offers.pop(leg.offer, None)
            if offer is None:
                broken.append(
                    f"17.14: a leg is up for offer {leg.offer}, which is over"
                )
            elif (offer.phase == OfferPhase.CONNECTED) != (
                leg.state is LegState.JOINED
            ):
                broken.append(f"17.14: the leg of offer {leg.offer} is {leg.state}")
    if only_known:
        return broken
    broken += [f"17.14: {id} is gone from its switch" for _, id in calls]
    broken += [
        f"17.14: offer {id} has no leg"
        for id, offer in offers.items()
        if offer.phase in _OUT
    ]
    return broken


def settled(state: bytes, plan: CompiledPlan) -> list[str]:
    """
    Say what does not hold of a state at rest.
    """
    ledger = Ledger(plan)
    ledger.begin_with(state)
    site = _SNAPSHOT.decode(state)
    return [
        *ledger.check(state, ()),
        *(f"17.14: {h.name} is not in sync" for h in site.hosts if not h.in_sync),
    ]


def still_there(state: bytes, links: dict[str, Link]) -> list[str]:
    """
    Say what is left though all callers have gone.
    """
    site = _SNAPSHOT.decode(state)
    broken = [f"17.14: {call.id} never ends" for call in site.calls]
    broken += [f"17.14: offer {offer.id} never ends" for offer in site.offers]
    for link in links.values():
        broken += [f"17.14: {id} is still there" for id in link.switch.calls]
        broken += [f"17.14: a leg of {id} is still up" for id in link.switch.legs]
    return broken
