"""
Lints of what is empty, or written for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..plan import category_of, destinations, parse_plain, suggest
from ._lint import Lint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ..plan import Fault, Path
    from ..plan.model import RawPlan
    from ._survey import Survey

__all__ = ["LINTS", "find"]

NO_AGENTS = Lint(
    code="no_agents",
    severity="warning",
    meaning="There are no agents.",
    remedy="Add an `[agents.<id>]`, or an agents file.",
)
NO_NUMBERS = Lint(
    code="no_numbers",
    severity="warning",
    meaning="There are no numbers, so no call reaches a queue.",
    remedy='Add a `[numbers."+..."]` that names its queue.',
)
NEVER_OPEN = Lint(
    code="never_open",
    severity="warning",
    meaning="A schedule has no hours.",
    remedy="Write its hours, or remove it.",
)
BOX_WITHOUT_RECIPIENTS = Lint(
    code="box_without_recipients",
    severity="warning",
    meaning="Nobody is told of the messages in a voicemail box.",
    remedy="Name its `recipients`.",
)
QUEUE_UNREACHABLE = Lint(
    code="queue_unreachable",
    severity="warning",
    meaning="No number leads to a queue.",
    remedy="Name the queue in a number, or remove it.",
)
CATEGORY_UNUSED = Lint(
    code="category_unused",
    severity="warning",
    meaning="A category of `site.uncounted` or `site.single` has no tags.",
    remedy="It is probably misspelt; else remove it.",
)
NEVER_RELAX_UNASKED = Lint(
    code="never_relax_unasked",
    severity="warning",
    meaning="Nothing asks for a tag of `site.never_relax`, and no agent holds it.",
    remedy="It is probably misspelt; else remove it.",
)
TEAM_EMPTY = Lint(
    code="team_empty",
    severity="warning",
    meaning="A queue is served by a team to which nobody belongs.",
    remedy="Name the team's agents, or take it out of the queue.",
)
NAMED_NOWHERE = Lint(
    code="named_nowhere",
    severity="note",
    meaning="A schedule, a team or a voicemail box is used by nothing.",
    remedy="Use it, or remove it.",
)
LINTS = (
    NO_AGENTS,
    NO_NUMBERS,
    NEVER_OPEN,
    BOX_WITHOUT_RECIPIENTS,
    QUEUE_UNREACHABLE,
    CATEGORY_UNUSED,
    NEVER_RELAX_UNASKED,
    TEAM_EMPTY,
    NAMED_NOWHERE,
)


def find(survey: Survey) -> Iterable[Fault]:
    """
    Find what is empty, or written for nothing.
    """
    raw = survey.raw
    yield from _nothing_there(raw)
    yield from _empty(raw)
    entered = set(survey.entered)
    for name in raw.queues:
        if name not in entered:
            yield QUEUE_UNREACHABLE.at(
                ("queues", name),
                f"no number leads to the queue {name!r}",
                f'set queue = "{name}" for a number, or remove the queue',
            )
    yield from _categories(survey)
    yield from _never_relax(survey)
    yield from _named_nowhere(raw)


def _nothing_there(raw: RawPlan) -> Iterable[Fault]:
    if not raw.agents:
        yield NO_AGENTS.at((), "nobody can take a call", "add an [agents.<id>]")
    if not raw.numbers:
        yield NO_NUMBERS.at(
            (),
            "every call goes to the last resort, for no number leads to a queue",
            'add a [numbers."+..."] with its queue',
        )


def _empty(raw: RawPlan) -> Iterable[Fault]:
    for name, schedule in raw.schedules.items():
        if not schedule.weekly:
            yield NEVER_OPEN.at(
                ("schedules", name, "weekly"),
                f"the schedule {name!r} is never open",
                'such as weekly = ["mo-fr 09:00-18:00"]',
            )
    for name, box in raw.voicemail.items():
        if not box.recipients:
            yield BOX_WITHOUT_RECIPIENTS.at(
                ("voicemail", name),
                f"nobody is told of the messages in {name!r}",
                'such as recipients = ["sales@example.com"]',
            )
    for path, team in _teams_named(raw):
        if not raw.teams[team].agents:
            yield TEAM_EMPTY.at(
                path,
                f"nobody belongs to the team {team!r}",
                f"name its agents in [teams.{team}], or take the team out here",
            )


def _teams_named(raw: RawPlan) -> Iterable[tuple[Path, str]]:
    """
    Yield each team that a queue names, with the place where it does.
    """
    for name, queue in raw.queues.items():
        tables: list[tuple[Path, tuple[str, ...]]] = [((), queue.teams)]
        tables += ((("members", i), m.teams) for i, m in enumerate(queue.members))
        tables += ((("steps", i), s.teams) for i, s in enumerate(queue.steps))
        for path, teams in tables:
            for index, team in enumerate(teams):
                yield ("queues", name, *path, "teams", index), team


def _categories(survey: Survey) -> Iterable[Fault]:
    site = survey.raw.site
    held = {category_of(tag) for tag in survey.held_tags}
    known = held | {category_of(tag) for tag in survey.asked_tags}
    for index, category in enumerate(site.uncounted if held else ()):
        if category not in held:
            yield CATEGORY_UNUSED.at(
                ("site", "uncounted", index),
                f"no agent holds a tag of {category!r}",
                suggest(category, held),
            )
    written = site.single != type(site)(name=site.name).single
    for index, category in enumerate(site.single if written else ()):
        if category not in known:
            yield CATEGORY_UNUSED.at(
                ("site", "single", index),
                f"there is no tag of {category!r} in the plan",
                suggest(category, known),
            )


def _never_relax(survey: Survey) -> Iterable[Fault]:
    for index, text in enumerate(survey.raw.site.never_relax):
        known = survey.asked_tags | survey.held_tags
        tag = parse_plain(text)
        if tag not in known:
            yield NEVER_RELAX_UNASKED.at(
                ("site", "never_relax", index),
                f"nothing asks for {text!r}, and no agent holds it",
                _close(tag, known) or "remove it, or ask for it in needs",
            )


def _named_nowhere(raw: RawPlan) -> Iterable[Fault]:
    kinds: dict[str, tuple[str, Collection[str], set[str]]] = {
        "schedules": (
            "schedule",
            raw.schedules,
            {
                *(agent.schedule for agent in raw.agents.values() if agent.schedule),
                *(queue.hours for queue in raw.queues.values() if queue.hours),
            },
        ),
        "teams": ("team", raw.teams, {team for _, team in _teams_named(raw)}),
        "voicemail": ("voicemail box", raw.voicemail, set(_boxes_named(raw))),
    }
    for table, (kind, names, used) in kinds.items():
        for name in names:
            if name not in used:
                yield NAMED_NOWHERE.at(
                    (table, name),
                    f"nothing uses the {kind} {name!r}",
                    "use it, or remove it",
                )


def _boxes_named(raw: RawPlan) -> Iterable[str]:
    texts = [text for queue in raw.queues.values() for _, text in destinations(queue)]
    for text in (*texts, raw.last_resort.to):
        kind, _, box = text.partition(":")
        if kind == "voicemail":
            yield box


def _close(word: str, known: Collection[str]) -> str:
    """
    Return a suggestion only if there is a near one: a list of tags would not help.
    """
    hint = suggest(word, known)
    return hint if hint.startswith("did") else ""
