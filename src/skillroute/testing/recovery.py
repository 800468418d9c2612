"""
The end of all faults: what hosts say then, and what must have come of it (rule 17.14).
"""

from __future__ import annotations

from collections.abc import Callable

from ..decisions import Decision
from ..events import CallStanding, HostResynced
from ..plan.compiled import CompiledPlan
from ..reference.state import Call, CallPhase, OfferPhase, Snapshot

__all__ = ["reconnections", "settling_ms", "unsettled"]

_OPEN = (OfferPhase.RINGING, OfferPhase.CONNECTING, OfferPhase.WITHDRAWN)


def reconnections(after: Snapshot) -> list[HostResynced]:
    """
    Let every lost host come back and tell truly what it has.
    """
    phases = {offer.id: offer.phase for offer in after.offers}
    return [
        HostResynced(
            host=host.name,
            calls=tuple(
                _standing(call, phases)
                for call in after.calls
                if call.host == host.name
            ),
        )
        for host in after.hosts
        if not host.in_sync
    ]


def _standing(call: Call, phases: dict[int, int]) -> CallStanding:
    joins = (OfferPhase.CONNECTING, OfferPhase.CONNECTED)
    offer = next((id for id in call.offers if phases[id] in joins), 0)
    joined = phases.get(offer) == OfferPhase.CONNECTED
    return CallStanding(call=call.id, offer=offer, joined=joined)


def settling_ms(plan: CompiledPlan) -> int:
    """
    Return the time in which everything that was open at the end of faults must be over.
    """
    settings = plan.settings
    return (
        max((queue.ring_ms for queue in plan.queues), default=0)
        + settings.connect_timeout_ms
        + settings.whisper_ms
        + settings.cancel_grace_ms
    )


def unsettled(
    then: Snapshot, after: Snapshot, explained: Callable[[str], Decision]
) -> list[str]:
    """
    Rule 17.14: every call is offered, waiting with a reason, or ended.

    Args:
        then: The state when all hosts had come back.
        after: The state ``settling_ms`` later.
        explained: Says of a call why it waits.
    """
    broken = [
        f"17.14: {host.name} is not back" for host in after.hosts if not host.in_sync
    ]
    broken += [
        f"17.14: offer {offer.id} is still in phase {offer.phase}"
        for offer in after.offers
        if offer.id <= then.offer_sequence and offer.phase in _OPEN
    ]
    for call in after.calls:
        if call.phase == CallPhase.WAITING:
            broken += [
                f"17.14: {call.id} waits though {agent.agent} is {agent.verdict}"
                for agent in explained(call.id).agents
                if agent.verdict in ("eligible", "host_down")
            ]
    return broken
