"""
The number of today's behaviour.

A journal says by which number each of its events was decided.  Within one number a
replay must come to the same decisions and the same state; across numbers the
difference is reported ("decided this by 3, would be that now"), never hidden.

Raise it with every change after which the same plan and the same events can give
other orders or another state, and keep a journal of the former number
(``tests/journal/keep.py``).
"""

from __future__ import annotations

__all__ = ["SEMANTICS"]

SEMANTICS = 2
"""Raised by one with every change of what the engine decides or remembers."""
