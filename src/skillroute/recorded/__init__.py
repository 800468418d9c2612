"""
What a journal can be asked afterwards: why it was decided so, and what would be if.

``ask_call`` and ``ask_agent`` decide once more what a router decided, and compare.
"""

from __future__ import annotations

from ._asking import (
    RecordedAgent,
    RecordedDecision,
    ask_agent,
    ask_call,
)

__all__ = [
    "RecordedAgent",
    "RecordedDecision",
    "ask_agent",
    "ask_call",
]
