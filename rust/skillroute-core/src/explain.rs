//! Explaining: the same decision once more, with everything written down.
//!
//! Nothing here decides anything: the tests, the order and the matching are those of
//! `eligibility.rs`, `order.rs` and `matching.rs`. Where nothing is supposed the site itself
//! is read; what is hypothetical is decided on a copy.

use std::sync::Arc;

use crate::border::{agent_named, call_named};
use crate::contract::{AnyOf, Forbidden, Need, Preferred, Required};
use crate::decision::{
    AgentDecision, AgentQuery, AgentVerdict, CompetingCall, Decision, ExplainQuery, FlowStep,
    NeedSource, Next,
};
use crate::error::Error;
use crate::flow::flow;
use crate::ids::{AgentNumber, CallNumber, TagNumber};
use crate::order::key_names;
use crate::rivals::{competing, decision_of_agent};
use crate::site::Site;
use crate::state::{Call, CallPhase, Source, Sourced};
use crate::steps::Asked;
use crate::supposing;
use crate::verdicts::{next_change_ms, verdicts};

/// Answer a query on a site whose clock is at its instant: on a copy if anything is
/// supposed.
pub(crate) fn explain(site: &mut Site, query: ExplainQuery) -> Result<Decision, Error> {
    supposing::check(site, &query)?;
    let only = query.only.as_ref().map(|ids| named(site, ids));
    let only = only.as_deref();
    if supposing::supposes(&query) {
        return decided_again(site, query, only);
    }
    Ok(match call_named(site, "ExplainQuery", &query.call)? {
        None => ended(site, only, query.call),
        Some(number) => {
            let call = site.call(number).clone();
            if call.number.is_none() {
                return Ok(not_reached(site, only, &call));
            }
            let findings = Findings::of(site, &call, only);
            decision(site, &call, findings)
        }
    })
}

/// Say why an agent has no call.
pub(crate) fn explain_agent(site: &Site, query: &AgentQuery) -> Result<AgentDecision, Error> {
    let agent = agent_named(site, "AgentQuery", &query.agent)?;
    Ok(decision_of_agent(site, agent))
}

/// Decide under what is supposed, and say why.
fn decided_again(
    site: &mut Site,
    query: ExplainQuery,
    only: Option<&[AgentNumber]>,
) -> Result<Decision, Error> {
    supposing::change_agents(site, &query.assume);
    if query.assume_rested {
        supposing::rest_everybody(site);
    }
    let mut has_changed = query.assume_rested || !query.assume.is_empty();
    let known = match &query.arrival {
        Some(_) => None,
        None => match call_named(site, "ExplainQuery", &query.call)? {
            None => return Ok(ended(site, only, query.call)),
            Some(number) if site.call(number).number.is_none() => {
                return Ok(not_reached(site, only, site.call(number)));
            }
            Some(number) => {
                has_changed |= supposing::take_back(site, number);
                Some(number)
            }
        },
    };
    for assumption in &query.assume {
        supposing::assume(site, assumption);
    }
    let number = match (known, query.arrival) {
        (Some(number), _) => number,
        (None, arrival) => {
            let event = *arrival.expect("a question is about a call or an arrival").0;
            site.watched = Some(CallNumber(site.call_sequence + 1));
            has_changed |= !site.hosts.contains_key(&event.host);
            site.call_came(&event.host, &event.call);
            let number = site.call_arrived(event);
            site.line.file_fresh(&site.staff);
            let call = last_known(site, number);
            if !site.calls.contains_key(&number) || !call.phase.is_in_line() {
                return Ok(not_reached(site, only, &call));
            }
            number
        }
    };
    for assumption in query.assume.iter().filter(|assumption| assumption.cleared) {
        supposing::clear(site, number, &assumption.agent);
    }
    supposing::wait_longer(site, number, query.waited_ms);
    Ok(settled(site, number, only, has_changed))
}

/// Decide a call that stands in line; if it is sent on it is judged as it stands then. If
/// agents have changed, everything else has to be looked at too.
fn settled(
    site: &mut Site,
    number: CallNumber,
    only: Option<&[AgentNumber]>,
    has_changed: bool,
) -> Decision {
    site.end_turns_of(number);
    let call = site.call(number).clone();
    let mut findings = Findings::of(site, &call, only);
    site.watched = Some(number);
    if has_changed {
        site.change_all();
    }
    site.settle();
    let after = last_known(site, number);
    let is_sent_on = after.visits.len() > call.visits.len();
    let is_in_line = site.calls.contains_key(&number) && after.phase.is_in_line();
    if is_sent_on && is_in_line {
        findings.competing = competing(site, &after);
    }
    let mut decision = decision(site, &after, findings);
    if is_in_line && (is_sent_on || after.step != call.step) {
        // Rounds ended at once: by the rules of the last step, or of another queue.
        supposing::take_back(site, number);
        let after = site.call(number).clone();
        decision.agents = verdicts(site, &after, only);
        decision.next_change_ms = next_change_ms(site, &after, &decision.agents);
    }
    decision
}

/// Return a call as it is, or was when it ended.
fn last_known(site: &Site, number: CallNumber) -> Call {
    let call = site.calls.get(&number).or(site.watched_end.as_ref());
    call.expect("the call that is explained is known, or was watched").clone()
}

/// Return the numbers of agents, who are known; ascending.
fn named(site: &Site, ids: &[String]) -> Vec<AgentNumber> {
    let numbers = ids.iter().filter_map(|id| site.directory.agents.get(id.as_str()).copied());
    let mut numbers: Vec<_> = numbers.collect();
    numbers.sort_unstable();
    numbers
}

/// Make the record of a call that no queue has in its line.
fn not_reached(site: &Site, only: Option<&[AgentNumber]>, call: &Call) -> Decision {
    not_asked(site, only, Arc::clone(&call.id), next(site, call), flow(site, call))
}

/// Make the record of a call that has ended.
fn ended(site: &Site, only: Option<&[AgentNumber]>, call: String) -> Decision {
    not_asked(site, only, Arc::from(call), Next::Ended, Vec::new())
}

/// Make the record of a call for which no queue was reached.
fn not_asked(
    site: &Site,
    only: Option<&[AgentNumber]>,
    call: Arc<str>,
    next: Next,
    flow: Vec<FlowStep>,
) -> Decision {
    let is_meant = |agent: &AgentNumber| only.is_none_or(|only| only.binary_search(agent).is_ok());
    let agents = site.agent_numbers().filter(is_meant).map(|agent| AgentVerdict {
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
        flow,
        key_names: Vec::new(),
        agents: agents.collect(),
        ahead: Vec::new(),
        next_change_ms: None,
        competing: Vec::new(),
        waited_ms: 0,
        position: None,
        expected_wait_ms: None,
    }
}

/// What was found out before a call was decided.
struct Findings {
    agents: Vec<AgentVerdict>,
    next_change_ms: Option<i64>,
    competing: Vec<CompetingCall>,
}

impl Findings {
    fn of(site: &mut Site, call: &Call, only: Option<&[AgentNumber]>) -> Self {
        let agents = verdicts(site, call, only);
        let next_change_ms = next_change_ms(site, call, &agents);
        Self { agents, next_change_ms, competing: competing(site, call) }
    }
}

fn decision(site: &Site, call: &Call, findings: Findings) -> Decision {
    let queue = site.queue_of(call);
    let names = key_names(site.strategy(call));
    let is_in_line = site.calls.contains_key(&call.sequence) && call.phase.is_in_line();
    let in_line = Some(call).filter(|_| is_in_line);
    Decision {
        now_ms: site.now_ms(),
        call: Arc::clone(&call.id),
        next: next(site, call),
        queue: Arc::clone(&queue.name),
        step: call.step,
        chosen: chosen(site, call),
        needs: sourced_needs(site, call),
        flow: flow(site, call),
        key_names: names.into_iter().map(str::to_owned).collect(),
        agents: findings.agents,
        ahead: in_line.map(|call| ahead(site, call)).unwrap_or_default(),
        next_change_ms: findings.next_change_ms,
        competing: findings.competing,
        waited_ms: site.now_ms() - call.queue_since_ms,
        position: in_line.map(|call| site.position(call)),
        expected_wait_ms: in_line.and_then(|call| site.expected_wait_ms(call)),
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
        CallPhase::Forwarding => Next::Forward,
        CallPhase::Forwarded => Next::Forwarded,
    }
}

/// Return the agent who gets the call, or has it.
fn chosen(site: &Site, call: &Call) -> Arc<str> {
    match call.phase {
        CallPhase::Ringing | CallPhase::Connecting | CallPhase::Connected => {
            let offer = call.offers.first().and_then(|offer| site.offers.get(offer));
            offer.map(|offer| site.agent_id(offer.agent)).unwrap_or_default()
        }
        CallPhase::Waiting
        | CallPhase::Voicemail
        | CallPhase::Forwarding
        | CallPhase::Forwarded => Arc::default(),
    }
}

/// List the calls of the same queue that stand before this one.
fn ahead(site: &Site, call: &Call) -> Vec<Arc<str>> {
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
        Source::Number => {
            format!("number:{}", site.plan.numbers[call.dialled_number().index()].number)
        }
        Source::Call => "call".to_owned(),
        Source::SetNeeds => "set_needs".to_owned(),
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
