"""Plans with one fault each, and what must be said about it."""

from __future__ import annotations

from typing import NamedTuple

HEAD = '[site]\nname = "s"\n'
QUEUE = HEAD + "[queues.sales]\n"
AGENT = QUEUE + "[agents.anna]\n"
NUMBER = QUEUE + '[agents.anna]\n[numbers."+74955550100"]\n'


class Broken(NamedTuple):
    """One fault; its place is marked by ``@`` in the text."""

    text: str
    code: str
    hint: str
    path: str = ""


BROKEN = {
    "text without quotes": Broken(HEAD + "zone = @Moscow\n", "toml_syntax", "quotes"),
    "quote not closed": Broken(
        HEAD + 'zone = "UTC@\nseed = 1\n', "toml_syntax", "quote at the end"
    ),
    "list not closed": Broken(
        QUEUE + 'needs = ["a", "b"\n@[agents.anna]\n', "toml_syntax", "bracket"
    ),
    "number without quotes": Broken(
        QUEUE + "[numbers.@+74955550100]\n", "toml_syntax", "need quotes"
    ),
    "table twice": Broken(AGENT + "@[agents.anna]\n", "duplicate_key", "already"),
    "key twice": Broken(
        QUEUE + "ring_s = 5\n  @ring_s = 6\n", "duplicate_key", "already"
    ),
    "no site": Broken(
        "@[queues.sales]\n[agents.anna]\n", "missing_key", "begin with [site]", "site"
    ),
    "site without name": Broken(
        "[@site]\nseed = 1\n", "missing_key", "my-site", "site.name"
    ),
    "unknown table": Broken(
        HEAD + "[@queue.sales]\n", "unknown_key", "'queues'", "queue"
    ),
    "unknown key": Broken(
        QUEUE + "@rings_s = 5\n", "unknown_key", "'ring_s'", "queues.sales.rings_s"
    ),
    "key from elsewhere": Broken(
        NUMBER + 'queue = "sales"\n@greeting = "x"\n', "unknown_key", "label, needs"
    ),
    "order without several at once": Broken(
        QUEUE + 'order = @"longest_idle"\n',
        "order_unused",
        "ring_all",
        "queues.sales.order",
    ),
    "order of a step without several at once": Broken(
        QUEUE + '[[queues.sales.steps]]\nafter_s = 5\norder = @"longest_idle"\n',
        "order_unused",
        "ring_all",
        "queues.sales.steps[0].order",
    ),
    "never relax what nobody asks": Broken(
        QUEUE + 'needs = ["lang:pl"]\nnever_relax = [@"lang:pk"]\n',
        "never_relax_unused",
        "'lang:pl'",
        "queues.sales.never_relax[0]",
    ),
    "step drops what never relaxes": Broken(
        QUEUE
        + 'needs = ["lang:pl"]\nnever_relax = ["lang:pl"]\n'
        + '[[queues.sales.steps]]\nafter_s = 5\ndrop = [@"lang:pl"]\n',
        "never_relax_broken",
        "one of the two",
        "queues.sales.steps[0].drop[0]",
    ),
    "step lowers what never relaxes": Broken(
        '[site]\nname = "s"\nnever_relax = ["lang:pl"]\n[queues.sales]\n'
        'needs = ["lang:pl"]\n[[queues.sales.steps]]\nafter_s = 5\n'
        'lower = {@"lang:pl" = 5}\n',
        "never_relax_broken",
        "one of the two",
    ),
    "step drops what a number fixes": Broken(
        QUEUE
        + '[[queues.sales.steps]]\nafter_s = 5\ndrop = [@"lang:pl"]\n'
        + '[numbers."+74955550100"]\nqueue = "sales"\nneeds = ["lang:pl"]\n'
        + 'never_relax = ["lang:pl"]\n',
        "never_relax_broken",
        "one of the two",
    ),
    "steps out of order": Broken(
        QUEUE
        + "[[queues.sales.steps]]\nafter_s = 20\n"
        + "[[queues.sales.steps]]\nafter_s = @20\n",
        "step_not_later",
        "in the order",
        "queues.sales.steps[1].after_s",
    ),
    "step with an unknown team": Broken(
        '[site]\nname = "s"\n[teams.night]\nagents = []\n[queues.sales]\n'
        '[[queues.sales.steps]]\nafter_s = 5\nteams = [@"nigth"]\n',
        "unknown_team",
        "'night'",
    ),
    "step drops no tag": Broken(
        QUEUE + '[[queues.sales.steps]]\nafter_s = 5\ndrop = [@"a b"]\n',
        "tag_malformed",
        "category:value",
    ),
    "tag that is granted to no agent": Broken(
        AGENT.replace("[queues.sales]\n", "")
        + "[queues.sales]\n[[queues.sales.steps]]\nafter_s = 5\n"
        'grant = { "lang:pl" = ["anna", @"ana"] }\n',
        "unknown_agent",
        "'anna'",
    ),
    "tag that is granted to no team": Broken(
        QUEUE + "[[queues.sales.steps]]\nafter_s = 5\n"
        'grant = { "lang:pl" = [@"team:nite"] }\n[teams.night]\nagents = []\n',
        "unknown_team",
        "'night'",
    ),
    "tag that is granted and is none": Broken(
        QUEUE + "[[queues.sales.steps]]\nafter_s = 5\n"
        'grant = { @"a b" = ["anna"] }\n[agents.anna]\n',
        "tag_malformed",
        "category:value",
    ),
    "member without an agent": Broken(
        AGENT.replace("[queues.sales]\n", "")
        + '[queues.sales]\n[[queues.sales.members]]\nagents = [@"ana"]\n',
        "unknown_agent",
        "'anna'",
    ),
    "text for a number": Broken(
        QUEUE + 'ring_s = @"15"\n', "wrong_type", "1 to 600", "queues.sales.ring_s"
    ),
    "true for a number": Broken(
        AGENT + "units = @true\n", "wrong_type", "whole 1 to 100"
    ),
    "decimal for a whole number": Broken(
        AGENT + "units = @1.5\n", "wrong_type", "whole 1 to 100"
    ),
    "text for a list": Broken(
        AGENT + 'tags = @"dept:sales"\n', "wrong_type", '["dept:sales"]'
    ),
    "number in a list of texts": Broken(
        AGENT + 'tags = ["sales", @5]\n', "wrong_type", '"5"', "agents.anna.tags[1]"
    ),
    "value for a table": Broken(
        'queues.sales = @"anna"\n' + HEAD, "wrong_type", "", "queues.sales"
    ),
    "date for a text": Broken(AGENT + "name = @2026-01-01\n", "wrong_type", ""),
    "too small": Broken(QUEUE + "ring_s = @0\n", "out_of_range", "1 to 600"),
    "too large": Broken(QUEUE + "max_wait_s = @86401\n", "out_of_range", "1 to 86400"),
    "not a number": Broken(QUEUE + "ring_s = @nan\n", "out_of_range", "1 to 600"),
    "enormous": Broken(QUEUE + f"ring_s = @1{'0' * 400}\n", "out_of_range", "1 to 600"),
    "weight too large": Broken(
        QUEUE + 'prefer = { "geo:msk" = @5000 }\n',
        "out_of_range",
        "1 to 1000",
        'queues.sales.prefer."geo:msk"',
    ),
    "priority too low": Broken(
        QUEUE + "priority = @-1001\n", "out_of_range", "-1000 to 1000"
    ),
    "confirmation by several digits": Broken(
        AGENT + 'endpoints = [{address = "+49301", confirm = @"12"}]\n',
        "confirm_malformed",
        "0 to 9",
        "agents.anna.endpoints[0].confirm",
    ),
    "endpoint without its address": Broken(
        AGENT + 'endpoints = ["SIP/1", @{confirm = "1"}]\n',
        "missing_key",
        "address",
    ),
    "endpoint that is a number": Broken(
        AGENT + "endpoints = [@205]\n", "wrong_type", '"205"'
    ),
    "unknown strategy": Broken(
        QUEUE + 'strategy = @"most_specfic"\n', "unknown_value", "'most_specific'"
    ),
    "empty text": Broken(
        HEAD + '[last_resort]\nmessage = @""\n', "empty_text", "leave it out"
    ),
    "unknown zone": Broken(
        HEAD + 'zone = @"Europe/Moskow"\n', "unknown_zone", "'Europe/Moscow'"
    ),
    "zone in another case": Broken(
        HEAD + '[schedules.o]\nweekly = []\nzone = @"europe/riga"\n',
        "unknown_zone",
        "'Europe/Riga'",
    ),
    "zone that is a path": Broken(
        HEAD + 'zone = @"../../secrets"\n', "unknown_zone", "Europe/Moscow"
    ),
    "unknown queue": Broken(
        NUMBER + 'queue = @"sale"\n',
        "unknown_queue",
        "'sales'",
        'numbers."+74955550100".queue',
    ),
    "number without queue": Broken(
        QUEUE + '[numbers.@"+74955550100"]\n', "missing_key", "name the queue"
    ),
    "unknown schedule": Broken(
        AGENT + 'schedule = @"office"\n', "unknown_schedule", "there is none"
    ),
    "unknown team": Broken(
        QUEUE + 'teams = [@"nite"]\n[teams.night]\nagents = []\n',
        "unknown_team",
        "'night'",
    ),
    "unknown agent in a team": Broken(
        AGENT + '[teams.night]\nagents = ["anna", @"berta"]\n',
        "unknown_agent",
        "there is anna",
        "teams.night.agents[1]",
    ),
    "unknown agent in a queue": Broken(
        QUEUE + 'agents = [@"Anna"]\n[agents.anna]\n', "unknown_agent", "'anna'"
    ),
    "unknown box": Broken(
        QUEUE + 'overflow = @"voicemail:sale"\n[voicemail.sales]\n',
        "unknown_box",
        "'sales'",
    ),
    "queue that is not there": Broken(
        QUEUE + 'overflow = @"queue:sale"\n',
        "unknown_queue",
        "'sales'",
        "queues.sales.overflow",
    ),
    "agent that is not there": Broken(
        AGENT.replace("[agents", 'overflow = @"agent:ana"\n[agents'),
        "unknown_agent",
        "'anna'",
    ),
    "number that is none": Broken(
        QUEUE + 'overflow = @"number:sales"\n', "number_malformed", "+74951234567"
    ),
    "destination of a limit": Broken(
        QUEUE + '[queues.sales.overflow_on]\nmax_wait = @"voicemail:box"\n',
        "unknown_box",
        "",
        "queues.sales.overflow_on.max_wait",
    ),
    "limit that is none": Broken(
        QUEUE + '[queues.sales.overflow_on]\n@max_weight = "hangup"\n',
        "unknown_value",
        "'max_wait'",
    ),
    "last resort in a queue": Broken(
        QUEUE + '[last_resort]\nto = @"queue:sales"\n',
        "unknown_overflow",
        "voicemail:<box>",
    ),
    "hours that are not there": Broken(
        QUEUE + 'hours = @"day"\n', "unknown_schedule", "", "queues.sales.hours"
    ),
    "digit that is none": Broken(
        QUEUE + '[queues.sales.digits]\n@12 = "hangup"\n', "digit_malformed", "0 to 9"
    ),
    "queue named like an agent": Broken(
        HEAD + '[queues.@"agent:anna"]\n', "queue_name_taken", "'anna'"
    ),
    "box without its kind": Broken(
        QUEUE + 'overflow = @"sales"\n[voicemail.sales]\n',
        "unknown_overflow",
        "'voicemail:sales'",
    ),
    "misspelt end": Broken(
        QUEUE + 'overflow = @"last-resort"\n', "unknown_overflow", "'last_resort'"
    ),
    "tag with a space": Broken(
        AGENT + 'tags = [@"dept: sales"]\n', "tag_malformed", "category:value"
    ),
    "tag without value": Broken(AGENT + 'tags = [@"dept:"]\n', "tag_malformed", ""),
    "level of a need on an agent": Broken(
        AGENT + 'tags = [@"lang:pl>=50"]\n', "tag_malformed", "'lang:pl=50'"
    ),
    "level of an agent in a need": Broken(
        QUEUE + 'needs = [@"lang:pl=50"]\n', "tag_malformed", "'lang:pl>=50'"
    ),
    "too many tags": Broken(
        AGENT + f"tags = @{[f'a:t{number}' for number in range(5000)]}\n",
        "too_many",
        "allowed are 4096",
        "agents.anna.tags",
    ),
    "level too high": Broken(
        AGENT + 'tags = [@"lang:pl=101"]\n', "level_out_of_range", "100 is best"
    ),
    "level in an any-of group": Broken(
        QUEUE + 'any_of = [["a", @"b>=5"]]\n',
        "tag_malformed",
        "no level",
        "queues.sales.any_of[0][1]",
    ),
    "wildcard needed": Broken(
        QUEUE + 'needs = [@"*"]\n', "tag_malformed", "only an agent"
    ),
    "malformed preferred tag": Broken(
        QUEUE + 'prefer = { @"a b" = 5 }\n', "tag_malformed", "category:value"
    ),
    "empty any-of group": Broken(QUEUE + "any_of = [@[]]\n", "any_of_empty", "remove"),
    "two languages at once": Broken(
        QUEUE + 'needs = ["lang:pl", @"lang:ru"]\n', "single_category_twice", "any_of"
    ),
    "required and forbidden": Broken(
        QUEUE + 'needs = ["a"]\nforbidden = [@"skill:a"]\n', "need_forbidden", "remove"
    ),
    "required and forbidden, and a step that may not help": Broken(
        QUEUE + 'needs = ["a"]\nforbidden = [@"a"]\nnever_relax = ["a"]\n'
        '[[queues.sales.steps]]\nafter_s = 5\ndrop = ["skill:*"]\n',
        "need_forbidden",
        "remove",
    ),
    "number needs what its queue forbids": Broken(
        QUEUE + 'forbidden = ["a"]\n[numbers."+1234567"]\nqueue = "sales"\n'
        'needs = ["b", @"a"]\n',
        "need_forbidden",
        "nobody",
    ),
    "no such day": Broken(
        HEAD + '[schedules.o]\nweekly = ["sa 10:00-14:00", @"mon-fr 09:00-18:00"]\n',
        "hours_malformed",
        "did you mean 'mo'",
        "schedules.o.weekly[1]",
    ),
    "no such time": Broken(
        HEAD + '[schedules.o]\nweekly = [@"mo 09:00-18:60"]\n',
        "hours_malformed",
        "18:60",
    ),
    "no hours": Broken(
        HEAD + '[schedules.o]\nweekly = [@"mo-fr"]\n', "hours_malformed", "09:00-18:00"
    ),
    "number of letters": Broken(
        QUEUE + '[numbers.@hello]\nqueue = "sales"\n', "number_malformed", "7 to 15"
    ),
    "national number without country": Broken(
        QUEUE + '[numbers.@"8 495 555-01-00"]\nqueue = "sales"\n',
        "number_malformed",
        "country_code",
    ),
    "number twice": Broken(
        NUMBER + 'queue = "sales"\n[numbers.@"+7 495 555-01-00"]\nqueue = "sales"\n',
        "duplicate_number",
        "remove",
    ),
    "name with a space": Broken(
        HEAD + '[agents.@"anna k"]\n', "id_malformed", "letters", 'agents."anna k"'
    ),
    "site's name with a space": Broken(
        '[site]\nname = @"my site"\n', "id_malformed", "letters"
    ),
    "calling code with plus": Broken(
        HEAD + 'country_code = @"+7"\n', "country_code_malformed", "without '+'"
    ),
    "prefix without country": Broken(
        HEAD + 'national_prefix = @"8"\n', "national_prefix_alone", "calling code"
    ),
    "category with a colon": Broken(
        HEAD + 'uncounted = [@"lang:"]\n', "category_malformed", "before the colon"
    ),
    "agents file from memory": Broken(
        'agents_from = @"a.csv"\n' + HEAD, "agents_file_nowhere", "file name"
    ),
}

SOUND = QUEUE + (
    'needs = ["dept:sales"]\nmax_wait_s = 300\n'
    '[agents.anna]\ntags = ["dept:sales"]\n'
    '[numbers."+74955550100"]\nqueue = "sales"\n'
)
"""A plan without any problem, to add one to."""

DOUBTFUL = {
    "hours twice": Broken(
        SOUND + '[schedules.o]\nweekly = ["mo-fr 09:00-18:00", @"fr 17:00-20:00"]\n',
        "hours_overlap",
        "once",
    ),
    "tag twice": Broken(
        SOUND + '[agents.bert]\ntags = ["dept:sales", @"dept:sales=50"]\n',
        "repeated",
        "higher",
    ),
    "agent twice": Broken(
        SOUND + '[teams.night]\nagents = ["anna", @"anna"]\n', "repeated", "remove"
    ),
}
