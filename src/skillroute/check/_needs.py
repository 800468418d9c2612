"""
Lints of needs: what nobody can meet, or only one person, or only later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..plan import parse_needed, parse_plain, suggest
from ._lint import Lint
from ._survey import prefer_tables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..plan import Fault, Path
    from ..plan.model import RawQueue
    from ._survey import Entry, Survey

__all__ = ["LINTS", "find"]

TAG_NOBODY_HAS = Lint(
    code="tag_nobody_has",
    severity="warning",
    meaning="No agent meets a need, and there is no wildcard agent.",
    remedy="Give the tag to an agent; if it is misspelt, the hint says how.",
)
PREFERRED_NOBODY_HAS = Lint(
    code="preferred_nobody_has",
    severity="warning",
    meaning="No agent holds a tag that is preferred, so it changes nothing.",
    remedy="Give the tag to an agent; if it is misspelt, the hint says how.",
)
GROUP_TAG_NOBODY_HAS = Lint(
    code="group_tag_nobody_has",
    severity="warning",
    meaning="No agent holds one of the tags of an `any_of` group; others are held.",
    remedy="Give the tag to an agent; if it is misspelt, the hint says how.",
)
FORBIDDEN_NOBODY_HAS = Lint(
    code="forbidden_nobody_has",
    severity="note",
    meaning="No agent holds a tag that is forbidden, so it keeps nobody away.",
    remedy="If it is misspelt, the hint says how; else it does no harm.",
)
QUEUE_WITHOUT_AGENTS = Lint(
    code="queue_without_agents",
    severity="warning",
    meaning="No agent who serves a queue meets all its needs, in no step.",
    remedy="Give one agent all the tags, or change the needs or who serves the queue.",
)
NUMBER_WITHOUT_AGENTS = Lint(
    code="number_without_agents",
    severity="warning",
    meaning="Nobody meets the needs of a number and of its queue at once.",
    remedy="Give one agent all the tags, or change the needs of the number.",
)
OVERFLOW_WITHOUT_AGENTS = Lint(
    code="overflow_without_agents",
    severity="warning",
    meaning="Calls that a queue sends on to another find nobody there.",
    remedy="Send them to a queue whose agents meet the needs of the number, too.",
)
SERVED_LATE = Lint(
    code="served_late",
    severity="note",
    meaning="Nobody can take the calls of a queue or a number before a step begins.",
    remedy="If somebody should be there at once, compare the needs with their tags.",
)
SINGLE_AGENT = Lint(
    code="single_agent",
    severity="warning",
    meaning="Only one of those who serve a queue meets its needs, or a number's.",
    remedy="Give the tags to a second agent, or drop a need by a step.",
)
SINGLE_MEMBER = Lint(
    code="single_member",
    severity="note",
    meaning="A queue is served by one agent and nobody else.",
    remedy="If that is not meant, name a second one; a step can add them later.",
)

LINTS = (
    TAG_NOBODY_HAS,
    GROUP_TAG_NOBODY_HAS,
    PREFERRED_NOBODY_HAS,
    FORBIDDEN_NOBODY_HAS,
    QUEUE_WITHOUT_AGENTS,
    NUMBER_WITHOUT_AGENTS,
    OVERFLOW_WITHOUT_AGENTS,
    SERVED_LATE,
    SINGLE_AGENT,
    SINGLE_MEMBER,
)


_OTHERWISE = {
    TAG_NOBODY_HAS.code: "give it to an agent",
    GROUP_TAG_NOBODY_HAS.code: "give it to an agent, or take it out of the group",
    PREFERRED_NOBODY_HAS.code: "give it to an agent, or prefer another",
    FORBIDDEN_NOBODY_HAS.code: "it keeps nobody away",
}
"""What to do about a tag that is not misspelt."""


def find(survey: Survey) -> Iterable[Fault]:
    """
    Find tags that nobody has, and needs that nobody or only one agent meets.
    """
    if not survey.agents:
        return
    entries = survey.entries_of()
    for name, queue in survey.raw.queues.items():
        path = ("queues", name)
        unheld = [*_unheld_needs(survey, path, queue.needs), *_groups(survey, name)]
        yield from unheld
        yield from _preferred(survey, path, queue)
        yield from _forbidden(survey, path, queue)
        if not unheld:
            yield from _too_few(survey, name, entries[name])
    for text, number in survey.raw.numbers.items():
        yield from _unheld_needs(survey, ("numbers", text), number.needs)


def _unheld_needs(survey: Survey, path: Path, needs: Iterable[str]) -> Iterable[Fault]:
    for index, text in enumerate(needs):
        tag, level = parse_needed(text)
        if not survey.holding(tag, level) | survey.wildcards:
            yield _nobody(
                survey, TAG_NOBODY_HAS, (*path, "needs", index), repr(text), tag
            )


def _groups(survey: Survey, name: str) -> Iterable[Fault]:
    """
    Find groups that nobody meets; and, beside others, tags that nobody has.
    """
    for index, group in enumerate(survey.raw.queues[name].any_of):
        path = ("queues", name, "any_of", index)
        unheld = [
            number
            for number, tag in enumerate(group)
            if not survey.holding(parse_plain(tag))
        ]
        if len(unheld) == len(group):
            if not survey.wildcards:
                text = " or ".join(map(repr, group))
                yield _nobody(survey, TAG_NOBODY_HAS, path, text, group[0])
            continue
        for number in unheld:
            tag = group[number]
            place = (*path, number)
            yield _nobody(survey, GROUP_TAG_NOBODY_HAS, place, repr(tag), tag)


def _preferred(survey: Survey, path: Path, queue: RawQueue) -> Iterable[Fault]:
    for place, text in prefer_tables(queue):
        if not survey.holding(parse_plain(text)):
            whole = (*path, *place)
            yield _nobody(
                survey, PREFERRED_NOBODY_HAS, whole, repr(text), text, on_key=True
            )


def _forbidden(survey: Survey, path: Path, queue: RawQueue) -> Iterable[Fault]:
    for index, text in enumerate(queue.forbidden):
        if not survey.holding(parse_plain(text)):
            place = (*path, "forbidden", index)
            yield _nobody(survey, FORBIDDEN_NOBODY_HAS, place, repr(text), text)


def _nobody(
    survey: Survey, lint: Lint, path: Path, text: str, tag: str, *, on_key: bool = False
) -> Fault:
    tag = parse_needed(tag)[0]
    if tag in survey.held_tags:
        hint = "the agents who hold the tag have a lower level"
    else:
        # A list of all tags of the site would not help.
        close = suggest(tag, survey.held_tags)
        hint = close if close.startswith("did") else _OTHERWISE[lint.code]
    return lint.at(path, f"no agent holds {text}", hint, on_key=on_key)


def _too_few(survey: Survey, name: str, entries: list[Entry]) -> Iterable[Fault]:
    """
    Find queues, and numbers that lead to them, with nobody, one agent or a late one.
    """
    path = ("queues", name)
    able = survey.able[name]
    if not able:
        yield QUEUE_WITHOUT_AGENTS.at(
            path,
            f"no agent who serves the queue {name!r} meets its needs",
            "give an agent its tags, or change its needs or agents",
        )
        return
    if able.bit_count() == 1 < len(survey.agents):
        yield _only_one(survey, path, able, f"the queue {name!r}", survey.members[name])
    late = _first_served(survey, name, None)
    if late:
        yield _late(survey, path, name, late)
    for entry in entries:
        number = survey.raw.numbers[entry.number]
        if not number.needs or _is_unheld(survey, number.needs):
            continue
        if not entry.is_direct:
            if not entry.able:
                yield _lost_there(entry)
            continue
        if not entry.able:
            yield NUMBER_WITHOUT_AGENTS.at(
                (*entry.path, "needs"),
                f"no agent who serves the queue {name!r} meets these needs, too",
                "give an agent all the tags, or change the needs",
            )
            continue
        if entry.able.bit_count() == 1 < able.bit_count():
            place = (*entry.path, "needs")
            yield _only_one(survey, place, entry.able, "this number", able)
        step = _first_served(survey, name, entry.number)
        if step > late:
            yield _late(survey, (*entry.path, "needs"), name, step)


def _lost_there(entry: Entry) -> Fault:
    return OVERFLOW_WITHOUT_AGENTS.at(
        entry.path,
        f"calls to {entry.number!r} that come into {entry.queue!r} this way find nobody"
        " there who meets the needs of their number, too",
        "send them elsewhere, or give an agent there the tags",
    )


def _is_unheld(survey: Survey, needs: Iterable[str]) -> bool:
    return not all(
        survey.holding(*parse_needed(text)) | survey.wildcards for text in needs
    )


def _only_one(survey: Survey, path: Path, able: int, whose: str, members: int) -> Fault:
    [agent] = survey.ids(able)
    if members == able:
        return SINGLE_MEMBER.at(
            path,
            f"{whose} is served by {agent!r} alone",
            "while they are away, nobody takes its calls; a second agent would",
        )
    return SINGLE_AGENT.at(
        path,
        f"the calls of {whose} depend on {agent!r} alone",
        "give the tags to a second agent, or drop a need by a step",
    )


def _first_served(survey: Survey, name: str, number: str | None) -> int:
    """
    Return the number of the first step by which anybody can take a call.
    """
    source = None if number is None else survey.raw.numbers[number]
    steps = survey.raw.queues[name].steps
    return next(
        (n for n in range(len(steps)) if survey.able_for(name, source, n)), len(steps)
    )


def _late(survey: Survey, path: Path, name: str, step: int) -> Fault:
    after_s = survey.raw.queues[name].steps[step - 1].after_s
    return SERVED_LATE.at(
        path,
        f"nobody can take these calls before step {step}, after {after_s:g} s",
        "compare the needs with the tags of those who serve the queue",
    )
