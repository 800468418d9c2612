"""
Lines that calls leave when nobody is there any more (rule 9.3), for the Ledger.
"""

from __future__ import annotations

from ..reference.state import CallPhase
from .seen import Seen
from .switches import is_up

__all__ = ["lines_left"]


def lines_left(seen: Seen) -> list[str]:
    """
    Return the calls that wait while nobody is logged in who could ever serve them.
    """
    after = seen.after
    return [
        f"9.3: {call.id} waits, and nobody is there"
        for call in after.calls
        if call.phase == CallPhase.WAITING
        and is_up(after, call.host)
        and seen.plan.queues[call.queue].limits.leave_when_empty
        and not any(
            seen.serving.could_serve(after, call, agent)
            for agent in range(len(after.agents))
        )
    ]
