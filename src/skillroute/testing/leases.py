"""
Offers are leases, watched with a clock of one's own (rule 17.3).

The engine's timers say when it will end an offer; here is counted when it must have.
"""

from __future__ import annotations

from ..actions import OfferCall
from ..plan.compiled import CompiledSettings
from ..reference.state import OfferPhase
from .seen import Seen
from .switches import are_all_up

__all__ = ["Leases"]

_LEASED = (OfferPhase.RINGING, OfferPhase.CONNECTING, OfferPhase.WITHDRAWN)


class Leases:
    """
    By when each offer must have left the phase that it is in.
    """

    def __init__(self) -> None:
        self._until_ms: dict[tuple[int, int], int] = {}
        """(offer, phase) to the first instant at which it must be in another one."""
        self._ring_ms: dict[int, int] = {}
        self._grace_ms = self._connect_ms = 0
        """The longest of all plans there were: offers may be older than a reload."""

    def check(self, seen: Seen) -> list[str]:
        """
        Return the offers that are overdue.

        While a host is lost, leases stand still and units wait for it (rule 18.4): then
        they count from the time at which all are there.
        """
        self._note(seen.plan.settings)
        self._ring_ms |= {
            action.offer: action.ring_ms
            for action in seen.actions
            if isinstance(action, OfferCall)
        }
        states = [state for state in (seen.before, seen.after) if state is not None]
        known = self._until_ms if all(map(are_all_up, states)) else {}
        overdue = []
        self._until_ms = {}
        for offer in seen.after.offers:
            lease = (offer.id, offer.phase)
            if offer.phase not in _LEASED:
                continue
            if known.get(lease, seen.now_ms + 1) <= seen.now_ms:
                overdue.append(f"17.3: offer {offer.id} outlives phase {offer.phase}")
            until_ms = seen.now_ms + self._length_ms(*lease)
            self._until_ms[lease] = known.get(lease, until_ms)
        open_ids = {offer.id for offer in seen.after.offers}
        self._ring_ms = {id: ms for id, ms in self._ring_ms.items() if id in open_ids}
        return overdue

    def _note(self, settings: CompiledSettings) -> None:
        connect_ms = settings.connect_timeout_ms + settings.whisper_ms
        self._connect_ms = max(self._connect_ms, connect_ms)
        self._grace_ms = max(self._grace_ms, settings.cancel_grace_ms)

    def _length_ms(self, offer: int, phase: int) -> int:
        """
        Return the longest that an offer may be in a phase.
        """
        if phase == OfferPhase.RINGING:
            return self._ring_ms.get(offer, 0)
        return self._grace_ms if phase == OfferPhase.WITHDRAWN else self._connect_ms
