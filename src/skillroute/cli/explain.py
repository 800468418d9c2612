"""
``skillroute explain``: who would get a call, and why.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, TypeVar, cast
from zoneinfo import ZoneInfo

import click
import msgspec

from ..contract import Party, Required
from ..decisions import AgentAssumption, AgentQuery, ExplainQuery
from ..errors import EventRefusedError, JournalError
from ..events import CallArrived
from ..explain import (
    Counterfactual,
    agent_object,
    agent_text,
    decision_object,
    decision_text,
    find_counterfactuals,
)
from ..numbers import resolve
from ..plan import Plan
from ..simulation import new_engine, read_need, restored_engine
from ._explain_recorded import explain_recorded
from ._output import Failure, active_backend, plan_or_fail, print_json, print_note

__all__ = ["command"]

_State = Literal["available", "logged_out", "paused", "busy", "wrap_up"]

_STATE = re.compile(
    r"(?P<state>available|logged_out|paused|busy|wrap_up)"
    r"(?::(?P<reason>[A-Za-z0-9._:+/-]{1,128}))?(?:@(?P<idle_s>[0-9]{1,8}))?"
)
_NUMBERS_MAX = 8
_Query = TypeVar("_Query")
_Answer = TypeVar("_Answer")
_STATES = "available, logged_out, paused[:reason], busy or wrap_up, each [@idle_s]"


@click.command("explain")
@click.argument("plan_file", metavar="PLAN", type=click.Path(), required=False)
@click.option(
    "--caller", default="", help="Who calls; without it the number is withheld."
)
@click.option("--dialled", default="", help="The number dialled; the plan's first.")
@click.option("--at", help="When, in ISO 8601; without an offset in the site's zone.")
@click.option(
    "--tag", "tags", multiple=True, help="A tag the call needs: lang:pl or lang:pl>=60."
)
@click.option("--menu", help="Digits pressed in menus (there are no menus yet).")
@click.option(
    "--agent",
    "states",
    multiple=True,
    metavar="ID=STATE",
    help="An agent's state: available, logged_out, paused[:reason], busy, wrap_up;"
    " after @ for how many seconds idle.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--only",
    default="",
    metavar="ID",
    help="List this agent alone, with what would give them the call.",
)
@click.option(
    "--by",
    type=click.Choice(["agent", "rule"]),
    default="agent",
    help="List agents, or what stands in the way.",
)
@click.option(
    "--snapshot",
    "snapshot_file",
    metavar="FILE",
    help="Ask about a running engine, of which this is a snapshot.",
)
@click.option(
    "--journal",
    "journal_file",
    metavar="FILE",
    help="Ask a router's journal; a plan is not needed then.",
)
@click.option(
    "--call", default="", metavar="ID", help="A call of the snapshot or the journal."
)
@click.option(
    "--idle", default="", metavar="ID", help="Say why this agent has no call."
)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    plan_file: str | None,
    caller: str,
    dialled: str,
    at: str | None,
    tags: tuple[str, ...],
    menu: str | None,
    states: tuple[str, ...],
    as_json: bool,
    only: str,
    by: Literal["agent", "rule"],
    snapshot_file: str | None,
    journal_file: str | None,
    call: str,
    idle: str,
) -> None:
    """
    Say who would get a call, and why everybody else would not.

    Every agent who is on shift is taken to be available and rested, unless --agent
    says otherwise.  With --snapshot agents are as they were.  The exit code is 0 if
    somebody is chosen, 1 if nobody is.

    With --journal the call is decided again as it was then, or looked at --at some
    other instant; the exit code is 1, too, if it would be decided otherwise now.
    """
    if menu is not None:
        raise Failure("--menu: plans have no menus yet; leave it out")
    if journal_file is not None:
        if not call and not idle:
            raise Failure("--journal: say which call with --call, or --idle")
        if snapshot_file or caller or dialled or tags or states:
            raise Failure("--journal: only what was recorded can be asked about")
        words = None if plan_file is None else plan_or_fail(plan_file)
        code = explain_recorded(
            journal_file,
            words,
            call=call,
            idle=idle,
            at=at,
            only=only,
            by=by,
            as_json=as_json,
        )
        ctx.exit(code)
    if snapshot_file is None and (call or idle):
        raise Failure("--call and --idle need --snapshot FILE or --journal FILE")
    if plan_file is None:
        raise click.UsageError("Missing argument 'PLAN'.", ctx)
    plan = plan_or_fail(plan_file)
    for agent in filter(None, (only, idle)):
        _require_agent(plan, agent)
    asked = _Asked(plan, snapshot_file, at)
    if idle:
        ctx.exit(_explain_idle(asked, idle, as_json=as_json))
    query = ExplainQuery(
        now_ms=asked.now_ms,
        arrival=None if call else _arrival(plan, caller, dialled, tags),
        call=call,
        assume=tuple(_assumption(plan, text) for text in states),
        assume_rested=snapshot_file is None,
    )
    ctx.exit(_explain_call(asked, query, only=only, by=by, as_json=as_json))


class _Asked:
    """
    The engine that is asked, of a plan alone or of a snapshot too, and the instant.
    """

    def __init__(self, plan: Plan, snapshot_file: str | None, at: str | None) -> None:
        self.plan = plan
        self.backend = active_backend()
        if snapshot_file is None:
            self.engine = new_engine(plan, self.backend)
            self.now_ms = _instant_ms(plan, at)
            return
        snapshot = _read(snapshot_file)
        try:
            self.engine = restored_engine(plan, snapshot, self.backend)
        except JournalError as error:
            raise Failure(f"{snapshot_file}: {error.message}") from error
        clock_ms = msgspec.msgpack.decode(snapshot)[1]
        is_now = at is None and clock_ms is not None
        self.now_ms = clock_ms if is_now else _instant_ms(plan, at)


def _explain_call(
    asked: _Asked,
    query: ExplainQuery,
    *,
    only: str,
    by: Literal["agent", "rule"],
    as_json: bool,
) -> int:
    """
    Print why a call goes where it goes; return the exit code.
    """
    decision = _answered(asked.engine.explain, query)
    found: tuple[Counterfactual, ...] = ()
    if only or not decision.chosen:
        found = find_counterfactuals(
            asked.engine, asked.plan, query, decision, agent=only
        )
    if as_json:
        arrival = query.arrival
        print_json(
            decision_object(
                decision,
                asked.plan,
                caller=arrival.caller.number if arrival else "",
                dialled=arrival.dialled.number if arrival else "",
                backend=asked.backend,
                only=only,
                counterfactuals=found,
            )
        )
    else:
        text = decision_text(
            decision, asked.plan, only=only, by=by, counterfactuals=found
        )
        _print_with_headline(text, "green" if decision.chosen else "yellow")
    return 0 if decision.chosen else 1


def _explain_idle(asked: _Asked, agent: str, *, as_json: bool) -> int:
    """
    Print why an agent has no call; return the exit code.
    """
    query = AgentQuery(now_ms=asked.now_ms, agent=agent)
    decision = _answered(asked.engine.explain, query)
    if as_json:
        print_json(agent_object(decision, asked.plan, backend=asked.backend))
    else:
        colour = "green" if decision.verdict == "eligible" else "yellow"
        _print_with_headline(agent_text(decision, asked.plan), colour)
    return 0


def _print_with_headline(text: str, colour: str) -> None:
    headline, _, rest = text.partition("\n")
    click.echo(click.style(headline, bold=True, fg=colour))
    click.echo(rest)


def _answered(ask: Callable[[_Query], _Answer], query: _Query) -> _Answer:
    try:
        return ask(query)
    except EventRefusedError as error:
        raise Failure(error.message) from error


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}") from error


def _arrival(
    plan: Plan, caller: str, dialled: str, tags: tuple[str, ...]
) -> CallArrived:
    first = next(iter(plan.raw.numbers), "")
    parties = resolve(plan, caller), resolve(plan, dialled or first)
    if caller and parties[0].kind == "anonymous":
        print_note(f"caller {caller!r} is no number: taken as withheld")
    if dialled:
        _note_unknown_number(plan, dialled, parties[1])
    return CallArrived(
        call="explained",
        host="explain",
        caller=parties[0],
        dialled=parties[1],
        needs=tuple(_need(text) for text in tags),
    )


def _note_unknown_number(plan: Plan, dialled: str, party: Party) -> None:
    known = [resolve(plan, text).number for text in plan.raw.numbers]
    if party.number in known:
        return
    listed = ", ".join(known[:_NUMBERS_MAX])
    more = ", ..." if len(known) > _NUMBERS_MAX else ""
    print_note(f"{dialled!r} is no number of the plan: there is {listed}{more}")


def _need(text: str) -> Required:
    need = read_need(text)
    if need is None:
        raise Failure(f"--tag {text!r} is no tag: write lang:pl or lang:pl>=60")
    return need


def _assumption(plan: Plan, text: str) -> AgentAssumption:
    agent, equals, state = text.partition("=")
    found = _STATE.fullmatch(state)
    if not equals or found is None:
        raise Failure(f"--agent {text!r}: write ID=STATE, the state {_STATES}")
    if found["reason"] and found["state"] != "paused":
        raise Failure(f"--agent {text!r}: only a pause has a reason")
    _require_agent(plan, agent)
    return AgentAssumption(
        agent=agent,
        state=cast("_State", found["state"]),
        reason=found["reason"] or "",
        idle_ms=int(found["idle_s"]) * 1000 if found["idle_s"] else None,
    )


def _require_agent(plan: Plan, agent: str) -> None:
    if agent in plan.raw.agents:
        return
    close = get_close_matches(agent, plan.raw.agents, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise Failure(f"the plan has no agent {agent!r}{hint}")


def _instant_ms(plan: Plan, at: str | None) -> int:
    zone = ZoneInfo(plan.raw.site.zone)
    if at is None:
        return int(datetime.now(zone).timestamp() * 1000)
    try:
        instant = datetime.fromisoformat(at)
    except ValueError as error:
        raise Failure(f"--at {at!r} is no time: write 2024-01-15T10:00") from error
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone)
    return round(instant.timestamp() * 1000)
