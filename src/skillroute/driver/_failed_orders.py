"""
What the engine is told of an order that its host could not carry out.
"""

from __future__ import annotations

from ..actions import (
    Action,
    BridgeCall,
    ConfirmOffer,
    DialCustomer,
    ForwardCall,
    OfferCall,
    SendToVoicemail,
)
from ..events import (
    ConnectFailed,
    CustomerFailed,
    Event,
    ForwardFailed,
    OfferFailed,
    VoicemailFailed,
)

__all__ = ["event_of_failure"]

_CODE = "order_failed"


def event_of_failure(action: Action) -> Event | None:
    """
    Return what is true of a call once an order for it has failed.

    Returns:
        The event; None: nobody waits for an answer to such an order.
    """
    match action:
        case OfferCall(offer=offer) | ConfirmOffer(offer=offer):
            return OfferFailed(offer=offer, code="unreachable")
        case BridgeCall(offer=offer):
            return ConnectFailed(offer=offer, code=_CODE)
        case SendToVoicemail(call=call):
            return VoicemailFailed(call=call, code=_CODE)
        case ForwardCall(call=call):
            return ForwardFailed(call=call, code="failed")
        case DialCustomer(call=call):
            return CustomerFailed(call=call, code="failed")
        case _:
            return None
