"""
``skillroute explain --journal``: why a router decided as it did.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import click

from ..actions import RecordOutcome
from ..decisions import Decision
from ..errors import EventRefusedError, JournalError, UnknownIdError
from ..explain import (
    Counterfactual,
    agent_object,
    agent_text,
    decision_object,
    decision_text,
    find_counterfactuals,
)
from ..journal import SqliteJournal, open_journal, restart
from ..plan import Plan, suggest, written_plan
from ..recorded import (
    LifeMoment,
    RecordedDecision,
    arrival_of,
    ask_agent,
    ask_call,
    follow_agent,
    follow_call,
)
from ..semantics import SEMANTICS
from ._agent_story import agent_story, agent_story_lines
from ._call_story import call_story, story_lines
from ._output import Failure, active_backend, print_json, print_note
from ._recorded_words import clock, instant

__all__ = ["explain_recorded"]

_HALF_DAY_S = 43_200


def explain_recorded(
    file: str,
    plan: Plan | None,
    *,
    call: str,
    idle: str,
    at: str | None,
    only: str,
    by: Literal["agent", "rule"],
    as_json: bool,
) -> int:
    """
    Print why a call of a journal went where it went, or why an agent had none.

    Args:
        file: The journal.
        plan: Whose words to use where it is the one that was in force.
        call: Id of the call; empty: *idle* is asked about.
        idle: Id of the agent.
        at: The instant in ISO 8601; None: when it was decided.
        only: List this agent alone.
        by: List agents, or what stands in the way.
        as_json: Print JSON.

    Returns:
        The exit code: 1 if nobody was chosen, or it would be decided otherwise now.
    """
    with _opened(file) as journal:
        at_ms = None if at is None else _instant_ms(journal, at, call)
        if at_ms is not None and at_ms > (end_ms := _end_ms(journal)):
            ends = clock(end_ms, _plan_now(journal))
            print_note(f"note: the journal ends at {ends}; nothing is known behind it")
        if idle:
            if at_ms is None:
                raise Failure("--idle with --journal needs --at: when was that?")
            return _agent(journal, plan, idle, at_ms, as_json=as_json)
        return _call(journal, plan, call, at_ms, only=only, by=by, as_json=as_json)


def _call(
    journal: SqliteJournal,
    plan: Plan | None,
    call: str,
    at_ms: int | None,
    *,
    only: str,
    by: Literal["agent", "rule"],
    as_json: bool,
) -> int:
    backend = active_backend()
    asked = ask_call(journal, call, at_ms=at_ms, backend=backend)
    words = _words(asked.plan, plan)
    if only:
        _require_agent(words, only)
    life = follow_call(journal, call, until_ms=at_ms, backend=backend)
    decision = asked.decision
    found: tuple[Counterfactual, ...] = ()
    if only or not decision.chosen:
        found = _otherwise(journal, asked, words, only, backend)
    if as_json:
        answer = decision_object(
            decision,
            words,
            caller=asked.arrival.caller.number,
            dialled=asked.arrival.dialled.number,
            backend=backend,
            only=only,
            counterfactuals=found,
        )
        answer["recorded"] = {
            "seq": asked.seq,
            "is_same": asked.is_same,
            "chosen": asked.recorded_agent or None,
            "semantics": asked.semantics,
            "semantics_now": SEMANTICS,
            "history": [
                {"at": instant(told_ms, words), "what": what}
                for told_ms, what in call_story(life, words)
            ],
        }
        print_json(answer)
    else:
        text = decision_text(decision, words, only=only, by=by, counterfactuals=found)
        headline, _, rest = text.partition("\n")
        if at_ms is not None:
            headline = _headline_then(headline, decision, life)
        colour = "green" if decision.chosen else "yellow"
        click.echo(click.style(headline, bold=True, fg=colour))
        click.echo(f"{rest}\n")
        click.echo("\n".join(story_lines(life, words)))
        click.echo(f"\n{_recorded_words(asked, at_ms)}")
    return 0 if decision.chosen and asked.is_same else 1


def _headline_then(
    headline: str, decision: Decision, life: tuple[LifeMoment, ...]
) -> str:
    """
    Say what was happening to the call, where the engine says what it would decide.
    """
    if decision.next == "ended":
        outcomes = [
            action.outcome
            for moment in life
            for action in moment.actions
            if isinstance(action, RecordOutcome)
        ]
        return f"The call had ended: {outcomes[-1]}." if outcomes else headline
    if decision.next == "offer":
        return headline.replace(" gets the call: ", " is being rung: ", 1)
    return headline


def _recorded_words(asked: RecordedDecision, at_ms: int | None) -> str:
    """
    Say whether it was decided as it would be now.
    """
    if at_ms is not None:
        return f"The site as it was behind record {asked.seq}."
    if asked.is_same:
        return f"Recorded so, as number {asked.seq}; decided again, to the same answer."
    then = asked.recorded_agent or "something else"
    now = asked.decision.chosen or asked.decision.next
    number = f"by {asked.semantics}"
    return (
        f"Record {asked.seq} differs: decided {then} {number}, would be {now} now"
        f" (by {SEMANTICS})."
    )


def _otherwise(
    journal: SqliteJournal,
    asked: RecordedDecision,
    words: Plan,
    only: str,
    backend: str,
) -> tuple[Counterfactual, ...]:
    """
    Find what would have led to another decision.
    """
    until_seq = asked.seq
    if asked.query.arrival is not None:
        until_seq -= 1
    engine = restart(journal, backend=backend, until_seq=until_seq).engine
    try:
        return find_counterfactuals(
            engine, words, asked.query, asked.decision, agent=only
        )
    except EventRefusedError:
        # The call has left the site at that record: nothing more can be supposed.
        return ()


def _agent(
    journal: SqliteJournal, plan: Plan | None, agent: str, at_ms: int, *, as_json: bool
) -> int:
    backend = active_backend()
    try:
        asked = ask_agent(journal, agent, at_ms=at_ms, backend=backend)
    except UnknownIdError:
        _require_agent(_plan_now(journal), agent)
        raise
    words = _words(asked.plan, plan)
    life = follow_agent(journal, agent, until_ms=at_ms, backend=backend)
    if as_json:
        answer = agent_object(asked.decision, words, backend=backend)
        answer["history"] = [
            {"at": instant(told_ms, words), "what": what}
            for told_ms, what in agent_story(life)
        ]
        print_json(answer)
        return 0
    headline, _, rest = agent_text(asked.decision, words).partition("\n")
    colour = "green" if asked.decision.verdict == "eligible" else "yellow"
    click.echo(click.style(headline, bold=True, fg=colour))
    click.echo(f"{rest}\n")
    if told := list(agent_story_lines(life, words, agent)):
        click.echo("\n".join([*told, ""]))
    click.echo(f"The site as it was behind record {asked.seq}.")
    return 0


def _words(recorded: Plan, given: Plan | None) -> Plan:
    if given is None or given.plan_id == recorded.plan_id:
        return given or recorded
    print_note("note: another plan was in force then; its words are used")
    return recorded


def _require_agent(plan: Plan, agent: str) -> None:
    if agent not in plan.raw.agents:
        hint = suggest(agent, plan.raw.agents)
        raise Failure(
            f"the plan of that time has no agent {agent!r}{hint and f'; {hint}'}"
        )


def _plan_now(journal: SqliteJournal) -> Plan:
    return written_plan(journal.plans()[journal.plan_id])


def _end_ms(journal: SqliteJournal) -> int:
    """
    Return until when the journal knows anything: its last record, or sign of life.
    """
    last_ms = [r.at_ms for r in journal.records(after_seq=journal.last_seq - 1)]
    return max([*last_ms, journal.alive_ms or 0])


def _instant_ms(journal: SqliteJournal, at: str, call: str) -> int:
    """
    Read an instant; without an offset in the zone of the site.

    A time without a day is the first such after the call came.
    """
    zone = ZoneInfo(_plan_now(journal).raw.site.zone)
    try:
        instant = datetime.fromisoformat(at)
    except ValueError as error:
        instant_of_day = _instant_of_day(journal, at, call, zone)
        if instant_of_day is None:
            raise Failure(f"--at {at!r} is no time: write 2024-01-15T10:00") from error
        instant = instant_of_day
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone)
    return round(instant.timestamp() * 1000)


def _instant_of_day(
    journal: SqliteJournal, at: str, call: str, zone: ZoneInfo
) -> datetime | None:
    """
    Read a time without a day: that of the call, or the one of which the journal is.

    Returns:
        The instant; None: it is no time.
    """
    try:
        clock_time = time.fromisoformat(at)
    except ValueError:
        return None
    first_ms = next((record.at_ms for record in journal.records()), 0)
    days_ms = [first_ms, _end_ms(journal)]
    if call:
        days_ms = [arrival_of(journal, call).at_ms]
    days = {datetime.fromtimestamp(ms // 1000, zone).date() for ms in days_ms}
    if len(days) > 1:
        raise Failure(f"--at {at!r}: of which day? write {max(days)}T{at}")
    instant = datetime.combine(days.pop(), clock_time, zone)
    # Who asks at 00:10 about a call that came at 23:50 means the next day.
    is_next_day = call and days_ms[0] / 1000 - instant.timestamp() > _HALF_DAY_S
    return instant + timedelta(days=1) if is_next_day else instant


@contextmanager
def _opened(file: str) -> Iterator[SqliteJournal]:
    try:
        with open_journal(file, read_only=True) as journal:
            yield journal
    except JournalError as error:
        raise Failure(error.message) from error
    except UnknownIdError as error:
        raise Failure(error.message) from error
