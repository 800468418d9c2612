"""Compile a copy of the executable specification with Cython."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

# With Cython's defaults an `int` argument truncates 1.5 in silence, an annotated
# SortedDict is no dict, and an unbound local is garbage: the compiled copy would
# be another program. These directives keep Python's meaning.
DIRECTIVES = {
    "annotation_typing": False,
    "infer_types": False,
    "binding": True,
    "language_level": 3,
}
# The generated C gains nothing from more, and takes four times as long to compile.
OPTIMISE = "/O1" if sys.platform == "win32" else "-O1"
NAME = "skillroute._cython"


def compile_package(source: Path, target: Path) -> None:
    """
    Compile the package at *source* into a package at *target*.

    Each module becomes an extension module. Its ``.py`` is left out, so that one
    which cannot be loaded is an ImportError and never the interpreted copy. The
    ``__init__.py`` files, which only re-export, stay as they are.
    """
    with tempfile.TemporaryDirectory(prefix="skillroute-cython-") as scratch:
        root = Path(scratch)
        copy = root.joinpath(*NAME.split("."))
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
        (copy.parent / "__init__.py").touch()
        modules = sorted(p for p in copy.rglob("*.py") if p.name != "__init__.py")
        if not modules:
            raise FileNotFoundError(f"no modules to compile in {source}")
        _compile(root, modules)
        for path in copy.rglob("*"):
            if path.suffix == ".c" or path in modules:
                path.unlink()
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(copy, target)


def _compile(root: Path, modules: list[Path]) -> None:
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension

    jobs = os.cpu_count() or 1
    extensions = [
        Extension(
            ".".join(module.relative_to(root).with_suffix("").parts),
            [str(module)],
            extra_compile_args=[OPTIMISE],
        )
        for module in modules
    ]
    generated = cythonize(
        extensions, compiler_directives=DIRECTIVES, nthreads=jobs, quiet=True
    )
    distribution = Distribution({"name": "skillroute", "ext_modules": generated})
    command: Any = distribution.get_command_obj("build_ext")
    command.build_lib = str(root)
    command.build_temp = str(root / "objects")
    command.parallel = jobs
    command.ensure_finalized()
    command.run()
