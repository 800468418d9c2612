"""The journal cannot be written: calls go on, or nothing does; nobody is deceived."""

from __future__ import annotations

import pytest

from skillroute.actions import OfferCall
from skillroute.driver import DriverSettings, LeftOut
from skillroute.errors import JournalError
from skillroute.events import CallArrived
from skillroute.journal import restart
from tests.driver.conftest import MakeRig
from tests.driver.rig import PLAN, START_MS, Rig, arrival

STOP = DriverSettings(on_failure="stop")


@pytest.fixture
def down(rig: Rig) -> Rig:
    """Give a core whose journal fails."""
    rig.tell(arrival("c0"))
    rig.fail()
    assert rig.core.journal_is_down
    return rig


def test_calls_go_on_with_an_alarm(down: Rig) -> None:
    """A full disk must not silence the telephones."""
    assert ["journal_failed"] == down.alarms
    assert ["StartWaiting", "OfferCall"] == down.ordered()


def test_nothing_is_acknowledged_as_durable(down: Rig) -> None:
    """Who relies on it must know that a crash would forget it."""
    ticket = down.tell(arrival("c1"))
    assert "" == down.receipts[ticket].code
    assert not down.receipts[ticket].durable
    assert not any(receipt.durable for receipt in list(down.receipts.values())[1:])


def test_the_commit_is_tried_again(down: Rig) -> None:
    """What was routed meanwhile is recorded after all, without a hole."""
    down.tell(arrival("c1"))
    assert 0 == down.open_commit
    down.sleep(1_000)
    down.commit()
    assert not down.core.journal_is_down
    assert ["journal_failed", "journal_works"] == down.alarms
    arrived = [r.event.call for r in down.records() if isinstance(r.event, CallArrived)]
    assert ["c0", "c1"] == arrived
    ticket = down.tell(arrival("c2"))
    down.commit()
    assert down.receipts[ticket].durable


def test_no_number_is_given_again_though_the_clock_was_set_back(
    make_rig: MakeRig,
) -> None:
    """What a host was ordered and nobody recorded, it may still remember."""
    seen: set[object] = set()
    first = make_rig()
    first.commit()
    first.journal.close()
    for wall_ms in (START_MS + 5_000, START_MS - 3_600_000, START_MS - 3_599_999):
        rig = make_rig(wall_ms=wall_ms)
        rig.fail()
        rig.connect()
        rig.tell(arrival("c0"))
        rig.tell(arrival("c1"))
        ordered = {action.id for _, action in rig.orders}
        offers = {each.offer for _, each in rig.orders if isinstance(each, OfferCall)}
        assert 2 == len(offers)
        assert not seen & (ordered | offers)
        seen |= ordered | offers
        rig.journal.close()


def test_it_fails_again_and_again(down: Rig) -> None:
    """There is one alarm, not one a second."""
    down.is_hung = True
    for _ in range(5):
        down.sleep(1_000)
        down.fail()
    assert ["journal_failed"] == down.alarms


def test_too_much_leaves_a_hole_and_a_snapshot(make_rig: MakeRig) -> None:
    """What waits for the journal is bounded, and a restart comes to the truth."""
    rig = make_rig(settings=DriverSettings(unrecorded_max=5))
    rig.connect()
    rig.commit()
    rig.tell(arrival("c0"))
    rig.fail()
    for number in range(1, 20):
        rig.tell(arrival(f"c{number}"))
    assert 19 + 1 == sum(receipt.code == "" for receipt in rig.receipts.values()) - 1
    rig.sleep(1_000)
    rig.commit()
    assert 1 == sum(isinstance(entry, LeftOut) for entry in rig.entries)
    assert not rig.core.journal_is_down
    rig.tell(arrival("c99"))
    rig.commit()
    again = restart(rig.journal).engine
    assert rig.engine.snapshot() == again.snapshot()


def test_no_other_plan_meanwhile(down: Rig) -> None:
    """A restart would not know of it."""
    with pytest.raises(JournalError) as caught:
        down.core.reload(PLAN.compiled, down.now())
    assert "journal_down" == caught.value.code


def test_a_commit_that_hangs_counts_as_failed(rig: Rig) -> None:
    """A disk that stalls for five seconds must not stall every call."""
    rig.is_hung = True
    ticket = rig.tell(arrival())
    rig.sleep(1_999)
    assert ticket not in rig.receipts
    rig.sleep(1)
    assert ["journal_failed"] == rig.alarms
    assert not rig.receipts[ticket].durable
    assert any(isinstance(action, OfferCall) for _, action in rig.orders)
    rig.is_hung = False
    rig.sleep(3_000)
    rig.commit()
    assert ["journal_failed", "journal_works"] == rig.alarms
    assert "CallArrived" in rig.recorded()


def test_stop_releases_nothing(make_rig: MakeRig) -> None:
    """Where every decision must be on record, no record means no decision."""
    rig = make_rig(settings=STOP)
    rig.connect()
    rig.commit()
    ticket = rig.tell(arrival("c0"))
    waiting = rig.tell(arrival("c1"))
    rig.fail()
    assert "journal_failed" == rig.core.ended
    assert [] == rig.orders
    assert {"stopped"} == {rig.receipts[each].code for each in (ticket, waiting)}
    later = rig.tell(arrival("c2"))
    assert "stopped" == rig.receipts[later].code
    assert 0 == rig.open_commit


def test_stop_waits_for_a_commit_that_hangs(make_rig: MakeRig) -> None:
    """It has not failed yet."""
    rig = make_rig(settings=STOP)
    rig.connect()
    rig.commit()
    ticket = rig.tell(arrival("c0"))
    rig.is_hung = True
    rig.sleep(10_000)
    assert "" == rig.core.ended
    assert ticket not in rig.receipts
    rig.is_hung = False
    rig.commit()
    assert rig.receipts[ticket].durable
