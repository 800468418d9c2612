"""
The page about hooks.
"""

from __future__ import annotations

import ast
from itertools import pairwise

from . import texts
from .source import GENERATED, classes, lines, parsed


def page() -> str:
    """
    Write the page.
    """
    text = GENERATED + texts.HOOKS
    for node in parsed("hookspecs.py").body:
        if isinstance(node, ast.FunctionDef):
            text += f"## `{node.name}`\n\n```text\n{_signature(node)}\n```\n\n"
            text += lines(ast.get_docstring(node) or "") + "\n"
    for cls in classes("hookspecs.py").values():
        text += f"## `{cls.name}`\n\n{lines(cls.text)}\n"
        for field in cls.fields:
            text += f"- `{field.name}`: `{field.type}`.\n{lines(field.text, '  ')}"
        text += _methods(cls.name) + "\n"
    return text + _aliases()


def _methods(name: str) -> str:
    """
    Describe what a host or the driver can be asked.
    """
    text = ""
    for node in parsed("hookspecs.py").body:
        if not isinstance(node, ast.ClassDef) or node.name != name:
            continue
        for method in node.body:
            if not isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            signature = f"{method.name}({ast.unparse(method.args)})"
            if any(isinstance(d, ast.Name) for d in method.decorator_list):
                signature = method.name
            elif isinstance(method, ast.AsyncFunctionDef):
                signature = f"await {signature}"
            result = "" if method.returns is None else ast.unparse(method.returns)
            text += f"- `{signature} -> {result}`.\n"
            text += lines(ast.get_docstring(method) or "", "  ")
    return text


def _signature(node: ast.FunctionDef) -> str:
    result = "" if node.returns is None else f" -> {ast.unparse(node.returns)}"
    return f"{node.name}({ast.unparse(node.args)}){result}"


def _aliases() -> str:
    """
    Describe the closed sets of words that fields of hooks are made of.
    """
    text = ""
    body = parsed("hookspecs.py").body
    for node, below in pairwise(body):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):
            words = ast.literal_eval(node.value.slice)
            assert isinstance(below, ast.Expr)
            text += f"## `{ast.unparse(node.targets[0])}`\n\n"
            text += lines(ast.literal_eval(below.value)) + "\n"
            text += f"One of {', '.join(f'`{word}`' for word in words)}.\n"
    return text
