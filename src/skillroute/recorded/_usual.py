"""
What is usual in a recorded day: answers to what was never asked in it.

Nothing is drawn: the same day and the same call give the same answer every time.
"""

from __future__ import annotations

from bisect import bisect_right

from ..actions import (
    Action,
    BridgeCall,
    CancelOffer,
    ConfirmOffer,
    ForwardCall,
    OfferCall,
    ReleaseLeg,
    SendToVoicemail,
)
from ..events import (
    AgentHungUp,
    CallConnected,
    CallerHungUp,
    Event,
    ForwardAnswered,
    OfferAccepted,
    OfferCancelled,
    OfferConfirmed,
    VoicemailLeft,
)
from ._day import Answer, Asking, Day
from ._patience import part_of

__all__ = ["Usual"]

_ANSWER_MS = 3_000
_BRIDGE_MS = 500
_RELEASE_MS = 200
_TALK_MS = 180_000
_MESSAGE_MS = 20_000
_FORWARDED_MS = 120_000
_CONFIRM_MS = 2_000


class Usual:
    """
    What is usual in a day.

    Args:
        day: The day.
    """

    def __init__(self, day: Day) -> None:
        self._day = day
        self._talk_by_call: dict[str, Answer] = {}
        self._answers_ms: dict[str, list[int]] = {}
        self._talks_ms: dict[str, list[int]] = {}
        lengths: dict[str, list[int]] = {}
        for (kind, call, agent, _), answers in day.answers.items():
            first = answers[0]
            lengths.setdefault(kind, []).append(first.after_ms)
            if kind == "Talk":
                self._talk_by_call.setdefault(call, first)
                queue = day.fates.fates[call].queue
                self._talks_ms.setdefault(queue, []).append(first.after_ms)
            elif kind == "OfferCall" and isinstance(first.event, OfferAccepted):
                self._answers_ms.setdefault(agent, []).append(first.after_ms)
        self._all_answers_ms = sorted(
            after_ms for values in self._answers_ms.values() for after_ms in values
        )
        for values in (*self._answers_ms.values(), *self._talks_ms.values()):
            values.sort()
        self._all_talks_ms = sorted(lengths.get("Talk", [])) or [_TALK_MS]
        self._bridge_ms = _middle(lengths.get("BridgeCall", []), _BRIDGE_MS)
        self._release_ms = _middle(
            [*lengths.get("CancelOffer", []), *lengths.get("ReleaseLeg", [])],
            _RELEASE_MS,
        )

    def answers(self, action: Action, asking: Asking) -> list[tuple[int, Event]]:
        """
        Answer an order that was not given in the record.

        Returns:
            (after how long, what happens) pairs.
        """
        match action:
            case OfferCall(offer=offer):
                after_ms = self._answer_ms(asking)
                accepted = OfferAccepted(offer=offer)
                return [] if after_ms is None else [(after_ms, accepted)]
            case BridgeCall(offer=offer):
                return [(self._bridge_ms, CallConnected(offer=offer))]
            case ConfirmOffer(offer=offer, digit=digit):
                return [(_CONFIRM_MS, OfferConfirmed(offer=offer, digit=digit))]
            case CancelOffer(offer=offer):
                return [(self._release_ms, OfferCancelled(offer=offer))]
            case ReleaseLeg(offer=offer):
                return [(self._release_ms, AgentHungUp(offer=offer))]
            case SendToVoicemail(call=call):
                left = VoicemailLeft(call=call, length_ms=_MESSAGE_MS)
                return [(_MESSAGE_MS, left)]
            case ForwardCall(call=call):
                return [
                    (self._bridge_ms, ForwardAnswered(call=call)),
                    (_FORWARDED_MS, CallerHungUp(call=call)),
                ]
            case _:
                return []

    def talk(self, call: str, queue: str, offer: int) -> tuple[int, Event]:
        """
        Say how long a conversation takes, and who ends it: as that call's own in the
        record, whoever answered it, else as one of the same queue.
        """
        own = self._talk_by_call.get(call)
        if own is not None and isinstance(own.event, AgentHungUp):
            return own.after_ms, AgentHungUp(offer=offer)
        if own is not None:
            return own.after_ms, CallerHungUp(call=call)
        talks = self._talks_ms.get(queue) or self._all_talks_ms
        length_ms = talks[part_of(call) * len(talks) >> 32]
        return length_ms, CallerHungUp(call=call)

    def _answer_ms(self, asking: Asking) -> int | None:
        """
        Say after how long an agent answers: as usual, but later than it is known that
        they had not; None: they do not.
        """
        after_ms = self._day.withdrawn_ms.get(asking, -1)
        own = self._answers_ms.get(asking[2], [])
        usual_ms = _middle(own or self._all_answers_ms, _ANSWER_MS)
        if usual_ms > after_ms:
            return usual_ms
        for values in (own, self._all_answers_ms):
            later = bisect_right(values, after_ms)
            if later < len(values):
                return values[later]
        return None


def _middle(values: list[int], default: int) -> int:
    """
    Return the lower of the middle values.
    """
    return sorted(values)[(len(values) - 1) // 2] if values else default
