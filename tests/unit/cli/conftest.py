"""Ways to run commands: in this process, and in one of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from skillroute.cli import commands

Run = Callable[..., Result]
Spawn = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run() -> Run:
    """Run a command in this process."""

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(commands, list(words), prog_name="skillroute")

    return invoke


@pytest.fixture
def spawn() -> Spawn:
    """Run a command in a process of its own, with more settings if given."""

    def start(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "skillroute", *words],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | settings,
        )

    return start


@pytest.fixture
def plan(run: Run, tmp_path: Path) -> str:
    """Give the file of the starter plan."""
    file = tmp_path / "plan.toml"
    assert 0 == run("init", str(file)).exit_code
    return str(file)
