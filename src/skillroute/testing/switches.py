"""
Which hosts a snapshot says are there, judged apart from the engines.
"""

from __future__ import annotations

from ..plan.compiled import CompiledPlan
from ..reference.state import Snapshot

__all__ = ["are_all_up", "is_agent_down", "is_up"]


def is_up(after: Snapshot, host: str) -> bool:
    """
    Tell whether a host is in sync, or was never named.
    """
    return host not in {lost.name for lost in after.hosts if not lost.in_sync}


def are_all_up(after: Snapshot) -> bool:
    """
    Tell whether every host is in sync.
    """
    return all(host.in_sync for host in after.hosts)


def is_agent_down(plan: CompiledPlan, after: Snapshot, agent: int) -> bool:
    """
    Tell whether an agent is reached through no host that is there.
    """
    host = plan.agents[agent].host
    if host:
        return not is_up(after, host)
    return len(after.hosts) > 0 and not any(known.in_sync for known in after.hosts)
