"""Every number of a plan that is kept over a reload must be known to be one."""

from __future__ import annotations

import msgspec
import pytest

from skillroute.plan import compiled
from skillroute.reference import state
from skillroute.reference.timers import TimerKind

# Of each record that outlives a reload, the fields with numbers of a plan (agents,
# tags, queues, boxes, numbers, schedules, devices) or with parts that have such.
NUMBERED: dict[type[msgspec.Struct], str] = {
    compiled.CompiledAgent: "tags schedule",
    compiled.CompiledNeed: "tags",
    compiled.CompiledEnd: "target",
    compiled.CompiledLimits: "overflow_on hours digits",
    compiled.CompiledPlacement: "agent",
    compiled.CompiledStep: "drop lower members prefer grants",
    compiled.CompiledQueue: "needs members overflow placements steps limits exclude",
    compiled.CompiledBox: "",
    compiled.CompiledNumber: "queue needs prefer_agents",
    state.AgentState: "lost last_offers",
    state.Offer: "agent queue devices answered",
    state.Sourced: "tags",
    state.Visit: "queue end",
    state.Call: "number queue needs tried declined box declines own_needs set_needs"
    " visits preferred excluded",
    state.TagsOverlay: "agent tags",
    state.MemberOverlay: "queue agent",
    state.Override: "subject",
    state.Overlay: "tags members overrides",
    state.HostState: "",
    state.Demand: "asked costs",
    state.Snapshot: "schedules_open agents offers calls timers overlay demand kept"
    " handled",
}

# The others: what they hold means the same under every plan.
PLAIN: dict[type[msgspec.Struct], str] = {
    compiled.CompiledAgent: "id name wildcard login units wrap_up_ms endpoints wrap_up"
    " confirm_digits follows rings_all host weight",
    compiled.CompiledNeed: "kind value never_relax",
    compiled.CompiledEnd: "kind text",
    compiled.CompiledLimits: "keeps_place max_wait_cuts_ring size_per_caller size"
    " refuse_nobody_on_shift refuse_nobody_logged_in leave_when_empty",
    compiled.CompiledPlacement: "priority delay_ms",
    compiled.CompiledStep: "after_ms drop_categories strategy raise_priority ringing",
    compiled.CompiledQueue: "name strategy priority ring_ms wrap_up_ms on_round_end"
    " round_counts_busy retry_after_ms retry_unreachable_ms max_wait_ms"
    " next_step_overflows line aging_milli aging_cap merge_steps relax_while_ringing"
    " wrap_up decline_for_ms ringing parallel is_direct"
    " announcements",
    compiled.CompiledBox: "name greeting recipients message_ms_min",
    compiled.CompiledNumber: "number label priority prefer_for_ms",
    state.AgentState: "presence pause_reason login_ms handled_ms offers occupied"
    " open_cases missed tally",
    state.Offer: "id call phase alone assigned outside connected_ms",
    state.Sourced: "value source never_relax",
    state.Visit: "result",
    state.Call: "sequence id host caller dialled priority arrived_ms line_since_ms"
    " queue_since_ms phase offers round_ended max_wait_passed last_result step"
    " stopped_ms stopped_since_ms own_priority set_priority round_since_ms"
    " in_last_resort turn offers_made in_demand"
    " announced_position announced_wait_ms",
    state.TagsOverlay: "wildcard",
    state.MemberOverlay: "member",
    state.Override: "kind to prompt until_ms",
    state.Overlay: "",
    state.HostState: "name in_sync told",
    state.Demand: "",
    state.Snapshot: "version clock_ms wall_offset_ms event_sequence timer_ordinal"
    " timer_sequence call_sequence offer_sequence extra_tags ended hosts",
}

TIMERS_OF_PLANS = {
    TimerKind.PAUSE_ENDS,
    TimerKind.RETRY_UNREACHABLE_ENDS,
    TimerKind.SHIFT_CHANGES,
    TimerKind.OVERRIDE_ENDS,
}
TIMERS_OF_CALLS_AND_OFFERS = {
    TimerKind.WRAP_UP_ENDS,
    TimerKind.CANCEL_GRACE_ENDS,
    TimerKind.RING_ENDS,
    TimerKind.CONNECT_LEASE_ENDS,
    TimerKind.TRIED_SET_EMPTIED,
    TimerKind.DECLINE_ENDS,
    TimerKind.STEP_BEGINS,
    TimerKind.DELAY_ENDS,
    TimerKind.RING_WIDENS,
    TimerKind.PREFERRED_TURN_ENDS,
    TimerKind.MAX_WAIT_ENDS,
    TimerKind.ANNOUNCEMENT_DUE,
    TimerKind.DEMAND_COUNTED,
}


@pytest.mark.parametrize("record", NUMBERED, ids=lambda record: record.__name__)
def test_every_field_is_known_to_have_numbers_of_the_plan_or_none(
    record: type[msgspec.Struct],
) -> None:
    """A new field whose numbers stay as they were means somebody else after a reload.

    Whoever adds one says here which it is; if it has numbers, ``renumbering`` and
    ``reload`` change them, in both languages.
    """
    numbered, plain = set(NUMBERED[record].split()), set(PLAIN[record].split())
    assert not numbered & plain
    assert numbered | plain == set(record.__struct_fields__)


def test_the_subject_of_every_timer_is_known() -> None:
    """A timer of the wrong agent would end the pause of somebody else."""
    assert not TIMERS_OF_PLANS & TIMERS_OF_CALLS_AND_OFFERS
    assert set(TimerKind) == TIMERS_OF_PLANS | TIMERS_OF_CALLS_AND_OFFERS
