"""
The plan for editors and beginners: JSON Schema, and a plan to start from.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import msgspec

from .model import RawPlan

__all__ = ["plan_schema", "schema_of", "starter_plan"]


def plan_schema() -> dict[str, Any]:
    """
    Return the JSON Schema of plans, for editors that complete and check TOML.

    Returns:
        A schema (draft 2020-12) in which every key has its description, type,
        range and default.
    """
    return schema_of(RawPlan, "skillroute plan")


def schema_of(model: type, title: str) -> dict[str, Any]:
    """
    Return the JSON Schema of a document in TOML.

    Args:
        model: The class of the whole document.
        title: What an editor calls it.
    """
    schema: dict[str, Any] = _without_null(msgspec.json.schema(model))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **schema,
    }


def starter_plan() -> str:
    """
    Return a commented plan to start from, which is also the demonstration's.

    Returns:
        TOML that has no errors and no warnings.
    """
    return files(__package__ or "").joinpath("starter.toml").read_text("utf-8")


def _without_null(part: Any) -> Any:
    """
    Take "or null" out of a schema: TOML has no null, a key is left out instead.
    """
    if isinstance(part, (list, tuple)):
        return [_without_null(item) for item in part]
    if not isinstance(part, dict):
        return part
    plain = {
        key: _without_null(value)
        for key, value in part.items()
        if not (key == "default" and value is None)
    }
    kinds = plain.get("anyOf", [])
    if {"type": "null"} in kinds:
        rest = [kind for kind in kinds if kind != {"type": "null"}]
        plain["anyOf"] = rest
        if len(rest) == 1:
            del plain["anyOf"]
            plain = {**rest[0], **plain}
    return plain
