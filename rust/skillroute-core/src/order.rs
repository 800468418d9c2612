//! Order: the sort keys that put the eligible agents of a call in order, for people.
//!
//! Who comes first is decided by the pool (`pool/order.rs`) alone; here is what it goes by,
//! and how idleness becomes one number. Keys are compared one after another, the smaller
//! first; agent order comes last, so the order is total and depends on nothing but the
//! keys (rule 6.5).

use crate::ids::AgentNumber;
use crate::limits::TIME_MS_MAX;
use crate::mutants::broken;
use crate::plan::Strategy;
use crate::site::Site;
use crate::staff::category;
use crate::state::{AgentState, Call};
use crate::steps::Asked;

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
pub(crate) fn keys(site: &Site, call: &Call, asked: &Asked, agent: AgentNumber) -> Vec<i64> {
    let (plan, strategy) = (&site.plan, site.strategy(call));
    let state = &site.agents[agent.index()];
    let held = &plan.agents[agent.index()];
    let is_held = |tag| held.tags.binary_search_by_key(&tag, |(one, _)| *one).is_ok();
    let preferred = asked.at(call.step).preferred.iter().filter(|need| is_held(need.tags[0]));
    let weight = preferred.fold(0_i64, |sum, need| sum.saturating_add(need.value));
    let mut keys = vec![step_key(site, call, asked, agent), broken!(2, -weight, weight)];
    match strategy {
        Strategy::MostSpecific => {
            let counts = |tag: &str| !plan.uncounted.iter().any(|name| **name == *category(tag));
            let counted = held.tags.iter().filter(|(tag, _)| counts(site.tags.name(*tag)));
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

/// Return the earliest step that let an agent in (rules 6.1, 18.11); of agents whom no step
/// has let in it is the step in force.
fn step_key(site: &Site, call: &Call, asked: &Asked, agent: AgentNumber) -> i64 {
    if site.queue_of(call).merge_steps || call.step == 0 {
        return 0;
    }
    let earliest = asked.earliest(site, call, agent).unwrap_or(call.step);
    i64::from(earliest.min(call.step))
}
