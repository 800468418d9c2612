//! Order: the sort keys that put the eligible agents of a call in order, for people.
//!
//! Who comes first is decided by the pool (`pool/order.rs`) alone; here is what it goes by,
//! and how idleness becomes one number. Keys are compared one after another, the smaller
//! first; agent order comes last, so the order is total and depends on nothing but the
//! keys (rule 6.5).

use crate::ids::AgentNumber;
use crate::limits::TIME_MS_MAX;
use crate::mutants::broken;
use crate::plan::{Plan, Strategy};
use crate::staff::category;
use crate::state::{AgentState, Call};

/// Return the place of an agent in the order of idleness: since the end of the last handled
/// call; those without one come first, by log-in (rule 4.6).
pub(crate) fn idle_since_ms(state: &AgentState) -> i64 {
    match state.handled_ms {
        Some(handled_ms) => handled_ms,
        None => broken!(5, state.login_ms - (TIME_MS_MAX + 1), state.login_ms),
    }
}

/// Name the keys of a strategy, in their order.
pub(crate) fn key_names(strategy: Strategy) -> Vec<&'static str> {
    match strategy {
        Strategy::MostSpecific => {
            vec!["step", "preferred", "wildcard", "tags", "handled", "idle_since_ms", "agent_order"]
        }
        Strategy::LongestIdle => {
            vec!["step", "preferred", "handled", "idle_since_ms", "agent_order"]
        }
    }
}

/// Return the keys of an agent for a call, in the order of their names.
///
/// There are no steps yet, so the first key is 0.
pub(crate) fn keys(
    plan: &Plan,
    strategy: Strategy,
    call: &Call,
    agent: AgentNumber,
    state: &AgentState,
) -> Vec<i64> {
    let held = &plan.agents[agent.index()];
    let is_held = |tag| held.tags.binary_search_by_key(&tag, |(one, _)| *one).is_ok();
    let preferred = call.needs.preferred.iter().filter(|need| is_held(need.tags[0]));
    let weight = preferred.fold(0_i64, |sum, need| sum.saturating_add(need.value));
    let mut keys = vec![0, broken!(2, -weight, weight)];
    match strategy {
        Strategy::MostSpecific => {
            let counts = |tag: &str| !plan.uncounted.iter().any(|name| **name == *category(tag));
            let counted = held.tags.iter().filter(|(tag, _)| counts(&plan.tags[tag.index()]));
            let counted = i64::try_from(counted.count()).unwrap_or(i64::MAX);
            keys.push(i64::from(broken!(3, held.wildcard, false)));
            keys.push(broken!(4, counted, -counted));
        }
        Strategy::LongestIdle => {}
    }
    let (handled, since_ms) = match state.handled_ms {
        None => (0, state.login_ms),
        Some(handled_ms) => (1, handled_ms),
    };
    keys.extend([handled, since_ms, i64::from(agent.0)]);
    keys
}
