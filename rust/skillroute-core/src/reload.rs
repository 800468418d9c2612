//! Reload: the site goes on under another plan (rules 15.1, 17.11).
//!
//! No call is lost: each keeps the rules of the queue that it is in. Everything else of the
//! plan holds at once, for the next choice. An agent who is not in the plan any more gets
//! no new call, and ends what they have; what was changed while running is kept until the
//! plan changes that very value.
//!
//! The indexes are not patched but made anew, as for a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::agent::AgentEvent;
use crate::devices::{bit, holds};
use crate::ids::{AgentNumber, CallNumber, DialledNumber, QueueNumber, ScheduleNumber};
use crate::kept::Kept;
use crate::mutants::broken;
use crate::plan::{Agent, Login, Plan, Queue};
use crate::renumbering::{Numbering, moved_call};
use crate::site::Site;
use crate::snapshot::{rebuild, take_over};
use crate::state::{
    AgentState, Call, MemberOverlay, Offer, Overlay, Override, OverrideKind, Presence,
    SNAPSHOT_VERSION, Snapshot, TagsOverlay,
};
use crate::timer::{Timer, TimerKind};

/// Let another plan hold from now.
pub(crate) fn reload(site: &mut Site, plan: Arc<Plan>) {
    let before = Arc::clone(&site.own_plan);
    (0..site.agents.len()).map(AgentNumber::of).for_each(|agent| site.count(agent));
    let on_shift: Vec<_> = site.agent_numbers().map(|agent| site.is_on_shift(agent)).collect();
    let_go(site, &plan);
    let numbering = Numbering::new(site, Arc::clone(&plan));
    let in_line = site.calls.values().filter(|call| call.phase.is_in_line());
    let is_let_down =
        |call: &Call| call.holder().is_some_and(|agent| numbering.agent_in_plan(agent).is_none());
    let in_line: Vec<_> = in_line.map(|call| (call.sequence, is_let_down(call))).collect();
    *site = moved(site, &numbering);
    for (number, is_let_down) in in_line {
        look_again(site, number);
        if is_let_down {
            site.await_turn_end(number);
        }
    }
    for number in site.schedules() {
        site.schedules_open[number.index()] = site.is_open_now(number);
        site.watch_schedule(number);
    }
    let known = before.agents.iter().zip(on_shift).map(|(agent, was)| (&agent.id, (agent, was)));
    let known: BTreeMap<_, _> = known.collect();
    for (agent, plan) in site.agent_numbers().zip(&plan.agents) {
        match plan.login {
            Login::Auto => log_in(site, agent, known.get(&plan.id).copied()),
            Login::Manual => {}
        }
    }
    // Agents may be reached through another host now.
    site.free_stranded().expect("the leg of a withdrawn offer may go at any time");
}

/// Withdraw what rings at agents and devices that the next plan does not have.
fn let_go(site: &mut Site, plan: &Plan) {
    let next = plan.agents.iter().map(|agent| (&agent.id, agent));
    let next: BTreeMap<_, _> = next.collect();
    let own_plan = Arc::clone(&site.own_plan);
    for (number, agent) in site.agent_numbers().zip(&own_plan.agents) {
        let Some(after) = next.get(&agent.id) else {
            if broken!(104, true, false) {
                site.withdraw_offers(number, "removed");
            }
            let logged_out = site.agent_event(number, AgentEvent::LoggedOut, "");
            logged_out.expect("an agent may log out at any time");
            continue;
        };
        for (device, address) in agent.endpoints.iter().enumerate() {
            if !after.endpoints.contains(address) {
                site.endpoint_lost(number, device);
            }
        }
    }
}

/// Work out what a call in line asks now, and for whom it waits.
fn look_again(site: &mut Site, number: CallNumber) {
    let now_ms = site.now_ms();
    site.adjust(number, |call| {
        if broken!(133, false, true) {
            call.line_since_ms = now_ms;
        }
    });
    site.timers.cancel(TimerKind::DelayEnds, number.0);
    site.await_delay(number);
    site.await_decline_end(number);
}

/// Let an agent be there who comes without logging in, if the plan has brought it.
fn log_in(site: &mut Site, agent: AgentNumber, before: Option<(&Agent, bool)>) {
    let is_logged_out = site.agents[agent.index()].presence == Presence::LoggedOut;
    match before {
        Some((plan, was_on_shift)) if plan.login == Login::Auto || !is_logged_out => {
            if site.is_on_shift(agent) && !was_on_shift {
                let started = site.agent_event(agent, AgentEvent::ShiftStarted, "");
                started.expect("a shift may start in every presence");
            }
        }
        Some(_) | None => site.start_agent(agent),
    }
}

// The state in the next plan's numbers

/// Make the site of the next plan, in the same state.
fn moved(site: &mut Site, numbering: &Numbering) -> Site {
    let plan = Arc::clone(&numbering.plan);
    let mut moved = Site::keeping(Arc::clone(&plan), numbering.kept.clone(), &numbering.extra_tags);
    let mut agents = vec![AgentState::absent(); moved.agents.len()];
    for (number, state) in (0..).map(AgentNumber).zip(&site.agents) {
        if let Some(place) = numbering.agent(number) {
            let lost = devices(site, numbering, number, state.lost);
            let last = state.last_offers.iter();
            let last = last.filter_map(|(queue, id)| Some((numbering.queue_named(*queue)?, *id)));
            let mut last_offers: Vec<_> = last.collect();
            last_offers.sort_unstable();
            agents[place.index()] = AgentState { lost, last_offers, ..state.clone() };
        }
    }
    let handled = site
        .handled
        .iter()
        .filter_map(|(line, lengths_ms)| Some((numbering.queue_named(*line)?, lengths_ms.clone())));
    let snapshot = Snapshot {
        version: SNAPSHOT_VERSION,
        clock_ms: site.clock_ms,
        wall_offset_ms: site.wall_offset_ms,
        event_sequence: site.event_sequence,
        timer_ordinal: site.timer_ordinal,
        timer_sequence: site.timers.sequence,
        call_sequence: site.call_sequence,
        offer_sequence: site.offer_sequence,
        extra_tags: Vec::new(),
        schedules_open: vec![false; plan.schedules.len()],
        agents,
        offers: site.offers.values().map(|offer| moved_offer(site, numbering, offer)).collect(),
        calls: site.calls.values().map(|call| moved_call(numbering, call)).collect(),
        ended: site.call_ids.ended(),
        timers: Vec::new(),
        overlay: moved_overlay(site, numbering),
        hosts: site.hosts.values().cloned().collect(),
        demand: numbering.demand(&site.demand),
        kept: Kept::default(),
        handled: handled.collect(),
    };
    take_over(&mut moved, snapshot);
    for timer in site.timers.listed() {
        if let Some(timer) = moved_timer(site, numbering, timer) {
            assert!(moved.timers.put(timer), "different subjects have different numbers");
        }
    }
    rebuild(&mut moved);
    moved.take_over_orders(site);
    moved
}

fn moved_offer(site: &Site, numbering: &Numbering, offer: &Offer) -> Offer {
    let agent = numbering.agent(offer.agent);
    Offer {
        agent: agent.expect("who has an offer is not gone"),
        queue: numbering.version_of(offer.queue),
        devices: devices(site, numbering, offer.agent, offer.devices),
        answered: devices(site, numbering, offer.agent, offer.answered),
        ..*offer
    }
}

/// Return a set of an agent's devices: those that there are still.
fn devices(site: &Site, numbering: &Numbering, agent: AgentNumber, devices: u32) -> u32 {
    let after = &numbering.agent_plan(agent).endpoints;
    let before = site.base_plan.agents[agent.index()].endpoints.iter().enumerate();
    let places = before.filter(|(device, _)| holds(devices, *device)).filter_map(|(_, address)| {
        let place = after.iter().position(|other| other == address);
        place.map(bit)
    });
    places.fold(0, |set, bit| set | bit)
}

/// Return a timer; `None`: it is about nothing any more, or is set anew.
fn moved_timer(site: &Site, numbering: &Numbering, timer: Timer) -> Option<Timer> {
    let subject = match timer.kind {
        TimerKind::ShiftChanges => return None,
        TimerKind::PauseEnds | TimerKind::RetryUnreachableEnds => {
            u64::from(numbering.agent(timer.subject_agent())?.0)
        }
        TimerKind::OverrideEnds => {
            let mut overrides = site.overlay.overrides.iter();
            let one = overrides.find(|one| one.timer_subject() == timer.subject)?;
            moved_override(site, numbering, one)?.timer_subject()
        }
        TimerKind::WrapUpEnds
        | TimerKind::CancelGraceEnds
        | TimerKind::RingEnds
        | TimerKind::ConnectLeaseEnds
        | TimerKind::TriedSetEmptied
        | TimerKind::DeclineEnds
        | TimerKind::StepBegins
        | TimerKind::DelayEnds
        | TimerKind::RingWidens
        | TimerKind::PreferredTurnEnds
        | TimerKind::AnnouncementDue
        | TimerKind::DemandCounted
        | TimerKind::MaxWaitEnds => timer.subject,
    };
    Some(Timer { subject, ..timer })
}

// The overlay

/// Keep what was changed while running, where the plan says what it said before.
fn moved_overlay(site: &Site, numbering: &Numbering) -> Overlay {
    let (tags, members) = (site.overlay.tags.iter(), site.overlay.members.iter());
    let overrides = site.overlay.overrides.iter();
    let mut overlay = Overlay {
        tags: tags.filter_map(|held| moved_tags(site, numbering, held)).collect(),
        members: members.filter_map(|one| moved_member(site, numbering, one)).collect(),
        overrides: overrides.filter_map(|one| moved_override(site, numbering, one)).collect(),
    };
    overlay.tags.sort_by_key(|held| held.agent);
    overlay.members.sort_by_key(|one| (one.queue, one.agent));
    overlay.overrides.sort_by_key(Override::key);
    overlay
}

fn moved_tags(site: &Site, numbering: &Numbering, held: &TagsOverlay) -> Option<TagsOverlay> {
    let agent = numbering.agent_in_plan(held.agent)?;
    let before = &site.base_plan.agents[held.agent.index()];
    let after = &numbering.plan.agents[agent.index()];
    let is_same = numbering.pairs(&before.tags) == after.tags && before.wildcard == after.wildcard;
    broken!(105, is_same, true).then(|| TagsOverlay {
        agent,
        tags: numbering.pairs(&held.tags),
        wildcard: held.wildcard,
    })
}

fn moved_member(site: &Site, numbering: &Numbering, one: &MemberOverlay) -> Option<MemberOverlay> {
    let agent = numbering.agent_in_plan(one.agent)?;
    let queue = numbering.queue_named(one.queue)?;
    if let Some(after) = numbering.plan.queues.get(queue.index()) {
        let before = &site.base_plan.queues[one.queue.index()];
        if serves_from(before, one.agent) != serves_from(after, agent) {
            return None;
        }
    }
    Some(MemberOverlay { queue, agent, member: one.member })
}

/// Return what is overridden; `None`: it is gone, or the plan says something else of it.
///
/// Of a schedule that is its hours; of a queue, by which hours it goes; of a number, which
/// queue it leads to.
fn moved_override(site: &Site, numbering: &Numbering, one: &Override) -> Option<Override> {
    let (old, plan) = (&site.base_plan, &numbering.plan);
    let (place, is_same) = match one.kind {
        OverrideKind::Schedule => {
            let before = ScheduleNumber(one.subject);
            let after = numbering.schedule(before)?;
            (after.0, hours(old, Some(before)) == hours(plan, Some(after)))
        }
        OverrideKind::Queue => {
            let before = QueueNumber(one.subject);
            let after = numbering.queue_in_plan(before)?;
            let of = |plan: &'_ Plan, queue: QueueNumber| plan.queues[queue.index()].limits.hours;
            (after.0, hours(old, of(old, before)) == hours(plan, of(plan, after)))
        }
        OverrideKind::Number => {
            let before = DialledNumber(one.subject);
            let after = numbering.dialled(before)?;
            let after_plan = plan.numbers.get(after.index())?;
            let queues = (old.numbers[before.index()].queue, after_plan.queue);
            let names = (&old.queues[queues.0.index()].name, &plan.queues[queues.1.index()].name);
            (after.0, names.0 == names.1)
        }
    };
    is_same.then(|| Override { subject: place, ..one.clone() })
}

/// Return the zone and the weekly hours of a schedule.
fn hours(plan: &Plan, number: Option<ScheduleNumber>) -> Option<(&str, &[(i64, i64)])> {
    let schedule = &plan.schedules[number?.index()];
    Some((&plan.zones[schedule.zone as usize].name, &schedule.weekly_ms))
}

/// Return the step from which on a plan lets an agent serve a queue; `None`: never.
fn serves_from(queue: &Queue, agent: AgentNumber) -> Option<u32> {
    (0..=queue.last_step()).find(|step| queue.is_member_at(*step, agent))
}
