"""Plans without errors, each with one thing that a queue is hardly meant to do."""

from __future__ import annotations

from tests.unit.check.sound_plan import (
    AGENTS,
    DAY,
    NUMBER,
    OTHER_NUMBER,
    QUEUE,
    SITE,
    SOUND,
    STEP,
    VIP,
    Doubtful,
    with_keys,
    with_steps,
)

STEPS = {
    "step behind the longest wait": Doubtful(
        with_steps(STEP.replace("30", "@300") + 'lower = { "dept:sales" = 5 }\n'),
        "step_never_begins",
        "calls leave the queue after 300 s",
        "before 300",
    ),
    "step behind the end of the round": Doubtful(
        with_steps(
            STEP.replace("30", "@70") + 'lower = { "dept:sales" = 5 }\n',
            'on_round_end = "overflow"\n',
        ),
        "step_never_begins",
        "after 70 s at most",
        "next_step",
    ),
    "step that changes nothing": Doubtful(
        with_steps(STEP.replace("sales.", "sales.@")),
        "step_changes_nothing",
        "step 1 changes nothing",
        "what it changes",
    ),
    "step that only drops what nobody asks": Doubtful(
        with_steps(STEP.replace("sales.", "sales.@") + 'drop = ["dept:sale"]\n'),
        "step_changes_nothing",
        "step 1 changes nothing",
        "'dept:sales'",
    ),
    "step that lowers to where it is": Doubtful(
        with_steps(
            STEP.replace("sales.", "sales.@") + 'lower = { "dept:sales" = 20 }\n'
        ),
        "step_changes_nothing",
        "step 1 changes nothing",
        "no more than this level",
    ),
    "step that drops a category that never relaxes": Doubtful(
        with_steps(STEP.replace("sales.", "sales.@") + 'drop = ["dept:*"]\n').replace(
            '"s"\n', '"s"\nnever_relax = ["dept:sales"]\n', 1
        ),
        "step_changes_nothing",
        "step 1 changes nothing",
        "never relaxes",
    ),
    "step with the strategy there is": Doubtful(
        with_steps(STEP.replace("sales.", "sales.@") + 'strategy = "most_specific"\n'),
        "step_changes_nothing",
        "step 1 changes nothing",
        "remove it",
    ),
    "step that raises where priority does not count": Doubtful(
        with_steps(
            STEP.replace("sales.", "sales.@") + "raise_priority = 5\n",
            'line = "longest_waiting"\n',
        ),
        "step_changes_nothing",
        "step 1 changes nothing",
        "remove it",
    ),
    "step that adds those who are there": Doubtful(
        with_steps(STEP.replace("sales.", "sales.@") + 'agents = ["anna"]\n'),
        "step_changes_nothing",
        "step 1 changes nothing",
        "everybody serves",
    ),
    "step that adds those who are there, and more": Doubtful(
        with_steps(
            STEP + 'lower = { "dept:sales" = 5 }\nagents = @["anna"]\n',
            'agents = ["anna", "bert"]\n',
        ),
        "step_adds_nobody",
        "serve the queue already",
        "before this step",
    ),
    "step that drops what nobody asks, and more": Doubtful(
        with_steps(STEP + 'lower = { "dept:sales" = 5 }\ndrop = [@"lang:pl"]\n'),
        "step_need_unasked",
        "there to drop: neither this queue nor its numbers ask for 'lang:pl'",
        "calls that bring this need",
    ),
    "step that lowers what nobody asks, and more": Doubtful(
        with_steps(STEP + 'lower = { "dept:sales" = 5, @"dept:sale" = 5 }\n'),
        "step_need_unasked",
        "there to lower: neither this queue nor its numbers",
        "'dept:sales'",
    ),
    "ring longer than a step": Doubtful(
        with_steps(
            STEP.replace("30", "@10") + 'lower = { "dept:sales" = 5 }\n',
            "ring_s = 20\n",
        ),
        "ring_longer_than_step",
        "rung for 20 s, and the queue's own rules hold for 10 s",
        "ring_s shorter",
    ),
    "next step of none": Doubtful(
        with_keys('on_round_end = @"next_step"\n'),
        "next_step_missing",
        "no next step",
        "[[queues.sales.steps]]",
    ),
}

WAITS = {
    "wait without an end": Doubtful(
        SOUND.replace("max_wait_s = 300\n", "").replace("[queues.", "[queues.@"),
        "endless_wait",
        "without end",
        "max_wait_s = 300",
    ),
    "overflow to which nothing leads": Doubtful(
        SOUND.replace("max_wait_s = 300", 'overflow = @"last_resort"'),
        "overflow_never",
        "no call gets there",
        "max_wait_s",
    ),
    "ring as long as the wait": Doubtful(
        with_keys("ring_s = @300\n"),
        "ring_longer_than_wait",
        "rung for 300 s, and calls leave after 300 s",
        "less than 300",
    ),
}

OVERFLOWS = {
    "queues that send calls to each other": Doubtful(
        with_keys('overflow = "queue:late"\n')
        + '[queues.late]\nmax_wait_s = 60\noverflow = @"queue:sales"\n',
        "overflow_cycle",
        "calls go round: 'sales' to 'late' to 'sales'; after 5 times in one",
        "voicemail",
    ),
    "queue that sends calls to itself": Doubtful(
        with_keys('overflow_on = { max_wait = @"queue:sales" }\n'),
        "overflow_cycle",
        "calls go round: 'sales' to 'sales'",
        "voicemail",
    ),
    "overflow to a queue of others": Doubtful(
        SITE
        + AGENTS
        + QUEUE
        + 'overflow = @"queue:help"\n'
        + NUMBER
        + 'needs = ["dept:sales"]\n[queues.help]\nmax_wait_s = 60\n'
        'needs = ["skill:help"]\n[numbers.201]\nqueue = "help"\n'
        '[agents.cleo]\ntags = ["skill:help"]\n[agents.dora]\ntags = ["skill:help"]\n',
        "overflow_without_agents",
        "calls to '+74955550100' that come into 'help' this way find nobody",
        "elsewhere",
    ),
    "destination of a limit that is none": Doubtful(
        with_keys('overflow_on = { round_end = @"hangup" }\n'),
        "overflow_never",
        "no limit 'round_end'",
        "on_round_end",
    ),
    "call that is sent to a number of ours": Doubtful(
        with_keys('overflow = @"number:+7 495 555-01-00"\n'),
        "number_leads_back",
        "+7 495 555-01-00 is a number of ours",
        "queue:sales",
    ),
    "last resort that is a number of ours": Doubtful(
        SOUND + '[last_resort]\nto = @"number:+74955550100"\n',
        "number_leads_back",
        "+74955550100 is a number of ours",
        "somebody else",
    ),
    "ring that is cut where no limit is": Doubtful(
        with_keys("max_wait_cuts_ring = @true\n").replace(
            "max_wait_s = 300", 'on_round_end = "overflow"'
        ),
        "without_effect",
        "no max_wait_s",
        "set max_wait_s",
    ),
    "place kept in no other queue": Doubtful(
        with_keys("overflow_keeps_place = @false\n"),
        "without_effect",
        "sends calls to no other",
        "queue:backup",
    ),
}

HOURS = {
    "site that is closed at night": Doubtful(
        SITE
        + AGENTS.replace('"]\n', '"]\nschedule = "day"\n')
        + QUEUE
        + NUMBER
        + DAY.replace("[", "[@", 1),
        "closed",
        "nobody is on shift mo-th 18:00-09:00, fr 18:00 to mo 09:00 (UTC)",
        "with hours",
    ),
    "queue that nobody ever serves": Doubtful(
        SOUND + '[schedules.o]\nweekly = []\n[agents.cleo]\nschedule = "o"\n'
        '[agents.dora]\nschedule = "o"\n[queues.@x]\nagents = ["cleo", "dora"]\n'
        'max_wait_s = 60\n[numbers.201]\nqueue = "x"\n',
        "never_on_shift",
        "calls of 'x' is ever on shift",
        "hours of their schedules",
        also="never_open",
    ),
    "queue that nobody serves on a day": Doubtful(
        SOUND + '[agents.cleo]\ntags = ["dept:help"]\nschedule = "six"\n'
        '[agents.dora]\ntags = ["dept:help"]\nschedule = "six"\n'
        '[schedules.six]\nzone = "Europe/Riga"\nweekly = ["mo-fr 00:00-24:00"]\n'
        '[queues.@help]\nneeds = ["dept:help"]\nmax_wait_s = 60\n'
        '[numbers.201]\nqueue = "help"\n',
        "queue_gap",
        "the queue 'help' is on shift sa 00:00 to mo 00:00 (Europe/Riga)",
        "change shifts",
    ),
    "number that nobody serves on a day": Doubtful(
        SOUND + '[agents.cleo]\ntags = ["dept:sales", "lang:en"]\nschedule = "day"\n'
        '[agents.dora]\ntags = ["dept:sales", "lang:en"]\nschedule = "day"\n'
        '[schedules.day]\nweekly = ["mo-su 06:00-24:00"]\n'
        '[numbers.@201]\nqueue = "sales"\nneeds = ["lang:en"]\n',
        "queue_gap",
        "the number '201' is on shift mo-su 00:00-06:00 (UTC)",
        "change shifts",
    ),
}

OPENING = {
    "hours in which nobody works": Doubtful(
        SITE
        + AGENTS.replace('"]\n', '"]\nschedule = "day"\n')
        + QUEUE
        + 'hours = @"open"\n'
        + NUMBER
        + DAY
        + '[schedules.open]\nweekly = ["mo-fr 09:00-20:00"]\n',
        "hours_unstaffed",
        "is on shift mo-fr 18:00-20:00 (UTC) though it is open",
        "change shifts",
    ),
    "limit of shifts that is none": Doubtful(
        with_keys(
            "refuse_nobody_logged_in = true\n"
            'overflow_on = { nobody_on_shift = @"hangup" }\n'
        ),
        "overflow_never",
        "no limit 'nobody_on_shift'",
        "set refuse_nobody_on_shift or leave_when_empty",
    ),
    "limit of log-ins that is none": Doubtful(
        with_keys(
            "refuse_nobody_on_shift = true\n"
            'overflow_on = { nobody_logged_in = @"hangup" }\n'
        ),
        "overflow_never",
        "no limit 'nobody_logged_in'",
        "set refuse_nobody_logged_in or leave_when_empty",
    ),
    "limit of a size that is none": Doubtful(
        with_keys('overflow_on = { size = @"hangup" }\n'),
        "overflow_never",
        "no limit 'size'",
        "set size",
    ),
}

PRIORITIES = {
    "priority without aging": Doubtful(
        SOUND.replace("[queues.", "[queues.@") + VIP,
        "starvation",
        "calls of priority 0 in 'sales' wait as long as calls of priority 10 in 'vip'",
        "aging_per_min = 4 would let them overtake after 150 s",
    ),
    "number with a low priority": Doubtful(
        SOUND + OTHER_NUMBER + "priority = @-3\n",
        "starvation",
        "priority -3 in 'sales' wait as long as calls of priority 0 in 'sales'",
        "aging_per_min = 2",
    ),
    "aging that ends too early": Doubtful(
        SITE
        + AGENTS
        + QUEUE.replace("[queues.", "[queues.@")
        + "aging_per_min = 5\naging_cap = 9\n"
        + NUMBER
        + VIP,
        "starvation",
        "which gain 5 a minute up to 9, wait",
        "aging_cap = 10",
    ),
    "line in which priorities do not count": Doubtful(
        SITE
        + AGENTS
        + QUEUE.replace("[queues.", "[queues.@")
        + 'line = "longest_waiting"\n'
        + NUMBER
        + VIP,
        "starvation",
        "calls of priority 0 in 'sales' wait",
        'line = "priority"',
    ),
    "aging that overtakes": Doubtful(
        with_keys("aging_per_min = @2.5\n") + VIP,
        "overtaking",
        "overtake new calls of priority 10 after 240 s",
        "raise_priority say how fast",
    ),
    "aging that would overtake": Doubtful(
        with_keys("aging_per_min = @2\n") + VIP,
        "overtaking",
        "after 300 s",
        "they leave the queue after 300 s, before that",
    ),
    "raise that overtakes": Doubtful(
        with_steps(STEP + "raise_priority = 10\n").replace("[queues.", "[queues.@", 1)
        + VIP,
        "overtaking",
        "overtake new calls of priority 10 after 30 s",
        "raise_priority say how fast",
    ),
    "queue that all serve second": Doubtful(
        SOUND + "[queues.late]\nmax_wait_s = 60\n[[queues.late.@members]]\n"
        'agents = ["anna", "bert"]\npriority = 2\n[numbers.201]\nqueue = "late"\n',
        "queue_always_second",
        "calls of 'late' wait as long as",
        "priority = 1",
    ),
}

QUEUES = {**STEPS, **WAITS, **OVERFLOWS, **HOURS, **OPENING, **PRIORITIES}
