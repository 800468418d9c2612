"""
Run calls through a plan in accelerated time, and see what becomes of them.

The engine here is the one that routes real calls; only the world around it is
played: agents who answer, decline or miss, callers who hang up.  Nothing but the
seed decides what is drawn, so equal runs give equal results on every backend.
"""

from __future__ import annotations

from ._calls_csv import CallProblem, read_calls, read_need, read_start_ms
from ._compiled import (
    SCENARIO_FORMAT,
    CompiledBreak,
    CompiledCall,
    CompiledClass,
    CompiledDistribution,
    CompiledGroup,
    CompiledRetry,
    CompiledScenario,
    decode_scenario,
    encode_scenario,
)
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
from ._quantiles import (
    constant,
    equally_likely,
    exceeded_with,
    exponential,
    quantiles,
    uniform,
    unit_exponential,
)
from ._replay import explain_call, explained_moments
from ._run import (
    default_start_ms,
    new_engine,
    restored_engine,
    simulate_calls,
)
from ._tallies import (
    OUTCOMES,
    AgentTally,
    CallTally,
    GroupTally,
    IntervalTally,
    Moments,
    PlayedCall,
    Tallies,
    bin_bounds,
    bin_of,
)

__all__ = [
    "OUTCOMES",
    "SCENARIO_FORMAT",
    "AgentSummary",
    "AgentTally",
    "Behaviour",
    "CallProblem",
    "CallRecord",
    "CallTally",
    "CompiledBreak",
    "CompiledCall",
    "CompiledClass",
    "CompiledDistribution",
    "CompiledGroup",
    "CompiledRetry",
    "CompiledScenario",
    "GroupSummary",
    "GroupTally",
    "IntervalTally",
    "Moment",
    "Moments",
    "PlayedCall",
    "Reaction",
    "Result",
    "SimulatedCall",
    "Summary",
    "Tallies",
    "bin_bounds",
    "bin_of",
    "constant",
    "decode_scenario",
    "default_start_ms",
    "encode_scenario",
    "equally_likely",
    "exceeded_with",
    "explain_call",
    "explained_moments",
    "exponential",
    "new_engine",
    "quantiles",
    "read_calls",
    "read_need",
    "read_start_ms",
    "restored_engine",
    "simulate_calls",
    "uniform",
    "unit_exponential",
]
