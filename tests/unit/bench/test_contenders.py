"""The contenders: each chooses as brute force does, and who does not is not timed."""

from __future__ import annotations

from typing import Any

import pytest

from skillroute import backends, bench
from skillroute.bench import contenders, run
from skillroute.bench.brute_force import right_answers
from skillroute.bench.contenders import Contender, Peer
from skillroute.bench.pools import pool_peer
from skillroute.bench.python_peers import PYTHON_PEERS
from skillroute.bench.sessions import Session, WrongAnswerError, begin
from skillroute.bench.settings import ChoiceSetting, LineSetting
from skillroute.bench.timing import Effort
from skillroute.bench.waiting import (
    WAITING_PEERS,
    LineContender,
    LineSession,
    make_line,
    pool_line,
    right_tickets,
)
from skillroute.bench.workloads import KINDS, Workload, make_workload

TAGS = {"worst_wide": 512, "huge": 10_000}
EVERYBODY = (*map(pool_peer, backends.available()), *bench.PEERS)
BRIEF = Effort(rounds=1, chunk_ns=1, singles=2, checked=30, check_s=60.0)
ONE = (ChoiceSetting("realistic", 100),)


def work_of(kind: str) -> Workload:
    """Make a small workload of a kind."""
    return make_workload(kind, 200, TAGS.get(kind, 64))


def wrong(work: Workload) -> Contender:
    """Make a contender that is right but for the order of equals."""
    made = PYTHON_PEERS[0].make(work)

    def select(needs: int) -> int | None:
        return work.busy[0] if made.select(needs) is not None else None

    return made._replace(select=select)


def report_of(*peers: Peer, settings: Any = ONE) -> bench.Report:
    """Run as little as possible."""
    return bench.run_settings(
        settings, BRIEF, backend="python", effort_name="brief", peers=peers
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("peer", EVERYBODY, ids=lambda peer: peer.name)
def test_every_contender_chooses_as_brute_force_does(peer: Peer, kind: str) -> None:
    """What chooses somebody else is quick at something else."""
    assert "" == peer.absent()
    work = work_of(kind)
    if peer.refuses(work):
        assert "freeswitch_sql" == peer.name
        return
    right = right_answers(work, 150)
    assert 150 == begin(peer, work).check(right, seconds=60)


@pytest.mark.parametrize("peer", EVERYBODY, ids=lambda peer: peer.name)
def test_a_contender_stays_right_while_it_is_timed(peer: Peer) -> None:
    """A toggle or a release must leave it in a state that is still true."""
    work = work_of("realistic")
    session, judge = begin(peer, work), begin(PYTHON_PEERS[0], work)
    for each in (session, judge):
        for measure in (each.whole, each.release, each.toggle, each.whole):
            assert measure(60) > 0
    for needs in range(len(work.needs)):
        expected = judge.contender.select(needs)
        assert expected == session.contender.select(needs)


def test_a_wrong_contender_is_refused_before_anything_is_timed() -> None:
    """Its figure would be quoted without its mistake."""
    planted = Peer("planted", "chooses whoever is busy", wrong)
    with pytest.raises(WrongAnswerError, match=r"planted chose \d+ and not \d+ for"):
        report_of(planted)


def test_a_wrong_reservation_is_refused_too() -> None:
    """Select and reserve are written apart in some peers."""
    work = work_of("realistic")
    made = PYTHON_PEERS[0].make(work)
    session = Session("planted", made._replace(reserve=lambda _: None), work)
    with pytest.raises(WrongAnswerError, match="chose None"):
        session.check(right_answers(work, 50), seconds=60)


def test_a_missing_library_is_named() -> None:
    """Who has no numpy gets all other rows, and the reason for this one."""
    lacking = Peer(
        "lacking",
        "needs more",
        wrong,
        lambda: contenders.missing_modules("no_such_one"),
    )
    report = report_of(lacking)
    assert {"lacking": "no no_such_one: install skillroute[bench]"} == {
        name: why for name, why in report.skipped.items() if name == "lacking"
    }
    assert all("lacking" not in row.vs for row in report.rows)
    assert report.rows


def test_a_peer_that_does_not_compile_is_named() -> None:
    """A compiler that fails must not take the other contenders with it."""

    def fail() -> None:
        raise OSError("no such header")

    broken = Peer("broken", "does not compile", wrong, prepare=fail)
    assert (
        "it cannot be made here: no such header" == report_of(broken).skipped["broken"]
    )


def test_no_compiler_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most machines that run Python have none."""
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert contenders.no_compiler().startswith("no C compiler (")


def test_a_peer_that_refuses_a_workload_says_so_in_the_row() -> None:
    """A blank in a table is taken for a mistake."""
    shy = Peer("shy", "", wrong, refuses=lambda work: f"not {len(work.agents)}")
    (row, _) = report_of(shy).rows
    assert "not 100" == row.left_out["shy"]


@pytest.mark.parametrize("kind", ["realistic", "adversarial"])
def test_every_contender_finds_the_call_that_brute_force_finds(kind: str) -> None:
    """As above, for waiting calls; ties and priorities are among them."""
    line = make_line(kind, 150, 300)
    right = right_tickets(line, 120)
    assert sum(ticket is not None for ticket in right) > 60
    makers = WAITING_PEERS | {b: pool_line(b) for b in backends.available()}
    for name, make in makers.items():
        session = LineSession(name, make(line), line)
        assert 120 == session.check(right, seconds=60)
        assert session.whole(20) > 0
        assert session.best(20) > 0


def test_a_wrong_ticket_is_refused() -> None:
    """As for agents."""
    line = make_line("realistic", 150, 300)
    made = WAITING_PEERS["sorted_scan"](line)
    planted = LineContender(made.wait, made.leave, lambda _: 299)
    with pytest.raises(WrongAnswerError, match="planted chose ticket 299"):
        LineSession("planted", planted, line).check(right_tickets(line, 20), 60)


def test_a_run_measures_all_that_a_setting_names() -> None:
    """A measure that is passed over would not be missed."""
    settings = (
        ChoiceSetting(
            "realistic",
            100,
            64,
            ("select", "boundary", "whole", "release", "toggle", "retag", "load"),
        ),
        LineSetting("realistic", 100, 20),
    )
    report = report_of(PYTHON_PEERS[0], settings=settings)
    assert [name for s in settings for name in s.names] == [r.name for r in report.rows]
    assert all(row.ns_p50 > 0 and row.checked > 0 for row in report.rows)
    retag = next(row for row in report.rows if row.name == "retag_realistic")
    assert "cannot change an agent's tags" in retag.left_out["scan_sets"]


def test_the_peers_have_names_of_their_own() -> None:
    """Two of one name would overwrite each other's figures."""
    names = [*(peer.name for peer in run.PEERS), *run.ABOUT_OTHERS]
    assert len(names) > 10
    assert sorted(set(names)) == sorted(names)
