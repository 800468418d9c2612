"""
Tallies: what each agent has done since the site's midnight, and when it
was offered calls last.

Some strategies order by it (rule 6.3).  A tally says up to when it was counted, and
is brought up to date before anything changes that it counts: a log-in or log-out, a
shift, a call that is connected or over, a wrap-up that ends.  In between it follows
from the time that has passed, so nothing needs to happen at midnight: who has done
nothing since has done nothing that day.

A day begins at the latest instant since which the local date has not changed.
"""

from __future__ import annotations

from bisect import bisect_right

import msgspec

from ..plan.compiled import STRATEGIES, CompiledZone
from .schedule import DAY_MS
from .site import Site
from .state import Call, OfferPhase, Presence, Tally

_ROUND_ROBIN = STRATEGIES.index("round_robin")


def tally(site: Site, agent: int) -> Tally:
    """
    Return what an agent has done today, up to now.
    """
    state, known = site.agents[agent], site.agents[agent].tally
    began_ms = _day_began_ms(site)
    if known.counted_ms < began_ms:
        known = Tally(counted_ms=began_ms)
    passed_ms = site.now_ms - known.counted_ms
    phases = [site.offers[id].phase for id in state.offers]
    logged_in = state.presence != Presence.LOGGED_OUT and site.on_shift(agent)
    return Tally(
        counted_ms=site.now_ms,
        calls=known.calls,
        talk_ms=known.talk_ms + passed_ms * phases.count(OfferPhase.CONNECTED),
        wrap_up_ms=known.wrap_up_ms + passed_ms * phases.count(OfferPhase.WRAP_UP),
        logged_in_ms=known.logged_in_ms + passed_ms * logged_in,
    )


def count(site: Site, agent: int) -> None:
    """
    Bring a tally up to date, before something changes that it counts.
    """
    site.agents[agent].tally = tally(site, agent)


def count_call(site: Site, agent: int) -> None:
    """
    Count one more handled call: it is connected (rule 18.12).
    """
    count(site, agent)
    known = site.agents[agent].tally
    more = msgspec.structs.replace(known, calls=known.calls + 1)
    site.agents[agent].tally = more


def note_offer(site: Site, call: Call, agent: int, offer: int) -> None:
    """
    Remember an agent's last offer from a queue that goes round, in some step.
    """
    queue = site.queue_of(call)
    used = {queue.strategy, *(step.strategy for step in queue.steps)}
    if _ROUND_ROBIN in used:
        line = site.lines[call.queue]
        offers = dict(site.agents[agent].last_offers) | {line: offer}
        site.agents[agent].last_offers = sorted(offers.items())


def _day_began_ms(site: Site) -> int:
    """
    Return when the present day began, by the engine's clock.
    """
    number = site.plan.settings.zone
    wall_ms = site.now_ms + site.wall_offset_ms
    zone = None if number is None else site.plan.zones[number]
    return day_began_ms(zone, wall_ms) - site.wall_offset_ms


def day_began_ms(zone: CompiledZone | None, at_ms: int) -> int:
    """
    Return the first instant from which on the local date was that of *at_ms*.

    Args:
        zone: None: UTC.
        at_ms: An instant of the wall clock.
    """
    if zone is None:
        return at_ms - at_ms % DAY_MS
    segment = bisect_right(zone.transitions_ms, at_ms)
    day = (at_ms + zone.offsets_ms[segment]) // DAY_MS
    while True:
        midnight_ms = day * DAY_MS - zone.offsets_ms[segment]
        if segment == 0 or midnight_ms > zone.transitions_ms[segment - 1]:
            return midnight_ms
        changes_ms = zone.transitions_ms[segment - 1]
        if (changes_ms - 1 + zone.offsets_ms[segment - 1]) // DAY_MS != day:
            return changes_ms
        segment -= 1
