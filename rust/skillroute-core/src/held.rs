//! Held calls: those that are for one agent now, by that agent.
//!
//! They wait outside of the lines of their profiles, so nobody else who becomes free has to
//! look at them.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{AgentNumber, CallNumber};
use crate::line::LineKey;

/// The calls that are for one agent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held {
    by_agent: BTreeMap<AgentNumber, BTreeSet<LineKey>>,
    /// A call is here if and only if it is there, under its agent.
    by_call: BTreeMap<CallNumber, (AgentNumber, LineKey)>,
}

impl Held {
    /// Let a call wait for an agent, and for no other.
    pub(crate) fn put(&mut self, agent: AgentNumber, key: LineKey) {
        self.remove(key.call);
        self.by_agent.entry(agent).or_default().insert(key);
        self.by_call.insert(key.call, (agent, key));
    }

    /// Let a call wait for nobody; return its place in line, if it did.
    pub(crate) fn remove(&mut self, call: CallNumber) -> Option<LineKey> {
        let (agent, key) = self.by_call.remove(&call)?;
        let calls = self.by_agent.get_mut(&agent).expect("what is held is held for somebody");
        calls.remove(&key);
        if calls.is_empty() {
            self.by_agent.remove(&agent);
        }
        Some(key)
    }

    /// Tell whether a call waits for one agent.
    pub(crate) fn contains(&self, call: CallNumber) -> bool {
        self.by_call.contains_key(&call)
    }

    /// Tell whether no call does.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_call.is_empty()
    }

    /// Go through the calls that wait for an agent, in the order of the line.
    pub(crate) fn calls_for(&self, agent: AgentNumber) -> impl Iterator<Item = LineKey> {
        self.by_agent.get(&agent).into_iter().flatten().copied()
    }

    /// List all of them, in the order of the line.
    pub(crate) fn listed(&self) -> BTreeSet<LineKey> {
        self.by_call.values().map(|(_, key)| *key).collect()
    }
}
