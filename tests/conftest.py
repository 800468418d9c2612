"""Fixtures and rules of the whole test suite."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import pytest

from skillroute import backends

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"


def pytest_configure() -> None:
    """Refuse to start when the engines are not those that were asked for."""
    expected = os.environ.get("SKILLROUTE_EXPECT_BACKENDS")
    if expected is None:
        return
    found = ",".join(backends.available())
    if found != expected:
        message = (
            f"SKILLROUTE_EXPECT_BACKENDS={expected}, but available are {found}. "
            "To see why the Rust core was not built: "
            "SKILLROUTE_BUILD=rust uv sync --reinstall-package skillroute"
        )
        raise pytest.UsageError(message)


def pytest_report_header() -> list[str]:
    """Print which engines are tested, and against what."""
    libraries = ("msgspec", "pluggy", "sortedcontainers", "hypothesis")
    return [
        f"skillroute {version('skillroute')}: {', '.join(backends.available())}",
        f"{platform.python_implementation()} {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in libraries),
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `backend_name` once with each installed engine."""
    if "backend_name" in metafunc.fixturenames:
        metafunc.parametrize("backend_name", backends.available(), scope="session")


@pytest.fixture(scope="session")
def backend(backend_name: str) -> object:
    """Give the public classes of each installed engine in turn."""
    return backends.load(backend_name)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of optional test data beside the repository."""
    if not SHARED.is_dir():
        pytest.skip("optional test data ../shared is absent: nothing to compare with")
    return SHARED
