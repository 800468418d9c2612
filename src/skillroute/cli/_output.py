"""
What all commands share: failures, JSON, problems of plans, colours.
"""

from __future__ import annotations

import sys
from os import PathLike
from pathlib import Path
from typing import IO, Any

import click
import msgspec

from ..plan import Plan, Problem, Severity, check_plan, load_plan

__all__ = [
    "UNANSWERED",
    "Failure",
    "active_backend",
    "count",
    "is_terminal",
    "plan_or_fail",
    "print_json",
    "print_note",
    "problem_lines",
    "problem_object",
    "require_folder",
]

UNANSWERED = 2
"""Exit code: the question could not be answered."""


_COLOURS: dict[Severity, str] = {"error": "red", "warning": "yellow", "note": "cyan"}


class Failure(click.ClickException):
    """
    A command cannot answer; the message says why, without a traceback.
    """

    exit_code = UNANSWERED

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message to stderr."""
        click.echo(f"skillroute: {self.format_message()}", file=file or sys.stderr)


def is_terminal(stream: IO[str]) -> bool:
    """
    Tell whether a person looks at a stream.
    """
    return stream.isatty()


def print_json(value: object) -> None:
    """
    Print one object of JSON to stdout, indented, keys in the order they were put.
    """
    text = msgspec.json.format(msgspec.json.encode(value), indent=2)
    click.echo(text.decode("utf-8"))


def print_note(text: str) -> None:
    """
    Say something beside the answer, to stderr.
    """
    click.echo(text, err=True)


def active_backend() -> str:
    """
    Name the engine in use.

    Raises:
        Failure: The one that the environment asks for is not there.
    """
    from .. import backends

    try:
        return backends.active()
    except ImportError as error:
        raise Failure(f"{error} (SKILLROUTE_BACKEND asks for it)") from error


def plan_or_fail(file: str) -> Plan:
    """
    Read a plan.

    Raises:
        Failure: It has errors; all of them have been printed to stderr.
    """
    from ..errors import PlanProblemsError

    try:
        return load_plan(file)
    except PlanProblemsError as error:
        errors = [p for p in check_plan(file) if p.severity == "error"]
        for problem in errors:
            print_note("\n".join(problem_lines(problem)))
        found = count(len(errors), "error")
        raise Failure(f"{file}: {found}; the plan cannot be used") from error


def require_folder(option: str, file: str | PathLike[str]) -> None:
    """
    Say before the work is done that a file cannot be written for want of its folder.

    Args:
        option: What asked for it, such as ``--picture``; empty: an argument.
        file: The file.

    Raises:
        Failure: There is no such folder.
    """
    folder = Path(file).parent
    if not folder.is_dir():
        asked = f"{option} {file}" if option else str(file)
        raise Failure(f"{asked}: there is no folder {str(folder)!r}; make it first")


def problem_lines(problem: Problem) -> list[str]:
    """
    Write a problem as ``file:line:column: severity: message [code]``, and its hint.
    """
    place = problem.file or "plan"
    if problem.line:
        place = f"{place}:{problem.line}:{problem.column}"
    severity = click.style(problem.severity, fg=_COLOURS[problem.severity])
    lines = [f"{place}: {severity}: {problem.message} [{problem.code}]"]
    return [*lines, f"  hint: {problem.hint}"] if problem.hint else lines


def problem_object(problem: Problem) -> dict[str, Any]:
    """
    Write a problem as a plain object.
    """
    return msgspec.structs.asdict(problem)


def count(number: int, noun: str) -> str:
    """
    Write a number of things.
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
