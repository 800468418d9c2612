"""Plans and engines for the tests of simulated runs."""

from __future__ import annotations

import pytest

from skillroute.plan import Plan, parse_plan, starter_plan

SMALL = """
[site]
name = "small"
[agents.anna]
tags = ["dept:sales"]
[agents.bert]
tags = ["dept:sales", "dept:help"]
wrap_up_s = 30
[queues.sales]
needs = ["dept:sales"]
max_wait_s = 60
overflow = "voicemail:box"
[voicemail.box]
[numbers."+12025550100"]
queue = "sales"
"""


@pytest.fixture
def starter() -> Plan:
    """Give the plan that beginners get."""
    return parse_plan(starter_plan())


@pytest.fixture
def small() -> Plan:
    """Give a plan of two agents, always on shift, and one queue."""
    return parse_plan(SMALL)
