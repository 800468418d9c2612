"""
Every check of the project; ``nox`` with no arguments runs what CI runs.

The sessions share the one environment that ``uv run --group dev`` made, so that what
is tested is what is locked. Only `packaging` makes environments of its own. Each
session has a budget in seconds, on two cores; one that takes twice as long fails.
"""

from __future__ import annotations

import atexit
import functools
import importlib.util
import os
import shutil
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
PACKAGE = ROOT / "src" / "skillroute"
RUST = ROOT / "rust"

# Seconds, on two cores and with what builds on nothing else already built.
BUDGET_S = {
    "lint": 20,
    "typing": 45,
    "rust": 90,
    "tests": 80,
    "corpus": 20,
    "property": 80,
    "differential": 90,
    "simulate": 60,
    "live": 60,
    "cython": 110,
    "mutants": 150,
    "instructions": 110,
    "journal": 60,
    "driver": 90,
    "faults": 120,
    "plugins": 10,
    "docs": 20,
    "packaging": 90,
    "bench": 150,
    "differential_long": 3600,
    "site": 900,
    "simulate_long": 3600,
    "journal_long": 3600,
    "journal_bench": 900,
    "faults_long": 3600,
}
LONG = (
    "differential_long",
    "site",
    "simulate_long",
    "journal_long",
    "journal_bench",
    "faults_long",
)
OVERRUN = 2

BACKENDS = "rust,python"
BACKENDS_WITH_CYTHON = "rust,cython,python"
YAML_RULES = ("--config-file", ".github/yamllint.yml")
DIFFERENTIAL = ("-m", "skillroute.testing.differential")
FAULTS = (
    *("-m", "skillroute.testing.faults"),
    *("--kept", "tests/journal/kept/semantics-1.journal"),
)
POOL_DIFFERENTIAL = ("-m", "skillroute.testing.pool_differential")

nox.options.default_venv_backend = "none"
nox.options.error_on_missing_interpreters = True
nox.options.sessions = [name for name in BUDGET_S if name not in LONG]

_took_s: dict[str, float] = {}


def budgeted(check: Callable[[nox.Session], None]) -> Callable[[nox.Session], None]:
    """Make a session of *check* that keeps to its line in `BUDGET_S`."""
    name = check.__name__.rstrip("_")

    @functools.wraps(check)
    def timed(session: nox.Session) -> None:
        begun = time.monotonic()
        try:
            check(session)
        finally:
            _took_s[name] = time.monotonic() - begun
        if _took_s[name] > OVERRUN * BUDGET_S[name]:
            session.error(
                f"{name} took {_took_s[name]:.0f} s, more than {OVERRUN} times "
                f"its {BUDGET_S[name]} s: make it quicker, or say why it may be slow"
            )

    return nox.session(name=name, venv_backend="none")(timed)


@atexit.register
def print_times() -> None:
    """Print what each session took, whether it passed or not."""
    if _took_s:
        print(f"\n{'session':<20}{'seconds':>8}{'budget':>8}")
        for name, took_s in _took_s.items():
            print(f"{name:<20}{took_s:>8.1f}{BUDGET_S[name]:>8}")
        print(f"{'all':<20}{sum(_took_s.values()):>8.1f}")


@budgeted
def lint(session: nox.Session) -> None:
    """Check style, names, sizes, layers, docstrings, fragments and workflows."""
    python(session, "-m", "ruff", "check", ".")
    python(session, "-m", "ruff", "format", "--check", ".")
    python(session, "-m", "interrogate", "--quiet", "src", "plugins", "_build")
    session.run("lint-imports", "--no-logo", external=True)
    workflows = sorted(map(str, (ROOT / ".github" / "workflows").glob("*.yml")))
    require(session, workflows, "no workflows to lint")
    python(session, "-m", "yamllint", "--strict", *YAML_RULES, ".github")
    schema = ("--builtin-schema", "vendor.github-workflows")
    python(session, "-m", "check_jsonschema", *schema, *workflows)
    session.run("zizmor", "--offline", "--quiet", *workflows, external=True)
    python(session, "-m", "towncrier", "build", "--draft", "--version", "next")
    pytest(session, "tests/test_tidy.py")


@budgeted
def typing(session: nox.Session) -> None:
    """Type-check everything strictly, and compare the stub with the compiled core."""
    python(session, "-m", "mypy")
    allowed = ROOT / "tests" / "boundary" / "stubtest_allowlist.txt"
    require(session, allowed.is_file(), f"no {allowed}")
    stubtest = ("-m", "mypy.stubtest", "skillroute._core", "--allowlist", str(allowed))
    python(session, *stubtest)


@budgeted
def rust(session: nox.Session) -> None:
    """Format, lint and test the Rust crates."""
    cargo(session, "fmt", "--all", "--check")
    everything = ("--locked", "--profile", "ci", "--workspace")
    cargo(session, "clippy", *everything, "--all-targets", "--", "-D", "warnings")
    # The binding has no tests of its own: it cannot run without an interpreter.
    cargo(session, "test", *everything, "--exclude", "skillroute-python")


@budgeted
def tests(session: nox.Session) -> None:
    """Run unit, boundary and documentation tests, and those of the examples."""
    pytest(session, "tests/unit", "tests/boundary", "tests/docs", "tests/examples")


@budgeted
def corpus(session: nox.Session) -> None:
    """Run every transcript of the corpus on every backend."""
    pytest(session, "tests/corpus")


@budgeted
def property_(session: nox.Session) -> None:
    """Look for counterexamples to what must always hold."""
    pytest(session, "tests/property")


@budgeted
def differential(session: nox.Session) -> None:
    """Give the same random events to Rust and the specification, and compare."""
    python(session, *DIFFERENTIAL, "--seed", "1", "--events", "200000")
    python(session, *POOL_DIFFERENTIAL, "--seed", "1", "--operations", "200000")


@budgeted
def simulate(session: nox.Session) -> None:
    """Run whole days of calls, a real one among them, on every backend."""
    pytest(session, "tests/simulation")


@budgeted
def simulate_long(session: nox.Session) -> None:
    """Hold all rows of Erlang's formulas and all published results to their gate."""
    folder = built(session, "release", "--profile", "release")
    rows = ("-m", "tests.simulation.erlang_rows", *session.posargs)
    python(session, *rows, PYTHONPATH=str(folder))
    python(session, "-m", "tests.simulation.test_published", PYTHONPATH=str(folder))


@budgeted
def live(session: nox.Session) -> None:
    """Let a real Asterisk, unpacked if none is installed, call what we made for it."""
    session.run(str(ROOT / ".ci" / "get-asterisk"), "build/asterisk", external=True)
    pytest(session, "tests/live")


@budgeted
def differential_long(session: nox.Session) -> None:
    """Do the same with ten million events and another seed; not part of CI."""
    seed = session.posargs[0] if session.posargs else str(int(time.time()))
    python(session, *DIFFERENTIAL, "--seed", seed, "--events", "10000000")


@budgeted
def cython(session: nox.Session) -> None:
    """Compile the specification with Cython, and hold it to corpus and differential."""
    folder = compiled_with_cython()
    settings = {"PYTHONPATH": str(folder), "backends": BACKENDS_WITH_CYTHON}
    pytest(session, "tests/corpus", "tests/unit/test_backends.py", **settings)
    events = ("--seed", "2", "--events", "20000")
    python(session, *DIFFERENTIAL, *events, "--backends", "cython,python", **settings)


@budgeted
def mutants(session: nox.Session) -> None:
    """Break the core in known ways, one at a time, and see each of them found."""
    features = ("--features", "extension-module,mutants")
    folder = built(session, "mutants", "--profile", "ci", *features)
    pytest(session, "tests/mutants", PYTHONPATH=str(folder))


@budgeted
def instructions(session: nox.Session) -> None:
    """Compare the core's instructions with the record; ``-- --renew`` writes it."""
    python(session, "benches/instructions.py", *session.posargs)
    pytest(session, "tests/instructions")


@budgeted
def journal(session: nox.Session) -> None:
    """Kill, cut, flip and fill up what a journal writes, and read what is left."""
    pytest(session, "tests/journal")


@budgeted
def driver(session: nox.Session) -> None:
    """Route whole days in virtual time; kill, stall and flood a driver."""
    pytest(session, "tests/driver", "tests/recorded")


@budgeted
def journal_long(session: nox.Session) -> None:
    """Cut the last 64 KiB at every byte and kill 1,000 writers; not part of CI."""
    pytest(session, "tests/journal", JOURNAL_LONG="1", JOURNAL_KILLS="1000")


@budgeted
def journal_bench(session: nox.Session) -> None:
    """Time journals beside bare SQLite; not part of CI. ``-- --renew`` keeps it."""
    folder = built(session, "release", "--profile", "release")
    python(session, "benches/journal.py", *session.posargs, PYTHONPATH=str(folder))


@budgeted
def faults(session: nox.Session) -> None:
    """Run whole sites with faults, and see every fault found that is planted."""
    pytest(session, "tests/faults")
    python(session, *FAULTS, "--seed", "1", "--seeds", "120", "--events", "1500")


@budgeted
def faults_long(session: nox.Session) -> None:
    """Run 2,000 seeds, ten million events; ``-- SEED`` is the first. Not part of CI."""
    seed = session.posargs[0] if session.posargs else str(int(time.time()))
    folder = built(session, "faults", "--profile", "release")
    seeds = ("--seed", seed, "--seeds", "2000", "--events", "5000")
    few = ("--judged-every", "50")
    python(session, *FAULTS, *seeds, *few, PYTHONPATH=str(folder))
    flood = ("--seed", seed, "--seeds", "2", "--events", "120000", "--flood", "100000")
    python(session, *FAULTS, *flood, *few, PYTHONPATH=str(folder))


@budgeted
def plugins(session: nox.Session) -> None:
    """Run the tests of every plugin in the workspace."""
    folders = sorted(ROOT.glob("plugins/*"))
    require(session, folders, "no plugins to test")
    for folder in folders:
        pytest(session, str(folder / "tests"))


@budgeted
def docs(session: nox.Session) -> None:
    """Build the documentation; a dead link or an unknown page is an error."""
    python(session, "docs/generate.py", "--check")
    python(session, "-m", "zensical", "build", "--clean", "--strict")


@budgeted
def packaging(session: nox.Session) -> None:
    """Build wheels and the sdist, install them elsewhere, rebuild a changed core."""
    pytest(session, "tests/packaging")


@budgeted
def bench(session: nox.Session) -> None:
    """Time the pool beside its peers and whole calls, each after a check of results."""
    folder = built(session, "release", "--profile", "release")
    written = ROOT / "build" / "bench"
    written.mkdir(parents=True, exist_ok=True)
    results = ("--output", f"{written}/quick.json", "--picture", f"{written}/quick.svg")
    record = ("--against", str(ROOT / "benches" / "record" / "quick.json"))
    quick = ("-m", "skillroute", "bench", "--quick", *results, *record)
    python(session, *quick, PYTHONPATH=str(folder))
    small = ("--agents", "1000", "--rounds", "500", "--full")
    python(session, "benches/large_site.py", *small, PYTHONPATH=str(folder))
    once = ("benches/simulation.py", "--rounds", "1")
    python(session, *once, PYTHONPATH=str(folder))
    python(session, "benches/journal.py", "--quick", PYTHONPATH=str(folder))
    columns = "--benchmark-columns=min,median,iqr,rounds"
    options = ("--benchmark-only", "--benchmark-disable-gc", columns)
    pytest(session, "benches", *options, PYTHONPATH=str(folder))


@budgeted
def site(session: nox.Session) -> None:
    """Run whole sites of three sizes; not part of CI. ``-- --renew`` keeps them."""
    folder = built(session, "release", "--profile", "release")
    python(session, "benches/large_site.py", *session.posargs, PYTHONPATH=str(folder))


def python(session: nox.Session, *arguments: str, **settings: str) -> None:
    """Run Python with *arguments*; *settings* go into its environment."""
    expected = settings.pop("backends", BACKENDS)
    environment = {"SKILLROUTE_EXPECT_BACKENDS": expected, **settings}
    session.run(sys.executable, *arguments, env=environment, external=True)


def pytest(session: nox.Session, *arguments: str, **settings: str) -> None:
    """Run pytest; that it finds no test at all is an error of its own."""
    python(session, "-m", "pytest", *arguments, **settings)


def cargo(session: nox.Session, *arguments: str) -> None:
    """Run cargo in the Rust workspace, in one target directory for everything."""
    with session.chdir(RUST):
        # The same interpreter as in a build, else pyo3 compiles itself again.
        environment = {"PYO3_PYTHON": os.path.realpath(sys.executable)}
        session.run("cargo", *arguments, env=environment, external=True)


def require(session: nox.Session, found: object, message: str) -> None:
    """Fail rather than check nothing."""
    if not found:
        session.error(message)


def compiled_with_cython() -> Path:
    """
    Make a copy of the package with a compiled specification in it.

    It goes first on the path, in place of the package in ``src/``, which stays as it
    is: no other session shall find a backend there that it did not ask for.
    """
    folder = ROOT / "build" / "cython"
    shutil.rmtree(folder, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__", "_cython")
    shutil.copytree(PACKAGE, folder / "skillroute", ignore=ignored)
    path = ROOT / "_build" / "compile_reference.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.compile_package(PACKAGE / "reference", folder / "skillroute" / "_cython")
    return folder


def built(session: nox.Session, name: str, *arguments: str) -> Path:
    """
    Build the core in another way than an installation has it, and unpack the package.

    The wheel is never installed and lies where no release looks: whoever wants this
    core puts the returned folder first on the path.
    """
    folder = ROOT / "build" / name
    shutil.rmtree(folder, ignore_errors=True)
    interpreter = os.path.realpath(sys.executable)
    build = ("build", "--interpreter", interpreter, "--out", str(folder))
    python(session, "-m", "maturin", *build, *arguments)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    wheel.unlink()
    for metadata in folder.glob("*.dist-info"):
        shutil.rmtree(metadata)
    return folder
