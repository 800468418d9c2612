"""
Lints of agents' devices: those that a mailbox answers, two share, or lead back to us.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..numbers import parse_party
from ..plan import destinations
from ..plan.compiled import is_outside
from ..plan.model import RawEndpoint
from ._lint import Lint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..plan import Fault, Path
    from ..plan.model import RawPlan
    from ._survey import Survey

__all__ = ["LINTS", "find", "is_ours"]

UNCONFIRMED = Lint(
    code="unconfirmed",
    severity="warning",
    meaning="An outside number needs no digit, so a mailbox may answer the caller.",
    remedy="Leave out `confirm`, or write a digit.",
)
DEVICE_SHARED = Lint(
    code="device_shared",
    severity="note",
    meaning="Two agents have the same device, so one's calls find it busy.",
    remedy="Give each their own, unless they never work at the same time.",
)
NUMBER_LEADS_BACK = Lint(
    code="number_leads_back",
    severity="warning",
    meaning="A call is sent to a number of ours, and would come in again.",
    remedy="Write the agent's own number, or name the queue.",
)

LINTS = (UNCONFIRMED, DEVICE_SHARED, NUMBER_LEADS_BACK)


def find(survey: Survey) -> Iterable[Fault]:
    """
    Find devices that will not do what their agents expect.
    """
    ours = _ours(survey.raw)
    yield from _sent_back(survey.raw, ours)
    owners: dict[str, str] = {}
    for name, agent in survey.raw.agents.items():
        for index, endpoint in enumerate(agent.endpoints):
            path: Path = ("agents", name, "endpoints", index)
            address = endpoint
            if isinstance(endpoint, RawEndpoint):
                address = endpoint.address
                if endpoint.confirm == "" and is_outside(address):
                    yield UNCONFIRMED.at(
                        (*path, "confirm"),
                        f"whatever answers {address} gets the caller, a mailbox, too",
                        'leave it out, or write confirm = "1"',
                    )
                path = (*path, "address")
            assert isinstance(address, str)
            owner = owners.setdefault(address, name)
            if owner != name:
                yield DEVICE_SHARED.at(
                    path,
                    f"{address!r} is a device of {owner!r}, too",
                    "give each their own, unless they never work at the same time",
                )
            dialled = is_outside(address) or address.isdigit()
            if dialled and is_ours(survey.raw, address, ours):
                yield NUMBER_LEADS_BACK.at(
                    path,
                    f"{address} is a number of ours: the call would come in again",
                    "write the agent's own number",
                )


def _sent_back(raw: RawPlan, ours: frozenset[str]) -> Iterable[Fault]:
    """
    Find destinations of calls that are numbers of ours.
    """
    sent: list[tuple[Path, str]] = [(("last_resort", "to"), raw.last_resort.to)]
    for name, queue in raw.queues.items():
        sent += ((("queues", name, *at), text) for at, text in destinations(queue))
    for path, text in sent:
        kind, _, number = text.partition(":")
        if kind == "number" and is_ours(raw, number, ours):
            yield NUMBER_LEADS_BACK.at(
                path,
                f"{number} is a number of ours: the call would come in again",
                f'write "queue:{_queue_of(raw, number)}"'
                if path[0] == "queues"
                else "write a number of somebody else",
            )


def _queue_of(raw: RawPlan, number: str) -> str:
    meant = _normal(raw, number)
    return next(
        n.queue for text, n in raw.numbers.items() if _normal(raw, text) == meant
    )


def is_ours(raw: RawPlan, text: str, ours: frozenset[str] | None = None) -> bool:
    """
    Tell whether a number is one of the plan's, however both are written.
    """
    return _normal(raw, text) in (_ours(raw) if ours is None else ours)


def _ours(raw: RawPlan) -> frozenset[str]:
    return frozenset(_normal(raw, text) for text in raw.numbers)


def _normal(raw: RawPlan, text: str) -> str:
    site = raw.site
    party = parse_party(
        text, country_code=site.country_code, national_prefix=site.national_prefix
    )
    return party.number
