"""What the README shows is what happens."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def test_the_example_runs() -> None:
    """It is the first thing that anybody tries."""
    readme = REPOSITORY / "README.md"
    # The first order has no agent: its line ends in a blank that no editor keeps.
    ignored = doctest.NORMALIZE_WHITESPACE
    answer = doctest.testfile(str(readme), module_relative=False, optionflags=ignored)
    assert answer.attempted > 0
    assert 0 == answer.failed


def test_ci_runs_the_command_of_the_readme() -> None:
    """Otherwise CI could be green and the command be wrong."""
    commands = re.findall(
        r"^\$ (.*)$", (REPOSITORY / "README.md").read_text(), re.MULTILINE
    )
    assert commands
    (check,) = [command for command in commands if command.endswith(" nox")]
    assert check in (REPOSITORY / ".ci" / "run").read_text().splitlines()
