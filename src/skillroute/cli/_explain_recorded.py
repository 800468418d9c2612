"""
``skillroute explain --journal``: why a router decided as it did.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import click

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
from ..plan import Plan, written_plan
from ..recorded import RecordedDecision, ask_agent, ask_call
from ..semantics import SEMANTICS
from ._output import Failure, active_backend, print_json

__all__ = ["explain_recorded"]


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
        at_ms = None if at is None else _instant_ms(journal, at)
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
    if only and only not in words.raw.agents:
        raise Failure(f"the plan of that time has no agent {only!r}")
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
        }
        print_json(answer)
    else:
        text = decision_text(decision, words, only=only, by=by, counterfactuals=found)
        headline, _, rest = text.partition("\n")
        colour = "green" if decision.chosen else "yellow"
        click.echo(click.style(headline, bold=True, fg=colour))
        click.echo(f"{rest}\n\n{_recorded_words(asked, at_ms)}")
    return 0 if decision.chosen and asked.is_same else 1


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
    asked = ask_agent(journal, agent, at_ms=at_ms, backend=backend)
    words = _words(asked.plan, plan)
    if as_json:
        print_json(agent_object(asked.decision, words, backend=backend))
        return 0
    headline, _, rest = agent_text(asked.decision, words).partition("\n")
    colour = "green" if asked.decision.verdict == "eligible" else "yellow"
    click.echo(click.style(headline, bold=True, fg=colour))
    click.echo(f"{rest}\n\nThe site as it was behind record {asked.seq}.")
    return 0


def _words(recorded: Plan, given: Plan | None) -> Plan:
    is_it = given is not None and given.plan_id == recorded.plan_id
    return given if given is not None and is_it else recorded


def _instant_ms(journal: SqliteJournal, at: str) -> int:
    """
    Read an instant; without an offset in the zone of the site.
    """
    plan = written_plan(journal.plans()[journal.plan_id])
    try:
        instant = datetime.fromisoformat(at)
    except ValueError as error:
        raise Failure(f"--at {at!r} is no time: write 2024-01-15T10:00") from error
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=ZoneInfo(plan.raw.site.zone))
    return round(instant.timestamp() * 1000)


@contextmanager
def _opened(file: str) -> Iterator[SqliteJournal]:
    try:
        with open_journal(file, read_only=True) as journal:
            yield journal
    except JournalError as error:
        raise Failure(error.message) from error
    except UnknownIdError as error:
        raise Failure(error.message) from error
