"""
Explaining: a site, a call that waits there, and the decision in words.
"""

from __future__ import annotations

import time
from typing import Any

from .. import backends, events
from ..contract import Party, Required
from ..decisions import ExplainQuery
from ..explain import decision_text
from ..plan import parse_plan
from .sessions import WrongAnswerError

__all__ = ["Explaining"]

START_MS = 1_795_000_000_000
_TAGS = 60


class Explaining:
    """
    An engine with one waiting call, which is explained from end to end.

    Args:
        backend: Whose engine.
        agents: 1 or more; each holds a few of sixty tags, and none what the call asks.

    Raises:
        WrongAnswerError: Somebody is missing in the decision.
    """

    def __init__(self, backend: str, agents: int) -> None:
        self._plan = parse_plan(_plan(agents))
        self._engine: Any = backends.load(backend).Engine(self._plan.compiled)
        arrival = events.CallArrived(
            call="c1",
            host="bench",
            caller=Party(kind="e164", number="+12025550123"),
            dialled=Party(kind="e164", number="+12025550101"),
            needs=(Required("lang:none"),),
        )
        self._engine.handle(arrival, START_MS)
        self._query = ExplainQuery(now_ms=START_MS, call="c1")
        told = len(self._engine.explain(self._query).agents)
        if told != agents:
            raise WrongAnswerError(
                f"the engine {backend} told of {told} agents and not {agents}: "
                "it is not timed"
            )

    def explain(self, count: int) -> int:
        """
        Explain the call so many times, in words.
        """
        begun_ns = time.perf_counter_ns()
        for _ in range(count):
            decision_text(self._engine.explain(self._query), self._plan)
        return time.perf_counter_ns() - begun_ns


def _plan(agents: int) -> str:
    lines = ['site = {name = "bench"}', 'numbers."+12025550101" = {queue = "sales"}']
    lines += ['queues.sales = {needs = ["t:0"]}']
    for number in range(agents):
        tags = dict.fromkeys(number * step % _TAGS for step in (1, 7, 11))
        held = ", ".join(f'"t:{tag}"' for tag in tags)
        lines.append(f"agents.a{number} = {{tags = [{held}]}}")
    return "\n".join(lines)
