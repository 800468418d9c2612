"""
Decisions in words and as JSON: why a call goes where it goes, why an agent has none.

Pure: a ``Decision`` of any engine and the plan go in, text or a plain object comes out.
Only ``find_counterfactuals`` asks the engine, again and again, what would be if.
"""

from __future__ import annotations

from ._agents import counted_words
from ._clock import length_words
from ._counterfactuals import (
    Change,
    Counterfactual,
    find_counterfactuals,
    with_changes,
)
from ._idle import agent_text
from ._json import agent_object, decision_object
from ._reasons import offer_reason
from ._text import decision_text
from ._words import changes_words, code_words

__all__ = [
    "Change",
    "Counterfactual",
    "agent_object",
    "agent_text",
    "changes_words",
    "code_words",
    "counted_words",
    "decision_object",
    "decision_text",
    "find_counterfactuals",
    "length_words",
    "offer_reason",
    "with_changes",
]
