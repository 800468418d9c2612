"""
The words that a plan chooses from, in the order of their numbers in a compiled plan.

A number is a place in its tuple, so new words go to the end.  The types in the model
say the same to an editor; that they agree is tested.
"""

from __future__ import annotations

__all__ = [
    "END_KINDS",
    "LIMITS",
    "LINES",
    "LOGINS",
    "NEED_KINDS",
    "RINGINGS",
    "ROUND_ENDS",
    "STRATEGIES",
    "WRAP_UPS",
]

STRATEGIES = (
    "most_specific",
    "longest_idle",
    "fewest_extra_tags",
    "highest_level",
    "round_robin",
    "in_order",
    "random",
    "weighted_random",
    "fewest_open_cases",
    "fewest_calls",
    "least_talk",
    "least_occupied",
    "opportunity_cost",
)
"""Names of ``CompiledQueue.strategy``."""

RINGINGS = ("one", "all", "progressively")
"""Names of ``CompiledQueue.ringing``: one agent after another, as many as may ring at
once, or more and more of them."""

LOGINS = ("auto", "manual")
"""Names of ``CompiledAgent.login``."""

ROUND_ENDS = ("wait", "overflow", "next_step")
"""Names of ``CompiledQueue.on_round_end``."""

WRAP_UPS = ("capped", "fixed", "manual")
"""Names of ``CompiledQueue.wrap_up``."""

LINES = ("priority", "longest_waiting", "hardest_first")
"""Names of ``CompiledQueue.line``."""

NEED_KINDS = ("required", "any_of", "forbidden", "preferred")
"""Names of ``CompiledNeed.kind``."""

END_KINDS = ("last_resort", "voicemail", "queue", "number", "hangup")
"""Names of ``CompiledEnd.kind``."""

LIMITS = (
    "closed",
    "nobody_on_shift",
    "nobody_logged_in",
    "size_per_caller",
    "size",
    "max_wait",
    "round_end",
)
"""Names of limits; at one instant the first in this order decides."""
