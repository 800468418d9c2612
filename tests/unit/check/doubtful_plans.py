"""Plans without errors, each with one thing that is hardly meant."""

from __future__ import annotations

from tests.unit.check.doubtful_queues import QUEUES
from tests.unit.check.sound_plan import (
    AGENTS,
    DAY,
    NUMBER,
    OTHER_NUMBER,
    QUEUE,
    SITE,
    SOUND,
    STEP,
    Doubtful,
    with_keys,
    with_steps,
)

UNUSED = {
    "no agents": Doubtful(
        "@" + SITE + "[queues.sales]\nmax_wait_s = 300\n" + NUMBER,
        "no_agents",
        "nobody can take a call",
        "add an [agents.<id>]",
    ),
    "no numbers": Doubtful(
        "@" + SITE + AGENTS + QUEUE,
        "no_numbers",
        "last resort",
        "with its queue",
    ),
    "schedule never open": Doubtful(
        SOUND + '[schedules.o]\nweekly = @[]\n[agents.cleo]\nschedule = "o"\n'
        'tags = ["dept:sales"]\n',
        "never_open",
        "'o' is never open",
        "mo-fr 09:00-18:00",
    ),
    "box without recipients": Doubtful(
        with_keys('overflow = "voicemail:sales"\n') + "[voicemail.@sales]\n",
        "box_without_recipients",
        "nobody is told",
        "recipients =",
    ),
    "queue without numbers": Doubtful(
        SOUND + "[queues.@idle]\n",
        "queue_unreachable",
        "no number leads",
        'queue = "idle"',
    ),
    "uncounted category misspelt": Doubtful(
        SOUND.replace('"s"\n', '"s"\nuncounted = [@"depd"]\n', 1),
        "category_unused",
        "no agent holds a tag of 'depd'",
        "'dept'",
    ),
    "single category misspelt": Doubtful(
        SOUND.replace('"s"\n', '"s"\nsingle = ["dept", @"langs"]\n', 1),
        "category_unused",
        "no tag of 'langs'",
        "dept",
    ),
    "tag that never relaxes misspelt": Doubtful(
        SOUND.replace('"s"\n', '"s"\nnever_relax = [@"dept:sale"]\n', 1),
        "never_relax_unasked",
        "nothing asks for 'dept:sale'",
        "'dept:sales'",
    ),
    "team of nobody": Doubtful(
        with_keys('agents = ["anna", "bert"]\nteams = [@"night"]\n')
        + "[teams.night]\nagents = []\n",
        "team_empty",
        "nobody belongs to the team 'night'",
        "[teams.night]",
    ),
    "team that nothing uses": Doubtful(
        SOUND + '[teams.@night]\nagents = ["anna"]\n',
        "named_nowhere",
        "nothing uses the team 'night'",
        "use it",
    ),
    "schedule that nothing uses": Doubtful(
        SOUND + DAY.replace(".day", ".@day"),
        "named_nowhere",
        "nothing uses the schedule 'day'",
        "use it",
    ),
    "box that nothing uses": Doubtful(
        SOUND + '[voicemail.@sales]\nrecipients = ["a@example.com"]\n',
        "named_nowhere",
        "nothing uses the voicemail box 'sales'",
        "use it",
    ),
    "aging in a line of waiting times": Doubtful(
        with_keys('line = "longest_waiting"\naging_per_min = @5\n'),
        "without_effect",
        'line = "longest_waiting"',
        'line = "priority"',
    ),
    "aging cap without aging": Doubtful(
        with_keys("aging_cap = @5\n"), "without_effect", "no priority", "aging_per_min"
    ),
    "retry where no second round begins": Doubtful(
        with_keys('on_round_end = "overflow"\nretry_after_s = @5\n'),
        "without_effect",
        "no second round",
        'on_round_end = "wait"',
    ),
    "how often a strategy adds agents that does not": Doubtful(
        with_keys('strategy = "ring_all"\nevery_s = @2\n'),
        "without_effect",
        "rings agents in that way",
        "ring_progressively",
    ),
    "length of a pause that nobody gets": Doubtful(
        SOUND.replace('"s"\n', '"s"\nauto_pause_for_s = @60\n', 1),
        "without_effect",
        "missed calls pause nobody",
        "auto_pause_after",
    ),
    "priorities that add up to too much": Doubtful(
        with_keys("priority = 900\n") + "priority = @200\n",
        "priority_cut",
        "this is 1100, of which 1000 counts",
        "lower ones",
    ),
    "steps merged that are none": Doubtful(
        with_keys("merge_steps = @true\n"),
        "without_effect",
        "no steps",
        "[[queues.sales.steps]]",
    ),
    "steps' clock where no steps are": Doubtful(
        with_keys("relax_while_ringing = @false\n"),
        "without_effect",
        "no steps",
        "relax_while_ringing",
    ),
}

NEEDS = {
    "tag that nobody has": Doubtful(
        SOUND + OTHER_NUMBER + 'needs = [@"geo:mks"]\n[agents.cleo]\n'
        'tags = ["dept:sales", "geo:msk"]\n',
        "tag_nobody_has",
        "no agent holds 'geo:mks'",
        "'geo:msk'",
    ),
    "level that nobody has": Doubtful(
        SOUND + OTHER_NUMBER + 'needs = [@"geo:msk>=50"]\n'
        '[agents.cleo]\ntags = ["dept:sales", "geo:msk=40"]\n',
        "tag_nobody_has",
        "no agent holds 'geo:msk>=50'",
        "lower level",
    ),
    "group that nobody meets": Doubtful(
        with_keys('any_of = [@["product:a", "product:b"]]\n'),
        "tag_nobody_has",
        "no agent holds 'product:a' or 'product:b'",
        "give it",
    ),
    "tag of a group misspelt": Doubtful(
        with_keys('any_of = [["dept:sales", @"dept:sale"]]\n'),
        "group_tag_nobody_has",
        "no agent holds 'dept:sale'",
        "'dept:sales'",
    ),
    "preferred tag misspelt": Doubtful(
        with_keys('prefer = { @"dept:sale" = 5 }\n'),
        "preferred_nobody_has",
        "no agent holds 'dept:sale'",
        "'dept:sales'",
    ),
    "preferred tag of a step misspelt": Doubtful(
        with_steps(STEP + 'prefer = { @"dept:sale" = 5 }\n'),
        "preferred_nobody_has",
        "no agent holds 'dept:sale'",
        "'dept:sales'",
    ),
    "forbidden tag that nobody has": Doubtful(
        with_keys('forbidden = [@"role:trainee"]\n'),
        "forbidden_nobody_has",
        "'role:trainee'",
        "keeps nobody away",
    ),
    "queue without able agents": Doubtful(
        SOUND + '[agents.cleo]\ntags = ["a"]\n[queues.@x]\nmax_wait_s = 60\n'
        'agents = ["anna"]\nneeds = ["a"]\n[queues.y]\nneeds = ["a"]\n'
        'max_wait_s = 60\nagents = ["cleo", "dora"]\n[agents.dora]\ntags = ["a"]\n'
        '[numbers.201]\nqueue = "x"\n[numbers.202]\nqueue = "y"\n',
        "queue_without_agents",
        "no agent who serves the queue 'x'",
        "needs",
    ),
    "number that nobody can serve": Doubtful(
        SOUND + OTHER_NUMBER + 'needs = @["lang:en"]\n[agents.cleo]\n'
        'tags = ["lang:en"]\n[queues.x]\nneeds = ["lang:en"]\nmax_wait_s = 60\n'
        'agents = ["cleo", "dora"]\n[agents.dora]\ntags = ["lang:en"]\n'
        '[numbers.201]\nqueue = "x"\n',
        "number_without_agents",
        "'sales' meets these needs, too",
        "all the tags",
    ),
    "queue that is served by a later step": Doubtful(
        SITE
        + AGENTS
        + "[agents.cleo]\n[agents.dora]\n"
        + QUEUE.replace("sales]", "@sales]")
        + 'agents = ["cleo", "dora"]\n'
        + STEP
        + 'agents = ["anna", "bert"]\n'
        + NUMBER
        + '[queues.x]\nagents = ["cleo", "dora"]\nmax_wait_s = 60\n'
        '[numbers.201]\nqueue = "x"\n',
        "served_late",
        "before step 1, after 30 s",
        "compare",
    ),
    "number that is served by a later step": Doubtful(
        with_steps(STEP + 'drop = ["lang:en"]\n') + 'needs = @["lang:en"]\n'
        '[agents.cleo]\ntags = ["lang:en"]\n[queues.x]\nneeds = ["lang:en"]\n'
        'max_wait_s = 60\nagents = ["cleo", "dora"]\n[agents.dora]\n'
        'tags = ["lang:en"]\n[numbers.201]\nqueue = "x"\n',
        "served_late",
        "before step 1",
        "compare",
    ),
    "need that is forbidden until a step drops it": Doubtful(
        SITE
        + AGENTS
        + QUEUE
        + 'forbidden = ["role:trainee"]\n'
        + STEP
        + 'drop = ["role:*"]\n'
        + NUMBER
        + OTHER_NUMBER
        + 'needs = @["role:trainee"]\n'
        '[agents.cleo]\ntags = ["role:trainee"]\n[agents.dora]\n'
        'tags = ["role:trainee"]\n[queues.x]\nneeds = ["role:trainee"]\n'
        'max_wait_s = 60\n[numbers.201]\nqueue = "x"\n',
        "served_late",
        "before step 1",
        "compare",
    ),
    "queue that depends on one": Doubtful(
        SOUND + '[agents.cleo]\ntags = ["dept:help", "dept:sales"]\n'
        '[queues.@help]\nneeds = ["dept:help"]\nmax_wait_s = 60\n'
        '[numbers.201]\nqueue = "help"\n',
        "single_agent",
        "depend on 'cleo' alone",
        "second agent",
    ),
    "number that depends on one": Doubtful(
        SOUND
        + '[agents.cleo]\ntags = ["dept:sales", "lang:en"]\n'
        + OTHER_NUMBER
        + 'needs = @["lang:en"]\n',
        "single_agent",
        "this number depend on 'cleo' alone",
        "second agent",
    ),
    "queue of one agent": Doubtful(
        SOUND + '[queues.@own]\nagents = ["anna"]\nmax_wait_s = 60\n'
        '[numbers.201]\nqueue = "own"\n',
        "single_member",
        "served by 'anna' alone",
        "second agent",
    ),
}

REACH = {
    "agent without queue": Doubtful(
        SOUND + '[agents.@cleo]\ntags = ["dept:sale"]\n',
        "agent_unreachable",
        "'cleo' can take the calls of no queue",
        "did you mean 'dept:sales'?",
    ),
    "agent whom no queue names": Doubtful(
        with_keys('agents = ["anna", "bert"]\n') + "[agents.@cleo]\n",
        "agent_unreachable",
        "'cleo'",
        "tags",
    ),
    "agent whose language no number asks": Doubtful(
        SITE
        + AGENTS.replace('"]', '", "lang:en"]')
        + '[agents.@jan]\ntags = ["dept:sales", "lang:pl"]\n'
        + QUEUE
        + NUMBER
        + 'needs = ["lang:en"]\n',
        "agent_not_asked_for",
        "'jan' gets only calls that bring needs",
        "no number asks",
    ),
    "delay as long as the wait": Doubtful(
        SITE + AGENTS + QUEUE + 'agents = ["anna"]\n[[queues.sales.members]]\n'
        'agents = ["bert"]\ndelay_s = @300\n' + NUMBER,
        "delay_never_over",
        "after 300 s",
        "less than 300",
    ),
}

PREFERRED = {
    "preferred agent who is excluded": Doubtful(
        SITE
        + AGENTS
        + '[agents.cleo]\ntags = ["dept:sales"]\n'
        + QUEUE
        + 'exclude = ["cleo"]\n'
        + NUMBER
        + 'prefer_agents = ["anna", @"cleo"]\n',
        "preferred_excluded",
        "'cleo' is preferred here, and excluded by the queue 'sales'",
        "one of the two",
    ),
    "agent whom the only queue excludes": Doubtful(
        SITE
        + AGENTS
        + '[agents.@cleo]\ntags = ["dept:sales"]\n'
        + QUEUE
        + 'exclude = ["cleo"]\n'
        + NUMBER,
        "agent_unreachable",
        "'cleo' can take the calls of no queue",
        "compare",
    ),
    "time for preferred agents who are none": Doubtful(
        SOUND + "prefer_for_s = @20\n",
        "without_effect",
        "prefers no agents",
        "name prefer_agents",
    ),
}

DEVICES = {
    "outside number without a digit": Doubtful(
        SOUND.replace(
            "[agents.bert]\n",
            "[agents.bert]\nendpoints = ["
            '{ address = "+79161234567", confirm = @"" }]\n',
        ),
        "unconfirmed",
        "+79161234567 gets the caller",
        'confirm = "1"',
    ),
    "device of two": Doubtful(
        SOUND.replace(
            "[agents.anna]\n", '[agents.anna]\nendpoints = ["SIP/1"]\n'
        ).replace("[agents.bert]\n", '[agents.bert]\nendpoints = [@"SIP/1"]\n'),
        "device_shared",
        "a device of 'anna', too",
        "their own",
    ),
    "device that is a number of ours": Doubtful(
        SOUND.replace(
            "[agents.bert]\n", '[agents.bert]\nendpoints = [@"tel:+7 495 555 01-00"]\n'
        ),
        "number_leads_back",
        "a number of ours",
        "own number",
    ),
    "weight where nobody is drawn": Doubtful(
        SOUND.replace("[agents.bert]\n", "[agents.bert]\nweight = @5\n"),
        "without_effect",
        "no queue draws",
        "weighted_random",
    ),
    "all devices of one": Doubtful(
        SOUND.replace("[agents.bert]\n", '[agents.bert]\nring_endpoints = @"all"\n'),
        "without_effect",
        "not two devices",
        "add an endpoint",
    ),
}

DOUBTFUL = {**UNUSED, **NEEDS, **REACH, **PREFERRED, **DEVICES, **QUEUES}
