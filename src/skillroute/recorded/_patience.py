"""
How long callers would have waited who were answered before they gave up.

A caller who was answered after 20 s would have waited at least so long; how much
longer nobody knows.  They are taken to be like the others: of those who were still
waiting after 20 s, as many give up later, and when, as the record shows (the
product-limit estimate of the record, conditional on what is known of the caller).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from hashlib import blake2b

__all__ = ["PatienceBook", "part_of"]

_WHOLE = 1 << 32


def part_of(text: str) -> int:
    """
    Return a number below 2 ** 32 that depends on a text alone, evenly spread.
    """
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest(), "big")


class PatienceBook:
    """
    How many callers are still there after so long.

    Args:
        gave_up_ms: By call: after how long the caller gave up.
        waited_ms: By call: how long all others waited, and would have waited longer.

    Source: Kaplan and Meier, Nonparametric estimation from incomplete observations,
    J. Amer. Statist. Assoc. 53 (1958), 457-481.
    """

    def __init__(self, gave_up_ms: dict[str, int], waited_ms: dict[str, int]) -> None:
        gave_up = sorted(gave_up_ms.values())
        censored = sorted(waited_ms.values())
        self._at_ms: list[int] = []
        """After how long somebody gives up, ascending."""
        self._gone: list[int] = []
        """Part of ``_WHOLE`` that is gone then, ascending."""
        there = len(gave_up) + len(censored)
        still, gone = _WHOLE, 0
        for at_ms in gave_up:
            while gone < len(censored) and censored[gone] < at_ms:
                gone += 1
                there -= 1
            still = still * (there - 1) // there
            there -= 1
            self._at_ms.append(at_ms)
            self._gone.append(_WHOLE - still)

    def drawn_ms(self, call: str, waited_ms: int) -> int | None:
        """
        Draw after how long a caller gives up who has waited for so long.

        Returns:
            More than *waited_ms*, the same for a call every time; None: never.
        """
        first = bisect_right(self._at_ms, waited_ms)
        before = _WHOLE - (self._gone[first - 1] if first else 0)
        if not before:
            return None
        # The first instant at which no more than the drawn part of them is there.
        still = part_of(call) * before // _WHOLE
        found = bisect_left(self._gone, _WHOLE - still, lo=first)
        return self._at_ms[found] if found < len(self._at_ms) else None
