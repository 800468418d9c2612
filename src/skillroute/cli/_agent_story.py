"""
What an agent did last, a line for each thing.
"""

from __future__ import annotations

from collections.abc import Iterator

from .. import actions, events
from ..explain import length_words
from ..plan import Plan
from ..recorded import LifeMoment
from ._recorded_words import clock, event_name, name_of, tell_life

__all__ = ["agent_story", "agent_story_lines"]


def agent_story_lines(
    life: tuple[LifeMoment, ...], plan: Plan, agent: str
) -> Iterator[str]:
    """
    Write what an agent did, the time of the site's clock before each line.
    """
    told = [(clock(at_ms, plan), words) for at_ms, words in agent_story(life)]
    if not told:
        return
    yield f"Before that, {name_of(agent, plan)}:"
    day = told[-1][0].partition(" ")[0]
    yield from (f"  {at.removeprefix(f'{day} ')}  {words}" for at, words in told)


def agent_story(life: tuple[LifeMoment, ...]) -> Iterator[tuple[int, str]]:
    """
    Give (epoch milliseconds, words) for each thing that an agent did.
    """
    return tell_life(life, _Teller())


class _Teller:
    """
    What must be remembered to speak of offers by their calls.
    """

    def __init__(self) -> None:
        self._calls: dict[int, str] = {}
        self._rung_ms: dict[int, int] = {}
        self._talking: set[str] = set()

    def event_words(self, event: events.Event, at_ms: int) -> Iterator[str]:
        """Say what somebody did."""
        del at_ms
        offer = getattr(event, "offer", 0)
        call = self._calls.get(offer, "a call")
        match event:
            case events.OfferAccepted():
                yield f"accepts {call}"
            case events.OfferDeclined():
                yield f"declines {call}"
            case events.OfferFailed(code=code):
                yield f"cannot be rung for {call}: {code}"
            case events.CallConnected():
                self._talking.add(call)
                yield f"talks with the caller of {call}"
            case events.CallerHungUp(call=call):
                self._talking.discard(call)
                yield f"the caller of {call} hangs up"
            case events.AgentHungUp():
                # After the caller did, it only says that the leg is gone.
                if call in self._talking:
                    self._talking.discard(call)
                    yield f"hangs up on {call}"
            case events.AgentPaused(reason=reason):
                yield f"pauses: {reason}"
            case events.AgentResumed():
                yield "is back"
            case events.AgentLoggedIn():
                yield "logs in"
            case events.AgentLoggedOut():
                yield "logs out"
            case events.WrapUpEnded():
                yield "ends the wrap-up"
            case events.OfferCancelled():
                return
            case _:
                yield event_name(event)

    def action_words(self, action: actions.Action, at_ms: int) -> Iterator[str]:
        """Say what was ordered."""
        match action:
            case actions.OfferCall(call=call, offer=offer):
                self._calls[offer], self._rung_ms[offer] = call, at_ms
                yield f"is rung for {call}"
            case actions.CancelOffer(call=call, offer=offer, reason="ring_timeout"):
                rang = length_words(at_ms - self._rung_ms.get(offer, at_ms))
                yield f"does not answer {call} in {rang}"
            case actions.CancelOffer(call=call, reason=reason):
                yield f"is no longer rung for {call} ({reason})"
            case actions.PauseAgent():
                yield "is paused, since calls were missed"
