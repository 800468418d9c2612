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
from ._steps import delay_ms, step_that_lets_in

__all__ = [
    "agent_name",
    "changes_words",
    "code_words",
    "counted_code_words",
    "listed",
    "plural",
    "verdict_words",
]

WORDS = {
    "already_offered": "was tried already in this round",
    "busy": "on a call",
    "connecting": "about to talk",
    "declined": "declined this call",
    "delay_not_reached": "takes only calls that have waited longer",
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
    "delay_not_reached": "taking only calls that have waited longer",
    "forbidden_tag": "having {what}, which this call forbids",
    "host_down": "with no connection to the switch",
    "missing_tag": "lacking {what}",
    "no_tag_of": "having none of {what}",
    "not_in_queue": "not serving this queue",
    "unreachable": "with no device that can be reached",
    "wrong_channel": "taking no calls of this kind",
}
"""Words that fit behind a number of agents, where others are needed."""


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
    when = ""
    if verdict.until_ms is not None:
        zone = agent_zone(plan, verdict.agent)
        when = until_words(verdict.until_ms, decision.now_ms, zone)
    first, *others = _all_words(plan, decision, verdict)
    if others:
        able = f"; could take it from {when}" if when else ""
        return f"{first}; also {', '.join(others)}{able}"
    at = _AT.get(verdict.verdict, " until {when}") if when else ""
    return first + at.format(when=when)


_AT = {"step_not_reached": " at {when}", "delay_not_reached": ", at {when}"}
"""What is an instant already, and no state that lasts until one."""


def _all_words(plan: Plan, decision: Decision, verdict: AgentVerdict) -> list[str]:
    """
    Say all that stands in the way, each only once.

    Who will be let in by a step is named with what the step relaxes, if it is a need,
    and not with the step alone.
    """
    codes = (verdict.verdict, *verdict.also)
    if "step_not_reached" not in codes:
        return [_code_in_plan(plan, decision, verdict, code) for code in codes]
    needs = [code for code in codes if code.partition(":")[0] in _OF_NEEDS]
    step = step_that_lets_in(decision, plan, verdict)
    now = [_code_in_plan(plan, decision, verdict, code) for code in needs]
    relaxed = f"{' and '.join(now)} until {step}"
    return [
        (relaxed if needs else f"let in only by {step}")
        if code == "step_not_reached"
        else _code_in_plan(plan, decision, verdict, code)
        for code in codes
        if code not in needs
    ]


_OF_NEEDS = ("missing_tag", "level_below", "no_tag_of", "forbidden_tag")
"""Codes of what a call needs, which a step may relax."""

CHANGES = {
    "schedule": "they were on shift",
    "exclusion": "the call had not been tried with them",
    "waiting_time": "the call had waited {longer} longer",
}
"""By the kind of a change, but for states, tags and others who are away."""

_STATES = {
    "logged_out": "they were logged in",
    "paused": "they were not paused",
    "unreachable": "they could be reached",
    "wrap_up": "they were free",
    "ringing": "they were free",
    "connecting": "they were free",
    "busy": "they were free",
    "reserved": "they were free",
}
"""By the code of a state: what it would be otherwise."""


def changes_words(
    plan: Plan, changes: Sequence[Change], codes: Sequence[str] = ()
) -> str:
    """
    Say what would have to be otherwise for an agent to get a call.

    Args:
        plan: The plan.
        changes: What would be otherwise.
        codes: What stands in the agent's way.

    Returns:
        Such as ``they had lang:pl, and Vera were away``.
    """
    parts = [_state_words(codes) for one in changes if one.kind == "state"]
    parts += [_change_words(one) for one in changes if one.kind in CHANGES]
    held = [_tag_words(one) for one in changes if one.tag]
    away = [agent_name(plan, one.agent) for one in changes if one.kind == "away"]
    if held:
        parts.append(f"they had {listed(held)}")
    if away:
        parts.append(f"{listed(away)} were away")
    *first, last = parts
    return f"{', '.join(first)}, and {last}" if first else last


def _state_words(codes: Sequence[str]) -> str:
    """
    Say that an agent were there and free, or the one thing of it that is not so.
    """
    kinds = [code.partition(":")[0] for code in codes]
    words = {_STATES[kind] for kind in kinds if kind in _STATES}
    return words.pop() if len(words) == 1 else "they were there and free"


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


def listed(words: Sequence[str]) -> str:
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
    Say a code in words: with both levels if one is too low, with the delay if it is
    too early.
    """
    kind, _, tag = code.partition(":")
    if kind == "delay_not_reached":
        delay = length_words(delay_ms(plan, decision.queue, verdict.agent))
        return f"takes calls of this queue only after {delay}"
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
