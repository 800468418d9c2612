"""
How callers and agents behave: what is drawn, or given, for each of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..contract import Party
from ._compiled import CompiledClass, CompiledGroup, CompiledScenario
from ._draws import Draws, Purpose, share_of
from ._tallies import OUTCOMES

__all__ = ["ABANDONED", "BLOCKED", "Behaviour", "Caller"]

ABANDONED = OUTCOMES.index("abandoned")
BLOCKED = OUTCOMES.index("blocked")

_TURNED_AWAY = frozenset(
    OUTCOMES.index(name)
    for name in ("rejected", "overflowed", "hung_up", "failed", "blocked")
)
_PERMILLE = 1000


class Caller(msgspec.Struct, frozen=True):
    """
    Somebody who calls, for the first time or again.
    """

    kind: int
    number: int
    tries: int
    given: int
    """Index into the calls of the scenario; -1: drawn."""


class Behaviour:
    """
    What callers and agents do of their own accord.

    Args:
        scenario: A sound scenario.
        draws: The numbers of this replication.
        groups: By agent: the number of the group.
    """

    def __init__(
        self, scenario: CompiledScenario, draws: Draws, groups: Sequence[int]
    ) -> None:
        self._scenario = scenario
        self._draws = draws
        self._groups = groups

    def kind(self, caller: Caller) -> CompiledClass:
        """
        Return the kind of a caller's calls.
        """
        return self._scenario.classes[caller.kind]

    def group(self, agent: int) -> CompiledGroup:
        """
        Return the group of an agent.
        """
        return self._scenario.groups[self._groups[agent]]

    def length(self, table: int, purpose: Purpose, caller: Caller, part: int) -> int:
        """
        Draw a length of time.
        """
        return self._draws.length(table, purpose, caller.kind, caller.number, part)

    def permille(self, purpose: Purpose, caller: Caller, part: int) -> int:
        """
        Draw a whole number below a thousand.
        """
        word = self._draws.word(purpose, caller.kind, caller.number, part)
        return share_of(_PERMILLE, word)

    def patience_ms(self, caller: Caller) -> int | None:
        """
        Return how long somebody waits; None: for ever.
        """
        if caller.given >= 0:
            return self._scenario.calls[caller.given].patience_ms
        kind = self.kind(caller)
        if kind.patience is None:
            return None
        is_same = kind.retry is not None and kind.retry.same_patience
        part = 1 if is_same else caller.tries
        return self.length(kind.patience, Purpose.PATIENCE, caller, part)

    def handling_ms(self, caller: Caller, agent: int) -> int:
        """
        Return how long the conversation with an agent is.
        """
        if caller.given >= 0:
            given_ms = self._scenario.calls[caller.given].handling_ms
            if given_ms is not None:
                return given_ms
        kind, group = self.kind(caller), self._groups[agent]
        by_group = kind.handling_by_group
        own = by_group[group] if group < len(by_group) else None
        table = kind.handling if own is None else own
        return self.length(table, Purpose.HANDLING, caller, 0)

    def again_after_ms(self, caller: Caller, outcome: int) -> int | None:
        """
        Return after how long a caller who was not served calls again; None: never.
        """
        retry = self.kind(caller).retry
        if retry is None or caller.tries >= retry.tries_max:
            return None
        permille = retry.blocked_permille if outcome in _TURNED_AWAY else 0
        if outcome == ABANDONED:
            permille = retry.abandoned_permille
        if self.permille(Purpose.RETRY, caller, caller.tries) >= permille:
            return None
        return self.length(retry.delay, Purpose.RETRY_DELAY, caller, caller.tries)

    def party(self, caller: Caller) -> Party:
        """
        Make the caller's number; it is the same in every try.
        """
        kind = self.kind(caller)
        if not kind.caller_prefix and not kind.caller_digits:
            return Party(kind="anonymous", number="")
        digits = kind.caller_digits
        word = self._draws.word(Purpose.CALLER, caller.kind, caller.number)
        drawn = f"{share_of(10**digits, word):0{digits}}" if digits else ""
        number = kind.caller_prefix + drawn
        outside = number.startswith("+")
        return Party(kind="e164" if outside else "extension", number=number)
