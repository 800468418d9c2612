"""
``skillroute explain``: who would get a call, and why.
"""

from __future__ import annotations

import re
from datetime import datetime
from difflib import get_close_matches
from typing import Literal, cast
from zoneinfo import ZoneInfo

import click

from ..contract import Party, Required
from ..decisions import AgentAssumption, Decision, ExplainQuery
from ..errors import EventRefusedError
from ..events import CallArrived
from ..explain import decision_object, decision_text
from ..numbers import resolve
from ..plan import Plan
from ..simulation import new_engine, read_need
from ._output import Failure, active_backend, plan_or_fail, print_json, print_note

__all__ = ["command"]

_State = Literal["available", "logged_out", "paused", "busy", "wrap_up"]

_STATE = re.compile(
    r"(?P<state>available|logged_out|paused|busy|wrap_up)"
    r"(?::(?P<reason>[A-Za-z0-9._:+/-]{1,128}))?(?:@(?P<idle_s>[0-9]{1,8}))?"
)
_NUMBERS_MAX = 8
_STATES = "available, logged_out, paused[:reason], busy or wrap_up, each [@idle_s]"


@click.command("explain")
@click.argument("plan_file", metavar="PLAN", type=click.Path())
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
@click.option("--only", default="", metavar="ID", help="List this agent alone.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    plan_file: str,
    caller: str,
    dialled: str,
    at: str | None,
    tags: tuple[str, ...],
    menu: str | None,
    states: tuple[str, ...],
    as_json: bool,
    only: str,
) -> None:
    """
    Say who would get a call, and why everybody else would not.

    Every agent who is on shift is taken to be available and rested, unless --agent
    says otherwise.  The exit code is 0 if somebody is chosen, 1 if nobody is.
    """
    if menu is not None:
        raise Failure("--menu: plans have no menus yet; leave it out")
    plan = plan_or_fail(plan_file)
    backend = active_backend()
    arrival = _arrival(plan, caller, dialled, tags)
    assume = tuple(_assumption(plan, text) for text in states)
    if only:
        _require_agent(plan, only)
    decision = _decide(plan, backend, _instant_ms(plan, at), arrival, assume)
    if as_json:
        print_json(
            decision_object(
                decision,
                plan,
                caller=arrival.caller.number,
                dialled=arrival.dialled.number,
                backend=backend,
                only=only,
            )
        )
    else:
        headline, _, rest = decision_text(decision, plan, only=only).partition("\n")
        colour = "green" if decision.chosen else "yellow"
        click.echo(click.style(headline, bold=True, fg=colour))
        click.echo(rest)
    ctx.exit(0 if decision.chosen else 1)


def _decide(
    plan: Plan,
    backend: str,
    now_ms: int,
    arrival: CallArrived,
    assume: tuple[AgentAssumption, ...],
) -> Decision:
    query = ExplainQuery(
        now_ms=now_ms, arrival=arrival, assume=assume, assume_rested=True
    )
    try:
        return new_engine(plan, backend).explain(query)
    except EventRefusedError as error:
        raise Failure(error.message) from error


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
