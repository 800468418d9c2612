"""House style as a test: sizes, names, boundaries, and that imports do nothing."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = REPOSITORY / "src" / "skillroute"
RUST = REPOSITORY / "rust"

PYTHON_ROOTS = ("src", "plugins", "tests", "benches", "examples", "_build")
CATEGORIES = {
    "backends",
    "boundary",
    "corpus",
    "docs",
    "driver",
    "examples",
    "faults",
    "instructions",
    "journal",
    "live",
    "mutants",
    "packaging",
    "property",
    "recorded",
    "simulation",
    "typing",
    "unit",
}
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 600
PYTHON_COLUMNS_MAX = 88
RUST_COLUMNS_MAX = 100
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc"}
ENTRY_MODULES = {"skillroute", "skillroute.__main__"}

# In the order of the rules they keep; each with what it would let in.
BANNED_IN_THE_CORE = {
    r"\bstd::time\b": "time is an argument",
    r"\bHashMap\b|\bHashSet\b": "its order differs from process to process",
    r"\bf32\b|\bf64\b": "floating point differs between machines",
    r"\bunsafe\b": "the core needs none",
    r"\bpyo3\b": "only the binding knows Python",
    r"\bstd::(fs|net|thread|process|env)\b": "the core does no input or output",
}


def python_files(*roots: str) -> list[Path]:
    """List our own Python files; not what was generated or compiled."""
    found = [REPOSITORY / "noxfile.py"] if not roots else []
    for root in roots or PYTHON_ROOTS:
        found += (REPOSITORY / root).rglob("*.py")
    skipped = ("_cython", "build", ".venv", "__pycache__")
    return sorted(f for f in found if not set(skipped) & set(f.parts))


def rust_files(*crates: str) -> list[Path]:
    """List the Rust sources, of all crates if none is named."""
    roots = [RUST / crate for crate in crates] if crates else [RUST]
    found = [file for root in roots for file in root.rglob("*.rs")]
    return sorted(f for f in found if "target" not in f.relative_to(RUST).parts)


def where(file: Path, line: int | None = None) -> str:
    """Say where something was found, relative to the repository."""
    place = str(file.relative_to(REPOSITORY))
    return place if line is None else f"{place}:{line}"


def parsed(file: Path) -> ast.Module:
    """Read one Python file."""
    return ast.parse(file.read_text("utf-8"), str(file))


def docstring_lines(tree: ast.AST) -> set[int]:
    """Return the numbers of all lines that belong to docstrings in *tree*."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def comment_lines(file: Path) -> set[int]:
    """Return the numbers of the lines that hold a comment and nothing else."""
    with file.open("rb") as source:
        return {
            token.start[0]
            for token in tokenize.tokenize(source.readline)
            if token.type == tokenize.COMMENT and token.line.lstrip().startswith("#")
        }


def rust_code(file: Path) -> list[tuple[int, str]]:
    """Return number and text of the lines of code, comments taken off."""
    text = file.read_text("utf-8")
    text = re.sub(
        r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), text, flags=re.DOTALL
    )
    lines = ((n, line.split("//")[0]) for n, line in enumerate(text.splitlines(), 1))
    return [(number, line) for number, line in lines if line.strip()]


def rust_function_lines(code: list[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    """Yield first line and length of each function, found by its indentation."""
    begun: dict[str, int] = {}
    length: dict[str, int] = {}
    for number, line in code:
        indent = line[: len(line) - len(line.lstrip())]
        for key in begun:
            length[key] += 1
        if re.match(r"(pub(\([^)]*\))? )?(const )?fn \w", line.lstrip()):
            begun[indent], length[indent] = number, 1
        if line.rstrip() == indent + "}" and indent in begun:
            yield begun.pop(indent), length.pop(indent)


def test_python_functions_are_short() -> None:
    """A function of more than a screen cannot be checked by reading it."""
    counted = 0
    long = []
    for file in python_files():
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                counted += 1
                body = set(range(node.lineno, (node.end_lineno or 0) + 1))
                length = len(body - docstring_lines(node))
                if length > FUNCTION_LINES_MAX:
                    long.append(f"{where(file, node.lineno)} {node.name}: {length}")
    assert counted > 0
    assert [] == long


def test_rust_functions_are_short() -> None:
    """As for Python; and `allow(too_many_lines)` is no way out."""
    counted = 0
    long = []
    for file in rust_files():
        assert "too_many_lines" not in file.read_text("utf-8"), where(file)
        for first, length in rust_function_lines(rust_code(file)):
            counted += 1
            if length > FUNCTION_LINES_MAX:
                long.append(f"{where(file, first)}: {length}")
    assert counted > 0
    assert [] == long


def test_files_are_short() -> None:
    """A file is one idea; docstrings, comments and blank lines do not count."""
    long = []
    for file in python_files():
        lines = file.read_text("utf-8").splitlines()
        blank = {n for n, line in enumerate(lines, 1) if not line.strip()}
        prose = docstring_lines(parsed(file)) | comment_lines(file) | blank
        if len(lines) - len(prose) > FILE_LINES_MAX:
            long.append(f"{where(file)}: {len(lines) - len(prose)}")
    for file in rust_files():
        length = len(rust_code(file))
        if length > FILE_LINES_MAX:
            long.append(f"{where(file)}: {length}")
    assert python_files()
    assert rust_files()
    assert [] == long


@pytest.mark.parametrize(
    ("files", "columns_max"),
    [(python_files, PYTHON_COLUMNS_MAX), (rust_files, RUST_COLUMNS_MAX)],
    ids=["python", "rust"],
)
def test_lines_are_short(files: object, columns_max: int) -> None:
    """Two files must fit side by side."""
    assert callable(files)
    counted = 0
    long = []
    for file in files():
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            counted += 1
            if len(line) > columns_max and "http" not in line:
                long.append(f"{where(file, number)}: {len(line)}")
    assert counted > 0
    assert [] == long


def test_every_module_has_a_name_that_says_something() -> None:
    """In `utils` anything can be put, so everything is."""
    files = python_files("src", "plugins") + rust_files()
    assert files
    assert [] == [where(f) for f in files if f.stem in NAMELESS]


def test_only_backends_names_the_compiled_modules() -> None:
    """An import past it would run an engine that nobody chose."""
    files = python_files("src", "plugins")
    assert PACKAGE / "backends.py" in files
    wrong = [
        where(file, number)
        for file in files
        if file != PACKAGE / "backends.py"
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if re.search(r"skillroute\._(core|cython)\b|from \.+ ?_?(core|cython)\b", line)
        and not line.lstrip().startswith("#")
    ]
    assert [] == wrong


def is_private(name: str) -> bool:
    """Tell `_this` from `this` and from `__this__`."""
    return name.startswith("_") and not name.endswith("__")


def test_private_modules_are_imported_only_beside_them() -> None:
    """What is private to a folder can change without a look elsewhere."""
    counted = 0
    wrong = []
    for file in python_files("src", "plugins"):
        imports = [n for n in ast.walk(parsed(file)) if isinstance(n, ast.ImportFrom)]
        counted += len(imports)
        for node in imports:
            path = (node.module or "").split(".")
            names = [*path, *(alias.name for alias in node.names)]
            folders = {path[-1], *path[-2:-1]}
            beside = node.level == 1 or (not node.level and file.parent.name in folders)
            if any(map(is_private, names)) and not beside:
                wrong.append(f"{where(file, node.lineno)}: {ast.unparse(node)}")
    assert counted > 0
    assert [] == wrong


def test_a_todo_has_an_issue_and_nothing_waits_to_be_fixed() -> None:
    """A note without an owner is never read again."""
    # Written apart, for this file is searched too.
    fix, todo = "FIX" + "ME", "TO" + "DO"
    files = python_files() + rust_files()
    assert files
    wrong = []
    for file in files:
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            unowned = todo in line and not re.search(rf"{todo}\(#\d+\)", line)
            if re.search(rf"\b{fix}\b", line) or (unowned and file != Path(__file__)):
                wrong.append(where(file, number))
    assert [] == wrong


def test_only_the_binding_crate_knows_python() -> None:
    """A decision taken in the binding would be missing in every other backend."""
    manifests = sorted(RUST.glob("*/Cargo.toml"))
    assert manifests
    users = [
        manifest.parent.name
        for manifest in manifests
        if "pyo3" in tomllib.loads(manifest.read_text("utf-8")).get("dependencies", {})
    ]
    assert ["skillroute-python"] == users


@pytest.mark.parametrize("pattern", BANNED_IN_THE_CORE)
def test_the_core_is_pure(pattern: str) -> None:
    """The same events give the same bytes on every machine."""
    files = rust_files("skillroute-core/src")
    assert files
    wrong = [
        where(file, number)
        for file in files
        for number, line in rust_code(file)
        if re.search(pattern, line) and "forbid(unsafe_code)" not in line
    ]
    assert [] == wrong, BANNED_IN_THE_CORE[pattern]


def test_every_test_module_is_in_a_category() -> None:
    """The folder says when a module runs; outside of one it would never run."""
    tests = REPOSITORY / "tests"
    files = sorted(tests.rglob("test_*.py"))
    assert files
    outside = [
        where(file)
        for file in files
        if file.relative_to(tests).parts[0] not in CATEGORIES | {"test_tidy.py"}
    ]
    assert [] == outside


def test_every_category_is_run_by_a_session() -> None:
    """A folder that no session names is green because nobody looks."""
    sessions = (REPOSITORY / "noxfile.py").read_text("utf-8")
    tests = REPOSITORY / "tests"
    folders = sorted(
        {f.relative_to(tests).parts[0] for f in tests.glob("*/**/test_*.py")}
    )
    assert folders
    run = [name for name in folders if f'"tests/{name}"' in sessions]
    # Type-checked by the session `typing`, never executed.
    assert folders == sorted({*run, "typing"} & set(folders))


IMPORT_EVERYTHING = """
import importlib, os, pkgutil, sys, threading

class Watched(dict):
    def __getitem__(self, key):
        return self._seen(key, super().__getitem__, key)
    def get(self, key, default=None):
        return self._seen(key, super().get, key, default)
    def _seen(self, name, read, *arguments):
        if name.startswith("SKILLROUTE"):
            print("read", name)
        return read(*arguments)

import importlib.metadata, click, msgspec, pluggy, sortedcontainers
importlib.metadata.distributions = lambda *a, **k: print("looked for plugins") or []
importlib.metadata.entry_points = lambda *a, **k: print("looked for plugins") or []
os.environ = Watched(os.environ)
os.getenv = os.environ.get
import skillroute
for name in sorted(m.name for m in pkgutil.walk_packages(skillroute.__path__,
                                                         "skillroute.")):
    if not name.startswith("skillroute._"):
        importlib.import_module(name)
        print("imported", name)
print("threads", threading.active_count())
"""


def test_nothing_happens_on_import() -> None:
    """An import that reads the environment or looks for plugins cannot be undone."""
    answer = subprocess.run(
        [sys.executable, "-c", IMPORT_EVERYTHING],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "" == answer.stderr
    lines = answer.stdout.splitlines()
    imported = [line for line in lines if line.startswith("imported ")]
    assert len(imported) > len(ENTRY_MODULES)
    assert ["threads 1"] == [line for line in lines if line not in imported]


def test_import_skillroute_loads_nothing_else() -> None:
    """A program that only asks for the version must not wait for an engine."""
    script = (
        "import sys; before = set(sys.modules); import skillroute;"
        "print(*sorted(set(sys.modules) - before))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(answer.stdout.split())
    ours = {name for name in loaded if name.startswith("skillroute")}
    assert {"skillroute"} == ours
    foreign = {name.split(".")[0] for name in loaded - ours}
    assert foreign <= sys.stdlib_module_names
