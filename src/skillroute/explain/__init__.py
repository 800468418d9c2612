"""
Decisions in words and as JSON: why a call goes where it goes.

Pure: a ``Decision`` of any engine and the plan go in, text or a plain object comes out.
"""

from __future__ import annotations

from ._json import decision_object
from ._reasons import offer_reason
from ._text import decision_text
from ._words import code_words

__all__ = ["code_words", "decision_object", "decision_text", "offer_reason"]
