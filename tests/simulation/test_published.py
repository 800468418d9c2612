"""Results that others published: ours are the same, within four standard errors."""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path

import pytest

from skillroute import backends
from tests.simulation.erlang_rows import ROWS, rows
from tests.simulation.published import Compared, compared, line, tables

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
PAGE = ROOT / "docs" / "explanation" / "held-against-published-results.md"
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
SHIFT = "whoever finishes first leaves there as a period ends, here whose shift ends"
DEFINED_OTHERWISE = {
    "occupancy_group0": (0.02, "agents beyond their shift count otherwise there"),
    "in_target 0 2": (0.25, SHIFT),
    "in_target 1 2": (0.25, SHIFT),
    "in_target 2 2": (0.25, SHIFT),
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


TITLES = {
    "cc-mmc": "M/M/12",
    "cc-mmc-abandon": "M/M/12 with abandonment",
    "cc-mmc-blocked": "M/M/12, five may wait",
    "cc-simple-multiskill": "three types, two groups",
    "cc-bilingual": "English and Spanish",
    "ssj-callcenter": "thirteen hours",
    "pyworkforce-erlang": "100 calls in half an hour",
    "palm-50-agents": "50 agents at 96 %",
    "pooled-90-agents": "90 agents, 30 places",
}
FORMULAS = ("pyworkforce-erlang", "palm-50-agents", "pooled-90-agents")
HEAD = (
    "| model | quantity | ours | published | its interval | inside"
    " | standard errors off |\n| --- | --- | --: | --: | --: | --- | --: |\n"
)


def table_row(each: Compared) -> str:
    """Write one comparison as a line of the table in the documentation."""
    is_exact = each.model in (
        "pyworkforce-erlang",
        "palm-50-agents",
        "pooled-90-agents",
    )
    interval, inside = "exact" if is_exact else "no interval", ""
    if each.published_error:
        interval = f"±{(each.high - each.low) / 2:.3g}"
        inside = "yes" if each.inside else "no"
    cells = (
        TITLES[each.model],
        each.quantity.replace("_", " "),
        f"{round(each.value, 4):.6g} ±{1.96 * each.standard_error:.2g}",
        f"{each.published:.6g}",
        interval,
        inside,
        f"{each.errors_off:.1f}",
    )
    return f"| {' | '.join(cells)} |\n"


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


def test_every_published_model_and_erlang_row_is_in_the_page(shared: Path) -> None:
    """A row left out would be one that nobody saw pass."""
    lines = PAGE.read_text("utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    first = [row[0] for row in cells]
    assert set(first) >= {TITLES[name] for name in tables(shared / "data")}
    wanted = [row.id for row in rows(shared / "data" / "erlang_reference.csv")]
    assert ROWS == len(wanted)
    found = {row[0]: float(row[-1]) for row in cells if row[0] in set(wanted)}
    assert wanted == list(found)
    assert max(map(abs, found.values())) <= ERRORS_MAX


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
    sys.stdout.write(HEAD)
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
            sys.stdout.write(table_row(each))
        sys.stdout.flush()
    raise SystemExit(int(missed > 0))


if __name__ == "__main__":
    main()
