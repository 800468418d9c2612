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
from ._confidence import Estimate, difference, mean_of, ratio_of
from ._erlang import Waiting, agents_for, erlang_a, erlang_b, erlang_c
from ._families import gamma, log_normal, often_zero, table_mean
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
from ._pictures import cannot_draw, draw_study
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
from ._replication import run_replication, staffed_ms
from ._result import ArmResult, StudyResult, result_of, study_object
from ._run import (
    default_start_ms,
    new_engine,
    restored_engine,
    simulate_calls,
)
from ._scenario_load import (
    Scenario,
    check_scenario,
    load_scenario,
    scenario_schema,
)
from ._scenario_model import RawScenario, RawStaffingGroup
from ._service_levels import (
    SERVICE_LEVELS,
    LevelCounts,
    LevelName,
    service_level,
    service_level_parts,
)
from ._staffing import Staffing, StaffingPoint, find_staffing, staffed_plan
from ._staffing_picture import draw_staffing, staffing_words
from ._study import (
    Arm,
    Study,
    StudyPart,
    join_parts,
    new_study,
    play,
    play_all,
    read_part,
    shard_of,
    write_part,
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
from ._world import World

__all__ = [
    "OUTCOMES",
    "SCENARIO_FORMAT",
    "SERVICE_LEVELS",
    "AgentSummary",
    "AgentTally",
    "Arm",
    "ArmResult",
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
    "Estimate",
    "GroupSummary",
    "GroupTally",
    "IntervalTally",
    "LevelCounts",
    "LevelName",
    "Moment",
    "Moments",
    "PlayedCall",
    "RawScenario",
    "RawStaffingGroup",
    "Reaction",
    "Result",
    "Scenario",
    "SimulatedCall",
    "Staffing",
    "StaffingPoint",
    "Study",
    "StudyPart",
    "StudyResult",
    "Summary",
    "Tallies",
    "Waiting",
    "World",
    "agents_for",
    "bin_bounds",
    "bin_of",
    "cannot_draw",
    "check_scenario",
    "constant",
    "decode_scenario",
    "default_start_ms",
    "difference",
    "draw_staffing",
    "draw_study",
    "encode_scenario",
    "equally_likely",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "exceeded_with",
    "explain_call",
    "explained_moments",
    "exponential",
    "find_staffing",
    "gamma",
    "join_parts",
    "load_scenario",
    "log_normal",
    "mean_of",
    "new_engine",
    "new_study",
    "often_zero",
    "play",
    "play_all",
    "quantiles",
    "ratio_of",
    "read_calls",
    "read_need",
    "read_part",
    "read_start_ms",
    "restored_engine",
    "result_of",
    "run_replication",
    "scenario_schema",
    "service_level",
    "service_level_parts",
    "shard_of",
    "simulate_calls",
    "staffed_ms",
    "staffed_plan",
    "staffing_words",
    "study_object",
    "table_mean",
    "uniform",
    "unit_exponential",
    "write_part",
]
