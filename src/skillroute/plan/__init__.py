"""
The plan: read from TOML, checked with the place of every problem, compiled.
"""

from __future__ import annotations

from ._load import Plan, check_plan, compile_plan, load_plan, parse_plan
from ._problems import Problem
from ._schema import plan_schema, starter_plan
from ._tags import parse_needed

__all__ = [
    "Plan",
    "Problem",
    "check_plan",
    "compile_plan",
    "load_plan",
    "parse_needed",
    "parse_plan",
    "plan_schema",
    "starter_plan",
]
