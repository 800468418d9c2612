"""Compiled scenarios: bytes that come back, and parts that must fit together."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from skillroute.contract import Party
from skillroute.errors import PlanError
from skillroute.simulation import (
    CompiledBreak,
    CompiledCall,
    CompiledClass,
    CompiledDistribution,
    CompiledGroup,
    CompiledRetry,
    CompiledScenario,
    bin_bounds,
    bin_of,
    constant,
    decode_scenario,
    encode_scenario,
    unit_exponential,
)

KIND = CompiledClass(
    name="all", dialled=Party(kind="e164", number="+12025550100"), handling=1
)
RETRY = CompiledRetry(abandoned_permille=500, blocked_permille=0, delay=1, tries_max=3)
SOUND = CompiledScenario(
    format=1,
    name="s",
    seed=1,
    start_ms=0,
    length_ms=1000,
    distributions=(unit_exponential(), constant(5)),
    unit_exponential=0,
    classes=(KIND,),
    groups=(CompiledGroup(name="all", answer=1, connect=1),),
)


def with_kind(**changes: object) -> dict[str, Any]:
    """Change the one class."""
    return {"classes": (msgspec.structs.replace(KIND, **changes),)}


def table(*values: int, bits: int = 0) -> dict[str, Any]:
    """Put another table in place of the first."""
    replaced = CompiledDistribution(values=values, cell_bits=bits)
    return {"distributions": (replaced, constant(5))}


def pause(agent: str, from_ms: int, until_ms: int) -> CompiledBreak:
    """Make a break."""
    return CompiledBreak(agent=agent, from_after_ms=from_ms, until_after_ms=until_ms)


UNSOUND: dict[str, dict[str, Any]] = {
    "another format": {"format": 2},
    "a negative seed": {"seed": -1},
    "no length": {"length_ms": 0},
    "a warm-up as long as the run": {"warm_up_ms": 1000},
    "negative lines": {"lines": -1},
    "thresholds that do not ascend": {"thresholds_ms": (20, 20)},
    "an empty table": table(),
    "a falling table": table(2, 1),
    "a value too large": table(1 << 53),
    "half an octave": table(1, 2, bits=1),
    "too many octaves": table(*range(129), bits=1),
    "no group": {"groups": ()},
    "calls of no class": {
        "classes": (),
        "calls": (CompiledCall(arrival_after_ms=0, kind=0),),
    },
    "a distribution that is not there": {"unit_exponential": 2},
    "handling that is not there": with_kind(handling=9),
    "more answers than offers": {
        "groups": (
            CompiledGroup(
                name="g", answer=1, connect=1, answer_permille=900, decline_permille=101
            ),
        )
    },
    "a priority out of range": with_kind(priority=1001),
    "too many digits": with_kind(caller_digits=10),
    "rates that overlap": with_kind(rates=((0, 10, 1), (9, 20, 1))),
    "rates behind the end": with_kind(rates=((0, 1001, 1),)),
    "counts behind the repetition": with_kind(counts=((0, 11, 1),), repeat_ms=10),
    "a factor that is not there": with_kind(factor=0),
    "no try at all": with_kind(retry=msgspec.structs.replace(RETRY, tries_max=0)),
    "agents that do not ascend": {"agents": (("b", 0), ("a", 0))},
    "a group that is not there": {"agents": (("a", 1),)},
    "breaks that overlap": {"breaks": (pause("a", 0, 10), pause("a", 5, 20))},
    "a break that ends before it begins": {"breaks": (pause("a", 5, 5),)},
    "calls that do not ascend": {
        "calls": (
            CompiledCall(arrival_after_ms=5, kind=0),
            CompiledCall(arrival_after_ms=4, kind=0),
        )
    },
    "a negative length of a call": {
        "calls": (CompiledCall(arrival_after_ms=5, kind=0, handling_ms=-1),)
    },
}


def test_a_scenario_comes_back_from_its_bytes() -> None:
    """Equal scenarios must be equal bytes: shards are compared by them."""
    data = encode_scenario(SOUND)
    assert SOUND == decode_scenario(data)
    assert data == encode_scenario(decode_scenario(data))


@pytest.mark.parametrize("changes", UNSOUND.values(), ids=UNSOUND)
def test_parts_that_do_not_fit_are_refused(changes: dict[str, Any]) -> None:
    """What the compiled engine plays without another look must be sound."""
    data = encode_scenario(msgspec.structs.replace(SOUND, **changes))
    with pytest.raises(PlanError) as caught:
        decode_scenario(data)
    assert "scenario_malformed" == caught.value.code


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x90", msgspec.msgpack.encode([1])])
def test_other_bytes_are_refused(data: bytes) -> None:
    """A file that is no scenario must give a reason, not a traceback."""
    with pytest.raises(PlanError, match="not a compiled scenario"):
        decode_scenario(data)


def test_bins_of_waits_follow_each_other_without_a_gap() -> None:
    """A wait that falls between two bins is missing from the distribution."""
    for number in range(1, 500):
        least_ms, next_ms = bin_bounds(number)
        assert bin_bounds(number - 1)[1] == least_ms
        assert number == bin_of(least_ms) == bin_of(next_ms - 1)
    least_ms, next_ms = bin_bounds(bin_of(20_000))
    assert (next_ms - least_ms) / least_ms < 1 / 32
