"""
Reads scenarios: text to model, model and plan to what the simulation plays.
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

import msgspec

from ..errors import PlanProblemsError
from ..plan import (
    Document,
    Fault,
    Plan,
    Problem,
    load_plan,
    problem_of,
    problems_error,
    read_document,
    schema_of,
)
from ._compiled import CompiledScenario, encode_scenario
from ._scenario_check import find_faults
from ._scenario_compile import compile_scenario
from ._scenario_files import ScenarioFiles
from ._scenario_model import RawScenario

__all__ = ["Scenario", "check_scenario", "load_scenario", "scenario_schema"]

_WHAT = "the scenario"


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """
    A scenario without errors, read and compiled for its plan.
    """

    raw: RawScenario
    """As it is written."""
    plan: Plan
    compiled: CompiledScenario
    file: str
    """The file's name as it was given."""

    def __repr__(self) -> str:
        """Name the scenario; all of it would be pages."""
        kinds = ", ".join(self.raw.calls) or "real calls"
        return f"<Scenario {self.file!r}: {kinds}, under {self.plan!r}>"

    @property
    def encoded(self) -> bytes:
        """
        What ``run_replication`` takes.
        """
        return encode_scenario(self.compiled)


def load_scenario(
    path: str | PathLike[str],
    *,
    plan: Plan | None = None,
    seed: int | None = None,
) -> Scenario:
    """
    Read a scenario from its file, and the plan that it names.

    Args:
        path: A TOML file; names of other files in it are relative to its folder.
        plan: Play it under this one instead, which may lack some of the agents and
            teams that the scenario names; None: under its own.
        seed: Where draws start; None: as it says.

    Returns:
        The scenario, compiled.

    Raises:
        PlanProblemsError: It or its plan has errors; it carries all of them.  Codes
            are in ``docs/reference/scenario.md``.

    Cost: about 2 ms for each 10 kB, and what its distributions cost (see
        ``compile_scenario``).
    """
    document, files = _read(str(path))
    used = _plan_of(document, Path(path).parent) if plan is None else plan
    if isinstance(used, Plan):
        is_own = plan is None
        document.check(lambda raw: find_faults(raw, used, files, is_own=is_own))
    else:
        document.faults.extend(used)
    if problems := document.problems():
        raise problems_error(problems)
    assert isinstance(used, Plan)
    raw = document.model
    name = Path(path).name.removesuffix(".toml").removesuffix(".scenario")
    compiled = compile_scenario(
        raw, used, files, name=name, seed=raw.seed if seed is None else seed
    )
    return Scenario(raw=raw, plan=used, compiled=compiled, file=str(path))


def check_scenario(path: str | PathLike[str]) -> tuple[Problem, ...]:
    """
    Find everything that is wrong with a scenario.

    Args:
        path: A TOML file.

    Returns:
        Errors in the order of the file; empty: all is well.  If the plan has errors,
        they are found first and alone.

    Cost: as ``load_scenario``, without compiling.
    """
    try:
        document, files = _read(str(path))
        plan = _plan_of(document, Path(path).parent)
    except PlanProblemsError as error:
        return tuple(problem_of(problem) for problem in error.problems)
    if isinstance(plan, Plan):
        document.check(lambda raw: find_faults(raw, plan, files, is_own=True))
    else:
        document.faults.extend(plan)
    return document.problems()


def scenario_schema() -> dict[str, Any]:
    """
    Return the JSON Schema of scenarios, for editors that complete and check TOML.

    Returns:
        A schema (draft 2020-12) in which every key has its description, type,
        range and default.
    """
    return schema_of(RawScenario, "skillroute scenario")


def _read(file: str) -> tuple[Document[RawScenario], ScenarioFiles]:
    document = read_document(file, RawScenario, _WHAT)
    if isinstance(document, Problem):
        raise problems_error([document])
    return document, ScenarioFiles(Path(file).parent)


def _plan_of(document: Document[RawScenario], folder: Path) -> Plan | list[Fault]:
    """
    Load the plan that a scenario names; faults: it cannot be told which, or read.

    Raises:
        PlanProblemsError: The plan itself has errors.
    """
    if not document.is_toml or any(f.path == ("plan",) for f in document.faults):
        return []
    file = folder / document.model.plan
    if not file.is_file():
        message = f"there is no plan {str(file)!r}"
        return [Fault(code="file_unreadable", message=message, path=("plan",))]
    return load_plan(file)
