# ruff: noqa: INP001 - a program in the folder that it writes to, no package
"""
Write the generated pages of the reference, or tell whether they are stale.

    python docs/generate.py            rewrite what has changed
    python docs/generate.py --check    exit with 1 if anything would change
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from generator import (
    checks,
    driver,
    errors,
    hooks,
    limits,
    measured,
    messages,
    rules,
    scenario,
    simulation_speed,
    states,
)

REFERENCE = Path(__file__).resolve().parent / "reference"

PAGES: dict[str, Callable[[], str]] = {
    "events.md": messages.events_page,
    "actions.md": messages.actions_page,
    "errors.md": errors.page,
    "checks.md": checks.page,
    "limits.md": limits.page,
    "states.md": states.page,
    "hooks.md": hooks.page,
    "driver.md": driver.page,
    "rule-cases.md": rules.cases_page,
    "measured.md": measured.page,
    "scenario.md": scenario.page,
    "simulation-speed.md": simulation_speed.page,
}
"""Every generated page of ``docs/reference/``, and what makes its text."""


def stale_pages() -> dict[str, str]:
    """
    Make all pages.

    Returns:
        The text, by name, of those that are missing or differ from their files.
    """
    return {
        name: text
        for name, make in PAGES.items()
        if (text := make()) != written(REFERENCE / name)
    }


def written(file: Path) -> str | None:
    """Return what stands in a file; None: there is no such file."""
    return file.read_text("utf-8") if file.is_file() else None


def main(arguments: list[str]) -> int:
    """Run the program and return its exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python docs/generate.py [--check]\n")
        return 2
    stale = stale_pages()
    for name, text in stale.items():
        if arguments:
            sys.stderr.write(f"docs/reference/{name} is stale\n")
        else:
            (REFERENCE / name).write_text(text, "utf-8")
            sys.stdout.write(f"docs/reference/{name} written\n")
    if stale and arguments:
        sys.stderr.write("run: python docs/generate.py\n")
    return int(bool(stale and arguments))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
