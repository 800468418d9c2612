"""
The page about exceptions and their codes.
"""

from __future__ import annotations

import re

from skillroute import errors

from . import (
    codes,
    provoked,
    provoked_driver,
    provoked_journal,
    provoked_parts,
    texts,
)
from .codes import Code
from .source import GENERATED, ROOT, classes, lines, table

MEANINGS: dict[Code, str] = {
    ("PlanError", "plan_malformed"): "The bytes are no compiled plan.",
    ("PlanError", "plan_format"): "The compiled plan is of another version.",
    ("PlanError", "scenario_malformed"): (
        "The bytes are no compiled scenario, or its parts do not fit together."
    ),
    ("IllegalEventError", "illegal_event"): (
        "The event does not fit the state of the offer, call or agent that it is about."
    ),
    ("IllegalEventError", "not_yet"): "The engine does not carry out this event yet.",
    ("IllegalEventError", "time_went_back"): (
        "The time is earlier than that of an event before."
    ),
    ("IllegalEventError", "time_out_of_range"): (
        "The time is negative or too large to be one."
    ),
    ("IllegalEventError", "malformed_id"): (
        "An id is empty, too long, or has characters that ids may not have."
    ),
    ("IllegalEventError", "malformed_number"): (
        "A call is moved to a number that cannot be dialled from outside."
    ),
    ("IllegalEventError", "call_exists"): (
        "A call of this id is in progress or has just ended."
    ),
    ("IllegalEventError", "gap_malformed"): (
        "A gap does not lie between the engine's clock and now."
    ),
    ("IllegalEventError", "empty_group"): "An any-of group has no tags.",
    ("IllegalEventError", "not_assignable"): (
        "Nobody can give a call to this agent, who is logged out or has no unit left."
    ),
    ("IllegalEventError", "prompt_missing"): (
        "What is to play a message is not told which."
    ),
    ("IllegalEventError", "until_ms_out_of_range"): (
        "An override would end before it begins."
    ),
    ("IllegalEventError", "unknown_overlay"): (
        "There is no such kind of change that could be taken back."
    ),
    ("IllegalEventError", "not_eligible"): (
        "The agent may not pick this call, or it cannot be moved to them; the state"
        " names the test that fails."
    ),
    (
        "IllegalEventError",
        "priority_out_of_range",
    ): "The priority is not -1000 to 1000.",
    ("IllegalEventError", "level_out_of_range"): "The level of a need is not 1 to 100.",
    ("IllegalEventError", "weight_out_of_range"): (
        "The weight of a preferred tag is not 1 to 1000."
    ),
    ("IllegalEventError", "length_ms_out_of_range"): (
        "The length of a message is negative or too large to be one."
    ),
    ("IllegalEventError", "for_ms_out_of_range"): (
        "A call cannot be held for a preferred agent for so long."
    ),
    ("IllegalEventError", "units_out_of_range"): (
        "Other use of an agent's devices takes 0 to 1000 units."
    ),
    ("IllegalEventError", "cases_out_of_range"): (
        "The number of open cases is negative or more than anybody could have."
    ),
    ("IllegalEventError", "offset_ms_out_of_range"): (
        "The wall clock cannot be that far from the engine's clock."
    ),
    ("UnknownIdError", "unknown_call"): (
        "No call of this id is in progress or ended a short while ago."
    ),
    ("UnknownIdError", "unknown_agent"): (
        "The plan has no agent of this id, or the pool none of this handle."
    ),
    ("UnknownIdError", "unknown_endpoint"): (
        "The plan gives the agent no endpoint of this address."
    ),
    ("UnknownIdError", "unknown_offer"): "No offer of this number was ever made.",
    ("UnknownIdError", "unknown_queue"): "The plan has no queue of this name.",
    ("UnknownIdError", "unknown_schedule"): "The plan has no schedule of this name.",
    ("UnknownIdError", "unknown_number"): "The plan has no such number.",
    ("UnknownIdError", "unknown_box"): "The plan has no voicemail box of this name.",
    ("LimitError", "calls_max"): "Too many calls are in progress at once.",
    ("LimitError", "hosts_max"): "Events have named too many hosts.",
    ("LimitError", "needs_per_call_max"): "An event brings too many needs.",
    ("LimitError", "agents_per_call_max"): (
        "An event prefers or excludes too many agents for a call."
    ),
    ("LimitError", "tags_per_group_max"): "An any-of group has too many tags.",
    ("LimitError", "extra_tags_max"): (
        "Events have mentioned too many tags of which the plan knows nothing."
    ),
    ("LimitError", "text_length_max"): "A number, name or other text is too long.",
    ("PlanError", "malformed_tag"): "A tag given to the pool is not well formed.",
    ("PlanError", "level_out_of_range"): "A level given to the pool is not 1 to 100.",
    ("PlanError", "weight_out_of_range"): (
        "The weight of a tag that is preferred in the pool is not 1 to 1000."
    ),
    ("PlanError", "number_out_of_range"): (
        "A counter, instant, priority, draw or seed given to the pool is too large"
        " or too small."
    ),
    ("PlanError", "empty_group"): "An any-of group given to the pool names no tag.",
    ("PlanError", "unknown_strategy"): "The pool knows no strategy of this name.",
    ("UnknownIdError", "unknown_needs"): "The pool has no needs of this handle.",
    ("UnknownIdError", "unknown_ticket"): (
        "No call of this ticket waits in the pool any more."
    ),
    ("LimitError", "pool_agents_max"): "The pool has too many agents.",
    ("LimitError", "pool_needs_max"): "Too many needs are registered with the pool.",
    ("LimitError", "pool_waiting_max"): "Too many calls wait in the pool.",
    ("LimitError", "tags_per_agent_max"): (
        "An agent of the pool is given too many tags."
    ),
    ("IllegalEventError", "plan_not_given"): (
        "The plan under which to go on was not given to the engine by `add_plan`."
    ),
    ("JournalError", "plan_missing"): (
        "A recorded reload names a plan that `add_plan` was not given; the events"
        " before it were carried out."
    ),
    ("JournalError", "frame_malformed"): (
        "A recorded event cannot be read; those before it were carried out."
    ),
    (
        "JournalError",
        "snapshot_malformed",
    ): "The bytes are no snapshot of this version and plan.",
    ("JournalError", "part_malformed"): (
        "The file is no part of a study, or one of another version."
    ),
    ("JournalError", "parts_differ"): (
        "Parts of a study differ in scenario, plan, seed or engine."
    ),
    ("JournalError", "parts_incomplete"): (
        "Of a study's parts a replication is missing, or is there twice."
    ),
    ("JournalError", "journal_missing"): (
        "There is no such journal, and no plan was given to make one."
    ),
    ("JournalError", "journal_unreadable"): (
        "The operating system does not let the file be read."
    ),
    ("JournalError", "journal_foreign"): "The file is something else, no journal.",
    ("JournalError", "journal_newer"): (
        "A later version of skillroute has written the journal."
    ),
    ("JournalError", "journal_in_use"): (
        "Another process writes to the journal; it lets go when it ends."
    ),
    ("JournalError", "journal_damaged"): (
        "Something in the journal is not what was written, and it is not the"
        " unfinished end that a crash leaves; `where` has the first record."
    ),
    ("JournalError", "journal_hole"): (
        "Events were routed without a record here, so nothing can be replayed over"
        " it; begin at the snapshot behind it."
    ),
    ("JournalError", "journal_write_failed"): (
        "A commit did not become durable: the disk is full or broken. What was to be"
        " committed is still there, and the next commit tries again."
    ),
    ("JournalError", "journal_begins_late"): (
        "The journal's oldest records were taken away, so a day cannot be replayed."
    ),
    ("JournalError", "journal_down"): (
        "The journal cannot be written at present, so no other plan can be taken."
    ),
    ("JournalError", "journal_failed"): (
        "The journal cannot be written, and the driver was told to stop then."
    ),
    ("JournalError", "journal_exists"): "A repair overwrites nothing.",
    ("JournalError", "parquet_missing"): (
        "The library that writes Parquet is not installed."
    ),
    ("JournalError", "journal_read_only"): "The journal was opened to be read.",
    ("EngineBusyError", "engine_busy"): (
        "A second thread used the engine at the same time; nothing happened."
    ),
    ("EngineBugError", "engine_bug"): (
        "The engine broke one of its own rules; from then on it refuses everything."
    ),
    ("EngineBugError", "engine_broken"): (
        "The engine met a bug before; make another one of its last snapshot."
    ),
    ("EngineBugError", "conservation_broken"): (
        "A simulated call has no outcome, or more than one."
    ),
    ("EngineBugError", "replay_differs"): (
        "The engine decided otherwise when a simulation was repeated."
    ),
    ("PluginError", "plugin_not_loadable"): "A plugin cannot be imported.",
    ("PluginError", "hook_not_valid"): (
        "A plugin has a hook whose name or arguments do not exist."
    ),
    ("PluginError", "host_unknown"): "No plugin brings the host that was asked for.",
    ("PluginError", "host_not_unique"): "Two plugins bring a host of the same name.",
}
"""What each code means, but for those of a plan."""

NOT_PROVOKED: dict[Code, str] = {
    ("EngineBugError", "conservation_broken"): "call c1 has the outcomes [], not one",
    ("EngineBugError", "replay_differs"): (
        "at 1767268800000 the engine ordered something else than before"
    ),
}
"""Messages of bugs that cannot be provoked, as we know of none."""


def page() -> str:
    """
    Write the page.
    """
    found = codes.in_the_code()
    differing = sorted(found ^ MEANINGS.keys())
    assert not differing, f"these have a code or a meaning, not both: {differing}"
    messages = {
        **provoked_driver.messages(),
        **provoked_journal.messages(),
        **provoked_parts.messages(),
        **provoked.engine_messages(),
        **provoked.plugin_messages(),
        **provoked.pool_messages(),
        **NOT_PROVOKED,
    }
    rows = [
        (
            f"`{code}`",
            f"[`{name}`](#{name.lower()})",
            meaning,
            _shown(messages[name, code]),
        )
        for (name, code), meaning in MEANINGS.items()
    ]
    head = ("code", "class", "what it means", "example message")
    return (
        GENERATED
        + texts.ERRORS
        + _classes()
        + texts.ERROR_CODES
        + table(head, rows)
        + _plan()
    )


def _classes() -> str:
    text = ""
    found = classes("errors.py")
    for name, cls in found.items():
        (base, *_) = getattr(errors, name).__mro__[1:]
        bases = " and ".join(f"`{each}`" for each in cls.bases)
        text += f"### `{name}`\n\n{lines(cls.text)}\nDerived from {bases}.\n\n"
        for field in cls.fields:
            text += f"- `{field.name}`: `{field.type}`.\n"
            text += lines(field.text, "  ")
        if not cls.fields and base.__name__ in found:
            text += f"It has the fields of `{base.__name__}`.\n"
        text += "\n"
    return text


def _plan() -> str:
    page = (ROOT / "docs" / "reference" / "plan.md").read_text("utf-8")
    part = page.partition("\n## Errors\n")[2].partition("\n## ")[0]
    meanings = dict(re.findall(r"^\| `([a-z_0-9]+)` \| (.*) \|$", part, re.MULTILINE))
    messages = provoked.plan_messages()
    rows = [
        (f"`{code}`", meaning, _shown(messages[code]))
        for code, meaning in meanings.items()
    ]
    head = ("code", "what is wrong", "example message")
    return "\n" + texts.PLAN_CODES + table(head, rows)


def _shown(message: str) -> str:
    quote = "``" if "`" in message else "`"
    return f"{quote}{message}{quote}"
