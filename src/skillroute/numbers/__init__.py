"""
Phone numbers: from what a switch or a person wrote to a ``Party``.

Numbers are resolved at the edge, once, by ``resolve``; events carry the result,
so that the engine reads no table and a journal replays alike for ever.
"""

from __future__ import annotations

from ._party import parse_party, resolve

__all__ = ["parse_party", "resolve"]
