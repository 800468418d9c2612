"""More is told than can be handled: nothing grows, and no hang-up is lost."""

from __future__ import annotations

import pytest

from skillroute.driver import DriverSettings
from skillroute.events import (
    CallArrived,
    CallerHungUp,
    CallStanding,
    HostResynced,
    OfferFailed,
)
from skillroute.hookspecs import Standing
from tests.driver.conftest import MakeRig
from tests.driver.rig import Rig, arrival

SETTINGS = DriverSettings(in_flight_max=4, waiting_max=3, orders_max=5)


@pytest.fixture
def full(make_rig: MakeRig) -> Rig:
    """Give a core that has as much in flight as it may, and as much waiting."""
    rig = make_rig(settings=SETTINGS)
    rig.connect()
    rig.commit()
    for number in range(7):
        rig.tell(arrival(f"c{number}"))
    assert rig.core.is_full
    assert {} == {t: r for t, r in rig.receipts.items() if r.code}
    return rig


def test_a_new_call_is_refused(full: Rig) -> None:
    """The caller hears busy at once, not silence until the machine is out of memory."""
    ticket = full.tell(arrival("c8"))
    assert "overloaded" == full.receipts[ticket].code
    assert ["overloaded"] == full.alarms


def test_a_call_that_is_there_already_is_never_refused(full: Rig) -> None:
    """Nobody could be told of it: the switch has answered long ago."""
    standing = Standing(calls=(CallStanding(call="c9"),), arrivals=(arrival("c9"),))
    full.core.host_connected("pbx", standing, full.now())
    full.take()
    full.commit()
    assert "c9" in [
        record.event.call
        for record in full.records()
        if isinstance(record.event, CallArrived)
    ]


def test_a_call_that_is_told_twice_while_it_waits_goes_on(full: Rig) -> None:
    """
    A host whose connection is there twice says the same twice; when it comes the second
    time, what was said the first time still waits.
    """
    standing = Standing(calls=(CallStanding(call="c9"),), arrivals=(arrival("c9"),))
    for _ in range(2):
        full.core.host_connected("pbx", standing, full.now())
        full.take()
    full.commit()
    resynced = [r.event for r in full.records() if isinstance(r.event, HostResynced)]
    assert [(), (CallStanding(call="c9"),)] == [event.calls for event in resynced[-2:]]
    arrived = [r.event for r in full.records() if isinstance(r.event, CallArrived)]
    assert 1 == [event.call for event in arrived].count("c9")
    assert "unknown_standing" not in full.alarms
    assert 1 == full.core.calls


def test_a_host_with_more_calls_than_may_wait_is_not_cut_off(full: Rig) -> None:
    """It would be asked again, say the same again, and be cut off again, for ever."""
    calls = [f"d{number}" for number in range(20)]
    standing = Standing(
        calls=tuple(CallStanding(call=call) for call in calls),
        arrivals=tuple(arrival(call) for call in calls),
    )
    for _ in range(3):
        full.core.host_connected("pbx", standing, full.now())
        full.take()
    assert [] == full.drops
    full.commit()
    events = [record.event for record in full.records()]
    arrived = [each.call for each in events if isinstance(each, CallArrived)]
    assert calls == [call for call in arrived if call in calls]
    assert 20 == full.core.calls


def test_a_hang_up_waits_and_counts(full: Rig) -> None:
    """A call whose end was dropped would wait for ever."""
    ticket = full.tell(CallerHungUp(call="c0"))
    assert ticket not in full.receipts
    full.commit()
    assert "" == full.receipts[ticket].code
    assert full.receipts[ticket].durable


def test_what_waited_is_handled_in_order(full: Rig) -> None:
    """A hang-up must not overtake its own arrival."""
    full.tell(CallerHungUp(call="c6"))
    full.commit()
    calls = [
        event.call
        for event in (record.event for record in full.records())
        if isinstance(event, CallArrived | CallerHungUp)
    ]
    assert ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c6"] == calls
    assert not full.core.is_full


def test_the_end_of_an_overload_is_noted(full: Rig) -> None:
    """Afterwards one can see how many were turned away, and when."""
    full.tell(arrival("c8"))
    full.tell(arrival("c9"))
    full.commit()
    notes = [record.text for record in full.records() if record.note_kind]
    assert ["overloaded: more is told than can be handled"] == notes[:1]
    assert "2 calls were refused" == notes[-1]
    ticket = full.tell(arrival("c10"))
    full.commit()
    assert "" == full.receipts[ticket].code


def test_a_host_that_floods_is_cut_off(full: Rig) -> None:
    """It is asked what exists when it is back: that cannot grow."""
    flooded = [full.tell(OfferFailed(offer=1, code="busy")) for _ in range(20)]
    assert ["pbx"] == full.drops
    full.commit()
    codes = [full.receipts[ticket].code for ticket in flooded]
    assert "host_dropped" in codes
    assert "HostLost" in full.recorded()


def test_the_events_of_others_survive_a_flood(full: Rig) -> None:
    """One broken switch must not cost another its calls."""
    ticket = full.tell(CallerHungUp(call="c1"), "other")
    for _ in range(20):
        full.tell(OfferFailed(offer=1, code="busy"))
    full.commit()
    assert "" == full.receipts[ticket].code


def test_a_host_that_carries_nothing_out_is_cut_off(make_rig: MakeRig) -> None:
    """Orders that nobody carries out must not pile up."""
    rig = make_rig(settings=SETTINGS)
    rig.connect()
    rig.commit()
    for number in range(5):
        rig.tell(arrival(f"c{number}"))
        rig.commit()
    assert ["pbx"] == rig.drops
    assert "host_dropped" in rig.alarms
    rig.connect()
    rig.commit()
    assert [] == [code for code in rig.alarms if code == "unknown_standing"]


def test_a_host_that_carries_out_is_not(make_rig: MakeRig) -> None:
    """Only what is owed counts."""
    rig = make_rig(settings=SETTINGS)
    rig.connect()
    rig.commit()
    for number in range(20):
        rig.tell(arrival(f"c{number}"))
        rig.commit()
        while rig.orders:
            rig.orders.pop()
            rig.core.carried_out("pbx")
    assert [] == rig.drops
