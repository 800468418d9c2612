"""
``skillroute replay``: a recorded day under another plan.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import click
import msgspec

from ..decisions import Decision
from ..errors import JournalError
from ..events import CallArrived
from ..explain import decision_text
from ..journal import open_journal
from ..numbers import resolve
from ..plan import Plan, written_plan
from ..recorded import (
    Change,
    Comparison,
    Day,
    Parting,
    Patience,
    Totals,
    compare_days,
    explain_parting,
    read_day,
    rerun_day,
)
from ._output import (
    Failure,
    active_backend,
    count,
    is_terminal,
    plan_or_fail,
    print_json,
    print_note,
)
from ._recorded_words import clock, parting_words

__all__ = ["command"]

_NAMED_MAX = 5
_KINDS = {
    "agent": "another agent",
    "outcome": "another outcome",
    "wait": "another wait",
    "queue": "another queue",
}


@click.command("replay")
@click.argument("journal_file", metavar="FILE", type=click.Path())
@click.option(
    "--plan", "plan_file", type=click.Path(), required=True, help="The other plan."
)
@click.option(
    "--patience",
    type=click.Choice(["estimated", "endless"]),
    default="estimated",
    show_default=True,
    help="How long callers wait who were answered.",
)
@click.option(
    "--within",
    "within_s",
    type=click.FloatRange(0, 3600),
    default=20,
    show_default=True,
    help="Seconds of the service level.",
)
@click.option(
    "--limit",
    type=click.IntRange(0),
    default=20,
    show_default=True,
    help="How many changed calls to list.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    *,
    journal_file: str,
    plan_file: str,
    patience: Patience,
    within_s: float,
    limit: int,
    as_json: bool,
) -> None:
    """
    Route the recorded calls again under another plan, and say what changes.

    Arrivals, conversations, patience and how agents answered are as in the record.
    """
    plan = plan_or_fail(plan_file)
    backend = active_backend()
    day = _day(journal_file, backend)
    again = rerun_day(
        day,
        plan.compiled,
        patience=patience,
        backend=backend,
        progress=_progress("calls"),
    )
    compared = compare_days(day.fates, again.fates, threshold_ms=round(within_s * 1000))
    plans = written_plan(day.plan), plan
    found: tuple[Decision | None, Decision | None] = (None, None)
    if compared.parting is not None:
        found = explain_parting(
            day,
            (day.plan, plan.compiled),
            compared.parting,
            patience=patience,
            backend=backend,
        )
    _note_left_out(day, plan_file)
    _note_unknown_numbers(day, plan, plan_file)
    if as_json:
        answer = _object(compared, plans, found, patience, backend)
        print_json({**answer, "left_out": _left_out(day)})
        return
    click.echo("\n".join(_table(compared, plan_file)))
    click.echo()
    click.echo("\n".join(_changed_lines(compared, plan, limit)))
    if compared.parting is not None:
        click.echo()
        click.echo("\n".join(_parting_lines(compared.parting, plans, found)))


def _day(file: str, backend: str) -> Day:
    try:
        with open_journal(file, read_only=True) as journal:
            day = read_day(journal, backend=backend, progress=_progress("records"))
    except JournalError as error:
        raise Failure(error.message) from error
    if not day.arrivals:
        raise Failure(f"{file}: no call has come in it")
    return day


def _left_out(day: Day) -> dict[str, int]:
    """
    Count what of the record was not played again.
    """
    counted = day.left_out
    return {
        "gaps": counted.get("Gap", 0) + counted.get("HostLost", 0),
        "reloads": counted.get("PlanReloaded", 0),
    }


def _note_left_out(day: Day, plan_file: str) -> None:
    """
    Say what of the record was not played again, and what that means.
    """
    left_out = _left_out(day)
    if gaps := left_out["gaps"]:
        print_note(
            f"note: {count(gaps, 'gap')} in the record, in which the router or the"
            " switch was away, not played again: calls that were cut or delayed by it"
            " are listed as changed, whatever the plan"
        )
    if reloads := left_out["reloads"]:
        print_note(
            f"note: {count(reloads, 'reload')} in the record, not played again: what"
            f" was recorded under several plans is compared with {plan_file} alone"
        )


def _note_unknown_numbers(day: Day, plan: Plan, plan_file: str) -> None:
    """
    Say which calls cannot be routed, since nobody put their numbers into the plan.
    """
    known = {resolve(plan, number).number for number in plan.raw.numbers}
    calls = Counter(
        answer.event.dialled.number
        for answer in day.arrivals
        if isinstance(answer.event, CallArrived)
    )
    missing = {number: calls[number] for number in calls if number not in known}
    if missing:
        named = ", ".join(number or "none" for number in list(missing)[:_NAMED_MAX])
        more = ", ..." if len(missing) > _NAMED_MAX else ""
        print_note(
            f"note: {plan_file} does not have the numbers that"
            f" {count(sum(missing.values()), 'call')} dialled: {named}{more}"
        )


def _progress(noun: str) -> Callable[[int, int], None] | None:
    """
    Draw a bar on stderr, once it has lasted a second; None: nobody looks.
    """
    if not is_terminal(sys.stderr):
        return None
    begun_s = drawn_s = time.monotonic()

    def draw(done: int, of: int) -> None:
        nonlocal drawn_s
        now_s = time.monotonic()
        if now_s - begun_s > 1 and now_s - drawn_s > 0.1:
            drawn_s = now_s
            bar = "#" * (30 * done // max(of, 1))
            end = "" if of - done > of // 50 else "\r" + " " * 60
            line = f"\r[{bar:<30}] {done:,} of {of:,} {noun} {end}"
            click.echo(line, err=True, nl=False)

    return draw


def _table(compared: Comparison, name: str) -> Iterator[str]:
    """
    Write both days side by side.
    """
    rows = [("", "recorded", name)]
    was, now = _cells(compared.was), _cells(compared.now)
    within = f"{compared.threshold_ms / 1000:g}"
    titles = (
        "offered",
        "answered",
        "abandoned",
        "voicemail",
        "other",
        "mean wait of answered",
        "90 % of answered waited",
        f"answered within {within} s of offered",
    )
    rows += list(zip(titles, was, now, strict=True))
    widths = [max(len(row[n]) for row in rows) for n in range(3)]
    for title, then, later in rows:
        yield f"{title:<{widths[0]}}  {then:>{widths[1]}}  {later:>{widths[2]}}"


def _cells(totals: Totals) -> tuple[str, ...]:
    part = totals.answered_in_time / totals.offered if totals.offered else 0
    return (
        f"{totals.offered:,}",
        f"{totals.answered:,}",
        f"{totals.abandoned:,}",
        f"{totals.voicemail:,}",
        f"{totals.other:,}",
        _seconds(totals.wait_mean_ms),
        _seconds(totals.wait_p90_ms),
        f"{100 * part:.1f} %",
    )


def _seconds(length_ms: int | None) -> str:
    return "-" if length_ms is None else f"{length_ms / 1000:.1f} s"


def _changed_lines(compared: Comparison, plan: Plan, limit: int) -> Iterator[str]:
    """
    List the calls that changed, each with what became another and since when.
    """
    changes = compared.changes
    if not changes:
        yield "No call changed."
        return
    kinds = [
        f"{number:,} {words}"
        for kind, words in _KINDS.items()
        if (number := sum(kind in change.kinds for change in changes))
    ]
    of = f"{len(changes):,} of {count(compared.was.offered, 'call')} changed"
    yield f"{of}: {', '.join(kinds)}."
    for change in changes[:limit]:
        yield f"  {change.was.call}: {'; '.join(_change_words(change))}"
        at = clock(change.parting.at_ms, plan)
        yield f"    from {at}: {parting_words(change.parting)}"
    if len(changes) > limit:
        yield f"  and {len(changes) - limit:,} more"


def _change_words(change: Change) -> Iterator[str]:
    was, now = change.was, change.now
    if "outcome" in change.kinds:
        yield f"{now.outcome or 'not ended'}, was {was.outcome or 'not ended'}"
    if "agent" in change.kinds:
        yield f"answered by {now.agent or 'nobody'}, was {was.agent or 'nobody'}"
    if "wait" in change.kinds:
        yield f"waited {_seconds(now.wait_ms)}, was {_seconds(was.wait_ms)}"
    if "queue" in change.kinds:
        yield f"in queue {now.queue or 'none'}, was {was.queue or 'none'}"


def _parting_lines(
    parting: Parting,
    plans: tuple[Plan, Plan],
    found: tuple[Decision | None, Decision | None],
) -> Iterator[str]:
    """
    Explain the first decision that was another.
    """
    at = clock(parting.at_ms, plans[1])
    words = parting_words(parting)
    yield f"The first difference: at {at}, call {parting.call}: {words}"
    for title, plan, decision in zip(("recorded", "now"), plans, found, strict=True):
        if decision is not None:
            headline = decision_text(decision, plan).partition("\n")[0]
            yield f"  {title}: {headline}"


def _object(
    compared: Comparison,
    plans: tuple[Plan, Plan],
    found: tuple[Decision | None, Decision | None],
    patience: str,
    backend: str,
) -> dict[str, Any]:
    """
    Make the object that ``--json`` prints.
    """
    parting: dict[str, Any] | None = None
    if compared.parting is not None:
        parting = msgspec.structs.asdict(compared.parting)
        for title, plan, decision in zip(("was", "now"), plans, found, strict=True):
            if decision is not None:
                words = decision_text(decision, plan).partition("\n")[0]
                parting[f"{title}_why"] = words
    return {
        "version": 1,
        "was": msgspec.structs.asdict(compared.was),
        "now": msgspec.structs.asdict(compared.now),
        "service_level": {
            "definition": "answered_within_threshold_of_offered",
            "threshold_s": compared.threshold_ms / 1000,
        },
        "changed": [
            {
                "call": change.was.call,
                "kinds": list(change.kinds),
                "was": msgspec.structs.asdict(change.was),
                "now": msgspec.structs.asdict(change.now),
                "parting": msgspec.structs.asdict(change.parting),
            }
            for change in compared.changes
        ],
        "parting": parting,
        "patience": patience,
        "plan_ids": [plan.plan_id for plan in plans],
        "backend": backend,
    }
