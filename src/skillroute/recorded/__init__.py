"""
What a journal can be asked afterwards: why it was decided so, and what would be if.

``ask_call`` and ``ask_agent`` decide once more what a router decided, and compare;
``follow_call`` tells all that happened to a call, ``follow_agent`` what an agent did.
``read_day`` reads how callers, agents and switch behaved, ``rerun_day`` routes the day
again under another plan, and ``compare_days`` says what became another, and why.
"""

from __future__ import annotations

from ._agent_life import follow_agent
from ._asking import (
    RecordedAgent,
    RecordedDecision,
    ask_agent,
    ask_call,
)
from ._comparing import (
    Change,
    Comparison,
    Parting,
    Totals,
    compare_days,
    explain_parting,
)
from ._day import Answer, Day, read_day
from ._fates import Fate, FateBook, Step
from ._life import LifeMoment, arrival_of, follow_call
from ._patience import PatienceBook
from ._rerun import Patience, Rerun, rerun_day

__all__ = [
    "Answer",
    "Change",
    "Comparison",
    "Day",
    "Fate",
    "FateBook",
    "LifeMoment",
    "Parting",
    "Patience",
    "PatienceBook",
    "RecordedAgent",
    "RecordedDecision",
    "Rerun",
    "Step",
    "Totals",
    "arrival_of",
    "ask_agent",
    "ask_call",
    "compare_days",
    "explain_parting",
    "follow_agent",
    "follow_call",
    "read_day",
    "rerun_day",
]
