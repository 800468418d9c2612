"""Fixtures of the tests of recorded days."""

from __future__ import annotations

from pathlib import Path

import pytest

from skillroute.plan import Plan, parse_plan, starter_plan
from skillroute.simulation import default_start_ms
from tests.recorded.days import record_day


@pytest.fixture(scope="session")
def plan() -> Plan:
    """Give the plan of the recorded day."""
    return parse_plan(starter_plan())


@pytest.fixture(scope="session")
def day(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the journal of two hours with a hundred calls."""
    path = tmp_path_factory.mktemp("day") / "site.journal"
    record_day(path, plan, calls=100, start_ms=default_start_ms(plan))
    return path
