"""Every situation of the pool on every backend, and what they cover together."""

from __future__ import annotations

import importlib
import re
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from skillroute.reference import Pool
from skillroute.reference.strategies import STRATEGIES
from skillroute.testing import pool_histories
from skillroute.testing.pool_histories import (
    PoolHistory,
    PoolStep,
    load_pool_corpus,
    load_pool_history,
    run,
)
from tests.corpus.broken_pools import (
    Breaking,
    BrokenPool,
    halting,
    idle_first,
    losing,
    rotating,
    wildcards_first,
)

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "reference" / "pool-histories.md").read_text("utf-8")
RULES = (DOCS / "reference" / "rules.md").read_text("utf-8")
EXAMPLE = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]
CORPUS = load_pool_corpus()
CORPUS_SIZE_MIN = 30

# Refusals of a pool that no history shows, each with the reason.
NOT_SHOWN = {
    "pool_agents_max": "after a million of them",
    "pool_needs_max": "after a million of them",
    "pool_waiting_max": "after a million of them",
    "tags_per_agent_max": "four thousand tags cannot be read; see tests/boundary",
}


BROKEN: dict[str, Breaking] = {
    "burst_rings_the_specialist_first_every_time": rotating,
    "asking_never_rotates_the_order": rotating,
    "wildcards_come_last_even_when_many": wildcards_first,
    "fewest_tags_beat_any_idle_time": idle_first,
    "agents_of_equal_keys_are_all_reachable": losing,
    "needs_that_nobody_meets_do_no_harm": halting,
}


@pytest.mark.parametrize("history", CORPUS, ids=lambda history: history.name)
def test_history_runs_as_written(
    backend: SimpleNamespace, history: PoolHistory
) -> None:
    """A pool that fails here gives calls to other people than the rules say."""
    assert [] == run(history, backend.Pool)


@pytest.mark.parametrize("name", BROKEN)
def test_an_old_failure_of_others_is_noticed(name: str) -> None:
    """Each of these was in a distributor that people used, and no test told them."""
    (history,) = (history for history in CORPUS if history.name == name)
    assert [] != run(history, partial(BrokenPool, BROKEN[name]))


def test_corpus_is_whole() -> None:
    """A corpus that is not found would pass every test above."""
    assert len(CORPUS) >= CORPUS_SIZE_MIN
    assert len(CORPUS) == len({history.about for history in CORPUS})


def test_every_method_is_called_and_every_answer_compared() -> None:
    """A method that no history calls may do anything."""
    steps = [step for history in CORPUS for step in history.steps]
    called = {step.operation for step in steps if not step.refused}
    methods = {name for name in vars(Pool) if not name.startswith("_")}
    assert methods - {"counts", "cost"} == called == set(pool_histories._FORMS)


def test_every_key_is_used() -> None:
    """An argument that no history gives may be read wrongly."""
    steps = [step for history in CORPUS for step in history.steps]
    used = {(step.operation, key) for step in steps for key in step.keywords}
    forms = pool_histories._FORMS.items()
    every = {(operation, key) for operation, form in forms for key in form.keys}
    # They are one argument of three methods, read in one place.
    every -= {("select", "exclude"), ("select", "draw"), ("rank", "exclude")}
    assert set() == every - used


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_has_a_history_that_the_default_fails(strategy: str) -> None:
    """Else a pool that knew only its default would pass for one that knows them all."""
    shown = [h for h in CORPUS if _without_strategy(h, strategy) != h]
    default = [run(_without_strategy(h, strategy), Pool) for h in shown]
    assert shown
    assert all(default) or strategy == "most_specific"


def _without_strategy(history: PoolHistory, name: str) -> PoolHistory:
    """Return the history with a strategy left out, so that the default holds."""

    def plain(step: PoolStep) -> PoolStep:
        if step.keywords.get("strategy") != name:
            return step
        others = {k: value for k, value in step.keywords.items() if k != "strategy"}
        return msgspec.structs.replace(step, keywords=others)

    return msgspec.structs.replace(history, steps=[plain(s) for s in history.steps])


def test_every_refusal_is_shown_or_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code that no history shows may be another on another backend."""
    monkeypatch.syspath_prepend(str(DOCS))
    provoked = importlib.import_module("generator.provoked")
    codes = {code for _, code in provoked.pool_messages()}
    shown = {step.refused for history in CORPUS for step in history.steps} - {""}
    assert len(shown) > 5
    assert codes - shown == set(NOT_SHOWN)


def test_histories_name_rules() -> None:
    """A number that is no rule is a slip of the pen."""
    rules = set(re.findall(r"^\*\*\[?([\d.]+)", RULES, re.MULTILINE))
    named = {rule for history in CORPUS for rule in history.rules}
    assert "6.3" in named
    assert set() == named - rules
    assert all(history.rules for history in CORPUS)


def test_example_of_the_page_runs(backend: SimpleNamespace) -> None:
    """A reader who copies the example would begin with a failure."""
    assert [] == run(load_pool_history("example", EXAMPLE), backend.Pool)


def test_page_names_every_operation_with_its_keys() -> None:
    """A key that the page does not have is one that nobody will use."""
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \|(.*)\|$", PAGE, re.MULTILINE)
    said = {operation: set(re.findall(r"`(\w+)`", keys)) for operation, keys in rows}
    forms = pool_histories._FORMS.items()
    assert {operation: set(form.keys) for operation, form in forms} == said
    top = {*pool_histories._File.__struct_fields__, "gives", "refused"}
    assert top == set(re.findall(r"^- `(\w+)`:", PAGE, re.MULTILINE))


@pytest.mark.parametrize(
    ("written", "instead", "noticed"),
    [
        ('gives = "vera"}', 'gives = "dina"}', "gave 'vera', expected 'dina'"),
        ('gives = "none"', 'gives = "vera"', "gave 'none', expected 'vera'"),
        ('["vera", "dina"]', '["vera"]', "gave ['vera', 'dina']"),
        ('"unknown_agent"', '"unknown_needs"', "refused with 'unknown_agent'"),
        (', refused = "unknown_agent"', "", "refused with 'unknown_agent'"),
        ("gives = 0", "gives = 1", "gave 0, expected 1"),
    ],
)
def test_runner_notices_a_difference(
    backend: SimpleNamespace, written: str, instead: str, noticed: str
) -> None:
    """A runner that overlooks something makes the whole corpus worthless."""
    assert written in EXAMPLE
    changed = load_pool_history("example", EXAMPLE.replace(written, instead, 1))
    wrong = run(changed, backend.Pool)
    assert any(noticed in line for line in wrong), wrong


@pytest.mark.parametrize(
    ("step", "noticed"),
    [
        ("{}", "begins with"),
        ('{rest = "vera"}', "begins with"),
        ('{take = "vera", exclude = []}', "take has no exclude"),
        ('{take = "vera", gives = "vera"}', "answers nothing"),
        ('{select = "sales"}', "gives, or how it is refused"),
        ('{select = "sales", gives = "vera", refused = "x"}', "gives, or how"),
        ('{select = "sales", gives = "zoe"}', "no agent 'zoe'"),
        ('{select = "vera", gives = "vera"}', "no needs 'vera'"),
        ('{take = "zoe"}', "no agent 'zoe'"),
        ('{add = "vera"}', "'vera' already"),
        ('{add = "none"}', "'none' already"),
    ],
)
def test_a_step_that_would_be_passed_over_is_refused(step: str, noticed: str) -> None:
    """A slip of the pen that checks nothing would stay for ever."""
    text = EXAMPLE.rstrip().removesuffix("]") + f"    {step},\n]\n"
    with pytest.raises(ValueError, match=noticed):
        load_pool_history("example", text)


def test_python_of_the_page_runs() -> None:
    """The page shows how to run the corpus; that must work as it stands."""
    code = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert code
    for block in code:
        exec(compile(block, "pool-histories.md", "exec"), {})
