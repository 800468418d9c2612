"""
Every bound of the engine, with the reason for its number.
"""

CALLS_MAX = 1_000_000
"""Calls in progress: ten times the largest site that this is built for."""

NEEDS_PER_CALL_MAX = 64
"""Needs that one event may bring: agents hold about that many tags."""

AGENTS_PER_CALL_MAX = 64
"""Agents whom one event may prefer, or exclude, for a call: more than any team that
knows one caller."""

PREFER_FOR_MS_MAX = 86_400_000
"""How long a call may be held for a preferred agent: a day."""

TAGS_PER_GROUP_MAX = 64
"""Tags of one any-of group, for the same reason."""

EXTRA_TAGS_MAX = 10_000
"""Tags that events mention and the plan does not: as many as a large plan has."""

ENDED_CALLS_REMEMBERED = 1_024
"""Ended calls whose late events are stale, not unknown: ten seconds at 100 calls/s,
far longer than a switch takes to say that a leg is gone."""

ID_LENGTH_MAX = 128
"""Characters of an id: twice the longest that common switches make."""

TEXT_LENGTH_MAX = 1_024
"""Characters of a display name or another free text."""

TIME_MS_MAX = 2**53 - 1
"""Instants and lengths: what a double, and so every JSON reader, holds exactly."""

HOSTS_MAX = 1_000
"""Hosts that events name: far more switches than a site has."""

OFFSET_MS_MAX = 10**12
"""How far the wall clock may be from the engine's: about thirty years."""

PRIORITY_MAX = 1_000
"""Priorities are -1000 to 1000 (rule 8.2)."""

LEVEL_MAX = 100
"""Levels are 1 to 100 (rule 5.2)."""

WEIGHT_MAX = 1_000
"""Weights of a preferred tag are 1 to 1000."""

OCCUPIED_UNITS_MAX = 1_000
"""Units that a host may say other use takes: ten times what a plan gives anybody."""

ENDPOINTS_MAX = 32
"""Endpoints of one agent: more than anybody carries, and a set of them is one word."""

OPEN_CASES_MAX = 1_000_000
"""Open cases of one agent: more than anybody could have."""

DEMAND_MAX = 1_000_000_000
"""Calls that ask for one tag in one minute: more than any site takes."""

MANUAL_WRAP_UP_MS_MAX = 1_800_000
"""A manual wrap-up ends after half an hour: it was forgotten (rule 4.5)."""

FORWARD_RING_MS = 30_000
"""How long an outside number is rung: about six rings, after which most mailboxes
of carriers answer."""

HANDLED_REMEMBERED = 50
"""Handled calls of a queue of which the mean length is known (rule 8.5)."""

NUMBERS_PER_MS = 1_000
"""After a gap the numbers of events and offers go on at so many for each millisecond
of the time: more than any site uses, so no number of a time of which no record is left
is used again."""

POOL_AGENTS_MAX = 1_000_000
"""Agents of one pool: ten times the largest site."""

POOL_NEEDS_MAX = 1_000_000
"""Registered needs of one pool: a site has thousands of queues, each with a few."""

POOL_WAITING_MAX = 1_000_000
"""Waiting calls of one pool, as ``CALLS_MAX``."""

TAGS_PER_AGENT_MAX = 4_096
"""Tags of one agent: sixty times what large centres give to one person."""

COMPETING_CALLS_MAX = 200
"""Waiting calls that are compared with an explained one: the first in line are those
that take its agents."""

COMPETING_AGENTS_MAX = 100
"""Agents of whom each of these calls is asked: enough to find one who fits both."""

COMPETING_LISTED_MAX = 20
"""Competing calls of one explanation: a screen."""

WAITING_LISTED_MAX = 100
"""Waiting calls listed one by one where an agent is explained; all are counted."""
