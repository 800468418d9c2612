"""One small site for every test of the boundary, and a look into its state."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from skillroute.plan import parse_plan
from skillroute.reference.state import Snapshot


def load_refusals() -> Any:
    """Load the data that stands beside this file."""
    path = Path(__file__).with_name("refusals.py")
    spec = importlib.util.spec_from_file_location("refusals", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFUSALS = load_refusals()
PLAN = parse_plan(REFUSALS.PLAN).compiled


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `situation` once with each refusal of the table."""
    if "situation" in metafunc.fixturenames:
        metafunc.parametrize("situation", REFUSALS.REFUSALS)


@pytest.fixture(scope="session")
def refusals() -> Any:
    """Give the module with the table of refusals."""
    return REFUSALS


@pytest.fixture
def plan() -> bytes:
    """Give the compiled plan of the site."""
    return PLAN


@pytest.fixture
def engine(backend: SimpleNamespace, plan: bytes) -> Any:
    """Give a fresh engine of each backend."""
    return backend.Engine(plan)


@pytest.fixture(scope="session")
def remembered() -> Callable[[Any], bytes]:
    """Give what tells all that an engine remembers, but for clock and counters."""

    def without_counters(engine: Any) -> bytes:
        state = msgspec.msgpack.decode(engine.snapshot(), type=Snapshot)
        return msgspec.msgpack.encode(
            msgspec.structs.replace(
                state, clock_ms=None, event_sequence=0, timer_ordinal=0
            )
        )

    return without_counters
