"""Results that others published: ours are the same, within four standard errors."""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path

import pytest

from skillroute import backends
from tests.simulation.published import Compared, compared, line, tables

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
ERRORS_MAX = 4
# Days of the quick run: each model takes a second or two.
QUICK = {
    "cc-mmc": 60,
    "cc-mmc-abandon": 60,
    "cc-mmc-blocked": 60,
    "cc-simple-multiskill": 20,
    "cc-bilingual": 15,
    "ssj-callcenter": 40,
    "pyworkforce-erlang": 8,
    "palm-50-agents": 4,
    "pooled-90-agents": 5,
}
DEFINED_OTHERWISE = {
    "occupancy_group0": (0.02, "agents beyond their shift count otherwise there"),
}
"""Such a share of their value is granted besides, and why."""


def is_met(each: Compared) -> bool:
    """Tell whether a quantity is what was published."""
    if each.quantity in DEFINED_OTHERWISE:
        granted, _ = DEFINED_OTHERWISE[each.quantity]
        chance = ERRORS_MAX * math.hypot(each.standard_error, each.published_error)
        return abs(each.value - each.published) <= granted * each.published + chance
    return each.errors_off <= ERRORS_MAX


def written(each: Compared) -> str:
    """Write one comparison."""
    inside = "inside" if each.inside else "outside" if each.published_error else "exact"
    return (
        f"{each.model:21}{each.quantity:32}"
        f"{each.value:11.4f} ±{each.standard_error:.4f}"
        f"  published {each.published:.4f} ±{each.published_error:.4f} {inside},"
        f" {each.errors_off:.1f} errors off"
    )


@pytest.mark.parametrize("name", QUICK)
def test_a_published_model_is_reproduced(
    name: str, shared: Path, tmp_path: Path
) -> None:
    """Whoever plans by these figures must be able to trust them."""
    if "rust" not in backends.available():
        pytest.skip("takes minutes without the compiled engine")
    found = compared(name, tables(shared / "data")[name], tmp_path, QUICK[name], 5)
    assert found
    assert [] == [written(each) for each in found if not is_met(each)]


def test_every_published_model_is_played(shared: Path) -> None:
    """A model that nobody plays proves nothing."""
    assert QUICK.keys() == tables(shared / "data").keys()


def test_another_number_would_be_noticed(shared: Path, tmp_path: Path) -> None:
    """One agent less than in the published model: most quantities must be off."""
    if "rust" not in backends.available():
        pytest.skip("takes minutes without the compiled engine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "tests.simulation.published.line",
            lambda agents, queue="": line(agents - 1, queue),
        )
        table = tables(shared / "data")["cc-mmc"]
        found = compared("cc-mmc", table, tmp_path, 60, 5)
    assert not any(is_met(each) for each in found)


def main() -> None:
    """Play all of them as long as they were: the figures of the documentation."""
    parser = argparse.ArgumentParser(description="Reproduce published results.")
    parser.add_argument("--replications", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models", nargs="*", default=list(QUICK))
    chosen = parser.parse_args()
    missed = 0
    for name in chosen.models:
        with tempfile.TemporaryDirectory() as folder:
            found = compared(
                name,
                tables(DATA)[name],
                Path(folder),
                chosen.replications,
                chosen.seed,
            )
        missed += sum(not is_met(each) for each in found)
        for each in found:
            sys.stdout.write(f"{written(each)}\n")
        sys.stdout.flush()
    raise SystemExit(int(missed > 0))


if __name__ == "__main__":
    main()
