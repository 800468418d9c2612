"""What the driver decides: when orders leave, what is recorded of the clocks."""

from __future__ import annotations

import pytest

from skillroute.actions import HangUpCall, OfferCall
from skillroute.contract import Party
from skillroute.driver import DriverSettings
from skillroute.errors import PlanError
from skillroute.events import (
    CallArrived,
    CallConnected,
    CallerHungUp,
    CallStanding,
    Gap,
    HostResynced,
    OfferAccepted,
    WallClockMoved,
)
from skillroute.hookspecs import Standing
from skillroute.plan import parse_plan
from tests.driver.conftest import MakeRig
from tests.driver.rig import PLAN, START_MS, Rig, arrival, engine_of


def test_orders_leave_when_their_event_is_durable(rig: Rig) -> None:
    """Else a crash forgets a call that a switch already rings somebody for."""
    ticket = rig.tell(arrival())
    assert [] == rig.orders
    assert ticket not in rig.receipts
    assert "CallArrived" not in rig.recorded()
    rig.commit()
    assert ["StartWaiting", "OfferCall"] == rig.ordered()
    assert rig.receipts[ticket].durable
    assert "" == rig.receipts[ticket].code
    assert "CallArrived" == rig.recorded()[-1]


def test_what_comes_during_a_commit_is_the_next_group(rig: Rig) -> None:
    """A commit says nothing of what was appended after it began."""
    rig.tell(arrival("c1"))
    second = rig.tell(arrival("c2"))
    assert second not in rig.receipts
    number, rig.open_commit = rig.open_commit, 0
    rig.core.committed(number, rig.now())
    rig.take()
    assert second not in rig.receipts
    rig.commit()
    assert second in rig.receipts


def test_a_refused_event_is_recorded_and_answered(rig: Rig) -> None:
    """The host hears why, and a replay refuses it alike."""
    ticket = rig.tell(CallerHungUp(call="nobody"))
    rig.commit()
    assert "unknown_call" == rig.receipts[ticket].code
    assert rig.receipts[ticket].durable
    assert "unknown_call" == rig.records()[-1].refused


def test_timers_fire_without_an_event(rig: Rig) -> None:
    """A ring that nobody answers must end though nothing happens."""
    rig.tell(arrival())
    rig.commit()
    rig.sleep(15_000)
    rig.commit()
    assert "CancelOffer" in rig.ordered()
    assert "Advanced" == rig.recorded()[-1]


def test_the_heart_beats_each_second(rig: Rig) -> None:
    """After a crash the gap begins at the last beat."""
    before_ms = rig.journal.alive_ms
    assert before_ms is not None
    for _ in range(3):
        rig.sleep(1_000)
        rig.commit()
    assert rig.journal.alive_ms == before_ms + 3_000


def test_the_site_starts_at_a_recorded_instant(make_rig: MakeRig) -> None:
    """A replay that began with the first call would take agents for less rested."""
    rig = make_rig()
    rig.commit()
    assert ["Advanced"] == rig.recorded()
    assert START_MS == rig.records()[0].at_ms


def test_a_restart_goes_over_a_gap(make_rig: MakeRig, rig: Rig) -> None:
    """What rang when the driver died rings no more, and nobody is blamed for it."""
    rig.tell(arrival())
    rig.commit()
    rig.journal.close()
    again = make_rig(wall_ms=START_MS + 60_000)
    again.commit()
    gap = again.records()[-1].event
    assert Gap(from_ms=START_MS, until_ms=START_MS + 60_000) == gap
    again.connect(CallStanding(call="c1"))
    again.commit()
    # Held until the host has said that the call exists; then offered anew.
    assert "OfferCall" == again.ordered()[-1]


def test_a_call_that_is_gone_at_the_restart_ends(make_rig: MakeRig, rig: Rig) -> None:
    """It is not shown as waiting for ever."""
    rig.tell(arrival())
    rig.commit()
    rig.journal.close()
    again = make_rig(wall_ms=START_MS + 60_000)
    again.connect()
    again.commit()
    outcome = next(a for _, a in again.orders if type(a).__name__ == "RecordOutcome")
    assert "failed:host_lost" == getattr(outcome, "outcome", "")
    assert 0 == again.core.calls


def test_an_arrival_that_was_never_acknowledged_is_told_again(rig: Rig) -> None:
    """The switch has the call, and the journal died before it was durable."""
    standing = Standing(calls=(CallStanding(call="c7"),), arrivals=(arrival("c7"),))
    rig.core.host_connected("pbx", standing, rig.now())
    rig.take()
    rig.commit()
    assert ["HostResynced", "CallArrived"] == rig.recorded()[-2:]
    assert "" == rig.records()[-2].refused
    assert "OfferCall" in rig.ordered()


def test_a_call_that_ended_before_a_restart_is_let_go(make_rig: MakeRig) -> None:
    """Its caller, and the agent's leg, would hang for ever."""
    rig = make_rig()
    rig.connect()
    rig.tell(arrival())
    rig.commit()
    rig.tell(OfferAccepted(offer=1))
    rig.tell(CallerHungUp(call="c1"))
    rig.commit()
    assert 0 == rig.core.calls
    rig.journal.close()
    again = make_rig(wall_ms=START_MS + 60_000)
    again.connect(CallStanding(call="c1", offer=1))
    again.commit()
    ordered = {(host, type(action).__name__) for host, action in again.orders}
    assert {("pbx", "HangUpCall"), ("pbx", "ReleaseLeg")} <= ordered


def test_a_standing_call_that_nobody_knows_raises_an_alarm(rig: Rig) -> None:
    """One unknown call must not spoil what a host says of all others."""
    rig.tell(arrival("c1"))
    rig.commit()
    rig.connect(CallStanding(call="ghost"), CallStanding(call="c1"))
    rig.commit()
    resynced = [r.event for r in rig.records() if isinstance(r.event, HostResynced)]
    assert (CallStanding(call="c1"),) == resynced[-1].calls
    assert ["unknown_standing"] == rig.alarms


def test_a_call_that_a_resync_ends_is_not_told_again(rig: Rig) -> None:
    """Its end is soon forgotten if many others end with it, and its caller is gone."""
    for number in range(1_100):
        rig.tell(arrival(f"c{number}"))
        rig.commit()
    gone = CallStanding(call="c0", hung_up_at_ms=rig.now().wall_ms)
    standing = Standing(calls=(gone,), arrivals=(arrival("c0"),))
    rig.core.host_connected("pbx", standing, rig.now())
    rig.take()
    rig.commit()
    assert 0 == rig.core.calls
    arrived = [r.event.call for r in rig.records() if isinstance(r.event, CallArrived)]
    assert 1 == arrived.count("c0")


def test_the_clock_goes_on_from_the_journal(make_rig: MakeRig, rig: Rig) -> None:
    """A wall clock that was set back must not stop a site."""
    rig.sleep(10_000)
    rig.commit()
    rig.journal.close()
    again = make_rig(wall_ms=START_MS - 3_600_000)
    again.commit()
    moved = again.records()[-1]
    assert WallClockMoved(offset_ms=-3_611_000) == moved.event
    assert START_MS + 11_000 == moved.at_ms


def test_a_wall_clock_that_jumps_is_told_once(rig: Rig) -> None:
    """Schedules follow the wall clock, timers do not."""
    rig.wall_ahead_ms += 250
    rig.sleep(2_000)
    rig.commit()
    assert "WallClockMoved" not in rig.recorded()
    rig.wall_ahead_ms += 3_600_000
    rig.sleep(2_000)
    rig.commit()
    assert 1 == rig.recorded().count("WallClockMoved")


def test_a_suspended_machine_is_a_gap(rig: Rig) -> None:
    """Timers of the time in which nothing could be answered must not fire as misses."""
    rig.tell(arrival())
    rig.commit()
    rig.monotonic_ms += 600_000
    rig.core.wake(rig.now())
    rig.take()
    rig.commit()
    assert "Gap" in rig.recorded()
    assert ["pbx"] == rig.resyncs
    cancelled = [a for _, a in rig.orders if type(a).__name__ == "CancelOffer"]
    assert [] == cancelled
    rig.connect(CallStanding(call="c1"))
    rig.commit()
    assert "OfferCall" == rig.ordered()[-1]


def test_orders_go_to_the_host_that_has_the_call(rig: Rig) -> None:
    """Two switches must not both ring somebody."""
    rig.connect(host="other")
    rig.tell(arrival("c1", "pbx"))
    rig.tell(arrival("c2", "other"), "other")
    rig.commit()
    offered = {a.call: host for host, a in rig.orders if isinstance(a, OfferCall)}
    assert {"c1": "pbx", "c2": "other"} == offered


def test_a_restart_knows_who_has_which_call(make_rig: MakeRig, rig: Rig) -> None:
    """What is ordered after it must find its switch."""
    rig.connect(host="other")
    rig.tell(arrival("c1", "other"), "other")
    rig.commit()
    offer = next(a for _, a in rig.orders if isinstance(a, OfferCall)).offer
    rig.tell(OfferAccepted(offer=offer), "other")
    rig.tell(CallConnected(offer=offer), "other")
    rig.commit()
    rig.journal.close()
    again = make_rig(wall_ms=START_MS + 2_000)
    again.connect()
    again.connect(CallStanding(call="c1", offer=offer, joined=True), host="other")
    again.tell(CallerHungUp(call="c1"), "other")
    again.commit()
    ends = {host for host, a in again.orders if type(a).__name__ == "RecordOutcome"}
    assert {"other"} == ends


def test_orders_that_may_not_have_arrived_are_given_again(make_rig: MakeRig) -> None:
    """Else a caller who was to be hung up stays for ever."""
    order = HangUpCall(id=(1, 0, 0), call="", message="", reason="ended")
    offer = OfferCall(
        id=(1, 0, 1),
        call="c1",
        offer=1,
        agent="anna",
        queue="sales",
        endpoints=(),
        ring_ms=1,
        label="",
    )
    rig = make_rig(redeliver=(order, offer))
    rig.commit()
    assert [] == rig.orders
    rig.connect()
    assert [("pbx", order)] == rig.orders


def test_orders_for_a_lost_host_are_not_kept(rig: Rig) -> None:
    """It says what exists when it is back, and the engine orders anew."""
    rig.tell(arrival("c1"))
    rig.core.host_lost("pbx", rig.now())
    rig.take()
    rig.commit()
    assert [] == rig.orders
    assert "HostLost" == rig.recorded()[-1]


def test_an_order_that_failed_is_told_to_the_engine(rig: Rig) -> None:
    """Else the caller waits for a ring that nobody works on."""
    rig.tell(arrival())
    rig.commit()
    offer = next(a for _, a in rig.orders if isinstance(a, OfferCall))
    rig.core.order_failed("pbx", offer, "no such channel", rig.now())
    rig.take()
    rig.commit()
    assert ["order_failed", "OfferFailed"] == rig.recorded()[-2:]
    offered = [a.agent for _, a in rig.orders if isinstance(a, OfferCall)]
    assert 2 == len(set(offered))


def test_a_reload_keeps_the_plan_before_the_event(rig: Rig) -> None:
    """A replay must find the plan that the event names."""
    other = parse_plan(
        '[site]\nname = "lab"\n[queues.sales]\nring_s = 20\n[agents.carl]\n'
    )
    rig.core.reload(other.compiled, rig.now())
    rig.take()
    rig.commit()
    assert other.plan_id == rig.journal.plan_id
    assert "PlanReloaded" == rig.recorded()[-1]


def test_a_broken_plan_changes_nothing(rig: Rig) -> None:
    """The running plan is kept."""
    before = rig.recorded()
    with pytest.raises(PlanError):
        rig.core.reload(b"no plan", rig.now())
    rig.take()
    rig.commit()
    assert before == rig.recorded()
    assert PLAN.plan_id == rig.journal.plan_id


def test_a_stopping_driver_takes_no_call_but_all_else(rig: Rig) -> None:
    """Who talks may go on; who calls is refused, and told so."""
    rig.tell(arrival("c1"))
    rig.commit()
    rig.core.stop()
    ticket = rig.tell(arrival("c2"))
    assert "stopping" == rig.receipts[ticket].code
    rig.tell(CallerHungUp(call="c1"))
    rig.core.finish(rig.now())
    rig.take()
    rig.commit()
    assert rig.core.is_settled
    assert "stopped" == rig.receipts[rig.tell(CallerHungUp(call="c1"))].code
    rig.sleep(20_000)
    snapshot = rig.journal.last_snapshot()
    assert snapshot is not None
    assert rig.journal.last_seq == snapshot.seq
    assert rig.engine.snapshot() == snapshot.state


def test_what_is_no_event_is_not_recorded(rig: Rig) -> None:
    """A plugin's mistake must not end up in a journal that nobody can read."""
    ticket = rig.tell("hello")  # type: ignore[arg-type]
    rig.commit()
    assert "no_event" == rig.receipts[ticket].code
    assert "no_event" == rig.recorded()[-1]


def test_a_snapshot_is_kept_now_and_then(make_rig: MakeRig) -> None:
    """A restart must not replay a year."""
    rig = make_rig(settings=DriverSettings(snapshot_every=10))
    for number in range(25):
        rig.tell(arrival(f"c{number}"))
    rig.commit()
    kept = rig.journal.last_snapshot()
    assert kept is not None
    assert 20 == kept.seq
    fresh = engine_of(PLAN)
    for record in rig.records()[:20]:
        assert record.event is not None
        fresh.handle(record.event, record.at_ms)
    assert fresh.snapshot() == kept.state


def test_a_call_that_comes_twice_is_refused(rig: Rig) -> None:
    """Switches say things twice; the second must not be a second call."""
    rig.tell(arrival())
    ticket = rig.tell(arrival())
    rig.commit()
    assert "call_exists" == rig.receipts[ticket].code
    assert 1 == rig.core.calls


def test_an_unreadable_caller_is_refused_not_fatal(rig: Rig) -> None:
    """Limits are refusals, also for a whole arrival."""
    bad = CallArrived(
        call="c1",
        host="pbx",
        caller=Party(kind="e164", number="1" * 10_000),
        dialled=Party(kind="e164", number="+12025550101"),
    )
    ticket = rig.tell(bad)
    rig.commit()
    assert "text_length_max" == rig.receipts[ticket].code
