"""Each invariant of chapter 17 must be seen broken with no second engine beside."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from skillroute import backends
from skillroute.testing.differential import compare_world

DOCS = Path(__file__).resolve().parents[2] / "docs"
EVENTS_PER_WORLD = 250
WORLDS_MAX = 250

# By invariant, the planted faults that break it and nothing else of the chapter first.
BROKEN_BY = {
    "17.1": (127,),
    "17.2": (18, 128),
    "17.3": (22, 129, 130),
    "17.4": (63, 66),
    "17.5": (7,),
    "17.8": (131,),
    "17.9": (132,),
    "17.11": (133,),
    "17.12": (29, 134),
    "17.13": (135,),
    "17.14": (136,),
}
ELSEWHERE = {
    "17.6": "not carried out yet",
    "17.7": "every mutant, by the comparison of two engines",
    "17.10": "tests/journal and tests/faults, which kill whoever writes",
}


def test_every_invariant_has_a_fault_that_breaks_it() -> None:
    """A check that was never seen red may check nothing."""
    text = (DOCS / "reference" / "rules.md").read_text("utf-8")
    invariants = set(re.findall(r'<a id="rule-(17-\d+)"></a>', text))
    assert 14 == len(invariants)
    named = {number.replace("-", ".") for number in invariants}
    assert named == BROKEN_BY.keys() | ELSEWHERE.keys()
    assert BROKEN_BY.keys().isdisjoint(ELSEWHERE)


def test_the_page_names_the_invariants_that_are_seen_broken() -> None:
    """Who reads it must be able to trust it."""
    page = DOCS / "explanation" / "three-backends.md"
    rows = re.findall(r"(?m)^\| \[(17\.\d+)\]", page.read_text("utf-8"))
    assert [*BROKEN_BY] == rows


@pytest.mark.parametrize(
    ("invariant", "number"),
    [(rule, number) for rule, numbers in BROKEN_BY.items() for number in numbers],
)
def test_a_broken_invariant_is_seen_without_a_second_engine(
    invariant: str, number: int
) -> None:
    """Two engines that are wrong alike agree, so something must judge them from out."""
    assert {invariant} == first_broken(number)


def first_broken(number: int) -> set[str]:
    """Return what a faulty engine breaks first, judged by the books alone."""
    engine = backends.load("rust").Engine
    module = importlib.import_module(engine.__module__)
    module.set_mutant(number)
    try:
        for seed in range(1, WORLDS_MAX + 1):
            found = compare_world((engine,), seed, EVENTS_PER_WORLD).difference
            if found is not None:
                return set(re.findall(r"(?:^|; )(\d+\.\d+):", found.what))
    finally:
        module.set_mutant(0)
    return set()
