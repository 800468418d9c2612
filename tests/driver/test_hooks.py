"""Hooks that raise, hang or answer nonsense: noted, passed over, never a lost call."""

from __future__ import annotations

from skillroute.actions import Action, LookUp
from skillroute.contract import Required
from skillroute.decisions import ExplainQuery
from skillroute.driver import AskLookUp, AskObserver, DriverSettings
from skillroute.errors import EngineBugError
from skillroute.events import CallArrived, CallEnriched, Event
from skillroute.hookspecs import LookUpAnswer
from tests.driver.conftest import MakeRig
from tests.driver.rig import PLAN, START_MS, Rig, arrival, engine_of


class AskingEngine:
    """Orders a look-up for each call, as a plan with such a block will."""

    def __init__(self) -> None:
        self.heard: list[Event] = []
        self.breaks = False

    @property
    def next_deadline_ms(self) -> int | None:
        """Nothing is due."""
        return None

    def handle(self, event: Event, now_ms: int) -> tuple[Action, ...]:
        """Order a look-up for an arrival."""
        if self.breaks:
            raise EngineBugError(code="engine_bug", message="a bug")
        self.heard.append(event)
        if not isinstance(event, CallArrived):
            return ()
        deadline_ms = now_ms + 300
        id = (len(self.heard), 0, 0)
        return (LookUp(id=id, call=event.call, what="crm", deadline_at_ms=deadline_ms),)

    def advance(self, now_ms: int) -> tuple[Action, ...]:
        """Let time pass."""
        del now_ms
        return ()

    def add_plan(self, plan: bytes) -> str:
        """Know no plan."""
        raise NotImplementedError(plan)

    def snapshot(self) -> bytes:
        """Return that of an engine that knows of nothing."""
        return engine_of(PLAN).snapshot()

    def explain(self, query: ExplainQuery) -> object:
        """Explain nothing."""
        raise NotImplementedError(query)


def asking(make_rig: MakeRig) -> tuple[Rig, AskingEngine, AskLookUp]:
    """Give a core that has asked the hooks about a call."""
    engine = AskingEngine()
    rig = make_rig(engine=engine)
    rig.tell(arrival())
    assert [] == rig.asks
    rig.commit()
    (ask,) = rig.asks
    assert isinstance(ask, AskLookUp)
    assert [] == rig.orders
    return rig, engine, ask


def test_an_answer_is_told_to_the_engine(make_rig: MakeRig) -> None:
    """What the customer's record says decides who gets the call."""
    rig, engine, ask = asking(make_rig)
    answer = LookUpAnswer(needs=(Required("lang:pl"),), preferred=("anna",))
    rig.core.hook_answered(ask.id, answer, rig.now())
    expected = CallEnriched(
        call="c1",
        what="crm",
        found=True,
        needs=(Required("lang:pl"),),
        preferred=("anna",),
    )
    assert expected == engine.heard[-1]


def test_nothing_known_is_told_as_well(make_rig: MakeRig) -> None:
    """The call need not wait for the deadline."""
    rig, engine, ask = asking(make_rig)
    rig.core.hook_answered(ask.id, None, rig.now())
    assert CallEnriched(call="c1", what="crm", found=False) == engine.heard[-1]


def test_a_hook_that_raises_is_noted(make_rig: MakeRig) -> None:
    """The call goes on as if nothing were known."""
    rig, engine, ask = asking(make_rig)
    rig.core.hook_failed(ask.id, "crm raised KeyError('id')", rig.now())
    rig.take()
    rig.commit()
    assert CallEnriched(call="c1", what="crm", found=False) == engine.heard[-1]
    assert ["hook_failed", "CallEnriched"] == rig.recorded()[-2:]


def test_nonsense_is_noted(make_rig: MakeRig) -> None:
    """It never reaches the engine."""
    rig, engine, ask = asking(make_rig)
    rig.core.hook_answered(ask.id, {"needs": "pl"}, rig.now())
    rig.take()
    rig.commit()
    assert CallEnriched(call="c1", what="crm", found=False) == engine.heard[-1]
    assert "skillroute_look_up answered with dict" == rig.records()[-2].text


def test_a_hook_that_hangs_is_passed_over(make_rig: MakeRig) -> None:
    """Its answer thirty seconds later counts nothing."""
    rig, engine, ask = asking(make_rig)
    rig.sleep(299)
    nothing = CallEnriched(call="c1", what="crm", found=False)
    assert nothing not in engine.heard
    rig.sleep(1)
    assert nothing in engine.heard
    assert "hook_late" in rig.recorded()
    told = len(engine.heard)
    rig.core.hook_answered(ask.id, LookUpAnswer(), rig.now())
    assert told == len(engine.heard)


def test_an_observer_sees_what_is_recorded(make_rig: MakeRig) -> None:
    """What it reports must not be undone by a crash."""
    rig = make_rig(observers=("report",))
    rig.commit()
    rig.asks.clear()
    rig.core.hook_answered(1, None, rig.now())
    rig.tell(arrival())
    assert [] == rig.asks
    rig.commit()
    (ask,) = rig.asks
    assert isinstance(ask, AskObserver)
    assert "report" == ask.observer
    assert [arrival()] == [moment.event for moment in ask.moments]
    assert START_MS == ask.moments[0].at_ms


def test_a_busy_observer_gets_the_rest_later(make_rig: MakeRig) -> None:
    """One that hangs holds up nobody, and what is kept for it has a bound."""
    rig = make_rig(observers=("slow",), settings=DriverSettings(observed_max=5))
    rig.commit()
    (first,) = rig.asks
    for number in range(8):
        rig.tell(arrival(f"c{number}"))
        rig.commit()
    assert [first] == rig.asks
    rig.sleep(5_000)
    texts = [r.text for r in rig.records() if r.note_kind == "hook_late"]
    assert ["slow took longer than 300 ms to observe"] == texts
    rig.core.hook_answered(first.id, None, rig.now())
    rig.take()
    second = rig.asks[-1]
    assert isinstance(second, AskObserver)
    assert 5 == len(second.moments)
    rig.commit()
    assert any("missed" in record.text for record in rig.records())


def test_a_bug_of_the_engine_ends_the_driver(make_rig: MakeRig) -> None:
    """The event that met it is not recorded: a restart must not meet it again."""
    engine = AskingEngine()
    rig = make_rig(engine=engine)
    rig.commit()
    engine.breaks = True
    ticket = rig.tell(arrival())
    assert "engine_bug" == rig.core.ended
    assert "stopped" == rig.receipts[ticket].code
    rig.journal.commit()
    assert "CallArrived" not in rig.recorded()
