//! Snapshots: a site's logical state as bytes, and back.
//!
//! Equal states give equal bytes; indexes are rebuilt. What is read is checked as a whole
//! before it is believed, so that no damage can break a rule of the engine later.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::error::Error;
use crate::ids::{AgentNumber, CallNumber, OfferNumber, QueueNumber, TagNumber};
use crate::kept::Kept;
use crate::limits::{
    DEMAND_MAX, HANDLED_REMEMBERED, LEVEL_MAX, OCCUPIED_UNITS_MAX, OFFSET_MS_MAX, OPEN_CASES_MAX,
    PREFER_FOR_MS_MAX, PRIORITY_MAX, TAGS_PER_AGENT_MAX, TIME_MS_MAX,
};
use crate::plan::{Agent, Need};
use crate::site::Site;
use crate::state::{
    AgentState, Call, CallPhase, Demand, HostState, Needs, Offer, OfferPhase, Override,
    OverrideKind, Presence, SNAPSHOT_VERSION, Snapshot, TagsOverlay, Tally,
};
use crate::timer::{Timer, TimerKind};
use crate::wire::{Decode, Encode, Reader, Writer};

/// Write all logical state.
pub(crate) fn write(site: &Site) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(Snapshot::FIELDS);
    SNAPSHOT_VERSION.encode(&mut writer);
    site.clock_ms.encode(&mut writer);
    site.wall_offset_ms.encode(&mut writer);
    site.event_sequence.encode(&mut writer);
    site.timer_ordinal.encode(&mut writer);
    site.timers.sequence.encode(&mut writer);
    site.call_sequence.encode(&mut writer);
    site.offer_sequence.encode(&mut writer);
    site.tags.extra().encode(&mut writer);
    site.schedules_open.encode(&mut writer);
    site.agents.encode(&mut writer);
    writer.array(site.offers.len());
    site.offers.values().for_each(|offer| offer.encode(&mut writer));
    writer.array(site.calls.len());
    site.calls.values().for_each(|call| call.encode(&mut writer));
    site.call_ids.ended().encode(&mut writer);
    site.timers.listed().encode(&mut writer);
    site.overlay.encode(&mut writer);
    writer.array(site.hosts.len());
    site.hosts.values().for_each(|host| host.encode(&mut writer));
    site.demand.encode(&mut writer);
    site.kept.encode(&mut writer);
    writer.array(site.handled.len());
    site.handled.iter().for_each(|(line, lengths_ms)| (*line, lengths_ms).encode(&mut writer));
    writer.into_bytes()
}

/// Give a new site the state of a snapshot of the same plan.
pub(crate) fn load(site: &mut Site, bytes: &[u8]) -> Result<(), Error> {
    let mut reader = Reader::new(bytes);
    let mut snapshot = Snapshot::decode(&mut reader).map_err(|_| Error::SnapshotMalformed)?;
    let is_whole = reader.is_at_end() && snapshot.version == SNAPSHOT_VERSION;
    if !is_whole {
        return Err(Error::SnapshotMalformed);
    }
    let kept = std::mem::take(&mut snapshot.kept);
    if !kept.is_sound(&site.own_plan, &snapshot.extra_tags) {
        return Err(Error::SnapshotMalformed);
    }
    if kept == Kept::default() {
        for name in &snapshot.extra_tags {
            site.tags.add(name);
        }
    } else {
        *site = Site::keeping(Arc::clone(&site.own_plan), kept, &snapshot.extra_tags);
    }
    let timers = snapshot.timers.clone();
    if !are_hosts(&snapshot.hosts) {
        return Err(Error::SnapshotMalformed);
    }
    if !snapshot.handled.is_sorted_by(|before, after| before.0 < after.0) {
        return Err(Error::SnapshotMalformed);
    }
    take_over(site, snapshot);
    let is_counting = timers.iter().any(|timer| timer.kind == TimerKind::DemandCounted);
    if !is_sound(site)
        || is_counting == site.demand.asked.is_empty()
        || !timers.iter().all(|timer| fits(site, timer))
    {
        return Err(Error::SnapshotMalformed);
    }
    if !timers.into_iter().all(|timer| site.timers.put(timer)) {
        return Err(Error::SnapshotMalformed);
    }
    rebuild(site);
    Ok(())
}

/// Give a new site a state in its numbers.
pub(crate) fn take_over(site: &mut Site, snapshot: Snapshot) {
    site.clock_ms = snapshot.clock_ms;
    site.wall_offset_ms = snapshot.wall_offset_ms;
    site.event_sequence = snapshot.event_sequence;
    site.timer_ordinal = snapshot.timer_ordinal;
    site.timers.sequence = snapshot.timer_sequence;
    site.call_sequence = snapshot.call_sequence;
    site.offer_sequence = snapshot.offer_sequence;
    site.schedules_open = snapshot.schedules_open;
    site.agents = snapshot.agents;
    site.offers = snapshot.offers.into_iter().map(|offer| (offer.id, offer)).collect();
    site.calls = snapshot.calls.into_iter().map(|call| (call.sequence, call)).collect();
    for id in &snapshot.ended {
        site.call_ids.end(id);
    }
    site.overlay = snapshot.overlay;
    site.hosts = snapshot.hosts.into_iter().map(|host| (Arc::clone(&host.name), host)).collect();
    site.note_hosts();
    site.demand = snapshot.demand;
    site.handled = snapshot.handled.into_iter().collect();
}

fn are_hosts(hosts: &[HostState]) -> bool {
    hosts.is_sorted_by(|before, after| before.name < after.name)
        && hosts.iter().all(|host| host.told.is_sorted_by(|before, after| before < after))
}

/// Make the indexes, and look at everything at the next settling.
pub(crate) fn rebuild(site: &mut Site) {
    site.lay_over();
    let mut calls = std::mem::take(&mut site.calls);
    let numbers: Vec<_> = calls.numbers().collect();
    for call in numbers {
        let call = calls.get_mut(&call).expect("it is there");
        site.call_ids.begin(Arc::clone(&call.id), call.sequence);
        if call.number.is_some() {
            site.admit(call);
        }
        if call.phase.is_in_line() {
            site.crowd.enter(call, &site.plan);
        }
        if site.wants_offer(call) {
            site.line.enter(call, &site.staff);
        }
    }
    site.calls = calls;
    for offer in site.offers.values() {
        if offer.phase == OfferPhase::Withdrawn {
            site.withdrawn.insert((offer.call, offer.agent));
        }
    }
    site.staff.set_costs(&site.demand.costs);
    site.change_all();
}

/// Tell whether every number points to something, and what must agree does.
fn is_sound(site: &Site) -> bool {
    let plan = &site.plan;
    let ids: BTreeSet<_> = site.calls.values().map(|call| &call.id).collect();
    site.agents.len() == plan.agents.len()
        && site.schedules_open.len() == plan.schedules.len()
        && are_counters(site)
        && are_units(site)
        && site.agents.iter().zip(&plan.agents).all(is_agent)
        && site.agents.iter().all(|agent| is_counted(site, agent))
        && is_demand(site)
        && are_handled(site)
        && site.offers.values().all(|offer| is_offer(site, offer))
        && ids.len() == site.calls.len()
        && site.calls.values().all(|call| is_call(site, call))
        && is_overlay(site)
}

/// Tell whether clocks and counters are of a size to go on from.
fn are_counters(site: &Site) -> bool {
    let counters = [
        site.event_sequence,
        site.timer_ordinal,
        site.timers.sequence,
        site.call_sequence,
        site.offer_sequence,
    ];
    let offset_ms = -OFFSET_MS_MAX..=OFFSET_MS_MAX;
    let logins = site.agents.iter().map(|agent| agent.login_ms);
    let handled = site.agents.iter().filter_map(|agent| agent.handled_ms);
    counters.into_iter().all(|counter| counter <= TIME_MS_MAX.unsigned_abs())
        && (site.clock_ms.is_some() || site.calls.is_empty())
        && site.clock_ms.is_none_or(|clock_ms| (0..=TIME_MS_MAX).contains(&clock_ms))
        && offset_ms.contains(&site.wall_offset_ms)
        && logins.chain(handled).all(is_instant)
}

fn is_agent((agent, plan): (&AgentState, &Agent)) -> bool {
    (0..=OCCUPIED_UNITS_MAX).contains(&agent.occupied)
        && (0..=OPEN_CASES_MAX).contains(&agent.open_cases)
        && agent.missed <= TIME_MS_MAX.unsigned_abs()
        && agent.lost & !plan.every_device() == 0
}

/// Tell whether what was counted of an agent are numbers to reckon with.
fn is_counted(site: &Site, agent: &AgentState) -> bool {
    let Tally { counted_ms, calls, talk_ms, wrap_up_ms, logged_in_ms } = agent.tally;
    let counts = [calls, talk_ms, wrap_up_ms, logged_in_ms];
    let is_last = |(queue, offer): &(QueueNumber, OfferNumber)| {
        queue.index() < site.plan.queues.len() && (1..=site.offer_sequence).contains(&offer.0)
    };
    (0..=site.clock_ms.unwrap_or(0)).contains(&counted_ms)
        && counts.into_iter().all(|count| (0..=TIME_MS_MAX).contains(&count))
        && agent.last_offers.is_sorted_by(|before, after| before.0 < after.0)
        && agent.last_offers.iter().all(is_last)
}

/// Tell whether what was asked for are tags, in numbers to reckon with.
fn is_demand(site: &Site) -> bool {
    let Demand { asked, costs } = &site.demand;
    let is_known = |tag: TagNumber| tag.index() < site.tags.count();
    let is_asked = |(at_ms, tag, calls): &(i64, TagNumber, i64)| {
        (0..=TIME_MS_MAX).contains(at_ms) && is_known(*tag) && (1..=DEMAND_MAX).contains(calls)
    };
    asked.is_sorted_by(|before, after| (before.0, before.1) < (after.0, after.1))
        && asked.iter().all(is_asked)
        && costs.is_sorted_by(|before, after| before.0 < after.0)
        && costs.iter().all(|(tag, cost)| is_known(*tag) && (0..=TIME_MS_MAX).contains(cost))
}

/// Tell whether the lengths of handled calls are some of each queue, and no more than are
/// remembered.
fn are_handled(site: &Site) -> bool {
    let is_length = |length_ms: &i64| (0..=TIME_MS_MAX).contains(length_ms);
    site.handled.iter().all(|(queue, lengths_ms)| {
        queue.index() < site.plan.queues.len()
            && (1..=HANDLED_REMEMBERED).contains(&lengths_ms.len())
            && lengths_ms.iter().all(is_length)
    })
}

/// Tell whether the offers are those that the agents hold, once each.
fn are_units(site: &Site) -> bool {
    let held = site.agents.iter().flat_map(|agent| &agent.offers);
    let mut held: Vec<_> = held.copied().collect();
    held.sort();
    site.agents.iter().all(|agent| agent.offers.is_sorted())
        && held.into_iter().eq(site.offers.numbers())
}

fn is_offer(site: &Site, offer: &Offer) -> bool {
    let agent = site.agents.get(offer.agent.index());
    let is_of = |call: &Call| call.offers.contains(&offer.id);
    let call = match offer.phase {
        OfferPhase::Ringing | OfferPhase::Connecting | OfferPhase::Connected => {
            site.calls.get(&offer.call).is_some_and(is_of)
        }
        OfferPhase::WrapUp | OfferPhase::Withdrawn => true,
        OfferPhase::Over => false,
    };
    let joined_ms = match offer.phase {
        OfferPhase::Connected | OfferPhase::WrapUp => offer
            .connected_ms
            .is_some_and(|joined_ms| (0..=site.clock_ms.unwrap_or(0)).contains(&joined_ms)),
        OfferPhase::Ringing | OfferPhase::Connecting | OfferPhase::Withdrawn | OfferPhase::Over => {
            offer.connected_ms.is_none()
        }
    };
    (1..=site.offer_sequence).contains(&offer.id.0)
        && offer.queue.index() < site.plan.queues.len()
        && agent.is_some_and(|agent| agent.offers.contains(&offer.id))
        && offer.devices & !site.plan.agents[offer.agent.index()].every_device() == 0
        && offer.answered & !offer.devices == 0
        && joined_ms
        && call
}

/// Tell whether a call has offers, all of them its own and in one phase.
fn are_offers(site: &Site, call: &Call, phase: OfferPhase) -> bool {
    let is_one = |id| {
        let offer = site.offers.get(id);
        offer.is_some_and(|offer| offer.phase == phase && offer.call == call.sequence)
    };
    !call.offers.is_empty()
        && call.offers.is_sorted_by(|before, after| before < after)
        && call.offers.iter().all(is_one)
}

fn is_call(site: &Site, call: &Call) -> bool {
    let plan = &site.plan;
    let is_agent = |agent: &AgentNumber| agent.index() < plan.agents.len();
    let has_one = |phase| call.offers.len() == 1 && are_offers(site, call, phase);
    let place = match call.phase {
        CallPhase::Waiting => call.offers.is_empty(),
        CallPhase::Ringing => are_offers(site, call, OfferPhase::Ringing),
        CallPhase::Connecting => has_one(OfferPhase::Connecting),
        CallPhase::Connected => has_one(OfferPhase::Connected),
        CallPhase::Voicemail => {
            let has_box = call.r#box.is_some_and(|place| place.index() < plan.boxes.len());
            has_box && call.offers.is_empty()
        }
        CallPhase::Forwarding | CallPhase::Forwarded => call.offers.is_empty(),
    };
    let stopped_ms = call.stopped_since_ms.unwrap_or(0);
    let times = [call.arrived_ms, call.line_since_ms, call.queue_since_ms, stopped_ms];
    (1..=site.call_sequence).contains(&call.sequence.0)
        && times.into_iter().all(is_instant)
        && (-PRIORITY_MAX..=PRIORITY_MAX).contains(&call.priority)
        && is_reached(site, call)
        && (0..=TIME_MS_MAX).contains(&call.stopped_ms)
        && (call.offers.len() as u64..=TIME_MS_MAX.unsigned_abs()).contains(&call.offers_made)
        && (0..=site.clock_ms.unwrap_or(0)).contains(&call.round_since_ms.unwrap_or(0))
        && are_needs(site, &call.needs)
        && call.own_needs.iter().chain(&call.set_needs).all(|need| is_need(site, need))
        && (-PRIORITY_MAX..=PRIORITY_MAX).contains(&call.own_priority)
        && call.set_priority.is_none_or(|set| (-PRIORITY_MAX..=PRIORITY_MAX).contains(&set))
        && call.tried.iter().chain(&call.declined).all(is_agent)
        && call.tried.is_sorted()
        && call.declined.is_sorted()
        && are_wishes(site, call)
        && (1..=TIME_MS_MAX).contains(&call.announced_position.unwrap_or(1))
        && (0..=TIME_MS_MAX).contains(&call.announced_wait_ms.unwrap_or(0))
        && are_declines(call)
        && place
}

/// Tell whether the declines that end are declines, each once and in order.
fn are_declines(call: &Call) -> bool {
    let mut agents: Vec<_> = call.declines.iter().map(|(_, agent)| *agent).collect();
    agents.sort_unstable();
    agents.is_sorted_by(|before, after| before < after)
        && agents.iter().all(|agent| call.declined.contains(agent))
        && call.declines.is_sorted()
        && call.declines.iter().all(|(ends_ms, _)| is_instant(*ends_ms))
}

/// Tell whether a call has come by a number and to a queue; without, it is in none.
fn is_reached(site: &Site, call: &Call) -> bool {
    let plan = &site.plan;
    let Some(number) = call.number else {
        let is_outside = !call.phase.is_in_line() && call.phase != CallPhase::Connected;
        return is_outside && call.queue.0 == 0 && call.step == 0 && call.visits.is_empty();
    };
    let are_visits = call
        .visits
        .iter()
        .all(|visit| visit.queue.index() < plan.queues.len() && plan.is_end(&visit.end));
    number.index() < plan.numbers.len()
        && plan.queues.get(call.queue.index()).is_some_and(|queue| call.step <= queue.last_step())
        && are_visits
}

/// Tell whether those whom a call prefers and excludes are agents.
fn are_wishes(site: &Site, call: &Call) -> bool {
    let agents = call.preferred.iter().map(|(agent, _)| *agent).chain(call.excluded.clone());
    let distinct: BTreeSet<_> = call.preferred.iter().map(|(agent, _)| agent).collect();
    let mut lengths_ms = call.preferred.iter().map(|(_, for_ms)| *for_ms);
    agents.into_iter().all(|agent| agent.index() < site.agents.len())
        && distinct.len() == call.preferred.len()
        && lengths_ms.all(|for_ms| (0..=PREFER_FOR_MS_MAX).contains(&for_ms))
        && call.turn as usize <= call.preferred.len()
        && call.excluded.is_sorted_by(|before, after| before < after)
}

fn are_needs(site: &Site, needs: &Needs) -> bool {
    let parts = [&needs.required, &needs.any_of, &needs.forbidden, &needs.preferred];
    let are_levels = needs.required.iter().all(|need| (1..=LEVEL_MAX).contains(&need.value));
    are_levels
        && parts.into_iter().flatten().all(|need| {
            let are_known = need.tags.iter().all(|tag| tag.index() < site.tags.count());
            !need.tags.is_empty() && are_known && (0..=TIME_MS_MAX).contains(&need.value)
        })
}

fn is_overlay(site: &Site) -> bool {
    let (tags, members) = (&site.overlay.tags, &site.overlay.members);
    let is_agent = |agent: AgentNumber| agent.index() < site.plan.agents.len();
    let are_held = |held: &TagsOverlay| {
        let is_known = |(tag, level): &(TagNumber, i64)| {
            tag.index() < site.tags.count() && (1..=LEVEL_MAX).contains(level)
        };
        held.tags.len() <= TAGS_PER_AGENT_MAX
            && held.tags.is_sorted_by(|before, after| before.0 < after.0)
            && held.tags.iter().all(is_known)
    };
    are_overrides(site)
        && tags.is_sorted_by(|before, after| before.agent < after.agent)
        && tags.iter().all(|held| is_agent(held.agent) && are_held(held))
        && members
            .is_sorted_by(|before, after| (before.queue, before.agent) < (after.queue, after.agent))
        && members
            .iter()
            .all(|one| is_agent(one.agent) && one.queue.index() < site.plan.queues.len())
}

fn are_overrides(site: &Site) -> bool {
    let plan = &site.plan;
    let is_there = |one: &Override| {
        let subject = one.subject as usize;
        match one.kind {
            OverrideKind::Schedule => subject < plan.schedules.len(),
            OverrideKind::Queue => subject < plan.queues.len(),
            OverrideKind::Number => subject < plan.numbers.len(),
        }
    };
    let is_time = |until_ms| (0..=TIME_MS_MAX).contains(&until_ms);
    let overrides = &site.overlay.overrides;
    overrides.is_sorted_by(|before, after| before.key() < after.key())
        && overrides.iter().all(|one| is_there(one) && one.until_ms.is_none_or(is_time))
}

fn is_need(site: &Site, need: &Need) -> bool {
    let are_known = need.tags.iter().all(|tag| tag.index() < site.tags.count());
    are_known && !need.tags.is_empty() && need.kind.values().contains(&need.value)
}

/// Tell whether an instant is one to reckon with; a shift may have begun before 1970.
fn is_instant(at_ms: i64) -> bool {
    at_ms.saturating_abs() <= 2 * TIME_MS_MAX
}

/// Tell whether a timer is still to fire, and its subject exists.
fn fits(site: &Site, timer: &Timer) -> bool {
    let is_to_come = site.clock_ms.is_some_and(|clock_ms| clock_ms < timer.deadline_ms);
    is_to_come
        && is_instant(timer.deadline_ms)
        && timer.sequence <= site.timers.sequence
        && has_subject(site, timer)
}

fn has_subject(site: &Site, timer: &Timer) -> bool {
    let is_below = |count: usize| usize::try_from(timer.subject).is_ok_and(|n| n < count);
    match timer.kind {
        TimerKind::WrapUpEnds => is_in_phase(site, timer, OfferPhase::WrapUp),
        TimerKind::CancelGraceEnds => is_in_phase(site, timer, OfferPhase::Withdrawn),
        TimerKind::RingEnds => is_in_phase(site, timer, OfferPhase::Ringing),
        TimerKind::ConnectLeaseEnds => is_in_phase(site, timer, OfferPhase::Connecting),
        TimerKind::RetryUnreachableEnds => is_below(site.agents.len()),
        TimerKind::PauseEnds => {
            let agent = usize::try_from(timer.subject).ok().and_then(|n| site.agents.get(n));
            agent.is_some_and(|agent| agent.presence == Presence::Paused)
        }
        TimerKind::OverrideEnds => site.is_overridden(timer.subject),
        TimerKind::ShiftChanges => is_below(site.schedules_open.len()),
        TimerKind::DemandCounted => timer.subject == 0,
        TimerKind::TriedSetEmptied
        | TimerKind::DeclineEnds
        | TimerKind::MaxWaitEnds
        | TimerKind::AnnouncementDue
        | TimerKind::DelayEnds
        | TimerKind::RingWidens
        | TimerKind::PreferredTurnEnds => call_in_line(site, timer).is_some(),
        TimerKind::StepBegins => {
            let call = call_in_line(site, timer);
            call.is_some_and(|call| call.step < site.queue_of(call).last_step())
        }
    }
}

fn call_in_line<'a>(site: &'a Site, timer: &Timer) -> Option<&'a Call> {
    site.calls.get(&CallNumber(timer.subject)).filter(|call| call.phase.is_in_line())
}

fn is_in_phase(site: &Site, timer: &Timer, phase: OfferPhase) -> bool {
    site.offer_phase(OfferNumber(timer.subject)) == phase
}
