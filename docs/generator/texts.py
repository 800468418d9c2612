# ruff: noqa: E501 - one sentence per line, however long
"""
The sentences of the pages that follow from no code.
"""

from __future__ import annotations

ERRORS = """\
# Errors

The class of an exception says whose fault it was, `code` says what happened in a word that is never renamed, and the message says it to a person.
Values stand in the other fields, so nobody needs to read them out of a message.

Busy, no answer, abandoned or overflowed are no errors: they are outcomes, and come as events and actions.

## Classes

"""

ERROR_CODES = """\
## Codes

Each message below is what the named mistake really gives.

"""

PLAN_CODES = """\
## Codes of a plan

All problems of a plan are raised at once, as one `PlanProblemsError` of many `PlanError`.
Warnings are no errors, so they stand in [Checks](checks.md#warnings).

"""

HOOKS = """\
# Hooks

A plugin is a distribution with an entry point in the group `skillroute`.
The entry point names a module, or an object, whose functions are marked by `skillroute.hookspecs.hookimpl`.

Hooks are called by keyword, at start-up and in the driver, never inside an engine.
An implementation may leave out arguments that it does not need.
A hook whose name or arguments do not exist stops the start with the code [`hook_not_valid`](errors.md#pluginerror).

"""

DRIVER = """\
# Settings of the driver

`skillroute.driver.DriverSettings`, given to `skillroute.Router` as `settings`.
Lengths ending in `_ms` are milliseconds.
What happens at each bound is on the page [Embed the router](../how-to/embed-the-router.md).

"""

CHECKS = """\
# Checks

`skillroute check` reads a plan as a computer does and as a colleague would.
Every problem is printed with file, line, column, what was found and what to do, and all of them at once.

- An *error* keeps the plan from being loaded.
- A *warning* says that calls or agents will suffer, though the plan can be used; with `--strict` it counts as an error.
- A *note* says what follows from the plan, so that somebody knows; it never counts.

Warnings and notes are looked for once there are no errors, but for the first two.
Of more than a hundred with one code, the first hundred are printed.
What is said of agents, tags and priorities holds for calls that bring no needs of their own, and the hours for a week in January and one in July.

## Warnings

"""

NOTES = """\
## Notes

"""

CHECKED_ERRORS = """\
## Errors

The meaning of each code stands in [The plan](plan.md#errors); this is what the named mistake really gives.

"""

LIMITS = """\
# Limits

Nothing in the engine grows without a bound.
An event that would cross one is refused with a [`LimitError`](errors.md#limiterror) whose code is the name of the limit in small letters, or, where a number is out of its range, with an [`IllegalEventError`](errors.md#illegaleventerror).

"""

EVENTS = """\
# Events

An event is a fact: something that happened on a switch, on a clock or at a console.
It is told to the engine by `engine.handle(event, now_ms)`, in the order in which things happened.

Times end in `_at_ms` or `_until_ms` and are milliseconds since the Unix epoch; other fields that end in `_ms` are lengths of time.
An empty text or tuple means: none.
Tags, and the order of the fields of one event, are never changed, since journals are written with them; what is new comes last.

Today's engine carries out some of them and refuses the others with the code [`not_yet`](errors.md), so that hosts and journals can be written against the whole vocabulary.
What an event does in which state is said in [States](states.md).

## All events

"""

ACTIONS = """\
# Actions

An action is an order of the engine, to a host, to the driver or to those who keep records.
`engine.handle` and `engine.advance` return them in the order in which to carry them out.

Every action has an `id`, an `ActionId` of three numbers: the event, the firing of a timer since that event, and the place among the orders of that moment.
A host may see an action twice, after a crash for instance, and carries it out once.

Times that end in `_at_ms` are milliseconds since the Unix epoch; other fields that end in `_ms` are lengths of time.
An empty text or tuple means: none.
Tags, and the order of the fields of one action, are never changed, since journals are written with them; what is new comes last.

## All actions

"""

VALUES = """\
## Values that events and actions carry

An `OfferId` is a whole number: 1 for the first offer of a site, never used twice.
A `Need` is `Required`, `AnyOf`, `Forbidden` or `Preferred`.
A `PartyKind` is `"e164"`, `"short"`, `"extension"`, `"uri"` or `"anonymous"`.

"""

STATES = """\
# States

Three machines decide what an event does: that of the offer, that of the call and that of the agent's presence.
The tables are made by asking them about every pair of event and state.

- A word in `code` is a step; what it means stands below the table.
- *stale*: the event is legal but about something already over, so nothing happens; with *release*, a leg that exists all the same is ordered to be released.
- **illegal**: the event is refused with an [`IllegalEventError`](errors.md#illegaleventerror) that says what was expected, and nothing changes.
- never: the engine itself brings this about, and not in that state.

"""

OFFER = """\
An offer is one attempt to have one agent take one call.
In every phase but `over` it takes one unit of its agent, so as many calls as the agent has units can be offered, connected or wrapped up at once.
Each phase but `connected` ends by a timer of the engine's own, whatever the switch forgets to say.
A timer that is due at the instant of an event fires before it.
"""

CALL = """\
A call waits in line, keeps its place while agents are rung and while one who accepted is being connected, is connected, or leaves the line for another queue, voicemail, an outside number or the last resort, and ends with exactly one outcome.
What happens to its offer moves it too: those edges begin with the word `offer`.
"""

AGENT = """\
An agent is logged out, available or paused.
Whether they ring, talk or wrap up follows from the offers that take their units, and is no state of its own.
"""

RULE_CASES = """\
# Situations by rule

Each rule that is carried out, and the situations of the corpus that show it.
The [rules](rules.md) themselves stand on their own page; a situation is a [transcript](transcripts.md) of this name in `skillroute/testing/corpus/`.
What shows a rule in the pool [stands below](#in-the-pool).

"""

POOL_CASES = """
## In the pool

A `Pool` carries out the rules of choice alone, and all strategies of rule 6.3.
A situation here is a [pool history](pool-histories.md) of this name in `skillroute/testing/pool_corpus/`.

"""

MEASURED = """\
# Measured figures

What `skillroute bench` measured in one recorded run; every figure here is from that record and none was written by hand.
What they mean, and what they do not, is in [How fast, beside what](../explanation/how-fast-beside-what.md).

"""

MEASURED_ROWS = """\

## Times

The line of our own says nanoseconds an operation: the median, with the loop of Python around it, and below it what 99 percent of operations timed one by one did not exceed.
A peer's line says how many times as long it took in the same run: below 1 it is quicker.
Columns are sizes: agents, or calls that wait in the rows that are about waiting.
A dash means that it was not timed there.
"""

MEASURED_BARS = """\

## Bars

What `skillroute bench --bars` asks, held against the same run.

"""

SCENARIO = """\
# The scenario

A scenario is one TOML file, usually `*.scenario.toml`, that says who calls, how long it takes and how agents behave; the plan that it names says what becomes of the calls.
[`skillroute simulate`](cli.md#skillroute-simulate) plays it.
A key that is not on this page is an error, and all errors are told at once, each with line and column.

Keys that end in `_s` are lengths of time in seconds, whole or decimal, and are rounded to the millisecond.
Names of files are relative to the scenario's folder.
How the figures are counted is told in [What a simulation counts](../explanation/what-a-simulation-counts.md).

```toml
plan = "bank.toml"
start = "2024-01-15T08:00"
length_s = 43200

[calls.cards]
number = "+44 20 7946 0100"
per_h = [20, 30, 40, 40, 30, 30, 40, 40, 30, 20, 10, 10]
handling = {kind = "log_normal", mean_s = 180, sd_s = 150}
patience = {mean_s = 240}
```
"""

LENGTHS = """\
A plain number, `handling = 180`, is always the same.
A table is drawn from: `handling = {mean_s = 180}` is exponential.
Draws come from a table of 3,073 quantiles, alike on every machine; beyond the last, which one draw in 17 million passes, they are cut off.

"""
