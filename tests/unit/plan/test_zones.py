"""Zone tables say at every instant what ``zoneinfo`` says."""

from __future__ import annotations

import io
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillroute.plan._zones import FIRST_S, LAST_S, compile_zone, zone_names

# With the odd ones: offsets of seconds, half hours, a day that never was, rules
# that follow another calendar, saving time that is negative, and none at all.
ZONES = [
    "Africa/Casablanca",
    "Africa/Monrovia",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Gaza",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Europe/Moscow",
    "Europe/Riga",
    "Pacific/Apia",
    "UTC",
]


@cache
def peer(name: str) -> ZoneInfo:
    """Read a zone of tzdata by the standard library alone."""
    path = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    return ZoneInfo.from_file(io.BytesIO(path.read_bytes()))


def peer_offset_ms(name: str, at_s: int) -> int:
    """Return local minus UTC by the standard library."""
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at_s)
    offset = instant.astimezone(peer(name)).utcoffset()
    assert offset is not None
    return round(offset.total_seconds() * 1000)


def offset_ms(name: str, at_s: int) -> int:
    """Return local minus UTC by our table."""
    zone = compile_zone(name)
    return zone.offsets_ms[bisect_right(zone.transitions_ms, at_s * 1000)]


@given(st.sampled_from(ZONES), st.integers(FIRST_S, LAST_S - 1))
def test_the_offset_is_right_at_any_instant(name: str, at_s: int) -> None:
    """Else agents begin their shift an hour late."""
    assert offset_ms(name, at_s) == peer_offset_ms(name, at_s)


@pytest.mark.parametrize("name", ZONES)
def test_every_transition_is_exact_to_the_second(name: str) -> None:
    """Else a call at the very start of a shift goes to voicemail."""
    zone = compile_zone(name)
    assert list(zone.transitions_ms) == sorted(set(zone.transitions_ms))
    assert len(zone.offsets_ms) == len(zone.transitions_ms) + 1
    for at_ms in zone.transitions_ms:
        before, after = at_ms // 1000 - 1, at_ms // 1000
        assert offset_ms(name, before) == peer_offset_ms(name, before)
        assert offset_ms(name, after) == peer_offset_ms(name, after)
        assert peer_offset_ms(name, before) != peer_offset_ms(name, after)


def test_no_transition_is_missing() -> None:
    """Thirty years of six-hour steps would show one."""
    steps = range(1_735_689_600, 2_682_374_400, 6 * 3600)
    wrong = [
        at
        for at in steps
        if offset_ms("Europe/Riga", at) != peer_offset_ms("Europe/Riga", at)
    ]
    assert len(steps) > 40_000
    assert wrong == []


def test_tables_reach_from_1970_to_2100() -> None:
    """Moscow's last change was in 2014; Riga's goes on every year."""
    year_ms = 366 * 86_400_000
    assert compile_zone("Europe/Moscow").transitions_ms[-1] == 1_414_274_400_000
    assert compile_zone("Europe/Riga").transitions_ms[-1] > LAST_S * 1000 - year_ms
    assert compile_zone("UTC").transitions_ms == ()
    assert compile_zone("Africa/Monrovia").offsets_ms[0] == -2_670_000


def test_all_zones_of_tzdata_are_known() -> None:
    """An administrator anywhere finds their own."""
    names = zone_names()
    assert len(names) > 500
    assert {"Europe/Moscow", "UTC", "America/Argentina/Buenos_Aires"} <= names
