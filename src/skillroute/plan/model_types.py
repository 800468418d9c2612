"""
What the values in a plan look like, as an editor is told: names, tags, destinations.

``_check.py`` finds the same faults and says what is wrong, which a pattern cannot.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from .names import LIMITS

ID_PATTERN = r"^[A-Za-z0-9._:@+/-]{1,128}$"
CATEGORY_PATTERN = r"^[A-Za-z0-9._@+/-]{1,64}$"
_TAG = r"[A-Za-z0-9._@+/-]+(:[A-Za-z0-9._:@+/-]+)?"
_CLOCK = r"[0-9]{1,2}:[0-9]{2}"

Id = Annotated[str, Meta(extra_json_schema={"pattern": ID_PATTERN})]
Category = Annotated[str, Meta(extra_json_schema={"pattern": CATEGORY_PATTERN})]
Tag = Annotated[str, Meta(extra_json_schema={"pattern": f"^{_TAG}$"})]
HeldTag = Annotated[
    str, Meta(extra_json_schema={"pattern": rf"^(\*|{_TAG}(=[0-9]{{1,3}})?)$"})
]
NeededTag = Annotated[
    str, Meta(extra_json_schema={"pattern": f"^{_TAG}(>=[0-9]{{1,3}})?$"})
]
Weekly = Annotated[
    str,
    Meta(extra_json_schema={"pattern": f"^ *[A-Za-z,-]+( +{_CLOCK}-{_CLOCK})+ *$"}),
]
DroppedTag = Annotated[
    str,
    Meta(extra_json_schema={"pattern": rf"^({_TAG}|[A-Za-z0-9._@+/-]+:\*)$"}),
]
# A type can be no tuple's, so these say again what ``names.py`` says; it is tested.
Line = Literal["priority", "longest_waiting", "hardest_first"]
Login = Literal["auto", "manual"]
RoundEnd = Literal["wait", "overflow", "next_step"]
WrapUp = Literal["capped", "fixed", "manual"]
Order = Literal[
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
]
Strategy = Literal[Order, "ring_all", "ring_progressively"]
Destination = Annotated[
    str,
    Meta(
        extra_json_schema={
            "pattern": "^(last_resort|hangup|(voicemail|queue|agent|number|hangup):.+)$"
        }
    ),
]
Digit = Annotated[str, Meta(extra_json_schema={"pattern": "^[0-9*#]$"})]
LimitName = Annotated[str, Meta(extra_json_schema={"enum": list(LIMITS)})]
Grantee = Annotated[str, Meta(min_length=1)]
Group = Annotated[tuple[Tag, ...], Meta(extra_json_schema={"minItems": 1})]
Weight = Annotated[int, Meta(ge=1, le=1000)]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What every table of a plan is: fixed, and closed to keys that nobody knows.
    """
