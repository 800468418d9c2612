"""
``skillroute demo``: a dozen calls to watch, or a day of calls to replay.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

import click

from ..decisions import Decision
from ..errors import EventRefusedError
from ..events import CallArrived
from ..explain import decision_object, decision_text
from ..plan import Plan, parse_plan, starter_plan
from ..simulation import (
    Behaviour,
    CallProblem,
    Result,
    SimulatedCall,
    explain_call,
    read_calls,
    read_start_ms,
    simulate_calls,
)
from . import _demo_calls as script
from ._narrative import Line, story
from ._output import (
    Failure,
    active_backend,
    count,
    is_terminal,
    plan_or_fail,
    print_json,
    print_note,
)
from ._run_report import agent_lines, result_object, summary_lines

__all__ = ["command"]

PRINCIPLE = (
    "Among the agents who can take a call and are free, the one with the fewest tags"
    " gets it."
)
"""The first line that anybody sees of skillroute."""

# Long enough to read along, short enough to be watched to the end.
_WATCHED_S = 12.0
_PAUSE_S_MAX = 1.0
# A story of more calls than this is read by nobody: only its figures are shown.
_TOLD_CALLS_MAX = 60
_PROBLEMS_SHOWN = 20

_COLOURS = {"call": "cyan", "offer": "blue", "good": "green", "bad": "yellow"}


@click.command("demo")
@click.option(
    "--plan", "plan_file", type=click.Path(), help="A plan; the starter plan."
)
@click.option("--calls", "calls_file", type=click.Path(), help="Calls, a CSV file.")
@click.option("--start", help="When second 0 of the calls is, in ISO 8601.")
@click.option("--explain", "explained", metavar="CALL", help="Explain this call.")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="For what is drawn."
)
@click.option(
    "--answer-after",
    "answer_s",
    type=click.FloatRange(0, 600),
    default=0,
    show_default=True,
    help="With --calls: seconds for which agents let it ring.",
)
@click.option(
    "--speed", type=click.FloatRange(0, min_open=True), help="Times as fast as life."
)
@click.option("--fast", is_flag=True, help="No pauses.")
@click.option("--json", "as_json", is_flag=True, help="Print figures as JSON.")
def command(
    *,
    plan_file: str | None,
    calls_file: str | None,
    start: str | None,
    explained: str | None,
    seed: int,
    answer_s: float,
    speed: float | None,
    fast: bool,
    as_json: bool,
) -> None:
    """
    Watch a dozen calls, or replay a day of calls.

    With --calls agents answer at once, so what remains of the wait is the time in
    line, unless --answer-after says otherwise.
    """
    plan = parse_plan(starter_plan()) if plan_file is None else plan_or_fail(plan_file)
    answer_ms = round(answer_s * 1000)
    calls, behaviour = _calls(plan, plan_file, calls_file, seed, answer_ms)
    if explained is None and calls_file is None:
        # The dozen of either kind has a call of this id.
        explained = script.EXPLAINED
    if explained is not None and all(call.call != explained for call in calls):
        raise Failure(f"--explain: there is no call {explained!r}")
    start_ms = _start_ms(plan, start, calls_file)
    result = _simulate(plan, calls, behaviour, seed, start_ms)
    if as_json:
        _print_object(plan, result, explained)
        return
    if len(calls) <= _TOLD_CALLS_MAX:
        _tell(plan, result, _pace(result, speed, fast=fast))
    _print_figures(result)
    if explained is not None:
        click.echo(
            click.style(f"\nWhy call {explained} went where it went:", bold=True)
        )
        click.echo(decision_text(_explained(plan, result, explained), plan))


def _calls(
    plan: Plan,
    plan_file: str | None,
    calls_file: str | None,
    seed: int,
    answer_ms: int,
) -> tuple[tuple[SimulatedCall, ...], Behaviour]:
    if calls_file is not None:
        calls, problems = read_calls(calls_file)
        _report(calls_file, calls, problems)
        return calls, Behaviour(answer_ms=(answer_ms, answer_ms))
    if plan_file is None:
        return script.morning(), script.morning_behaviour()
    return script.drawn_calls(plan, seed)


def _report(
    file: str, calls: tuple[SimulatedCall, ...], problems: tuple[CallProblem, ...]
) -> None:
    """
    Say on stderr what is wrong with rows; fail if no call is left.
    """
    for problem in problems[:_PROBLEMS_SHOWN]:
        place = f"{file}:{problem.line}" if problem.line else file
        severity = "error" if problem.dropped else "warning"
        print_note(f"{place}: {severity}: {problem.message} [{problem.code}]")
    if len(problems) > _PROBLEMS_SHOWN:
        print_note(f"{file}: and {len(problems) - _PROBLEMS_SHOWN:,} more like these")
    dropped = sum(problem.dropped for problem in problems)
    if not calls:
        raise Failure(f"{file}: there are no calls to replay")
    if problems:
        kept = count(len(calls), "call")
        print_note(f"{file}: {kept} read, {count(dropped, 'row')} left out")


def _start_ms(plan: Plan, start: str | None, calls_file: str | None) -> int | None:
    if start is None:
        return read_start_ms(calls_file) if calls_file is not None else None
    try:
        instant = datetime.fromisoformat(start)
    except ValueError as error:
        raise Failure(
            f"--start {start!r} is no time: write 2024-01-15T10:00"
        ) from error
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=ZoneInfo(plan.raw.site.zone))
    return round(instant.timestamp() * 1000)


def _simulate(
    plan: Plan,
    calls: tuple[SimulatedCall, ...],
    behaviour: Behaviour,
    seed: int,
    start_ms: int | None,
) -> Result:
    progress = _progress() if is_terminal(sys.stderr) else None
    try:
        return simulate_calls(
            plan,
            calls,
            behaviour,
            seed=seed,
            backend=active_backend(),
            start_ms=start_ms,
            progress=progress,
        )
    except EventRefusedError as error:
        raise Failure(f"the engine refused an event: {error.message}") from error


def _progress() -> Callable[[int, int], None]:
    """
    Draw a bar on stderr, once a run has lasted a second.
    """
    begun_s = drawn_s = time.monotonic()

    def draw(done: int, of: int) -> None:
        nonlocal drawn_s
        now_s = time.monotonic()
        if now_s - begun_s > 1 and now_s - drawn_s > 0.1:
            drawn_s = now_s
            bar = "#" * (30 * done // max(of, 1))
            click.echo(f"\r[{bar:<30}] {done:,} of {of:,} calls ", err=True, nl=False)
            if of - done < of // 50:
                click.echo("\r" + " " * 60 + "\r", err=True, nl=False)

    return draw


def _pace(result: Result, speed: float | None, *, fast: bool) -> Callable[[int], None]:
    """
    Return what waits until a moment of the run may be shown.
    """
    if fast or (speed is None and not is_terminal(sys.stdout)):
        return lambda _at_ms: None
    length_s = (result.end_ms - result.start_ms) / 1000
    factor = speed or max(length_s / _WATCHED_S, 1.0)
    longest_s = _PAUSE_S_MAX if speed is None else float("inf")
    shown_ms = result.start_ms

    def wait(at_ms: int) -> None:
        nonlocal shown_ms
        pause_s = (at_ms - shown_ms) / 1000 / factor
        shown_ms = at_ms
        if pause_s > 0:
            time.sleep(min(pause_s, longest_s))

    return wait


def _tell(plan: Plan, result: Result, wait: Callable[[int], None]) -> None:
    zone = ZoneInfo(plan.raw.site.zone)
    click.echo(click.style(PRINCIPLE, bold=True))
    click.echo()
    for line in _shown(story(plan, result), wait):
        text = click.style(line.text, fg=_COLOURS.get(line.mood))
        click.echo(f"{_clock(line.at_ms, zone)}  {line.call}  {text}")
        sys.stdout.flush()
    click.echo()


def _shown(lines: Iterable[Line], wait: Callable[[int], None]) -> Iterable[Line]:
    for line in lines:
        wait(line.at_ms)
        yield line


def _clock(at_ms: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(at_ms / 1000, zone).strftime("%H:%M:%S")


def _print_figures(result: Result) -> None:
    click.echo("\n".join(summary_lines(result)))
    lines = "\n".join(agent_lines(result))
    click.echo(f"\n{lines}" if lines else "")
    print_note(
        f"{count(len(result.calls), 'call')}, {count(len(result.history), 'event')},"
        f" backend {result.backend}, {result.events_per_s:,.0f} events/s"
    )


def _explained(plan: Plan, result: Result, call: str) -> Decision:
    try:
        return explain_call(plan, result, call)
    except EventRefusedError as error:
        raise Failure(f"--explain: {error.message}") from error


def _print_object(plan: Plan, result: Result, explained: str | None) -> None:
    answer = result_object(result)
    if explained is not None:
        decision = _explained(plan, result, explained)
        arrival = next(
            moment.event
            for moment in result.history
            if isinstance(moment.event, CallArrived) and moment.event.call == explained
        )
        answer["explained"] = decision_object(
            decision,
            plan,
            caller=arrival.caller.number,
            dialled=arrival.dialled.number,
            backend=result.backend,
        )
    print_json(answer)
