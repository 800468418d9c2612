"""
What a run measures: settings, each a workload of one size with what is timed in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

__all__ = [
    "BARS",
    "FULL_SETTINGS",
    "QUICK_SETTINGS",
    "CallSetting",
    "ChoiceSetting",
    "LineSetting",
    "MemorySetting",
    "Setting",
    "narrowed",
]

SIZES = (100, 1_000, 10_000, 50_000)

SELECT = ("select",)
BOTH = ("select", "whole")
ALL = ("select", "boundary", "whole", "release", "toggle", "retag", "load")

# Those that need minutes to be filled, or gigabytes, are not made for these.
WORST_PEERS = ("scan_c", "numpy_words", "heap_memo", "heap_memo_cython")


class ChoiceSetting(NamedTuple):
    """
    Agents to choose among.
    """

    kind: str
    agents: int
    tag_count: int = 64
    measures: tuple[str, ...] = BOTH
    """``select`` alone; the ``whole`` operation: reserve, and later release; and so on,
    see ``Session``; ``load`` fills a contender; ``boundary`` is a select beside a
    function that does nothing, both without the loop."""
    peers: tuple[str, ...] | None = None
    """None: all of them."""

    @property
    def size(self) -> int:
        """What the rows have for a size."""
        return self.agents

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the rows."""
        return tuple(self.name(measure) for measure in self.measures)

    def name(self, measure: str) -> str:
        """
        Return the name of one row.
        """
        usual = {"worst_wide": 512, "huge": 10_000}.get(self.kind, 64)
        more = "" if self.tag_count == usual else f"_{self.tag_count}_tags"
        return f"{measure}_{self.kind}{more}"


class LineSetting(NamedTuple):
    """
    Calls that wait.
    """

    kind: str
    agents: int
    calls: int

    @property
    def size(self) -> int:
        """What the rows have for a size."""
        return self.calls

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the rows."""
        return f"best_waiting_{self.kind}", f"waiting_{self.kind}"


class CallSetting(NamedTuple):
    """
    Whole calls through the engine.
    """

    agents: int

    @property
    def size(self) -> int:
        """What the row has for a size."""
        return self.agents

    @property
    def names(self) -> tuple[str, ...]:
        """The name of the row."""
        return ("call_whole",)


class ExplainSetting(NamedTuple):
    """
    A decision among agents, explained in words.
    """

    agents: int

    @property
    def size(self) -> int:
        """What the row has for a size."""
        return self.agents

    @property
    def names(self) -> tuple[str, ...]:
        """The name of the row."""
        return ("explain_call",)


class MemorySetting(NamedTuple):
    """
    Agents whose pool is weighed.
    """

    kind: str
    agents: int
    tag_count: int = 64

    @property
    def size(self) -> int:
        """What the row has for a size."""
        return self.agents

    @property
    def names(self) -> tuple[str, ...]:
        """The name of the row."""
        return (f"memory_{self.kind}",)


Setting = ChoiceSetting | LineSetting | CallSetting | ExplainSetting | MemorySetting

_HUGE = ChoiceSetting("huge", 100_000, 10_000, ("select", "whole", "load"), WORST_PEERS)
_WORST = (
    ChoiceSetting("worst_dense", 50_000, 64, SELECT, WORST_PEERS),
    ChoiceSetting("worst_wide", 50_000, 512, SELECT, WORST_PEERS),
)

FULL_SETTINGS: tuple[Setting, ...] = (
    *(ChoiceSetting("realistic", size, 64, ALL) for size in SIZES),
    *(ChoiceSetting("adversarial", size, 64, ALL) for size in SIZES),
    *(ChoiceSetting("sparse", size) for size in SIZES),
    *(ChoiceSetting("no_match", size, 64, SELECT) for size in SIZES),
    *(ChoiceSetting("all_busy", size, 64, SELECT) for size in SIZES),
    *(ChoiceSetting("many_needs", size) for size in SIZES),
    *(ChoiceSetting("adversarial_no_match", s, 64, SELECT) for s in SIZES[:3]),
    *(
        ChoiceSetting("equal_idle", size, 64, ("select", "whole", "release"))
        for size in SIZES[1:]
    ),
    *(
        ChoiceSetting(kind, size, 512)
        for kind in ("realistic", "adversarial", "sparse")
        for size in SIZES[1:]
    ),
    *_WORST,
    _HUGE,
    *(LineSetting("realistic", 1_000, calls) for calls in (10, 100, 1_000, 10_000)),
    *(LineSetting("adversarial", 10_000, calls) for calls in (10, 100, 1_000, 10_000)),
    CallSetting(10),
    CallSetting(1_000),
    *(MemorySetting("realistic", 50_000, tags) for tags in (64, 512)),
    *(MemorySetting("adversarial", 50_000, tags) for tags in (64, 512)),
    MemorySetting("huge", 100_000, 10_000),
)
"""Everything; several minutes."""

QUICK_SETTINGS: tuple[Setting, ...] = (
    ChoiceSetting("realistic", 1_000, 64, ALL),
    ChoiceSetting("realistic", 10_000, 64, ALL),
    ChoiceSetting("adversarial", 1_000, 64, ALL),
    ChoiceSetting("adversarial", 10_000),
    ChoiceSetting("sparse", 10_000),
    ChoiceSetting("no_match", 10_000, 64, SELECT),
    ChoiceSetting("all_busy", 10_000, 64, SELECT),
    ChoiceSetting("many_needs", 1_000),
    ChoiceSetting("equal_idle", 10_000, 64, ("select", "release")),
    ChoiceSetting("realistic", 10_000, 512),
    ChoiceSetting("worst_dense", 10_000, 64, SELECT, WORST_PEERS),
    LineSetting("realistic", 1_000, 1_000),
    LineSetting("realistic", 1_000, 10_000),
    LineSetting("adversarial", 1_000, 1_000),
    CallSetting(10),
    CallSetting(1_000),
    MemorySetting("realistic", 10_000),
)
"""What CI runs beside each change; about a minute."""

_BAR_KINDS = ("realistic", "adversarial")

BARS: tuple[Setting, ...] = (
    *(ChoiceSetting(kind, size, 64, ALL) for kind in _BAR_KINDS for size in SIZES),
    *(ChoiceSetting("sparse", size) for size in SIZES[1:]),
    *(ChoiceSetting(k, s, 64, SELECT) for k in ("no_match", "all_busy") for s in SIZES),
    ChoiceSetting("equal_idle", 50_000, 64, ("select", "release")),
    *_WORST,
    _HUGE,
    LineSetting("realistic", 1_000, 10_000),
    LineSetting("adversarial", 10_000, 10_000),
    ExplainSetting(20_000),
    *(MemorySetting(kind, 50_000, tags) for kind in _BAR_KINDS for tags in (64, 512)),
)
"""What the bars ask for."""


def narrowed(
    settings: Iterable[Setting], *, only: Sequence[str] = (), sizes: Sequence[int] = ()
) -> tuple[Setting, ...]:
    """
    Keep some settings, or take them in other sizes.

    Args:
        settings: Of which to choose.
        only: Names of rows; empty: all.
        sizes: Instead of those that the settings have; empty: as they are.
    """
    kept = (part for setting in settings for part in _only(setting, only))
    sized = (part for setting in kept for part in _in_sizes(setting, sizes))
    return tuple(dict.fromkeys(sized))


def _only(setting: Setting, only: Sequence[str]) -> Iterator[Setting]:
    if not only:
        yield setting
    elif isinstance(setting, ChoiceSetting):
        measures = tuple(m for m in setting.measures if setting.name(m) in only)
        if measures:
            yield setting._replace(measures=measures)
    elif set(setting.names) & set(only):
        yield setting


def _in_sizes(setting: Setting, sizes: Sequence[int]) -> Iterator[Setting]:
    if not sizes:
        yield setting
    for size in sizes:
        if isinstance(setting, LineSetting):
            yield setting._replace(calls=size)
        else:
            yield setting._replace(agents=size)
