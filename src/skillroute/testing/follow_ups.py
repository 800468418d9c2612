"""
What a switch is likely to say next of what the engine has ordered.

Random events alone hardly ever take a call through ringing, answering and talking to
the end of its wrap-up.  So a part of a history follows the orders: a bridge is
joined, a digit is pressed, a conversation ends and the agent has finished.
"""

from __future__ import annotations

import random
from collections import deque

from .. import events
from ..actions import Action, BridgeCall, ConfirmOffer, OfferCall

__all__ = ["FollowUps"]

REMEMBERED = 6
"""How many follow-ups are remembered: later ones are about calls that go on."""


class FollowUps:
    """
    Events that would carry a history on, the latest last.
    """

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._likely: deque[events.Event] = deque(maxlen=REMEMBERED)
        self._bridges: dict[int, BridgeCall] = {}

    def observe(self, actions: tuple[Action, ...]) -> None:
        """
        Learn from the engine's orders what may follow.
        """
        for action in actions:
            if isinstance(action, OfferCall):
                self._likely.append(events.OfferAccepted(offer=action.offer))
            elif isinstance(action, ConfirmOffer):
                offer, digit = action.offer, action.digit
                self._likely.append(events.OfferConfirmed(offer=offer, digit=digit))
            elif isinstance(action, BridgeCall):
                self._bridges[action.offer] = action
                self._likely.append(events.CallConnected(offer=action.offer))

    def take(self) -> events.Event | None:
        """
        Take the latest of what is likely; None: nothing is.
        """
        if not self._likely:
            return None
        event = self._likely.pop()
        if isinstance(event, events.CallConnected):
            self._likely.append(self._end(self._bridges[event.offer]))
        elif isinstance(event, (events.AgentHungUp, events.CallerHungUp)):
            ended = event
            self._likely.extend(
                events.WrapUpEnded(agent=bridge.agent)
                for bridge in self._bridges.values()
                if ended in (_by_agent(bridge), _by_caller(bridge))
            )
        return event

    def _end(self, bridge: BridgeCall) -> events.Event:
        """
        Draw who ends a conversation.
        """
        return self._draw.choice((_by_agent(bridge), _by_caller(bridge)))


def _by_agent(bridge: BridgeCall) -> events.Event:
    return events.AgentHungUp(offer=bridge.offer)


def _by_caller(bridge: BridgeCall) -> events.Event:
    return events.CallerHungUp(call=bridge.call)
