"""
Every reason code in words.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..contract import Required
from ..decisions import AgentVerdict, Decision
from ..plan import Plan
from ._clock import agent_zone, length_words, until_words
from ._counterfactuals import Change

__all__ = [
    "agent_name",
    "changes_words",
    "code_words",
    "counted_code_words",
    "plural",
    "verdict_words",
]

WORDS = {
    "already_offered": "was tried already in this round",
    "busy": "on a call",
    "connecting": "about to talk",
    "declined": "declined this call",
    "delay_not_reached": "gets only calls that have waited longer",
    "eligible": "could take it",
    "excluded": "excluded",
    "forbidden_tag": "has {what}, which this call forbids",
    "held_for": "the call is held for {what}",
    "host_down": "no connection to the switch",
    "level_below": "too low in {what}",
    "logged_out": "logged out",
    "missing_tag": "lacks {what}",
    "no_tag_of": "has none of {what}",
    "not_asked": "not asked: no queue was reached",
    "not_in_queue": "does not serve this queue",
    "off_shift": "off shift",
    "paused": "paused",
    "reserved": "reserved",
    "ring_limit": "enough agents are rung",
    "ringing": "being rung",
    "step_not_reached": "let in only by a later step",
    "unreachable": "device cannot be reached",
    "wrap_up": "in wrap-up",
    "wrong_channel": "takes no calls of this kind",
}
"""By code, without what follows its colon."""

_COUNTED = {
    "already_offered": "tried already in this round",
    "delay_not_reached": "getting only calls that have waited longer",
    "forbidden_tag": "having {what}, which this call forbids",
    "host_down": "with no connection to the switch",
    "missing_tag": "lacking {what}",
    "no_tag_of": "having none of {what}",
    "not_in_queue": "not serving this queue",
    "unreachable": "with no device that can be reached",
    "wrong_channel": "taking no calls of this kind",
}
"""Words that fit behind a number of agents, where others are needed."""

_COMES = ("step_not_reached", "delay_not_reached")
"""What an agent waits for who is not there yet, rather than not any more."""


def counted_code_words(code: str) -> str:
    """
    Say a reason code as it stands behind a number: ``2 not serving this queue``.
    """
    kind, _, what = code.partition(":")
    if kind not in _COUNTED:
        return code_words(code)
    return _COUNTED[kind].format(what=what.replace("|", ", "))


def code_words(code: str) -> str:
    """
    Say a reason code in words.

    Args:
        code: Such as ``off_shift`` or ``missing_tag:lang:pl``.

    Returns:
        Words in lower case without a full stop; of an unknown code the code itself.
    """
    kind, _, what = code.partition(":")
    if kind == "paused" and what:
        return f"paused ({what})"
    words = WORDS.get(kind, code)
    return words.format(what=what.replace("|", ", "))


def verdict_words(plan: Plan, decision: Decision, verdict: AgentVerdict) -> str:
    """
    Say why an agent cannot have the call, what else stands in the way, until when.
    """
    codes = (verdict.verdict, *verdict.also)
    first, *others = (_code_in_plan(plan, decision, verdict, code) for code in codes)
    also = f"; also {', '.join(others)}" if others else ""
    if verdict.until_ms is None:
        return first + also
    zone = agent_zone(plan, verdict.agent)
    when = until_words(verdict.until_ms, decision.now_ms, zone)
    if verdict.verdict in _COMES:
        now = f"; now {', '.join(others)}" if others else ""
        word = "from" if verdict.verdict == "delay_not_reached" else "at"
        return f"{first}, {word} {when}{now}"
    return f"{first} until {when}" if not others else f"{first}{also}; until {when}"


CHANGES = {
    "state": "they were there and free",
    "schedule": "they were on shift",
    "exclusion": "the call had not been tried with them",
    "waiting_time": "the call had waited {longer} longer",
}
"""By the kind of a change, but for tags and for others who are away."""


def changes_words(plan: Plan, changes: Sequence[Change]) -> str:
    """
    Say what would have to be otherwise for an agent to get a call.

    Returns:
        Such as ``they had lang:pl, and Vera were away``.
    """
    parts = [_change_words(one) for one in changes if one.kind in CHANGES]
    held = [_tag_words(one) for one in changes if one.tag]
    away = [agent_name(plan, one.agent) for one in changes if one.kind == "away"]
    if held:
        parts.append(f"they had {_listed(held)}")
    if away:
        parts.append(f"{_listed(away)} were away")
    *first, last = parts
    return f"{', '.join(first)}, and {last}" if first else last


def _change_words(change: Change) -> str:
    # Rounded up: a second less would not do.
    longer_ms = -(-(change.waited_ms or 0) // 1000) * 1000
    return CHANGES[change.kind].format(longer=length_words(longer_ms))


def _tag_words(change: Change) -> str:
    if change.level == 0:
        return f"no {change.tag}"
    if change.kind == "level":
        return f"{change.tag} at level {change.level}"
    return change.tag


def _listed(words: Sequence[str]) -> str:
    """
    Join words as people do: ``a, b and c``.
    """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def plural(count: int, noun: str) -> str:
    """
    Write a number of things.
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def agent_name(plan: Plan, agent: str) -> str:
    """
    Return the name that people see, with the id if that does not show in it.
    """
    name = plan.raw.agents[agent].name
    if name is None or name.lower() == agent.lower():
        return name or agent
    return f"{name} ({agent})"


def _code_in_plan(
    plan: Plan, decision: Decision, verdict: AgentVerdict, code: str
) -> str:
    """
    Say a code in words, with the two levels where a level is too low.
    """
    kind, _, tag = code.partition(":")
    if kind != "level_below":
        return code_words(code)
    needed = [
        source.need.level
        for source in decision.needs
        if isinstance(source.need, Required) and source.need.tag == tag
    ]
    held = [
        text.partition("=")[2].strip()
        for text in plan.raw.agents[verdict.agent].tags
        if _full_tag(text) == tag
    ]
    if not needed or not held:
        return code_words(code)
    return f"{tag} at level {max(held, key=int)}, {needed[0]} needed"


def _full_tag(text: str) -> str:
    tag = text.partition("=")[0].strip()
    return tag if ":" in tag else f"skill:{tag}"
