//! Supposing: what a hypothetical decision takes for granted, put into a copy of the site.
//!
//! What a question supposes of an agent's tags and schedule is written into the plan of the
//! copy, the rest into its state; then the copy is decided like any site.

use std::sync::Arc;

use crate::border::{IdOf, Ranged, agent_named, call_named, check_arrival, check_id, check_range};
use crate::decision::{AgentAssumption, AssumedState, ExplainQuery};
use crate::error::Error;
use crate::ids::{AgentNumber, CallNumber, OfferNumber, QueueNumber};
use crate::kept::Kept;
use crate::mutants::broken;
use crate::needs::{Tags, canonical};
use crate::plan::Agent;
use crate::site::Site;
use crate::snapshot;
use crate::state::{CallPhase, Offer, OfferPhase, Presence};
use crate::timer::TimerKind;

/// Tell whether a question is about anything that is not so.
pub(crate) fn supposes(query: &ExplainQuery) -> bool {
    query.arrival.is_some()
        || !query.assume.is_empty()
        || query.assume_rested
        || query.waited_ms != 0
}

/// Refuse a question that cannot be asked; nothing has been changed for it yet.
pub(crate) fn check(site: &Site, query: &ExplainQuery) -> Result<(), Error> {
    let name = "ExplainQuery";
    for assumption in &query.assume {
        agent_named(site, name, &assumption.agent)?;
        for held in &assumption.tags {
            check_id(name, IdOf::Tag, &held.tag)?;
            check_range(name, Ranged::AssumedLevel, held.level)?;
        }
    }
    for agent in query.only.iter().flatten() {
        agent_named(site, name, agent)?;
    }
    check_range(name, Ranged::Time, query.waited_ms)?;
    match &query.arrival {
        Some(arrival) => check_arrival(site, &arrival.0),
        None => call_named(site, name, &query.call).map(|_| ()),
    }
}

/// Let the plan say of agents what is supposed of their tags and shifts.
pub(crate) fn change_agents(site: &mut Site, assume: &[AgentAssumption]) {
    if !assume.iter().any(|assumption| !assumption.tags.is_empty() || assumption.on_shift) {
        return;
    }
    let mut plan = (*site.plan).clone();
    let mut tags = site.tags.clone();
    for assumption in assume {
        let agent = named(site, &assumption.agent);
        change_agent(&mut plan.agents[agent.index()], assumption, &mut tags);
    }
    // What only events have mentioned keeps its number.
    plan.tags = tags.names().to_vec();
    // What was changed of agents while running stands in that plan already.
    site.overlay.tags.clear();
    site.overlay.members.clear();
    site.kept = Arc::new(Kept::parted(&mut plan, &site.own_plan));
    let state = snapshot::write(site);
    *site = Site::new(Arc::new(plan));
    snapshot::load(site, &state).expect("tags and shifts make no state unsound");
}

fn change_agent(agent: &mut Agent, assumption: &AgentAssumption, tags: &mut Tags) {
    if assumption.on_shift {
        agent.schedule = None;
    }
    for held in &assumption.tags {
        let tag = tags.add(&canonical(&held.tag));
        agent.tags.retain(|(other, _)| *other != tag);
        if held.level > 0 {
            agent.tags.push((tag, held.level));
        }
    }
    agent.tags.sort_unstable();
}

/// Make every agent logged in, free, and idle since the same instant.
pub(crate) fn rest_everybody(site: &mut Site) {
    let now_ms = site.now_ms();
    for agent in site.agent_numbers() {
        site.count(agent);
        free(site, agent);
        site.timers.cancel(TimerKind::PauseEnds, u64::from(agent.0));
        let state = site.agent_mut(agent);
        state.presence = Presence::Available;
        state.pause_reason.clear();
        state.login_ms = now_ms;
        state.handled_ms = None;
    }
}

/// Let a call that rings wait, as if the offer had not been made; tell whether it rang.
pub(crate) fn take_back(site: &mut Site, number: CallNumber) -> bool {
    let call = site.call_mut(number);
    if call.phase != CallPhase::Ringing {
        return false;
    }
    call.phase = CallPhase::Waiting;
    call.offers_made -= call.offers.len() as u64;
    for id in std::mem::take(&mut call.offers) {
        if let Some(offer) = site.offers.remove(&id) {
            site.agent_mut(offer.agent).offers.retain(|other| *other != id);
        }
        site.timers.cancel(TimerKind::RingEnds, id.0);
    }
    site.no_offer_is_out(number);
    if site.calls.contains_key(&number) {
        site.enter_or_leave(number);
    }
    true
}

/// Put an agent into a state.
pub(crate) fn assume(site: &mut Site, assumption: &AgentAssumption) {
    let (agent, now_ms) = (named(site, &assumption.agent), site.now_ms());
    site.count(agent);
    let state = site.agent_mut(agent);
    if let Some(idle_ms) = assumption.idle_ms {
        state.handled_ms = Some(now_ms.saturating_sub(idle_ms));
    }
    let (presence, reason) = match assumption.state {
        AssumedState::Available | AssumedState::Busy | AssumedState::WrapUp => {
            (Presence::Available, "")
        }
        AssumedState::LoggedOut => (Presence::LoggedOut, ""),
        AssumedState::Paused => (Presence::Paused, assumption.reason.as_str()),
        AssumedState::Unchanged => return,
    };
    if state.presence == Presence::LoggedOut {
        state.login_ms = now_ms;
    }
    state.presence = presence;
    reason.clone_into(&mut state.pause_reason);
    site.timers.cancel(TimerKind::PauseEnds, u64::from(agent.0));
    match assumption.state {
        AssumedState::Available => broken!(94, free(site, agent), ()),
        AssumedState::Busy => take_all_units(site, agent, OfferPhase::Connected),
        AssumedState::WrapUp => take_all_units(site, agent, OfferPhase::WrapUp),
        AssumedState::LoggedOut | AssumedState::Paused | AssumedState::Unchanged => {}
    }
}

/// Let a call hold nothing against an agent.
pub(crate) fn clear(site: &mut Site, number: CallNumber, agent: &str) {
    let agent = named(site, agent);
    let call = site.call_mut(number);
    call.tried.retain(|other| *other != agent);
    call.declined.retain(|other| *other != agent);
    call.declines.retain(|(_, other)| *other != agent);
    call.excluded.retain(|other| *other != agent);
    if site.withdrawn.remove(&(number, agent)) {
        let is_meant = |offer: &Offer| {
            offer.call == number && offer.agent == agent && offer.phase == OfferPhase::Withdrawn
        };
        let offers = site.agents[agent.index()].offers.clone();
        for id in offers.into_iter().filter(|id| is_meant(site.offer(*id))).collect::<Vec<_>>() {
            site.offers.remove(&id);
            site.agent_mut(agent).offers.retain(|other| *other != id);
        }
    }
}

/// Let a waiting call have waited for so much longer.
pub(crate) fn wait_longer(site: &mut Site, number: CallNumber, waited_ms: i64) {
    if waited_ms == 0 || site.call(number).phase != CallPhase::Waiting {
        return;
    }
    site.restage(number, |call| {
        call.line_since_ms -= waited_ms;
        call.queue_since_ms -= waited_ms;
    });
    while site.is_next_step_due(number) {
        site.step_begins(number);
    }
    site.await_step(number);
    end_turns(site, number, waited_ms);
}

/// End the turns of preferred agents for which a call would have waited by then.
fn end_turns(site: &mut Site, number: CallNumber, waited_ms: i64) {
    let mut left_ms = waited_ms;
    loop {
        site.end_turns_of(number);
        let ends_ms = site.timers.deadline_ms(TimerKind::PreferredTurnEnds, number.0);
        let Some(needed_ms) = ends_ms.map(|ends_ms| ends_ms - site.now_ms()) else {
            return;
        };
        if needed_ms > left_ms {
            return;
        }
        left_ms -= needed_ms;
        site.next_turn(number);
    }
}

/// Return the number of an agent who was found before.
fn named(site: &Site, agent: &str) -> AgentNumber {
    let found = site.directory.agents.get(agent).copied();
    found.expect("the agents of a question were checked")
}

/// Take everything off an agent's hands: the calls are taken to be with others.
fn free(site: &mut Site, agent: AgentNumber) {
    site.timers.cancel(TimerKind::RetryUnreachableEnds, u64::from(agent.0));
    let state = site.agent_mut(agent);
    state.occupied = 0;
    state.lost = 0;
    for id in std::mem::take(&mut state.offers) {
        let offer = site.offers.remove(&id).expect("an offer is kept while it takes a unit");
        site.withdrawn.remove(&(offer.call, agent));
        let call = site.calls.get_mut(&offer.call).filter(|call| call.offers.contains(&id));
        if let Some(call) = call {
            call.offers.retain(|other| *other != id);
            // It rings whom it rings, and nobody else.
            call.max_wait_passed = true;
            if call.offers.is_empty() {
                if call.phase.is_in_line() {
                    site.crowd.leave(call, &site.plan);
                }
                call.phase = CallPhase::Connected;
            }
            site.enter_or_leave(offer.call);
        }
    }
}

/// Take the agent's units by offers of no call.
fn take_all_units(site: &mut Site, agent: AgentNumber, phase: OfferPhase) {
    for _ in 0..site.units_left(agent) {
        site.offer_sequence += 1;
        let id = OfferNumber(site.offer_sequence);
        let offer = Offer {
            id,
            call: CallNumber(0),
            agent,
            queue: QueueNumber(0),
            phase,
            alone: true,
            assigned: false,
            devices: 0,
            answered: 0,
            outside: false,
            connected_ms: site.clock_ms,
        };
        site.offers.insert(id, offer);
        site.agent_mut(agent).offers.push(id);
    }
}
