"""The workloads: the same every time, and of the kind that they say."""

from __future__ import annotations

import pytest

from skillroute.bench.brute_force import right_answers
from skillroute.bench.workloads import KINDS, Workload, digest, make_workload

TAGS = {"worst_wide": 512, "huge": 10_000}

# Whoever changes a workload makes every record incomparable: then renew both.
DIGESTS = {
    "realistic": "096ed0948b0637df",
    "many_needs": "1bd4126064654336",
    "sparse": "107e9fcb7e571315",
    "no_match": "6bc09efed896a47f",
    "all_busy": "ebc9eea43bc23c83",
    "adversarial": "fd08f4ab7e21466d",
    "adversarial_no_match": "5667393c42fe7e23",
    "equal_idle": "7bf895d104e82531",
    "worst_dense": "dbefe74168b6ecc2",
    "worst_wide": "b3b617bb325531dd",
    "huge": "cb8cc1bf4dbda614",
}


def small(kind: str, agents: int = 100) -> Workload:
    """Make a workload of a kind, with as many tags as it wants."""
    return make_workload(kind, agents, TAGS.get(kind, 64))


def fitting(work: Workload, needs: int) -> list[int]:
    """List who holds all tags of needs."""
    wanted = set(work.needs[needs])
    return [a for a, held in enumerate(work.agents) if wanted <= set(held)]


def test_every_kind_has_a_digest() -> None:
    """The test below would pass over a kind that is new."""
    assert set(KINDS) == set(DIGESTS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_workload_is_the_same_in_every_process(kind: str) -> None:
    """Ratios of two runs mean nothing if the runs did different work."""
    assert DIGESTS[kind] == digest(small(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_workload_is_whole(kind: str) -> None:
    """A contender relies on ascending tags, distinct needs and known numbers."""
    work = small(kind)
    assert 100 == len(work.agents) == len(work.idle_since_ms)
    assert len(set(work.needs)) == len(work.needs) > 0
    assert all(list(t) == sorted(set(t)) for t in (*work.agents, *work.needs))
    assert max(max(tags) for tags in work.agents) < work.tag_count
    assert set(work.asked) <= set(range(len(work.needs)))
    assert len(set(work.busy)) == len(work.busy)
    assert work.released_at_ms(0) > max(work.idle_since_ms)


@pytest.mark.parametrize("kind", ["no_match", "adversarial_no_match", "worst_dense"])
def test_nobody_fits_where_nobody_shall(kind: str) -> None:
    """Else the row would time something else than its name says."""
    work = small(kind, 300)
    assert [[]] * len(work.needs) == [fitting(work, n) for n in range(len(work.needs))]


def test_a_few_fit_where_a_few_shall() -> None:
    """Sparse needs are those for which an index of free agents is walked far."""
    work = small("sparse", 1_000)
    counts = [len(fitting(work, needs)) for needs in range(len(work.needs))]
    assert len(counts) > 50
    assert 1 <= min(counts)
    assert max(counts) <= 5


def test_every_adversarial_agent_is_different() -> None:
    """Two alike could be kept in one heap."""
    assert 1_000 == len(set(small("adversarial", 1_000).agents))


def test_idle_times_are_equal_where_they_shall_be() -> None:
    """A thousand in one millisecond is what a sorted insertion walks over."""
    work = small("equal_idle", 2_000)
    assert {0, 1} == set(work.idle_since_ms)
    assert [1_000] * 2 == [work.idle_since_ms.count(ms) for ms in (0, 1)]
    assert work.released_at_ms(0) == work.released_at_ms(999)
    assert 2_000 == len(set(small("adversarial", 2_000).idle_since_ms))


def test_brute_force_is_right_where_it_can_be_seen() -> None:
    """It judges all others; this is small enough to be followed by hand."""
    work = Workload(
        kind="by hand",
        tag_count=3,
        agents=((0,), (0, 1), (0,), (0, 1, 2)),
        needs=((0,), (1,), (2,), (1, 2)),
        asked=(0, 0, 1, 1, 2, 0),
        idle_since_ms=(5, 1, 3, 0),
        busy=(3,),
        releases_per_ms=1,
    )
    # Two before zero: idle longer.  Each choice frees who is busy longest: 3, then 2,
    # 0, 1, 3.  Fewer tags come first: 1 before 3.  At the end 2 is idle before 0.
    assert [2, 0, 1, 3, None, 2] == right_answers(work, 6)
