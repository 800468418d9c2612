"""
The life of a recorded call, a line for each thing that happened.
"""

from __future__ import annotations

from collections.abc import Iterator

from .. import actions, events
from ..contract import OfferId
from ..explain import length_words
from ..plan import Plan
from ..recorded import LifeMoment
from ._recorded_words import clock, event_name, name_of, tell_life

__all__ = ["call_story", "story_lines"]

_LINES_MAX = 40
_FIRST = 15


def story_lines(life: tuple[LifeMoment, ...], plan: Plan) -> Iterator[str]:
    """
    Write what happened to a call, the time of the site's clock before each line.

    Of very long lives the middle is left out, and counted.
    """
    told = [(clock(at_ms, plan), words) for at_ms, words in call_story(life, plan)]
    if not told:
        return
    yield "What happened:"
    day = told[0][0].partition(" ")[0]
    lines = [f"  {at.removeprefix(f'{day} ')}  {words}" for at, words in told]
    left_out = len(lines) - _LINES_MAX
    if left_out > 0:
        lines[_FIRST : _FIRST + left_out] = [f"  ... {left_out:,} more ..."]
    yield from lines


def call_story(life: tuple[LifeMoment, ...], plan: Plan) -> Iterator[tuple[int, str]]:
    """
    Yield (epoch milliseconds, words) for each thing that happened to a call.

    What means nothing to people is left out.
    """
    return tell_life(life, _Teller(plan))


class _Teller:
    """
    What must be remembered to speak of offers by the names of their agents.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._agents: dict[OfferId, str] = {}
        self._rung_ms: dict[OfferId, int] = {}
        self._came_ms = 0
        self._talks_ms: int | None = None

    def event_words(self, event: events.Event, at_ms: int) -> Iterator[str]:
        """Say what somebody did."""
        name = self._agents.get(getattr(event, "offer", 0), "")
        match event:
            case events.CallArrived(dialled=dialled):
                self._came_ms = at_ms
                yield f"calls {dialled.number or 'no number'}"
            case events.OfferAccepted(offer=offer):
                rang = length_words(at_ms - self._rung_ms[offer])
                yield f"{name} accepts, after {rang} of ringing"
            case events.OfferDeclined():
                yield f"{name} declines"
            case events.OfferFailed(code=code):
                yield f"{name} cannot be rung: {code}"
            case events.CallConnected():
                self._talks_ms = at_ms
                waited = length_words(at_ms - self._came_ms)
                yield f"{name} talks with the caller, who waited {waited}"
            case events.CallerHungUp():
                yield self._farewell(at_ms)
            case events.AgentHungUp():
                yield f"{name} hangs up"
            case events.Gap(from_ms=from_ms, until_ms=until_ms):
                away = length_words(until_ms - from_ms)
                yield f"the router is back, after it was away for {away}"
            case events.HostLost(host=host):
                yield f"the switch {host} is lost"
            case events.PlanReloaded():
                yield "the site goes on under another plan"
            case events.OfferCancelled():
                return
            case _:
                yield f"{event_name(event)}{f' ({name})' if name else ''}"

    def action_words(self, action: actions.Action, at_ms: int) -> Iterator[str]:
        """Say what was decided."""
        match action:
            case actions.OfferCall(agent=agent, offer=offer):
                self._agents[offer] = name_of(agent, self._plan)
                self._rung_ms[offer] = at_ms
                yield f"rings {self._agents[offer]}"
            case actions.CancelOffer(offer=offer, reason=reason):
                name = self._agents[offer]
                rang = length_words(at_ms - self._rung_ms[offer])
                why = "without an answer" if reason == "ring_timeout" else f"({reason})"
                yield f"stops ringing {name} after {rang} {why}"
            case actions.StartWaiting(queue=queue):
                yield f"waits in queue {queue}"
            case actions.RecordResult(queue=queue, result=result):
                if limit := result.partition("overflowed:")[2]:
                    yield f"leaves queue {queue}: {limit}"
            case actions.ForwardCall(number=number):
                yield f"is forwarded to {number}"
            case actions.SendToVoicemail(box=box):
                yield f"goes to voicemail box {box}"
            case actions.RecordOutcome(outcome=outcome):
                yield f"ends: {outcome}"

    def _farewell(self, at_ms: int) -> str:
        if self._talks_ms is not None:
            return f"the caller hangs up after {length_words(at_ms - self._talks_ms)}"
        waited = length_words(at_ms - self._came_ms)
        return f"the caller gives up after {waited} and hangs up"
