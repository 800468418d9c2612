//! Explaining: the same decision once more, on a copy, with everything written down.
//!
//! Nothing here decides anything: the tests, the order and the matching are those of
//! `eligibility.rs`, `order.rs` and `matching.rs`.

use std::sync::Arc;

use crate::border::{agent_named, call_named, check_arrival};
use crate::contract::{AnyOf, Forbidden, Need, Preferred, Required};
use crate::decision::{
    AgentAssumption, AgentVerdict, AssumedState, Decision, ExplainQuery, FlowStep, NeedSource, Next,
};
use crate::declines::decline_ends_ms;
use crate::eligibility::{Reason, UnitCode, reasons};
use crate::error::Error;
use crate::ids::{AgentNumber, CallNumber, OfferNumber, QueueNumber, TagNumber};
use crate::order::{key_names, keys};
use crate::plan::Login;
use crate::site::Site;
use crate::state::{Call, CallPhase, Offer, OfferPhase, Presence, Source, Sourced};
use crate::steps::Asked;
use crate::timer::TimerKind;

/// The timers that free a unit where time alone does: not one on a call.
const UNIT_TIMERS: [TimerKind; 3] =
    [TimerKind::WrapUpEnds, TimerKind::RingEnds, TimerKind::CancelGraceEnds];

/// Answer a query; the site is a copy.
pub(crate) fn explain(mut site: Site, query: ExplainQuery) -> Result<Decision, Error> {
    site.pass_time(query.now_ms);
    let Some(arrival) = query.arrival else {
        return Ok(match call_named(&site, "ExplainQuery", &query.call)? {
            None => not_asked(&site, Arc::from(query.call), Next::Ended, ""),
            Some(number) => {
                let call = site.call(number).clone();
                let agents = verdicts(&mut site, &call);
                decision(&site, &call, agents)
            }
        });
    };
    if query.assume_rested {
        rest_everybody(&mut site);
    }
    for assumption in &query.assume {
        let agent = agent_named(&site, "ExplainQuery", &assumption.agent)?;
        assume(&mut site, agent, assumption);
    }
    let event = *arrival.0;
    check_arrival(&site, &event)?;
    let (id, dialled) = (Arc::clone(&event.call), event.dialled.number.clone());
    match site.call_arrived(event) {
        None => Ok(not_asked(&site, id, Next::HangUp, &dialled)),
        Some(number) => Ok(decision_of_arrival(site, number)),
    }
}

/// Decide an arrival that was admitted but not yet matched, and say why.
fn decision_of_arrival(mut site: Site, number: CallNumber) -> Decision {
    let call = site.call(number).clone();
    let agents = verdicts(&mut site, &call);
    site.change_all();
    site.settle();
    // A call that a limit has sent to the last resort is known no more.
    let call = site.calls.get(&number).unwrap_or(&call);
    decision(&site, call, agents)
}

/// Make every agent logged in, free, and idle since the same instant.
fn rest_everybody(site: &mut Site) {
    let now_ms = site.now_ms();
    for agent in site.agent_numbers() {
        site.timers.cancel(TimerKind::RetryUnreachableEnds, u64::from(agent.0));
        let state = site.agent_mut(agent);
        state.presence = Presence::Available;
        state.pause_reason.clear();
        state.login_ms = now_ms;
        state.handled_ms = None;
        state.offers.clear();
        state.occupied = 0;
    }
    site.offers.clear();
    site.withdrawn.clear();
}

/// Put an agent into a state.
fn assume(site: &mut Site, agent: AgentNumber, assumption: &AgentAssumption) {
    let (presence, reason) = match assumption.state {
        AssumedState::Available | AssumedState::Busy | AssumedState::WrapUp => {
            (Presence::Available, "")
        }
        AssumedState::LoggedOut => (Presence::LoggedOut, ""),
        AssumedState::Paused => (Presence::Paused, assumption.reason.as_str()),
    };
    let now_ms = site.now_ms();
    let state = site.agent_mut(agent);
    state.presence = presence;
    reason.clone_into(&mut state.pause_reason);
    if let Some(idle_ms) = assumption.idle_ms {
        state.handled_ms = Some(now_ms.saturating_sub(idle_ms));
    }
    match assumption.state {
        AssumedState::Busy => take_all_units(site, agent, OfferPhase::Connected),
        AssumedState::WrapUp => take_all_units(site, agent, OfferPhase::WrapUp),
        AssumedState::Available | AssumedState::LoggedOut | AssumedState::Paused => {}
    }
}

/// Take the agent's units by offers of no call.
fn take_all_units(site: &mut Site, agent: AgentNumber, phase: OfferPhase) {
    for _ in 0..site.units_left(agent) {
        site.offer_sequence += 1;
        let id = OfferNumber(site.offer_sequence);
        let offer =
            Offer { id, call: CallNumber(0), agent, queue: QueueNumber(0), phase, alone: true };
        site.offers.insert(id, offer);
        site.agent_mut(agent).offers.push(id);
    }
}

/// Make the record of a call for which no queue was reached.
fn not_asked(site: &Site, call: Arc<str>, next: Next, dialled: &str) -> Decision {
    let flow = FlowStep {
        block: "number".into(),
        exit: "last_resort".into(),
        why: format!("no such number: {dialled}"),
    };
    let agents = site.agent_numbers().map(|agent| AgentVerdict {
        agent: site.agent_id(agent),
        verdict: "not_asked".into(),
        also: Vec::new(),
        rank: None,
        keys: Vec::new(),
        until_ms: None,
    });
    Decision {
        now_ms: site.now_ms(),
        call,
        next,
        queue: Arc::default(),
        step: 0,
        chosen: Arc::default(),
        needs: Vec::new(),
        flow: if dialled.is_empty() { Vec::new() } else { vec![flow] },
        key_names: Vec::new(),
        agents: agents.collect(),
        ahead: Vec::new(),
    }
}

fn decision(site: &Site, call: &Call, agents: Vec<AgentVerdict>) -> Decision {
    let queue = site.queue_of(call);
    let number = &site.plan.numbers[call.number.index()];
    let names = key_names(site.strategy(call));
    Decision {
        now_ms: site.now_ms(),
        call: Arc::clone(&call.id),
        next: next(site, call),
        queue: Arc::clone(&queue.name),
        step: call.step,
        chosen: chosen(site, call),
        needs: sourced_needs(site, call),
        flow: vec![FlowStep {
            block: "number".into(),
            exit: format!("queue:{}", queue.name),
            why: format!("dialled {}", number.number),
        }],
        key_names: names.into_iter().map(str::to_owned).collect(),
        agents,
        ahead: ahead(site, call),
    }
}

fn next(site: &Site, call: &Call) -> Next {
    if !site.calls.contains_key(&call.sequence) {
        return Next::HangUp;
    }
    match call.phase {
        CallPhase::Waiting => Next::Wait,
        CallPhase::Ringing => Next::Offer,
        CallPhase::Connecting => Next::Connecting,
        CallPhase::Connected => Next::Connected,
        CallPhase::Voicemail => Next::Voicemail,
    }
}

/// Return the agent who gets the call, or has it.
fn chosen(site: &Site, call: &Call) -> Arc<str> {
    match call.phase {
        CallPhase::Ringing | CallPhase::Connecting | CallPhase::Connected => {
            let offer = call.offers.first().and_then(|offer| site.offers.get(offer));
            offer.map(|offer| site.agent_id(offer.agent)).unwrap_or_default()
        }
        CallPhase::Waiting | CallPhase::Voicemail => Arc::default(),
    }
}

/// List the calls of the same queue that stand before this one.
fn ahead(site: &Site, call: &Call) -> Vec<Arc<str>> {
    if !call.phase.is_in_line() {
        return Vec::new();
    }
    let place = site.queue_place(call);
    let is_before = |other: &&Call| {
        other.queue == call.queue && other.phase.is_in_line() && site.queue_place(other) < place
    };
    let mut before: Vec<_> = site.calls.values().filter(is_before).collect();
    before.sort_by_key(|other| site.queue_place(other));
    before.into_iter().map(|other| Arc::clone(&other.id)).collect()
}

fn sourced_needs(site: &Site, call: &Call) -> Vec<NeedSource> {
    let name = |tag: TagNumber| site.tags.name(tag).to_owned();
    let source = |source| match source {
        Source::Queue => format!("queue:{}", site.queue_of(call).name),
        Source::Number => format!("number:{}", site.plan.numbers[call.number.index()].number),
        Source::Call => "call".to_owned(),
    };
    let listed = |needs: &[Sourced], make: &dyn Fn(&Sourced) -> Need| -> Vec<NeedSource> {
        let found = needs.iter();
        found.map(|need| NeedSource { need: make(need), source: source(need.source) }).collect()
    };
    let asked = Asked::of(site, call);
    let needs = asked.at(call.step);
    let mut found = listed(&needs.required, &|need| {
        Need::Required(Required { tag: name(need.tags[0]), level: need.value })
    });
    found.extend(listed(&needs.any_of, &|need| {
        Need::AnyOf(AnyOf { tags: need.tags.iter().map(|tag| name(*tag)).collect() })
    }));
    found.extend(listed(&needs.forbidden, &|need| {
        Need::Forbidden(Forbidden { tag: name(need.tags[0]) })
    }));
    found.extend(listed(&needs.preferred, &|need| {
        Need::Preferred(Preferred { tag: name(need.tags[0]), weight: need.value })
    }));
    found
}

/// Judge every agent: the eligible by rank, then the others in the order of the plan.
fn verdicts(site: &mut Site, call: &Call) -> Vec<AgentVerdict> {
    let mut verdicts = Vec::with_capacity(site.agents.len());
    let ranked = site.ranked(call);
    let site = &*site;
    let asked = Asked::of(site, call);
    for (rank, agent) in (1..).zip(ranked) {
        verdicts.push(verdict(site, call, &asked, agent, Some(rank)));
    }
    for agent in site.agent_numbers() {
        if !reasons(site, call, &asked, agent).is_empty() {
            verdicts.push(verdict(site, call, &asked, agent, None));
        }
    }
    verdicts
}

fn verdict(
    site: &Site,
    call: &Call,
    asked: &Asked,
    agent: AgentNumber,
    rank: Option<u32>,
) -> AgentVerdict {
    let reasons = reasons(site, call, asked, agent);
    let mut codes: Vec<_> = reasons.iter().map(|reason| code(site, *reason)).collect();
    let also = codes.split_off(codes.len().min(1));
    let until_ms =
        if reasons.is_empty() { None } else { until_ms(site, call, asked, agent, &reasons) };
    AgentVerdict {
        agent: site.agent_id(agent),
        verdict: codes.pop().unwrap_or_else(|| "eligible".to_owned()),
        also,
        rank,
        keys: keys(site, call, asked, agent),
        until_ms,
    }
}

/// Return the first instant at which time alone would make an agent eligible.
fn until_ms(
    site: &Site,
    call: &Call,
    asked: &Asked,
    agent: AgentNumber,
    reasons: &[Reason<'_>],
) -> Option<i64> {
    let mut clear_ms = site.now_ms();
    for reason in reasons {
        if *reason != Reason::OffShift {
            clear_ms = clear_ms.max(clears_ms(site, call, asked, agent, *reason)?);
        }
    }
    match site.plan.agents[agent.index()].schedule {
        None => Some(clear_ms),
        Some(schedule) => site.opens_ms(schedule, clear_ms),
    }
}

/// Return when time alone clears one reason; `None`: it does not.
fn clears_ms(
    site: &Site,
    call: &Call,
    asked: &Asked,
    agent: AgentNumber,
    reason: Reason<'_>,
) -> Option<i64> {
    match reason {
        Reason::StepNotReached
        | Reason::MissingTag(_)
        | Reason::LevelBelow(_)
        | Reason::NoTagOf(_)
        | Reason::ForbiddenTag(_) => site.lets_in_ms(asked, call, agent),
        Reason::DelayNotReached => Some(call.queue_since_ms + site.queue_of(call).delay_ms(agent)),
        Reason::LoggedOut => {
            let plan = &site.plan.agents[agent.index()];
            match plan.login {
                Login::Auto => site.starts_ms(plan.schedule?, site.now_ms()),
                Login::Manual => None,
            }
        }
        Reason::NoUnit(_) => unit_frees_ms(site, agent),
        Reason::AlreadyOffered => {
            site.timers.deadline_ms(TimerKind::TriedSetEmptied, call.sequence.0)
        }
        Reason::Unreachable => {
            site.timers.deadline_ms(TimerKind::RetryUnreachableEnds, u64::from(agent.0))
        }
        Reason::Declined => decline_ends_ms(call, agent),
        Reason::Paused(_) | Reason::OffShift | Reason::NotInQueue => None,
    }
}

/// Return when the first of an agent's units is free, whatever the others are in.
///
/// Other use of the devices takes units too, maybe more than there are.
fn unit_frees_ms(site: &Site, agent: AgentNumber) -> Option<i64> {
    let state = &site.agents[agent.index()];
    let offers = state.offers.iter();
    let deadlines = offers.flat_map(|offer| {
        UNIT_TIMERS.iter().filter_map(|kind| site.timers.deadline_ms(*kind, offer.0))
    });
    let mut deadlines: Vec<_> = deadlines.collect();
    deadlines.sort_unstable();
    let occupied = usize::try_from(state.occupied).unwrap_or(0);
    let units = site.plan.agents[agent.index()].units as usize;
    // So many more than there are, less one, must be free before one is left.
    deadlines.get((state.offers.len() + occupied).saturating_sub(units)).copied()
}

/// Return the code of a reason.
fn code(site: &Site, reason: Reason<'_>) -> String {
    let name = |tag| site.tags.name(tag);
    match reason {
        Reason::LoggedOut => "logged_out".into(),
        Reason::Paused("") => "paused".into(),
        Reason::Paused(said) => format!("paused:{said}"),
        Reason::OffShift => "off_shift".into(),
        Reason::NoUnit(UnitCode::WrapUp) => "wrap_up".into(),
        Reason::NoUnit(UnitCode::Ringing) => "ringing".into(),
        Reason::NoUnit(UnitCode::Connecting) => "connecting".into(),
        Reason::NoUnit(UnitCode::Busy) => "busy".into(),
        Reason::NotInQueue => "not_in_queue".into(),
        Reason::StepNotReached => "step_not_reached".into(),
        Reason::DelayNotReached => "delay_not_reached".into(),
        Reason::MissingTag(tag) => format!("missing_tag:{}", name(tag)),
        Reason::LevelBelow(tag) => format!("level_below:{}", name(tag)),
        Reason::NoTagOf(tags) => {
            let names: Vec<_> = tags.iter().map(|tag| name(*tag)).collect();
            format!("no_tag_of:{}", names.join("|"))
        }
        Reason::ForbiddenTag(tag) => format!("forbidden_tag:{}", name(tag)),
        Reason::Declined => "declined".into(),
        Reason::AlreadyOffered => "already_offered".into(),
        Reason::Unreachable => "unreachable".into(),
    }
}
