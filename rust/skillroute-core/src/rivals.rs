//! Rivals: which other calls wait for the agents of a call, and what an agent waits for.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::decision::{AgentDecision, CallVerdict, CompetingCall, ReasonCount};
use crate::eligibility::{agent_reasons, lacks_at_most_a_unit, reasons};
use crate::ids::AgentNumber;
use crate::limits::{
    COMPETING_AGENTS_MAX, COMPETING_CALLS_MAX, COMPETING_LISTED_MAX, WAITING_LISTED_MAX,
};
use crate::mutants::broken;
use crate::site::Site;
use crate::state::{Call, CallPhase};
use crate::steps::Asked;
use crate::verdicts::{code, free_ms};

/// List other waiting calls that an agent could take as well as this one, now or once free;
/// in line order.
///
/// The first agents of the plan who could take this call are asked about the first calls in
/// line.
pub(crate) fn competing(site: &Site, call: &Call) -> Vec<CompetingCall> {
    if !call.phase.is_in_line() {
        return Vec::new();
    }
    let waiting = first_waiting(site, COMPETING_CALLS_MAX);
    if waiting.iter().all(|other| other.sequence == call.sequence) {
        return Vec::new();
    }
    let asked = Asked::of(site, call);
    let takers = site.agent_numbers();
    let takers = takers.filter(|agent| lacks_at_most_a_unit(site, call, &asked, *agent));
    let takers: Vec<_> = takers.take(COMPETING_AGENTS_MAX).collect();
    let others = waiting.into_iter().filter(|other| other.sequence != call.sequence);
    let rivals = others.filter_map(|other| competing_call(site, call, other, &takers));
    rivals.take(COMPETING_LISTED_MAX).collect()
}

fn competing_call(
    site: &Site,
    call: &Call,
    other: &Call,
    takers: &[AgentNumber],
) -> Option<CompetingCall> {
    let asked = Asked::of(site, other);
    let mut takers = takers.iter();
    let agent = takers.find(|agent| lacks_at_most_a_unit(site, other, &asked, **agent))?;
    let (place, own) = (site.common_place(other), site.common_place(call));
    Some(CompetingCall {
        call: Arc::clone(&other.id),
        queue: Arc::clone(&site.queue_of(other).name),
        waited_ms: site.now_ms() - other.queue_since_ms,
        is_before: broken!(95, place < own, place > own),
        agent: site.agent_id(*agent),
    })
}

/// Say why an agent has no call.
pub(crate) fn decision_of_agent(site: &Site, agent: AgentNumber) -> AgentDecision {
    let own = agent_reasons(site, agent);
    let mut codes: Vec<_> = own.iter().map(|reason| code(site, *reason)).collect();
    let also = codes.split_off(codes.len().min(1));
    let waiting = first_waiting(site, usize::MAX);
    let mut judged = waiting.iter().map(|call| {
        let asked = Asked::of(site, call);
        let all = reasons(site, call, &asked, agent);
        let mut codes = all.iter().filter(|reason| !own.contains(*reason));
        let verdict = codes.next().map(|reason| code(site, *reason));
        CallVerdict {
            call: Arc::clone(&call.id),
            queue: Arc::clone(&site.queue_of(call).name),
            waited_ms: site.now_ms() - call.queue_since_ms,
            verdict: verdict.unwrap_or_else(|| "eligible".to_owned()),
            also: codes.map(|reason| code(site, *reason)).collect(),
        }
    });
    let calls: Vec<_> = judged.by_ref().take(WAITING_LISTED_MAX).collect();
    let mut counts = BTreeMap::new();
    for verdict in &calls {
        count(&mut counts, &verdict.verdict, &verdict.call);
    }
    for verdict in judged {
        count(&mut counts, &verdict.verdict, &verdict.call);
    }
    AgentDecision {
        now_ms: site.now_ms(),
        agent: site.agent_id(agent),
        verdict: codes.pop().unwrap_or_else(|| "eligible".to_owned()),
        also,
        until_ms: free_ms(site, agent),
        waiting: waiting.len() as u64,
        calls,
        reasons: by_frequency(counts),
    }
}

/// Count a call under its verdict, and remember the first.
fn count(counts: &mut BTreeMap<String, ReasonCount>, code: &str, call: &Arc<str>) {
    match counts.get_mut(code) {
        Some(known) => known.calls += 1,
        None => {
            let new = ReasonCount { code: code.to_owned(), calls: 1, first: Arc::clone(call) };
            counts.insert(code.to_owned(), new);
        }
    }
}

fn by_frequency(counts: BTreeMap<String, ReasonCount>) -> Vec<ReasonCount> {
    let mut counts: Vec<_> = counts.into_values().collect();
    counts.sort_by_key(|count| Reverse(broken!(96, count.calls, 0)));
    counts
}

/// List the calls in line with no offer out, first to last; so many of them.
fn first_waiting(site: &Site, most: usize) -> Vec<&Call> {
    let calls = site.line.all_waiting().map(|key| site.call(key.call));
    let calls = calls.filter(|call| call.phase == CallPhase::Waiting);
    if !site.directory.names_calls {
        return calls.take(most).collect();
    }
    let mut waiting: Vec<_> = calls.collect();
    waiting.sort_by_cached_key(|call| site.common_place(call));
    waiting.truncate(most);
    waiting
}
