//! Agents of a pool: what they hold, and what the caller has told of them.

use super::tags::{Held, HeldTags};

/// What the caller counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counters {
    pub(super) calls: i64,
    pub(super) talk_ms: i64,
    pub(super) wrap_up_ms: i64,
    pub(super) logged_in_ms: i64,
    pub(super) open_cases: i64,
    pub(super) weight: i64,
}

impl Counters {
    /// Of an agent of whom nothing was told.
    pub(super) const UNTOLD: Self =
        Self { calls: 0, talk_ms: 0, wrap_up_ms: 0, logged_in_ms: 0, open_cases: 0, weight: 1 };
}

/// What the pool knows of one agent.
#[derive(Debug)]
pub(super) struct PoolAgent {
    pub(super) tags: HeldTags,
    /// Where agents with such tags, or with as many, stand among the slots.
    pub(super) level: u32,
    pub(super) is_free: bool,
    pub(super) idle_since_ms: i64,
    /// None: nothing was told.
    pub(super) counters: Option<Box<Counters>>,
}

impl PoolAgent {
    /// Return what the caller counts.
    pub(super) fn counters(&self) -> &Counters {
        self.counters.as_deref().unwrap_or(&Counters::UNTOLD)
    }
}

/// All agents by their handles.
///
/// Handles are never used twice, so one who is gone leaves a pointer's room behind.
#[derive(Debug, Default)]
pub(super) struct Agents {
    by_handle: Vec<Option<Box<PoolAgent>>>,
    present: usize,
}

impl Agents {
    /// Return how many there are.
    pub(super) fn count(&self) -> usize {
        self.present
    }

    /// Return the handle that the next agent gets; None: there are no more.
    pub(super) fn next_handle(&self) -> Option<u32> {
        u32::try_from(self.by_handle.len()).ok()
    }

    /// Add an agent.
    pub(super) fn push(&mut self, agent: PoolAgent) {
        self.by_handle.push(Some(Box::new(agent)));
        self.present += 1;
    }

    /// Remove an agent.
    pub(super) fn remove(&mut self, agent: u32) {
        let gone = self.by_handle.get_mut(agent as usize).and_then(Option::take);
        self.present -= usize::from(gone.is_some());
    }

    /// Return an agent, if there is such a one.
    pub(super) fn get(&self, agent: u32) -> Option<&PoolAgent> {
        self.by_handle.get(agent as usize)?.as_deref()
    }

    /// Return an agent to be changed.
    pub(super) fn get_mut(&mut self, agent: u32) -> Option<&mut PoolAgent> {
        self.by_handle.get_mut(agent as usize)?.as_deref_mut()
    }

    /// Return the tags of an agent; of nobody none.
    pub(super) fn tags(&self, agent: u32) -> &[Held] {
        self.get(agent).map_or(&[], |agent| &agent.tags.levels)
    }

    /// Go through all agents, to change them.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut PoolAgent> {
        self.by_handle.iter_mut().filter_map(Option::as_deref_mut)
    }

    /// Go through the handles of all agents, ascending.
    pub(super) fn handles(&self) -> impl Iterator<Item = u32> {
        let handles = (0..).zip(&self.by_handle);
        handles.filter_map(|(handle, agent)| agent.as_ref().map(|_| handle))
    }
}
