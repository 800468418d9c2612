"""What a user gets, from a wheel, from the source archive and from a checkout."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent
Run = Callable[..., str]

# One target directory: what the repository's own build has compiled is used again.
TARGET = str(REPOSITORY / "rust" / "target")

BACKENDS = "from skillroute import backends; print(*backends.available())"
PLUGINS = (
    "from skillroute import plugins; manager = plugins.plugin_manager();"
    "print(len(plugins.distributions(manager)), len(plugins.hosts(manager)))"
)
TINY_ENGINE = """
class Engine:
    def twice(self, number: int) -> int:
        return 2 * number
"""


def environment(folder: Path, uv: Run, *wheels: Path) -> Callable[..., str]:
    """Make an environment with *wheels* in it; return what runs its programs."""
    uv(folder, "venv", "--clear", "env")
    scripts = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    uv(folder, "pip", "install", "--python", scripts / "python", *wheels)

    def run(program: str, *arguments: str) -> str:
        # `uv run` with no project only sets the environment and starts the program.
        options = ("run", "--no-project", "--python", scripts / "python")
        return uv(folder, *options, scripts / program, *arguments).strip()

    return run


def test_the_rust_wheel_works_in_a_new_environment(
    rust_wheel: Path, simulator_wheel: Path, tmp_path: Path, uv: Run
) -> None:
    """Here a forgotten dependency, entry point or data file shows."""
    run = environment(tmp_path, uv, rust_wheel)
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["version"] in run("skillroute", "--version")
    assert "rust python" == run("python", "-c", BACKENDS)
    assert "0 0" == run("python", "-c", PLUGINS)

    run = environment(tmp_path, uv, rust_wheel, simulator_wheel)
    assert "1 1" == run("python", "-c", PLUGINS)


def test_the_source_builds_pure_where_there_is_no_cargo(
    pure_wheel: Path, tmp_path: Path, uv: Run
) -> None:
    """Who has no compiler gets the specification instead of an error."""
    run = environment(tmp_path, uv, pure_wheel)
    assert "python" == run("python", "-c", BACKENDS)
    assert "" != run("skillroute", "--version")


@pytest.mark.parametrize(
    ("variant", "expected"),
    [("cython", "cython python"), ("all", "rust cython python")],
)
def test_cython_is_built_when_asked_for(
    variant: str,
    expected: str,
    copy_repository: Callable[[Path], Path],
    tmp_path: Path,
    uv: Run,
) -> None:
    """The wheel must hold the compiled modules and say for which Python they are."""
    tree = copy_repository(tmp_path / "tree")
    # All of the specification is compiled elsewhere; here the way through the build
    # backend matters, so a tiny one will do.
    for module in (tree / "src" / "skillroute" / "reference").glob("*.py"):
        module.unlink()
    reference = tree / "src" / "skillroute" / "reference"
    (reference / "__init__.py").write_text("from ._tiny import Engine as Engine\n")
    (reference / "_tiny.py").write_text(TINY_ENGINE)
    settings = {"SKILLROUTE_BUILD": variant, "CARGO_TARGET_DIR": TARGET}
    uv(tree, "build", "--wheel", "--out-dir", tmp_path, **settings)
    (wheel,) = tmp_path.glob("*.whl")
    assert "none-any" not in wheel.name
    assert "abi3" not in wheel.name
    run = environment(tmp_path, uv, wheel)
    script = (
        "from skillroute import backends; engine = backends.load('cython').Engine;"
        "print(*backends.available(), engine().twice(1.5), type(engine.twice).__name__)"
    )
    # Three, not two: an annotation is not a conversion.
    answer = run("python", "-c", script)
    assert f"{expected} 3.0 cython_function_or_method" == answer


def test_a_changed_core_is_built_again(
    copy_repository: Callable[[Path], Path], tmp_path: Path, uv: Run
) -> None:
    """Otherwise `uv run` goes on running the old core, and every test lies."""
    tree = copy_repository(tmp_path / "tree")
    core = tree / "rust" / "skillroute-core" / "src" / "lib.rs"
    source = core.read_text("utf-8")
    binding = tree / "rust" / "skillroute-python" / "src" / "lib.rs"
    head = "mod _core {\n"
    shown = "    #[pymodule_export]\n    const PROBE: u32 = skillroute_core::PROBE;\n"
    original = binding.read_text("utf-8")
    assert 1 == original.count(head), "the module's contents were not found"
    changed = original.replace(head, head + shown)
    binding.write_text(changed, "utf-8")
    script = "from skillroute import _core; print(_core.PROBE)"
    try:
        for value in ("1", "2"):
            probe = f"\n/// Changed by a test.\npub const PROBE: u32 = {value};\n"
            core.write_text(source + probe, "utf-8")
            arguments = ("run", "--locked", "--no-dev", "python", "-c", script)
            assert value == uv(tree, *arguments, CARGO_TARGET_DIR=TARGET).strip()
    finally:
        # With one target directory for both, cargo would take what the copy built for
        # the repository's own, until a source of the same crate changes.
        for changed_file in (core, binding):
            (REPOSITORY / changed_file.relative_to(tree)).touch()


def test_the_lock_file_is_current(
    copy_repository: Callable[[Path], Path], tmp_path: Path, uv: Run
) -> None:
    """The README's commands say `--locked`: with a stale lock file they stop."""
    tree = copy_repository(tmp_path / "tree")
    uv(tree, "lock", "--check")


@pytest.mark.parametrize("name", ["uv.lock", "rust/Cargo.lock"])
def test_the_lock_files_name_only_the_public_registries(name: str) -> None:
    """Any other address in them would be asked by everybody's machine."""
    addresses = set(re.findall(r"https?://([^/\"]+)", (REPOSITORY / name).read_text()))
    assert addresses
    assert addresses <= {"pypi.org", "files.pythonhosted.org", "github.com"}
