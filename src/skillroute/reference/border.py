"""
The border: what comes from outside is checked here, before anything changes.

Types are checked against the event's own definition, ids against one pattern,
numbers against their ranges; names become integers.  A check that fails raises
and leaves the site as it was.
"""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from ..contract import AnyOf, Need, Party, Preferred, Required
from ..decisions import AgentQuery, ExplainQuery
from ..events import EVENTS, CallArrived, Event, Gap, HostResynced
from . import limits
from .refusals import illegal, limit, unknown
from .site import Site
from .state import Call

ID_EXPECTED = "1 to 128 of the characters A-Z a-z 0-9 . _ : @ + / -"

_ID = re.compile(r"[A-Za-z0-9._:@+/-]{1,128}\Z")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}\Z")
_EVENTS = frozenset(EVENTS)
_T = TypeVar("_T")


def as_recorded(event: Event) -> Event:
    """
    Return an event as a journal would give it back.

    Raise ``TypeError`` unless it is an event whose fields have their types.
    """
    if type(event) not in _EVENTS:
        raise TypeError(f"an event was expected, not {type(event).__name__}")
    return _as_recorded(event)


def question(query: ExplainQuery | AgentQuery) -> ExplainQuery | AgentQuery:
    """
    Return a question as it could be recorded, likewise.
    """
    if type(query) not in (ExplainQuery, AgentQuery):
        raise TypeError(f"a question was expected, not {type(query).__name__}")
    return _as_recorded(query)


def _as_recorded(value: _T) -> _T:
    kind = type(value)
    try:
        return msgspec.msgpack.decode(msgspec.msgpack.encode(value), type=kind)
    except (msgspec.ValidationError, TypeError, OverflowError, UnicodeError) as error:
        raise TypeError(f"{kind.__name__}: {error}") from error


def is_id(text: str) -> bool:
    """
    Tell whether a text is made like an id.
    """
    return _ID.match(text) is not None


def check_id(event: str, kind: str, id: str) -> None:
    """
    Raise unless an id is well formed.
    """
    if not is_id(id):
        raise illegal(event, f"malformed {kind} id", ID_EXPECTED, "malformed_id")


def check_number(event: str, number: str) -> None:
    """
    Raise unless a number is one that can be dialled from outside.
    """
    if not _E164.match(number):
        expected = "+ and 7 to 15 digits"
        raise illegal(event, "malformed number", expected, "malformed_number")


def call_named(site: Site, event: str, id: str) -> Call | None:
    """
    Find a call in progress; None: it has ended.
    """
    check_id(event, "call", id)
    sequence = site.call_sequences.get(id)
    if sequence is not None:
        return site.calls[sequence]
    if id in site.ended:
        return None
    raise unknown("call", id)


def agent_named(site: Site, event: str, id: str) -> int:
    """
    Find an agent.
    """
    check_id(event, "agent", id)
    agent = site.agent_numbers.get(id)
    if agent is None and event == "WrapUpEnded":
        agent = _still_working(site, id)
    if agent is None:
        raise unknown("agent", id)
    return agent


def _still_working(site: Site, id: str) -> int | None:
    """
    Find an agent who was removed and has not ended their last call.
    """
    agent = site.removed_numbers.get(id)
    return agent if agent is not None and site.agents[agent].offers else None


def queue_named(site: Site, name: str) -> int:
    """
    Find a queue.
    """
    for number, queue in enumerate(site.own_plan.queues):
        if queue.name == name:
            return number
    raise unknown("queue", name)


def box_named(site: Site, name: str) -> int:
    """
    Find a voicemail box.
    """
    for number, box in enumerate(site.own_plan.boxes):
        if box.name == name:
            return number
    raise unknown("box", name)


def schedule_named(site: Site, name: str) -> int:
    """
    Find a schedule.
    """
    for number, schedule in enumerate(site.plan.schedules):
        if schedule.name == name:
            return number
    raise unknown("schedule", name)


def number_named(site: Site, name: str) -> int:
    """
    Find a number of ours.
    """
    number = site.number_numbers.get(name)
    if number is None:
        raise unknown("number", name)
    return number


def endpoint_named(site: Site, agent: int, address: str) -> int:
    """
    Find an endpoint of an agent.
    """
    endpoints = site.agent_plan(agent).endpoints
    if address not in endpoints:
        raise unknown("endpoint", address)
    return endpoints.index(address)


def check_offer(site: Site, id: int) -> None:
    """
    Raise unless an offer of this number was ever made.
    """
    if not 1 <= id <= site.offer_sequence:
        raise unknown("offer", str(id))


def check_author(by: str, reason: str) -> None:
    """
    Raise if somebody's name, or what they say, is too long.
    """
    if max(len(by), len(reason)) > limits.TEXT_LENGTH_MAX:
        raise limit("text_length_max", limits.TEXT_LENGTH_MAX)


def check_range(event: str, what: str, value: int, low: int, high: int) -> None:
    """
    Raise unless a number lies in its range, both ends included.
    """
    if not low <= value <= high:
        state, code = f"{what} out of range", f"{what}_out_of_range"
        raise illegal(event, state, f"{low} to {high}", code)


def check_arrival(site: Site, event: CallArrived) -> None:
    """
    Raise unless a call may arrive like this.
    """
    name = "CallArrived"
    check_id(name, "call", event.call)
    check_host(site, name, event.host)
    for party in (event.caller, event.dialled):
        _check_party(party)
    check_range(
        name, "priority", event.priority, -limits.PRIORITY_MAX, limits.PRIORITY_MAX
    )
    if event.call in site.call_sequences or event.call in site.ended:
        raise illegal(name, "the call id is in use", "a new id", "call_exists")
    if len(site.calls) >= limits.CALLS_MAX:
        raise limit("calls_max", limits.CALLS_MAX)
    check_needs(site, name, event.needs)
    _check_agents(name, event)


def check_needs(site: Site, event: str, needs: tuple[Need, ...]) -> None:
    """
    Raise unless needs are well formed and within the bounds.
    """
    if len(needs) > limits.NEEDS_PER_CALL_MAX:
        raise limit("needs_per_call_max", limits.NEEDS_PER_CALL_MAX)
    names: set[str] = set()
    for need in needs:
        names.update(_check_need(event, need))
    _check_new_tags(site, names)


def is_gap(site: Site, event: Gap, now_ms: int) -> bool:
    """
    Tell whether a gap lies between the clock and now.
    """
    start_ms = 0 if site.clock_ms is None else site.clock_ms
    return start_ms <= event.from_ms <= event.until_ms <= now_ms


def refuse_gap(site: Site) -> None:
    """
    Raise: the gap does not lie between the clock, before now, and now.
    """
    state = f"it is {site.now_ms}"
    expected = "from_ms not before the clock, then until_ms, and not after now"
    raise illegal("Gap", state, expected, "gap_malformed")


def check_host(site: Site, event: str, host: str) -> None:
    """
    Raise unless a host may be named, and is known or may be.
    """
    check_id(event, "host", host)
    if host not in site.hosts and len(site.hosts) >= limits.HOSTS_MAX:
        raise limit("hosts_max", limits.HOSTS_MAX)


def check_resync(
    site: Site, event: HostResynced
) -> tuple[list[Call | None], list[int]]:
    """
    Find what a host has told of: its calls (None: ended), unreachable agents.
    """
    name = "HostResynced"
    check_host(site, name, event.host)
    calls = [call_named(site, name, standing.call) for standing in event.calls]
    for standing in event.calls:
        if standing.offer:
            check_offer(site, standing.offer)
    agents = [agent_named(site, name, id) for id in event.unreachable]
    return calls, agents


def check_held(
    site: Site, event: str, held: tuple[tuple[str, int], ...]
) -> dict[str, int]:
    """
    Raise unless somebody may hold such tags; return the level of each.
    """
    levels: dict[str, int] = {}
    for tag, level in held:
        if tag != "*":
            check_id(event, "tag", tag)
        check_range(event, "level", level, 1, limits.LEVEL_MAX)
        name = canonical_tag(tag) if tag != "*" else tag
        levels[name] = max(level, levels.get(name, 0))
    if len(levels) > limits.TAGS_PER_AGENT_MAX:
        raise limit("tags_per_agent_max", limits.TAGS_PER_AGENT_MAX)
    _check_new_tags(site, set(levels) - {"*"})
    return levels


def _check_new_tags(site: Site, names: set[str]) -> None:
    new = sum(name not in site.tag_numbers for name in names)
    extra = len(site.tag_names) - len(site.own_plan.tags)
    if extra + new > limits.EXTRA_TAGS_MAX:
        raise limit("extra_tags_max", limits.EXTRA_TAGS_MAX)


def canonical_tag(tag: str) -> str:
    """
    Return a tag with its category: ``sales`` means ``skill:sales``.
    """
    return tag if ":" in tag else f"skill:{tag}"


def _check_need(event: str, need: Need) -> list[str]:
    tags = need.tags if isinstance(need, AnyOf) else (need.tag,)
    if not tags:
        raise illegal(event, "empty any-of group", "at least one tag", "empty_group")
    if len(tags) > limits.TAGS_PER_GROUP_MAX:
        raise limit("tags_per_group_max", limits.TAGS_PER_GROUP_MAX)
    for tag in tags:
        check_id(event, "tag", tag)
    if isinstance(need, Required):
        check_range(event, "level", need.level, 1, limits.LEVEL_MAX)
    if isinstance(need, Preferred):
        check_range(event, "weight", need.weight, 1, limits.WEIGHT_MAX)
    return [canonical_tag(tag) for tag in tags]


def _check_party(party: Party) -> None:
    texts = (party.number, party.raw, party.region, party.operator, party.name)
    if any(len(text) > limits.TEXT_LENGTH_MAX for text in (*texts, *party.zones)):
        raise limit("text_length_max", limits.TEXT_LENGTH_MAX)


def _check_agents(name: str, event: CallArrived) -> None:
    """
    Raise unless those who are preferred and excluded could be agents; they may be gone.
    """
    if max(len(event.preferred), len(event.excluded)) > limits.AGENTS_PER_CALL_MAX:
        raise limit("agents_per_call_max", limits.AGENTS_PER_CALL_MAX)
    for preferred in event.preferred:
        check_id(name, "agent", preferred.agent)
        most_ms = limits.PREFER_FOR_MS_MAX
        check_range(name, "for_ms", preferred.for_ms, 0, most_ms)
    for agent in event.excluded:
        check_id(name, "agent", agent)
