"""
Asks about the past of a run: its events once more, up to what is to be explained.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..actions import (
    Action,
    CancelOffer,
    OfferCall,
    RecordOutcome,
    RecordResult,
    StartWaiting,
)
from ..contract import OfferId
from ..decisions import Decision, ExplainQuery
from ..errors import EngineBugError, UnknownIdError
from ..events import Advanced, CallArrived, OfferDeclined, OfferFailed
from ..plan import Plan
from ._model import Moment, Result
from ._run import Engine, new_engine

__all__ = ["explain_call", "explained_moments"]


def explain_call(plan: Plan, result: Result, call: str) -> Decision:
    """
    Say why one call of a run went where it went.

    A call that was answered is explained at its last offer, the one that counted;
    any other one just before it left its queue, or ended without any.

    Args:
        plan: The plan of the run.
        result: The run.
        call: Id of one of its calls.

    Returns:
        The decision at that instant, with a verdict for every agent.  If the offer
        was made the moment the call came in, it is that of its arrival; else the
        agent who is rung is already ``ringing`` in it.

    Raises:
        UnknownIdError: The run has no such call (``unknown_call``).

    Cost: the run up to that instant once more, without the world around it.
    """
    index = _telling_moment(result, call)
    moment = result.history[index]
    engine = new_engine(plan, result.backend)
    for earlier in result.history[:index]:
        _repeat(engine, earlier)
    if isinstance(moment.event, CallArrived) and moment.event.call == call:
        return engine.explain(ExplainQuery(now_ms=moment.at_ms, arrival=moment.event))
    if _concerns(moment, call, (OfferCall,)):
        _repeat(engine, moment)
        return engine.explain(ExplainQuery(now_ms=moment.at_ms, call=call))
    before_ms = max(moment.at_ms - 1, result.history[index - 1].at_ms)
    return engine.explain(ExplainQuery(now_ms=before_ms, call=call))


def explained_moments(
    plan: Plan, result: Result
) -> Iterator[tuple[Moment, dict[str, Decision]]]:
    """
    Go through a run again, with the reasons of every offer and of every wait.

    Yields:
        Each moment of the run, and by call what was decided of those that were
        offered to somebody in it, or begin or go on to wait, taken the moment
        after: the agent who is rung is already ``ringing`` in it.

    Raises:
        EngineBugError: The engine decided otherwise than before
            (``replay_differs``).

    Cost: the run once more, and one explanation an offer.
    """
    engine = new_engine(plan, result.backend)
    calls: dict[OfferId, str] = {}
    for moment in result.history:
        _repeat(engine, moment)
        calls.update((a.offer, a.call) for a in moment.actions if type(a) is OfferCall)
        yield (
            moment,
            {
                call: engine.explain(ExplainQuery(now_ms=moment.at_ms, call=call))
                for call in _decided_calls(moment, calls)
            },
        )


def _repeat(engine: Engine, moment: Moment) -> None:
    if isinstance(moment.event, Advanced):
        actions = engine.advance(moment.at_ms)
    else:
        actions = engine.handle(moment.event, moment.at_ms)
    if actions != moment.actions:
        message = f"at {moment.at_ms} the engine ordered something else than before"
        raise EngineBugError(code="replay_differs", message=message)


def _telling_moment(result: Result, call: str) -> int:
    """
    Find the moment of the offer that was answered; without one, of leaving the line.
    """
    records = [record for record in result.calls if record.call == call]
    if not records:
        message = f"the run has no call {call!r}"
        raise UnknownIdError(code="unknown_call", message=message, kind="call", id=call)
    moments = list(enumerate(result.history))
    if records[0].answered_by:
        offers = [n for n, moment in moments if _concerns(moment, call, (OfferCall,))]
        return offers[-1]
    ends = (RecordResult, RecordOutcome)
    return next(n for n, moment in moments if _concerns(moment, call, ends))


def _decided_calls(moment: Moment, calls: dict[OfferId, str]) -> list[str]:
    """
    List the calls that were offered or wait after a moment; none that has ended.
    """
    decided = (OfferCall, StartWaiting, CancelOffer)
    found = [a.call for a in moment.actions if isinstance(a, decided)]
    if isinstance(moment.event, OfferDeclined | OfferFailed):
        found.append(calls[moment.event.offer])
    over = (RecordResult, RecordOutcome)
    return [c for c in dict.fromkeys(found) if not _concerns(moment, c, over)]


def _concerns(moment: Moment, call: str, kinds: tuple[type[Action], ...]) -> bool:
    return any(
        isinstance(action, kinds) and getattr(action, "call", "") == call
        for action in moment.actions
    )
