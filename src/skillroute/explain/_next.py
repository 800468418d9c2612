"""
What happens next to a call, in words.
"""

from __future__ import annotations

from ..decisions import AgentVerdict, Decision
from ..plan import Plan
from ..plan.model import RawQueue
from ..plan.model_types import LimitName
from ._clock import agent_zone, length_words, until_words
from ._reasons import contenders
from ._steps import queue_of
from ._words import agent_name, listed, plural

__all__ = ["next_words", "rung_at_once"]

_UNIT_CODES = {"wrap_up", "ringing", "connecting", "busy", "reserved"}
"""Codes of agents who will be free again: they may keep a round from ending."""

_NAMED_MAX = 3


def next_words(decision: Decision, plan: Plan) -> str:
    """
    Say what happens next, as a sentence or several.
    """
    chosen = agent_name(plan, decision.chosen) if decision.chosen else ""
    match decision.next:
        case "offer":
            return _offer_words(decision, plan, chosen)
        case "wait":
            return _wait_words(decision, plan)
        case "connecting":
            return f"{chosen} has accepted and is being connected."
        case "connected":
            return f"{chosen} is talking with the caller."
        case "voicemail":
            return f"the caller can leave a message ({_passed_words(decision, plan)})."
        case "hang_up":
            message = _farewell(decision, plan)
            return f"the caller hears {message!r} and the call ends."
        case "forward":
            return f"an outside number is rung ({_passed_words(decision, plan)})."
        case "forwarded":
            return "the caller is connected with an outside number."
        case "ended":
            return "nothing: the call has ended."
        case other:
            return f"{other}."


def rung_at_once(decision: Decision, plan: Plan) -> tuple[AgentVerdict, ...]:
    """
    List who is rung at the same instant; one, unless the queue rings all.
    """
    queue, able = queue_of(decision, plan), contenders(decision)
    if decision.next != "offer":
        return ()
    width = queue.max_parallel if _strategy(decision, queue) == "ring_all" else 1
    return able[:width]


def _strategy(decision: Decision, queue: RawQueue) -> str:
    """
    Return the strategy of the step in force.
    """
    named = [step.strategy for step in queue.steps[: decision.step] if step.strategy]
    return named[-1] if named else queue.strategy


def _offer_words(decision: Decision, plan: Plan, chosen: str) -> str:
    queue = queue_of(decision, plan)
    for_s = f" for {queue.ring_s:g} s" if decision.queue in plan.raw.queues else ""
    together = rung_at_once(decision, plan)
    others = contenders(decision)[1:]
    if len(together) > 1:
        names = [agent_name(plan, one.agent) for one in together[:_NAMED_MAX]]
        if len(together) > _NAMED_MAX:
            names.append(f"{len(together) - _NAMED_MAX:,} more")
        return f"{listed(names)} are rung{for_s}; who accepts first has the call."
    if others and _strategy(decision, queue) == "ring_progressively":
        return (
            f"{chosen} is rung{for_s}; after {queue.every_s:g} s without an answer"
            f" {agent_name(plan, others[0].agent)} is rung, too."
        )
    if others:
        then = f"then {agent_name(plan, others[0].agent)}"
        return f"{chosen} is rung{for_s}; without an answer, {then}."
    return f"{chosen} is rung{for_s}; without an answer, {_then(decision, plan)}."


def _then(decision: Decision, plan: Plan) -> str:
    """
    Say what follows when the last who could take a call does not.
    """
    queue, end = queue_of(decision, plan), _round_end(decision, plan)
    counts_busy = queue.round_counts_busy
    if counts_busy is None:
        counts_busy = end != "overflow"
    if counts_busy and any(_lacks_only_a_unit(one) for one in decision.agents):
        return "then whoever becomes free"
    if end == "next_step" and decision.step < len(queue.steps):
        return f"step {decision.step + 1} begins"
    is_written = queue.overflow is not None or "round_end" in queue.overflow_on
    if end == "overflow" or (end == "next_step" and is_written):
        return f"it {_goes_words(queue, plan, 'round_end')}"
    return f"then whoever becomes free, or everybody again after {_retry(queue)}"


def _round_end(decision: Decision, plan: Plan) -> str:
    """
    Return what a call does when everybody has been tried; one agent's own overflows.
    """
    known = plan.raw.queues.get(decision.queue)
    return "overflow" if known is None else known.on_round_end


def _retry(queue: RawQueue) -> str:
    return f"{queue.retry_after_s:g} s"


def _lacks_only_a_unit(verdict: AgentVerdict) -> bool:
    return {verdict.verdict, *verdict.also} <= _UNIT_CODES


def _wait_words(decision: Decision, plan: Plan) -> str:
    queue = queue_of(decision, plan)
    ahead = f" behind {plural(len(decision.ahead), 'call')}" if decision.ahead else ""
    limit, left_ms = "", None
    if queue.max_wait_s is not None:
        left_ms = round(queue.max_wait_s * 1000) - decision.waited_ms
        goes = _goes_words(queue, plan, "max_wait")
        limit = f"; after {queue.max_wait_s:g} s of waiting it {goes}"
    if queue.leave_when_empty:
        goes = _goes_words(queue, plan, "nobody_logged_in")
        limit += f"; once nobody is logged in it {goes}"
    clears = [(v.until_ms, v.agent) for v in decision.agents if v.until_ms is not None]
    until_ms, agent = min(clears, default=(None, ""))
    first = ""
    # Whoever could take it only after the limit will not.
    if until_ms is not None and _is_within(until_ms, decision, left_ms):
        when = until_words(until_ms, decision.now_ms, agent_zone(plan, agent))
        first = f" The first who could take it: {agent_name(plan, agent)}, at {when}."
    change_ms, step = decision.next_change_ms, ""
    if change_ms is not None and change_ms != until_ms:
        when = until_words(change_ms, decision.now_ms, plan.raw.site.zone)
        step = f" Step {decision.step + 1} begins at {when}."
    wait, wait_ms = "", decision.expected_wait_ms
    if wait_ms is not None:
        wait = f" The expected wait is {length_words(wait_ms)}."
    return f"the call waits in queue {decision.queue}{ahead}{limit}.{step}{first}{wait}"


def _is_within(at_ms: int, decision: Decision, left_ms: int | None) -> bool:
    return left_ms is None or at_ms - decision.now_ms < left_ms


def _goes_words(queue: RawQueue, plan: Plan, limit: LimitName) -> str:
    """
    Say where a call goes on a limit of its queue: ``goes to voicemail box desk``.
    """
    written = queue.overflow_on.get(limit, queue.overflow) or "last_resort"
    text = plan.raw.last_resort.to if _is_last(written) else written
    if place := _place(text):
        return f"goes to {place}"
    message = plan.raw.last_resort.message if _is_last(written) else ""
    prompt = text.partition(":")[2] or message
    return f"ends with {prompt!r}" if prompt else "ends"


def _passed_words(decision: Decision, plan: Plan) -> str:
    """
    Name the place to which a call was sent.
    """
    passed = decision.flow[-1].exit if decision.flow else ""
    return _place(plan.raw.last_resort.to if _is_last(passed) else passed)


def _place(text: str) -> str:
    """
    Name a place where calls go; empty: it is a hang-up.
    """
    kind, _, name = text.partition(":")
    kinds = {"voicemail": "voicemail box", "agent": "", "hangup": None}
    words = kinds.get(kind, kind)
    return "" if words is None else f"{words} {name}".strip()


def _is_last(text: str) -> bool:
    """
    Tell whether a block's exit leads to the site's last resort.
    """
    return text in ("last_resort", "too_often")


def _farewell(decision: Decision, plan: Plan) -> str:
    """
    Return what a caller hears last whom nobody serves.
    """
    passed = decision.flow[-1].exit if decision.flow else ""
    kind, _, prompt = passed.partition(":")
    return prompt if kind == "hangup" else plan.raw.last_resort.message
