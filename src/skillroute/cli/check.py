"""
``skillroute check``: everything that is wrong with a plan, at once.
"""

from __future__ import annotations

from collections import Counter

import click

from ..plan import Problem, Severity, check_plan
from ._output import (
    UNANSWERED,
    count,
    print_json,
    print_note,
    problem_lines,
    problem_object,
)

__all__ = ["command"]

# There is no plan in these cases, so nothing was judged.
_NOT_JUDGED = ("file_unreadable", "not_utf8")


@click.command("check")
@click.argument("plan", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--strict", is_flag=True, help="Let warnings count as errors.")
@click.pass_context
def command(ctx: click.Context, plan: str, *, as_json: bool, strict: bool) -> None:
    """
    Find everything that is wrong with a plan.

    The exit code is 0 if the plan can be used, 1 if it cannot, 2 if there is no plan
    to judge. Notes never count as problems.
    """
    problems = check_plan(plan)
    fatal = ("error", "warning") if strict else ("error",)
    ok = not any(problem.severity in fatal for problem in problems)
    if as_json:
        listed = [problem_object(problem) for problem in problems]
        print_json({"version": 1, "ok": ok, "problems": listed})
    else:
        _print(plan, problems)
    if any(problem.code in _NOT_JUDGED for problem in problems):
        ctx.exit(UNANSWERED)
    ctx.exit(0 if ok else 1)


def _print(plan: str, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        click.echo("\n".join(problem_lines(problem)))
    numbers = Counter(problem.severity for problem in problems)
    serious: tuple[Severity, ...] = ("error", "warning")
    found = [count(numbers[kind], kind) for kind in serious if numbers[kind]]
    found = found or ["no problems"]
    found += [count(numbers["note"], "note")] if numbers["note"] else []
    print_note(f"{plan}: {', '.join(found)}")
