"""
Provoke every exception, so that the page shows what people really get to read.

What the engine refuses is the data of ``tests/boundary/refusals.py``, most broken
plans are those of ``tests/unit/plan/broken_plans.py``: the examples are tested.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest import mock

import msgspec

from skillroute import plugins
from skillroute.check import find_doubts
from skillroute.errors import PlanError, PlanProblemsError, SkillrouteError
from skillroute.events import PlanReloaded
from skillroute.hookspecs import HostDescription, hookimpl
from skillroute.plan import Fault, Problem, check_plan, load_plan, parse_plan
from skillroute.reference import Engine, Pool, engine, limits
from skillroute.reference.refusals import limit
from skillroute.simulation import decode_scenario

from .codes import Code
from .source import ROOT

HEAD = '[site]\nname = "s"\n[queues.q]\n[agents.anna]\n'

PLAN_FILES: dict[str, dict[str, str]] = {
    "file_unreadable": {},
    "not_utf8": {"plan.toml": "# caf\xe9\n"},
    "duplicate_agent": {
        "plan.toml": 'agents_from = "agents.jsonl"\n' + HEAD,
        "agents.jsonl": '{"id": "anna"}\n',
    },
    "national_prefix_malformed": {
        "plan.toml": '[site]\nname = "s"\ncountry_code = "7"\nnational_prefix = "x"\n'
    },
    "agents_file_kind": {"plan.toml": 'agents_from = "agents.txt"\n' + HEAD},
    "agents_file_unreadable": {"plan.toml": 'agents_from = "agents.csv"\n' + HEAD},
    "json_syntax": {
        "plan.toml": 'agents_from = "agents.jsonl"\n' + HEAD,
        "agents.jsonl": "bert\n",
    },
    "csv_syntax": {
        "plan.toml": 'agents_from = "agents.csv"\n' + HEAD,
        "agents.csv": "id,name\nbert\n",
    },
}
"""Files in which a plan and its agents are broken, by code; in Latin-1."""


def engine_messages() -> dict[Code, str]:
    """
    Provoke what an engine raises, and return the message of each code.
    """
    refusals = _data("boundary/refusals.py")
    plan = parse_plan(refusals.PLAN).compiled
    found: dict[Code, str] = {}
    for row in refusals.REFUSALS.values():
        one = Engine(plan)
        for event in row.before:
            one.handle(event, refusals.START_MS)
        _note(found, partial(one.handle, row.event, row.now_ms))
    full = limit("calls_max", limits.CALLS_MAX)  # after minutes of arrivals
    found["LimitError", full.code] = full.message
    newer = msgspec.msgpack.encode([2, *msgspec.msgpack.decode(plan)[1:]])
    _note(found, lambda: Engine(b""))
    _note(found, lambda: Engine(newer))
    _note(found, lambda: decode_scenario(b""))
    _note(found, lambda: Engine.restore(plan, b""))
    _note(found, lambda: Engine(plan).replay(b"\0"))
    reloaded = msgspec.msgpack.encode([0, PlanReloaded(plan_id="ab" * 16)])
    frame = len(reloaded).to_bytes(4, "big") + reloaded
    _note(found, lambda: Engine(plan).replay(frame))
    broken = Engine(plan)
    with mock.patch.object(engine, "settle", side_effect=KeyError("offer 5")):
        _note(found, lambda: broken.handle(refusals.arrival(), 0))
    _note(found, broken.snapshot)
    busy = Engine(plan)
    with busy._gate:  # noqa: SLF001 - as a second thread would find it
        _note(found, busy.snapshot)
    return found


def pool_messages() -> dict[Code, str]:
    """
    Provoke what a pool raises.
    """
    found: dict[Code, str] = {}
    pool = Pool()
    for bound in ("pool_agents_max", "pool_needs_max", "pool_waiting_max"):
        full = limit(bound, getattr(limits, bound.upper()))  # after a million of them
        found["LimitError", full.code] = full.message
    _note(found, lambda: pool.add("anna", tags=["two words"]))
    _note(found, lambda: pool.add("anna", tags=["lang:pl=101"]))
    _note(found, lambda: pool.add("anna", tags=[f"x:{n}" for n in range(5000)]))
    _note(found, lambda: pool.needs(prefer={"lang:pl": 0}))
    _note(found, lambda: pool.needs(any_of=[[]]))
    _note(found, lambda: pool.needs(strategy="quickest"))
    _note(found, lambda: Pool(seed=-1))
    _note(found, lambda: pool.select(7))
    _note(found, lambda: pool.leave(7))
    return found


def plugin_messages() -> dict[Code, str]:
    """
    Provoke what stops the start because of a plugin.
    """
    found: dict[Code, str] = {}
    host = HostDescription(name="lab", summary="Lab", version="1", capabilities=())
    misspelt, good, other = (ModuleType("skillroute_lab") for _ in range(3))
    hook = hookimpl(lambda: host)
    misspelt.skillroute_regster_host = hook  # type: ignore[attr-defined]
    good.skillroute_register_host = hook  # type: ignore[attr-defined]
    other.skillroute_register_host = hook  # type: ignore[attr-defined]
    with _installed(lab=misspelt):
        _note(found, plugins.plugin_manager)
    with _installed(lab=ImportError("no module named 'panoramisk'")):
        _note(found, plugins.plugin_manager)
    with _installed(lab=good, laboratory=other):
        _note(found, lambda: plugins.hosts(plugins.plugin_manager()))
    return found


def plan_messages() -> dict[str, str]:
    """
    Load broken plans, and return the message of each code.
    """
    return {code: error.message for code, error in plan_errors().items()}


def lint_faults() -> dict[str, Fault | Problem]:
    """
    Check doubtful plans, and return what is said first with each code.
    """
    found: dict[str, Fault | Problem] = {}
    for case in _data("unit/check/doubtful_plans.py").DOUBTFUL.values():
        for fault in find_doubts(parse_plan(case.text.replace("@", "", 1)).raw):
            if fault.code == case.code:
                found.setdefault(fault.code, fault)
    for case in _data("unit/plan/broken_plans.py").DOUBTFUL.values():
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "plan.toml")
            file.write_text(case.text.replace("@", "", 1), "utf-8")
            for problem in check_plan(file):
                found.setdefault(problem.code, problem)
    return found


def plan_errors() -> dict[str, PlanError]:
    """
    Load broken plans, and return the first error of each code.
    """
    found: dict[str, PlanError] = {}
    for case in _data("unit/plan/broken_plans.py").BROKEN.values():
        try:
            parse_plan(case.text.replace("@", "", 1))
        except PlanProblemsError as error:
            found.setdefault(error.code, error.problems[0])
    found = {c: m for c, m in found.items() if c not in PLAN_FILES}
    for code, files in PLAN_FILES.items():
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            for name, text in files.items():
                Path(name).write_text(text, "latin-1")
            try:
                load_plan("plan.toml")
            except PlanProblemsError as error:
                found[error.code] = error.problems[0]
        assert code in found, f"{code} was not provoked"
    return found


def _note(found: dict[Code, str], provoke: Callable[[], object]) -> None:
    try:
        provoke()
    except SkillrouteError as error:
        found.setdefault((type(error).__name__, error.code), error.message)
        return
    raise AssertionError("nothing was raised")


@contextlib.contextmanager
def _installed(**found: object) -> Iterator[None]:
    """
    Let these be the only installed plugins; an exception is raised when loaded.
    """
    points = [
        SimpleNamespace(
            group=plugins.ENTRY_POINT_GROUP,
            name=name,
            load=mock.Mock(side_effect=plugin)
            if isinstance(plugin, Exception)
            else mock.Mock(return_value=plugin),
        )
        for name, plugin in found.items()
    ]
    distribution = SimpleNamespace(
        metadata={"Name": "skillroute-lab"}, version="1", entry_points=points
    )
    with mock.patch("importlib.metadata.distributions", return_value=[distribution]):
        yield


def _data(path: str) -> ModuleType:
    """
    Load a file of test data.
    """
    file = ROOT / "tests" / path
    if str(ROOT) not in sys.path:
        # Data of several files import each other by name.
        sys.path.append(str(ROOT))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
