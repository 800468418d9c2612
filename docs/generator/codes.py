"""
Find every code that an exception can carry, in the source of the package.

Codes stand as plain words where an exception is made, or in calls of the few
functions that make one for many callers (``reference/refusals.py``).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from skillroute import errors

from .source import PACKAGE

Code = tuple[str, str]
"""(class of the exception, code)."""

MAKERS = ("errors.py", "reference/refusals.py", "reference/border.py")
"""Where a code may be put together: each such function is known below."""


def in_the_code() -> set[Code]:
    """
    List the codes of all exceptions but those of a plan.

    Those of a plan stand in ``docs/reference/plan.md``, compared with the code there.
    """
    found: set[Code] = set()
    for file in sorted(PACKAGE.rglob("*.py")):
        path = file.relative_to(PACKAGE).as_posix()
        if not path.startswith(("plan/_", "_cython/")):
            tree = ast.parse(file.read_text("utf-8"), path)
            calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
            for call in calls:
                found.update(_codes(path, call))
    return found


def _codes(path: str, call: ast.Call) -> Iterator[Code]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if isinstance(call.func, ast.Attribute):
        name = call.func.attr
    keywords = {each.arg: each.value for each in call.keywords}
    if name in errors.__all__ and "code" in keywords:
        yield from ((name, code) for code in _words(path, keywords["code"]))
    elif name == "illegal":
        given = keywords.get("code", call.args[3] if len(call.args) > 3 else None)
        default = ast.Constant("illegal_event")
        for code in _words(path, default if given is None else given):
            yield "IllegalEventError", code
    elif name == "unknown" and path.startswith("reference/"):
        for kind in _words(path, call.args[0]):
            yield "UnknownIdError", f"unknown_{kind}"
    elif name == "limit" and path.startswith("reference/"):
        yield from (("LimitError", code) for code in _words(path, call.args[0]))
    elif name == "check_range":
        for what in _words(path, call.args[1]):
            yield "IllegalEventError", f"{what}_out_of_range"


def _words(path: str, node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return _words(path, node.body) + _words(path, node.orelse)
    if path in MAKERS:
        return []
    raise ValueError(f"{path}:{node.lineno}: a code must be a plain word")
