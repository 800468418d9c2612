//! Order: the sort keys that put the eligible agents of a call in order.
//!
//! Keys are compared one after another, the smaller first, and are never packed into one
//! number. Agent order comes last, so the order is total and depends on nothing but the
//! keys (rule 6.5).

use crate::ids::AgentNumber;
use crate::mutants::broken;
use crate::plan::Strategy;
use crate::pool::Class;
use crate::state::{AgentState, Sourced};

/// The keys that all agents of a class share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClassKey {
    /// Minus the weight of the preferred tags held.
    preferred: i64,
    /// Wildcards come last; false where the strategy does not ask.
    wildcard: bool,
    /// Distinct tags that count; 0 where the strategy does not ask.
    tags: i64,
}

/// The keys that tell the agents of a class apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct IdleKey {
    /// Those without a handled call come first (rule 4.6).
    handled: bool,
    /// End of the last handled call; else log-in.
    since_ms: i64,
    /// The order of the plan.
    pub(crate) agent: AgentNumber,
}

impl ClassKey {
    /// Return the keys of a class for a call that prefers these tags.
    pub(crate) fn of(strategy: Strategy, preferred: &[Sourced], class: &Class) -> Self {
        let weight = preferred_weight(preferred, class);
        let preferred = broken!(2, -weight, weight);
        match strategy {
            Strategy::MostSpecific => Self {
                preferred,
                wildcard: broken!(3, class.wildcard, false),
                tags: broken!(4, class.counted_tags, -class.counted_tags),
            },
            Strategy::LongestIdle => Self { preferred, wildcard: false, tags: 0 },
        }
    }
}

impl IdleKey {
    /// Return the keys of an agent.
    pub(crate) fn of(state: &AgentState, agent: AgentNumber) -> Self {
        match state.handled_ms {
            None => Self { handled: false, since_ms: state.login_ms, agent },
            Some(handled_ms) => {
                Self { handled: broken!(5, true, false), since_ms: handled_ms, agent }
            }
        }
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
pub(crate) fn keys(strategy: Strategy, class: ClassKey, idle: IdleKey) -> Vec<i64> {
    let mut keys = vec![0, class.preferred];
    match strategy {
        Strategy::MostSpecific => keys.extend([i64::from(class.wildcard), class.tags]),
        Strategy::LongestIdle => {}
    }
    keys.extend([i64::from(idle.handled), idle.since_ms, i64::from(idle.agent.0)]);
    keys
}

/// Add up the weights of the preferred tags that are held by name.
fn preferred_weight(preferred: &[Sourced], class: &Class) -> i64 {
    let held = preferred.iter().filter(|need| class.level(need.tags[0]).is_some());
    held.fold(0, |sum, need| sum.saturating_add(need.value))
}
