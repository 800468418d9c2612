"""
Reads plans: text to model, model to problems or to bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ._agents_file import read_agents
from ._check import find_faults
from ._compile import compile_checked
from ._documents import in_file_order, parse_toml, problem_at, read_file, within
from ._positions import Positions
from ._problems import Fault, Path, Problem, problems_error
from ._shape import convert
from .compiled import encode, plan_id
from .model import RawPlan

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from .compiled import CompiledPlan

__all__ = ["Plan", "check_plan", "compile_plan", "load_plan", "parse_plan"]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """
    A plan without errors, read and compiled.
    """

    raw: RawPlan
    """As it is written, with the agents of its agents file."""
    compiled: bytes
    """What ``Engine`` takes."""
    plan_id: str
    """blake2b-128 of ``compiled``, hexadecimal: equal for plans that mean the same."""
    file: str
    """The file's name as it was given; empty: the plan came from memory."""

    def __repr__(self) -> str:
        """Name the plan; all of it would be pages."""
        raw = self.raw
        sizes = f"{len(raw.agents):,} agents, {len(raw.queues):,} queues"
        return f"<Plan {raw.site.name!r}, {sizes}, plan_id {self.plan_id}>"


def load_plan(path: str | PathLike[str]) -> Plan:
    """
    Read a plan from its file.

    Args:
        path: A TOML file.

    Returns:
        The plan, compiled.  Warnings are not looked for: see ``check_plan``.

    Raises:
        PlanProblemsError: The plan has errors; it carries all of them.  Codes are
            in ``docs/reference/plan.md``.

    Cost: about 2 ms for each 10 kB, 25 µs for each line of an agents file, 50 ms
        for each zone not compiled before.
    """
    file = str(path)
    text = read_file(file)
    if isinstance(text, Problem):
        raise problems_error([text])
    return parse_plan(text, file=file)


def parse_plan(text: str, *, file: str = "") -> Plan:
    """
    Read a plan from its text.

    Args:
        text: TOML.
        file: Name of the file that *text* was read from: problems carry it, and
            ``agents_from`` is relative to its folder; empty: there is none.

    Returns:
        The plan, compiled.

    Raises:
        PlanProblemsError: As ``load_plan``.
    """
    reading = _Reading(text, file)
    if errors := reading.problems("error"):
        raise problems_error(errors)
    compiled = encode(compile_checked(reading.raw))
    id = plan_id(compiled)
    return Plan(raw=reading.raw, compiled=compiled, plan_id=id, file=file)


def check_plan(path: str | PathLike[str]) -> tuple[Problem, ...]:
    """
    Find everything that is wrong with a plan, and what is probably not meant.

    Args:
        path: A TOML file.

    Returns:
        Errors, warnings and notes in the order of the file; empty: all is well.
        What needs a plan without errors, such as who can reach whom, is looked for
        only if there are none.

    Cost: as ``load_plan``, and about ten times that if there is any problem.
    """
    file = str(path)
    text = read_file(file)
    if isinstance(text, Problem):
        return (text,)
    reading = _Reading(text, file)
    reading.find_doubts()
    return reading.problems("error", "warning", "note")


def compile_plan(raw: RawPlan) -> CompiledPlan:
    """
    Compile a plan that was made or changed in memory.

    Args:
        raw: The plan, with all its agents; ``agents_from`` is not read.

    Returns:
        The compiled plan: names interned, lists sorted as ``compiled.py`` says.

    Raises:
        PlanProblemsError: The plan has errors; they have paths but no lines.

    Cost: linear in the plan, and 50 ms for each zone not compiled before.
    """
    errors = [fault for fault in find_faults(raw) if fault.severity == "error"]
    if errors:
        raise problems_error(problem_at(fault, ("", 0, 0)) for fault in errors)
    return compile_checked(raw)


class _Reading:
    """
    One reading of a plan's text: its model, and what was found on the way.
    """

    def __init__(self, text: str, file: str) -> None:
        self.text = text.removeprefix("\ufeff")
        self.file = file
        self.agent_places: dict[str, tuple[str, int, int]] = {}
        document, self.faults = parse_toml(self.text, file)
        if self.faults:
            return
        self.raw, self.faults = convert(document, RawPlan)
        self._add_agents()
        formed = {fault.path for fault in self.faults}
        # A value that was no text at all cannot be misspelt as well.
        self.faults += (
            fault for fault in find_faults(self.raw) if not within(fault.path, formed)
        )

    def find_doubts(self) -> None:
        """
        Look for what is probably not meant, unless there are errors.
        """
        # Whoever only loads a plan need not load the lints.
        from ..check import find_doubts  # noqa: PLC0415

        if all(fault.severity != "error" for fault in self.faults):
            self.faults += find_doubts(self.raw)

    def problems(self, *severities: str) -> tuple[Problem, ...]:
        """
        Return what was found, with its places, in the order of the file.
        """
        faults = [fault for fault in self.faults if fault.severity in severities]
        return tuple(sorted(self._placed(faults), key=in_file_order))

    def _add_agents(self) -> None:
        raw = self.raw
        if raw.agents_from is None or any(
            fault.path == ("agents_from",) for fault in self.faults
        ):
            return
        found = read_agents(raw.agents_from, self.file, raw.agents)
        self.raw = msgspec.structs.replace(raw, agents=raw.agents | found.agents)
        self.faults += found.faults
        self.agent_places = {
            agent: (found.file, line, 1) for agent, line in found.lines.items()
        }

    def _placed(self, faults: list[Fault]) -> Iterable[Problem]:
        if not faults:
            return
        positions: Positions | None = None
        for fault in faults:
            place = fault.place or self._agent_place(fault.path)
            if place is None:
                positions = positions or Positions(self.text)
                look_up = positions.of_key if fault.on_key else positions.of_value
                place = (self.file, *look_up(fault.path))
            yield problem_at(fault, place)

    def _agent_place(self, path: Path) -> tuple[str, int, int] | None:
        """
        Return the place of what stands in the agents file.
        """
        if path[:1] != ("agents",) or len(path) < 2:
            return None
        return self.agent_places.get(str(path[1]))
