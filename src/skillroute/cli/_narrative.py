"""
A run as a story: one line for everything that happens, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from .. import actions, events
from ..contract import OfferId, Party
from ..decisions import Decision
from ..explain import code_words, offer_reason
from ..numbers import resolve
from ..plan import Plan
from ..simulation import Moment, Result, explained_moments

__all__ = ["Line", "story"]

_LIMITS = {
    "closed": "the queue is closed",
    "nobody_on_shift": "nobody who could serve it is on shift",
    "nobody_logged_in": "nobody who could serve it is logged in",
    "size_per_caller": "too many calls of this caller wait",
    "size": "too many calls wait",
    "max_wait": "waited as long as the queue allows",
    "round_end": "nobody left to try",
}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """
    One line of the story.
    """

    at_ms: int
    call: str
    text: str
    mood: str
    """``call``, ``offer``, ``good``, ``bad`` or ``plain``: how to colour it."""


def story(plan: Plan, result: Result) -> Iterator[Line]:
    """
    Tell a run.

    Args:
        plan: The plan of the run.
        result: The run.

    Yields:
        Lines in the order of time; what means nothing to people is left out.

    Cost: the run once more, and one explanation an offer.
    """
    teller = _Teller(plan)
    for moment, decisions in explained_moments(plan, result):
        for call, text, mood in teller.tell(moment, decisions):
            yield Line(at_ms=moment.at_ms, call=call, text=text, mood=mood)


class _Teller:
    """
    What must be remembered to speak of offers and callers by their names.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._labels = {
            resolve(plan, number).number: written.label
            for number, written in plan.raw.numbers.items()
        }
        self._offers: dict[OfferId, actions.OfferCall] = {}
        self._rang_at_ms: dict[OfferId, int] = {}
        self._began_at_ms: dict[str, int] = {}
        self._talking: dict[str, int] = {}
        self._waiting: set[str] = set()

    def tell(
        self, moment: Moment, decisions: Mapping[str, Decision]
    ) -> Iterator[tuple[str, str, str]]:
        """
        Yield (call, text, mood) of one moment.
        """
        yield from self._of_event(moment)
        for action in moment.actions:
            yield from self._of_action(action, moment.at_ms, decisions)
        for call, decision in decisions.items():
            if decision.next == "wait" and call not in self._waiting:
                self._waiting.add(call)
                yield call, f"waits in {decision.queue}: {_why_wait(decision)}", "plain"

    def _of_event(self, moment: Moment) -> Iterator[tuple[str, str, str]]:
        now_ms = moment.at_ms
        match moment.event:
            case events.CallArrived(call=call, caller=caller, dialled=dialled):
                self._began_at_ms[call] = now_ms
                yield call, f"{_who(caller)} calls {self._label(dialled)}", "call"
            case events.OfferAccepted(offer=offer):
                made = self._offers[offer]
                took = _seconds(now_ms - self._rang_at_ms[offer])
                yield made.call, f"{self._name(made)} answers after {took}", "good"
            case events.CallConnected(offer=offer):
                self._talking[self._offers[offer].call] = now_ms
            case events.OfferDeclined(offer=offer):
                made = self._offers[offer]
                yield made.call, f"{self._name(made)} declines", "bad"
            case events.OfferFailed(offer=offer, code=code):
                made = self._offers[offer]
                yield made.call, f"{self._name(made)} cannot be rung: {code}", "bad"
            case events.CallerHungUp(call=call):
                yield call, self._farewell(call, now_ms), self._farewell_mood(call)
            case events.VoicemailLeft(call=call, length_ms=length_ms):
                yield call, f"leaves a message of {_seconds(length_ms)}", "plain"

    def _of_action(
        self, action: actions.Action, now_ms: int, decisions: Mapping[str, Decision]
    ) -> Iterator[tuple[str, str, str]]:
        match action:
            case actions.OfferCall(call=call, offer=offer):
                self._offers[offer] = action
                self._rang_at_ms[offer] = now_ms
                yield call, self._offered(action, now_ms, decisions.get(call)), "offer"
            case actions.CancelOffer(call=call, offer=offer, reason="ring_timeout"):
                rang = _seconds(now_ms - self._rang_at_ms[offer])
                name = self._name(self._offers[offer])
                yield call, f"no answer from {name} after {rang}", "bad"
            case actions.RecordResult(call=call, result=result):
                self._waiting.discard(call)
                limit = result.partition("overflowed:")[2]
                if limit:
                    yield call, _LIMITS.get(limit, limit), "bad"
            case actions.ForwardCall(call=call, number=number):
                yield call, f"forwarded to {number}", "plain"
            case actions.SendToVoicemail(call=call, box=box):
                yield call, f"voicemail: box {box}", "plain"
            case actions.NotifyVoicemail(call=call, recipients=recipients):
                if recipients:
                    yield call, f"told of it: {', '.join(recipients)}", "plain"
            case actions.HangUpCall(call=call, message=message) if message:
                yield call, f"hears {message!r}: the end", "bad"

    def _offered(
        self, offer: actions.OfferCall, now_ms: int, decision: Decision | None
    ) -> str:
        waited = ""
        if offer.call in self._waiting:
            self._waiting.discard(offer.call)
            waited_ms = now_ms - self._began_at_ms[offer.call]
            waited = f" after a wait of {_seconds(waited_ms)}"
        why = "" if decision is None else f": {offer_reason(decision)}"
        return f"offered to {self._name(offer)}{waited}{why}"

    def _farewell(self, call: str, now_ms: int) -> str:
        if call in self._talking:
            return f"hangs up after {_seconds(now_ms - self._talking[call])} of talk"
        waited = _seconds(now_ms - self._began_at_ms[call])
        return f"gives up after {waited} and hangs up"

    def _farewell_mood(self, call: str) -> str:
        return "plain" if call in self._talking else "bad"

    def _label(self, dialled: Party) -> str:
        label = self._labels.get(dialled.number)
        return f"{label!r}" if label else dialled.number or "no number"

    def _name(self, offer: actions.OfferCall) -> str:
        return self._plan.raw.agents[offer.agent].name or offer.agent


def _who(caller: Party) -> str:
    return caller.number or "somebody who withholds the number"


def _why_wait(decision: Decision) -> str:
    """
    Count why nobody can have the call: those who could, were they free, come first.
    """
    codes = Counter(
        code_words(verdict.verdict)
        for verdict in decision.agents
        if all(":" not in code for code in (verdict.verdict, *verdict.also))
    )
    parts = (f"{number} {words}" for words, number in codes.most_common())
    return ", ".join(parts) or "nobody here can serve it"


def _seconds(length_ms: int) -> str:
    return f"{length_ms // 1000} s"
