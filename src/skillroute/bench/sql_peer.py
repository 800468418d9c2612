"""
A peer in SQL, in the shape of FreeSWITCH's module ``mod_callcenter``.

That module keeps agents and tiers in a database.  For the strategy
``longest-idle-agent`` it joins the two, keeps agents whose status lets them work, sorts
by level, by the last offered call and by position, and then looks at one row after the
other, busy agents among them, until one is waiting (read at commit c9b35c5 of
signalwire/freeswitch; the statement below is written anew from that description).

It is favourable to the module: the database is in memory and has indexes, the statement
is prepared once, and a change of state is one update where the module makes about five.
It is unfavourable in that a database shares and keeps what a library call does not.
"""

from __future__ import annotations

import sqlite3

from .contenders import Contender, Peer
from .python_peers import fitting_sets
from .workloads import Workload

__all__ = ["SQL_PEERS"]

# A queue is made for each needs, with a row for each agent who fits.
QUEUES_MAX = 200
TIERS_MAX = 6_000_000

SCHEMA = """
CREATE TABLE agents (
    name TEXT, system TEXT, uuid TEXT, type TEXT, contact TEXT, status TEXT,
    state TEXT, max_no_answer INTEGER, no_answer_count INTEGER,
    wrap_up_time INTEGER, reject_delay_time INTEGER, busy_delay_time INTEGER,
    no_answer_delay_time INTEGER, last_bridge_end INTEGER,
    last_offered_call INTEGER, ready_time INTEGER
);
CREATE TABLE tiers (
    queue TEXT, agent TEXT, state TEXT, level INTEGER, position INTEGER
);
"""
AGENT = """
INSERT INTO agents VALUES (
    ?, 'single_box', '', 'callback', '[leg_timeout=10]user/1000', 'Available',
    'Waiting', 3, 0, 10, 10, 60, 10, 0, ?, 0
)
"""
INDEXES = """
CREATE INDEX agents_name ON agents (name);
CREATE INDEX tiers_queue_agent ON tiers (queue, agent);
CREATE INDEX tiers_agent ON tiers (agent);
ANALYZE;
"""
OFFERED = """
SELECT
    a.name, a.state, t.state, a.system, a.status, a.contact, a.no_answer_count,
    a.max_no_answer, a.reject_delay_time, a.busy_delay_time,
    a.no_answer_delay_time, a.last_bridge_end, a.wrap_up_time, a.ready_time,
    a.last_offered_call, a.uuid, a.type, t.level, t.position
FROM agents AS a LEFT JOIN tiers AS t ON a.name = t.agent
WHERE t.queue = ?
AND (a.status = 'Available' OR a.status = 'On Break' OR a.status = 'On Demand')
ORDER BY t.level, a.last_offered_call, t.position
"""
BUSY = "UPDATE agents SET state = 'In a call' WHERE name = ?"
FREE = "UPDATE agents SET state = 'Waiting', last_offered_call = ? WHERE name = ?"


def _freeswitch_sql(work: Workload) -> Contender:
    database = sqlite3.connect(":memory:", isolation_level=None, cached_statements=8)
    execute = database.execute
    names = [f"agent{number}" for number in range(len(work.agents))]
    number_of = {name: number for number, name in enumerate(names)}
    queues = [f"queue{number}" for number in range(len(work.needs))]
    _fill(database, work, names, queues)

    def select(needs: int) -> int | None:
        for row in execute(OFFERED, (queues[needs],)):
            if row[1] == "Waiting" and row[2] == "Ready":
                return number_of[row[0]]
        return None

    def take(agent: int) -> None:
        execute(BUSY, (names[agent],))

    def reserve(needs: int) -> int | None:
        agent = select(needs)
        if agent is not None:
            execute(BUSY, (names[agent],))
        return agent

    def release(agent: int, idle_since_ms: int, /) -> None:
        execute(FREE, (idle_since_ms, names[agent]))

    return Contender(select, reserve, take, release)


def _fill(
    database: sqlite3.Connection, work: Workload, names: list[str], queues: list[str]
) -> None:
    database.executescript(SCHEMA)
    database.execute("BEGIN")
    database.executemany(AGENT, zip(names, work.idle_since_ms, strict=True))
    agents_of: dict[tuple[int, ...], list[int]] = {}
    for agent, tags in enumerate(work.agents):
        agents_of.setdefault(tags, []).append(agent)
    for queue, levels in zip(queues, fitting_sets(agents_of, work.needs), strict=True):
        fitting = [agent for level in levels for same in level for agent in same]
        database.executemany(
            "INSERT INTO tiers VALUES (?, ?, 'Ready', ?, ?)",
            [(queue, names[a], len(work.agents[a]), a) for a in fitting],
        )
    database.execute("COMMIT")
    database.executescript(INDEXES)


def _refuses(work: Workload) -> str:
    queues = len(work.needs)
    if queues > QUEUES_MAX:
        return f"a queue for each needs: not {queues:,} of them"
    rows = queues * len(work.agents)
    if rows > TIERS_MAX:
        return f"a row for each needs and agent: not {rows:,} of them"
    return ""


SQL_PEERS = (
    Peer(
        "freeswitch_sql",
        "SQLite in memory, the query of FreeSWITCH's mod_callcenter",
        _freeswitch_sql,
        refuses=_refuses,
    ),
)
