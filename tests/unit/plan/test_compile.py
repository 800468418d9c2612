"""A plan becomes the bytes that every engine reads, always the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skillroute.plan import (
    check_plan,
    load_plan,
    parse_plan,
    plan_schema,
    starter_plan,
)
from skillroute.plan.compiled import CompiledEnd, CompiledNeed, decode

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted(
    path
    for path in (ROOT / "examples").glob("*.toml")
    if not path.name.endswith(".scenario.toml")
)

PLAN = """\
[site]
name = "three-shops"
zone = "Europe/Moscow"
seed = 7
country_code = "7"
national_prefix = "8"
uncounted = ["geo"]

[schedules.office]
zone = "Europe/Riga"
weekly = ["mo-fr 09:00-12:00 12:00-18:00", "su 22:00-06:00"]
[schedules.all]
weekly = ["mo-su 00:00-24:00"]

[teams.night]
agents = ["bert", "anna"]

[agents.bert]
name = "Bert"
tags = ["sales", "lang:pl=60", "lang:pl=70", "*"]
schedule = "office"
wrap_up_s = 0.5
[agents.anna]
tags = ["geo:msk"]
login = "manual"
units = 2
endpoints = ["PJSIP/101"]
[agents.carl]

[queues.sales]
needs = ["skill:sales", "lang:pl>=50"]
any_of = [["product:b", "product:a"]]
forbidden = ["role:trainee"]
prefer = { "geo:msk" = 5 }
teams = ["night"]
agents = ["carl", "anna"]
priority = -5
max_wait_s = 120
on_round_end = "overflow"
overflow = "voicemail:sales"
[queues.any]

[voicemail.sales]
recipients = ["sales@example.com"]
min_message_s = 1.5

[numbers."8 (495) 555-01-00"]
label = "Shop one"
queue = "sales"
needs = ["lang:ru"]
[numbers.205]
queue = "any"
"""


@pytest.fixture(scope="module")
def compiled() -> object:
    """The plan above, compiled and read back."""
    return decode(parse_plan(PLAN).compiled)


def test_names_become_sorted_indexes(compiled: object) -> None:
    """Engines compare integers; sorting makes them the same everywhere."""
    plan = decode(parse_plan(PLAN).compiled)
    assert plan == compiled
    assert plan.tags == tuple(sorted(plan.tags))
    assert set(plan.tags) == {
        "geo:msk",
        "lang:pl",
        "lang:ru",
        "product:a",
        "product:b",
        "role:trainee",
        "skill:sales",
    }
    assert [queue.name for queue in plan.queues] == ["any", "sales"]
    assert [schedule.name for schedule in plan.schedules] == ["all", "office"]
    assert [zone.name for zone in plan.zones] == ["Europe/Moscow", "Europe/Riga"]
    assert [number.number for number in plan.numbers] == ["+74955550100", "205"]


def test_agents_keep_the_order_of_the_file() -> None:
    """Agent order is the last word between equals."""
    bert, anna, carl = decode(parse_plan(PLAN).compiled).agents
    assert (bert.id, bert.name, bert.wildcard, bert.wrap_up_ms) == (
        "bert",
        "Bert",
        True,
        500,
    )
    assert bert.tags == ((1, 70), (6, 100))
    assert (anna.name, anna.login, anna.units, anna.schedule) == ("anna", 1, 2, None)
    assert (carl.wildcard, carl.tags, carl.wrap_up_ms) == (False, (), None)


def test_needs_are_in_the_order_written() -> None:
    """In a single category the last one counts."""
    _, sales = decode(parse_plan(PLAN).compiled).queues
    assert sales.needs == (
        CompiledNeed(kind=0, tags=(6,), value=1, never_relax=False),
        CompiledNeed(kind=0, tags=(1,), value=50, never_relax=False),
        CompiledNeed(kind=1, tags=(3, 4), value=0, never_relax=False),
        CompiledNeed(kind=2, tags=(5,), value=0, never_relax=False),
        CompiledNeed(kind=3, tags=(0,), value=5, never_relax=False),
    )


def test_members_are_agents_and_teams_together() -> None:
    """A queue with neither is served by everybody."""
    everybody, sales = decode(parse_plan(PLAN).compiled).queues
    assert everybody.members is None
    assert sales.members == (0, 1, 2)


def test_an_empty_team_is_not_everybody() -> None:
    """A team that lost its last member must not open the queue to all."""
    text = PLAN.replace('["bert", "anna"]', "[]").replace(
        'agents = ["carl", "anna"]', ""
    )
    assert decode(parse_plan(text).compiled).queues[1].members == ()


def test_a_round_counts_busy_agents_unless_it_overflows() -> None:
    """The default follows what happens at the end of a round."""
    plain, sales = decode(parse_plan(PLAN).compiled).queues
    assert (plain.on_round_end, plain.round_counts_busy) == (0, True)
    assert (sales.on_round_end, sales.round_counts_busy) == (1, False)
    set_ = PLAN.replace("max_wait_s = 120", "round_counts_busy = true")
    assert decode(parse_plan(set_).compiled).queues[1].round_counts_busy


def test_ends_and_times_are_compiled() -> None:
    """Seconds become milliseconds, a box its index."""
    plan = decode(parse_plan(PLAN).compiled)
    plain, sales = plan.queues
    assert plain.overflow == CompiledEnd(kind=0, target=0)
    assert sales.overflow == CompiledEnd(kind=1, target=0)
    assert (plain.max_wait_ms, sales.max_wait_ms) == (None, 120_000)
    assert (plain.ring_ms, plain.retry_after_ms) == (15_000, 10_000)
    assert plain.retry_unreachable_ms == 30_000
    assert plan.boxes[0].message_ms_min == 1500
    assert (plan.settings.seed, plan.settings.whisper_ms) == (7, 5000)
    assert (plan.single, plan.uncounted) == (("dept", "lang"), ("geo",))


def test_hours_are_sorted_and_joined() -> None:
    """A night that crosses Sunday's end begins the week."""
    whole, office = decode(parse_plan(PLAN).compiled).schedules
    hour = 3_600_000
    assert whole.weekly_ms == ((0, 168 * hour),)
    assert office.weekly_ms[:2] == ((0, 6 * hour), (9 * hour, 18 * hour))
    assert office.weekly_ms[-1] == (166 * hour, 168 * hour)
    assert office.zone == 1


def test_numbers_have_labels_and_needs() -> None:
    """A number without a label is announced as itself."""
    shop, desk = decode(parse_plan(PLAN).compiled).numbers
    assert (shop.label, shop.queue) == ("Shop one", 1)
    assert shop.needs == (CompiledNeed(kind=0, tags=(2,), value=1, never_relax=False),)
    assert (desk.label, desk.queue, desk.needs) == ("205", 0, ())


def test_what_means_the_same_has_the_same_bytes() -> None:
    """A journal asks whether it is the same plan by its id."""
    first = parse_plan(PLAN)
    other = PLAN.replace("8 (495) 555-01-00", "+7 495 555 01 00")
    other = other.replace("[queues.any]\n", "").replace(
        "[queues.sales]", "[queues.any]\n[queues.sales]"
    )
    other = other.replace("seed = 7", "seed = 7 # lucky\nwhisper_s = 5.0")
    assert parse_plan(other).compiled == first.compiled
    assert parse_plan(other).plan_id == first.plan_id
    assert len(first.plan_id) == 32
    changed = PLAN.replace("seed = 7", "seed = 8")
    assert parse_plan(changed).plan_id != first.plan_id


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_have_no_problems(path: Path) -> None:
    """What people copy first must be right."""
    assert {problem.severity for problem in check_plan(path)} <= {"note"}
    assert load_plan(path).file == str(path)


def test_there_are_examples() -> None:
    """The test above must have something to look at."""
    assert len(EXAMPLES) >= 1


def test_the_starter_plan_has_no_problems(tmp_path: Path) -> None:
    """The first command of a new user is ``init``, the second ``check``."""
    file = tmp_path / "plan.toml"
    file.write_text(starter_plan(), "utf-8")
    assert {problem.severity for problem in check_plan(file)} <= {"note"}
    plan = decode(load_plan(file).compiled)
    assert len(plan.agents) == 6
    assert [agent.wildcard for agent in plan.agents].count(True) == 1
    assert {number.label for number in plan.numbers} > {"English line"}


def test_the_starter_plan_is_open_on_a_weekday_morning() -> None:
    """The demonstration begins on a weekday at ten."""
    plan = decode(parse_plan(starter_plan()).compiled)
    ten_ms = [(day * 24 + 10) * 3_600_000 for day in range(5)]
    assert len(plan.schedules) == 2
    for schedule in plan.schedules:
        for at_ms in ten_ms:
            assert any(start <= at_ms < end for start, end in schedule.weekly_ms)


def test_the_schema_describes_every_key() -> None:
    """Editors show the description while one writes."""
    schema = plan_schema()
    json.dumps(schema)
    tables = schema["$defs"]
    assert len(tables) >= 9
    described = [
        (name, key)
        for name, table in tables.items()
        for key, value in table["properties"].items()
        if value.get("description")
    ]
    total = sum(len(table["properties"]) for table in tables.values())
    assert len(described) == total > 40
    assert all(not table["additionalProperties"] for table in tables.values())
    assert tables["RawQueue"]["properties"]["max_wait_s"] == {
        "description": "How long a call waits before it overflows.",
        "type": "number",
        "minimum": 1,
        "maximum": 86400,
    }
