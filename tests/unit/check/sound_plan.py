"""A plan of which nothing is to be said, and ways to add one thing to it."""

from __future__ import annotations

from typing import NamedTuple

SITE = '[site]\nname = "s"\n'
AGENTS = '[agents.anna]\ntags = ["dept:sales"]\n[agents.bert]\ntags = ["dept:sales"]\n'
QUEUE = '[queues.sales]\nneeds = ["dept:sales"]\nmax_wait_s = 300\n'
NUMBER = '[numbers."+74955550100"]\nqueue = "sales"\n'
SOUND = SITE + AGENTS + QUEUE + NUMBER
"""The whole of it."""

OTHER_NUMBER = '[numbers."+74955550101"]\nqueue = "sales"\n'
STEP = "[[queues.sales.steps]]\nafter_s = 30\n"
DAY = '[schedules.day]\nweekly = ["mo-fr 09:00-18:00"]\n'
VIP = '[queues.vip]\npriority = 10\nmax_wait_s = 300\n[numbers.211]\nqueue = "vip"\n'


class Doubtful(NamedTuple):
    """One doubt; its place is marked by ``@`` in the text."""

    text: str
    code: str
    message: str
    hint: str
    also: str = ""
    """The code of another doubt, of which this one is a consequence."""


def with_keys(keys: str) -> str:
    """Return the sound plan with more keys in its queue."""
    return SITE + AGENTS + QUEUE + keys + NUMBER


def with_steps(steps: str, keys: str = "") -> str:
    """Return the sound plan with steps, and needs that they could relax."""
    queue = '[queues.sales]\nneeds = ["dept:sales>=20"]\nmax_wait_s = 300\n'
    return SITE + AGENTS + queue + keys + steps + NUMBER
