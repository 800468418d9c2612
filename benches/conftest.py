"""What the benchmarks run on, printed with every result."""

from __future__ import annotations

from typing import Any

import pytest

from skillroute import backends


@pytest.fixture(params=backends.available())
def engine_class(request: pytest.FixtureRequest) -> Any:
    """Give the engine of each installed backend in turn."""
    return backends.load(request.param).Engine
