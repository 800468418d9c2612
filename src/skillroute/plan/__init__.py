"""
The plan: read from TOML, checked with the place of every problem, compiled.
"""

from __future__ import annotations

from ._destinations import agents_rung, destinations, queues_reached
from ._documents import Document, read_document
from ._hours import WEEK_MS, read_weekly
from ._load import Plan, check_plan, compile_plan, load_plan, parse_plan
from ._problems import (
    Fault,
    Path,
    Problem,
    Severity,
    dotted,
    problem_of,
    problems_error,
    suggest,
)
from ._schema import plan_schema, schema_of, starter_plan
from ._tags import (
    TEAM,
    WILDCARD,
    category_of,
    parse_dropped,
    parse_held,
    parse_needed,
    parse_plain,
)
from ._written import written_plan
from ._zones import compile_zone

__all__ = [
    "TEAM",
    "WEEK_MS",
    "WILDCARD",
    "Document",
    "Fault",
    "Path",
    "Plan",
    "Problem",
    "Severity",
    "agents_rung",
    "category_of",
    "check_plan",
    "compile_plan",
    "compile_zone",
    "destinations",
    "dotted",
    "load_plan",
    "parse_dropped",
    "parse_held",
    "parse_needed",
    "parse_plain",
    "parse_plan",
    "plan_schema",
    "problem_of",
    "problems_error",
    "queues_reached",
    "read_document",
    "read_weekly",
    "schema_of",
    "starter_plan",
    "suggest",
    "written_plan",
]
