"""Pools of all backends choose alike, and as the rules promise."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillroute import backends
from skillroute.testing.pool_differential import compare_pools

OPERATIONS = 20_000
OPERATIONS_PER_POOL = 250
TAGS = ("skill:a", "skill:b", "lang:pl", "lang:de", "dept:x")

tag_sets = st.sets(st.sampled_from((*TAGS, "*")))
agents = st.lists(
    st.tuples(tag_sets, st.integers(0, 3)), min_size=1, max_size=12, unique_by=str
)
needs = st.sets(st.sampled_from(TAGS), max_size=3)


@pytest.mark.parametrize("name", [n for n in backends.available() if n != "python"])
def test_a_pool_answers_like_the_specification(name: str) -> None:
    """A pool that differed would give calls to other people after an upgrade."""
    pools = (backends.load("python").Pool, backends.load(name).Pool)
    refused = chosen = 0
    for seed in range(OPERATIONS // OPERATIONS_PER_POOL):
        report = compare_pools(pools, seed, OPERATIONS_PER_POOL)
        assert report.difference is None, report.difference
        refused += report.refused
        chosen += report.chosen
    assert refused > 0
    assert chosen > OPERATIONS // 10


@given(added=agents, wanted=needs, data=st.data())
def test_the_order_of_adding_decides_only_between_equals(
    backend_name: str, added: Any, wanted: set[str], data: st.DataObject
) -> None:
    """Rule 6.5: else the choice would depend on how a site was loaded."""
    # Distinct keys: everybody is idle since another instant.
    distinct = [(tags, number) for number, (tags, _) in enumerate(added)]
    order = data.draw(st.permutations(range(len(distinct))))
    ranked = [
        [order[handle] for handle in _ranked(backend_name, shuffled, wanted)]
        if shuffled is not distinct
        else _ranked(backend_name, distinct, wanted)
        for shuffled in (distinct, [distinct[number] for number in order])
    ]
    assert ranked[0] == ranked[1]


@given(added=agents, wanted=needs)
def test_nobody_is_chosen_before_someone_more_specific(
    backend_name: str, added: Any, wanted: set[str]
) -> None:
    """Rule 6.5: the generalist is kept for the calls that only they can take."""
    ranked = _ranked(backend_name, added, wanted)
    for earlier, later in itertools.combinations(ranked, 2):
        first, second = added[earlier][0], added[later][0]
        if ("*" in second) <= ("*" in first):
            assert not second - {"*"} < first - {"*"}


def _ranked(
    name: str, added: Sequence[tuple[set[str], int]], wanted: set[str]
) -> list[int]:
    pool = backends.load(name).Pool()
    for tags, idle_since_ms in added:
        pool.add("somebody", tags=tags, idle_since_ms=idle_since_ms)
    handle = pool.needs(*wanted)
    ranked = list(pool.rank(handle, len(added)))
    assert ranked[:1] == [agent for agent in [pool.select(handle)] if agent is not None]
    return ranked
