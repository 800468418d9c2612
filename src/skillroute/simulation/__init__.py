"""
Run calls through a plan in accelerated time, and see what becomes of them.

The engine here is the one that routes real calls; only the world around it is
played: agents who answer, decline or miss, callers who hang up.  Nothing but the
seed decides what is drawn, so equal runs give equal results on every backend.
"""

from __future__ import annotations

from ._calls_csv import CallProblem, read_calls, read_need, read_start_ms
from ._model import (
    AgentSummary,
    Behaviour,
    CallRecord,
    GroupSummary,
    Moment,
    Reaction,
    Result,
    SimulatedCall,
    Summary,
)
from ._replay import explain_call, explained_moments
from ._run import (
    default_start_ms,
    new_engine,
    restored_engine,
    simulate_calls,
)

__all__ = [
    "AgentSummary",
    "Behaviour",
    "CallProblem",
    "CallRecord",
    "GroupSummary",
    "Moment",
    "Reaction",
    "Result",
    "SimulatedCall",
    "Summary",
    "default_start_ms",
    "explain_call",
    "explained_moments",
    "new_engine",
    "read_calls",
    "read_need",
    "read_start_ms",
    "restored_engine",
    "simulate_calls",
]
