"""
Steps: how the rules of a queue change while a call waits in it.

Step n is the queue's rules with the changes of steps 1 to n, at absolute times of
waiting (rule 9.1); step 0 is the queue's own rules.  Every step takes over whom and
what the one before it let in, so an agent who is eligible by one step is eligible by
all later ones: the earliest such step is the first key of the order (rule 6.1).

A delay per agent and queue works alike, but is no step: the agent is just not
there for calls that have not waited so long.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..plan.compiled import CompiledStep
from .limits import LEVEL_MAX
from .site import Site
from .state import Call, Needs, Sourced
from .timers import TimerKind

QUEUE_SOURCE = 0
"""Preferred tags of a step have the queue as their source."""


def rules(site: Site, call: Call, step: int) -> CompiledStep | None:
    """
    Return the changes of a step of a call's queue; None: the queue's own rules.
    """
    return site.queue_of(call).steps[step - 1] if step else None


def strategy(site: Site, call: Call) -> int:
    """
    Return the strategy that is in force for a call.
    """
    step = rules(site, call, call.step)
    return site.queue_of(call).strategy if step is None else step.strategy


def is_member(site: Site, call: Call, agent: int, step: int) -> bool:
    """
    Tell whether an agent serves the call's queue by the rules of a step.
    """
    changed = rules(site, call, step)
    members = site.queue_of(call).members if changed is None else changed.members
    return members is None or agent in members


def needs(site: Site, call: Call, step: int) -> Needs:
    """
    Return what a call asks by the rules of a step (rules 9.2, 18.13).
    """
    changed = rules(site, call, step)
    if changed is None:
        return call.needs

    def is_dropped(need: Sourced, tag: int) -> bool:
        if need.never_relax or tag in site.plan.settings.never_relax:
            return False
        category = site.tag_name(tag).partition(":")[0]
        return tag in changed.drop or category in changed.drop_categories

    required = tuple(
        _lowered(site, need, changed)
        for need in call.needs.required
        if not is_dropped(need, need.tags[0])
    )
    return Needs(
        required=required,
        any_of=tuple(
            need
            for need in call.needs.any_of
            if not any(is_dropped(need, tag) for tag in need.tags)
        ),
        forbidden=call.needs.forbidden,
        preferred=_preferred(site, call, changed, required),
    )


def earliest(site: Site, call: Call, agent: int) -> int | None:
    """
    Return the first step by whose rules an agent passes the tests of membership
    and tags; None: there is none.
    """
    for step in range(len(site.queue_of(call).steps) + 1):
        is_let_in = is_member(site, call, agent, step)
        if is_let_in and passes_tags(site, call, agent, step):
            return step
    return None


def passes_tags(site: Site, call: Call, agent: int, step: int) -> bool:
    """
    Tell whether an agent passes all tests of tags by the rules of a step.
    """
    return next(tag_failures(site, call, agent, step), None) is None


def tag_failures(site: Site, call: Call, agent: int, step: int) -> Iterator[str]:
    """
    Yield the reason codes of all tests of tags that an agent fails.

    A tag that the step grants them passes at any level; it is not held, so it is not
    counted, preferred or forbidden (rule 18.11).
    """
    asked = needs(site, call, step)
    changed = rules(site, call, step)
    grants = () if changed is None else changed.grants
    held = site.levels[agent]
    granted = {tag: LEVEL_MAX for tag, agents in grants if agent in agents}
    levels = {**held, **granted}
    wildcard = site.agent_plan(agent).wildcard
    name = site.tag_name
    if not wildcard:
        missing = [n.tags[0] for n in asked.required if n.tags[0] not in levels]
        low = [
            n.tags[0] for n in asked.required if levels.get(n.tags[0], 100) < n.value
        ]
        lacking = [n.tags for n in asked.any_of if not levels.keys() & set(n.tags)]
        if missing:
            yield f"missing_tag:{name(missing[0])}"
        if low:
            yield f"level_below:{name(low[0])}"
        if lacking:
            yield f"no_tag_of:{'|'.join(name(tag) for tag in lacking[0])}"
    required = {need.tags[0] for need in asked.required}
    for need in asked.forbidden:
        tag = need.tags[0]
        # Forbidden beats required, for a wildcard too (rule 5.1).
        if tag in held or (wildcard and tag in required):
            yield f"forbidden_tag:{name(tag)}"
            return


# Clocks ----------------------------------------------------------------------


def begins_ms(call: Call, step: CompiledStep) -> int:
    """
    Return when a step begins, if the steps' clock goes on from now.
    """
    return call.queue_since_ms + call.stopped_ms + step.after_ms


def start_clocks(site: Site, call: Call) -> None:
    """
    The call has entered a queue: its first step and the first delay are to come.
    """
    call.step = 0
    call.stopped_ms = 0
    call.stopped_since_ms = None
    await_step(site, call)
    await_delay(site, call)


def stop_clocks(site: Site, call: Call) -> None:
    """
    The call leaves its queue.
    """
    site.timers.cancel(TimerKind.STEP_BEGINS, call.sequence)
    site.timers.cancel(TimerKind.DELAY_ENDS, call.sequence)
    call.stopped_since_ms = None


def offer_is_out(site: Site, call: Call) -> None:
    """
    Somebody is being rung: the steps' clock may stand still (rule 8.1).
    """
    if not site.queue_of(call).relax_while_ringing:
        site.timers.cancel(TimerKind.STEP_BEGINS, call.sequence)
        call.stopped_since_ms = site.now_ms


def no_offer_is_out(site: Site, call: Call) -> None:
    """
    Nobody is being rung any more: the steps' clock goes on.
    """
    if call.stopped_since_ms is not None:
        call.stopped_ms += site.now_ms - call.stopped_since_ms
        call.stopped_since_ms = None
        await_step(site, call)


def begin(site: Site, call: Call) -> None:
    """
    The next step begins, by the clock or since a round ended (rule 7.4).
    """
    call.step += 1
    await_step(site, call)


def await_delay(site: Site, call: Call) -> None:
    """
    Set the timer of the next delay that the call has not waited for yet.
    """
    waited_ms = site.now_ms - call.queue_since_ms
    places = site.queue_of(call).placements
    delays_ms = [place.delay_ms for place in places if place.delay_ms > waited_ms]
    if delays_ms:
        deadline_ms = call.queue_since_ms + min(delays_ms)
        site.timers.set(TimerKind.DELAY_ENDS, call.sequence, deadline_ms)


def await_step(site: Site, call: Call) -> None:
    """
    Set the timer of the next step that the call is not in yet.
    """
    site.timers.cancel(TimerKind.STEP_BEGINS, call.sequence)
    following = site.queue_of(call).steps[call.step : call.step + 1]
    if following and call.stopped_since_ms is None:
        deadline_ms = begins_ms(call, following[0])
        site.timers.set(TimerKind.STEP_BEGINS, call.sequence, deadline_ms)


# Needs of a step -------------------------------------------------------------


def _lowered(site: Site, need: Sourced, step: CompiledStep) -> Sourced:
    tag = need.tags[0]
    most = dict(step.lower).get(tag, need.value)
    if need.never_relax or tag in site.plan.settings.never_relax:
        return need
    return Sourced(need.tags, min(need.value, most), need.source, need.never_relax)


def _preferred(
    site: Site, call: Call, step: CompiledStep, required: tuple[Sourced, ...]
) -> tuple[Sourced, ...]:
    """
    Add the preferred tags of a step to those of the call; required beats preferred.
    """
    asked = {need.tags[0] for need in required}
    preferred = {need.tags[0]: need for need in call.needs.preferred}
    for tag, weight in step.prefer:
        if tag not in asked:
            known = preferred.get(tag, Sourced((tag,), 0, QUEUE_SOURCE, False))
            preferred[tag] = Sourced(
                (tag,), known.value + weight, known.source, known.never_relax
            )
    return tuple(
        sorted(preferred.values(), key=lambda need: site.tag_name(need.tags[0]))
    )
