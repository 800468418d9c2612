//! Agents of a pool: what they hold, where they stand, and what was told of them.
//!
//! Those who left long ago leave little more than a number each behind.

use std::fmt::Debug;

use super::chunk::Key;
use super::paged::Paged;
use super::tags::HeldTags;

/// What the caller counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counters {
    pub(crate) calls: i64,
    pub(crate) talk_ms: i64,
    pub(crate) wrap_up_ms: i64,
    pub(crate) logged_in_ms: i64,
    pub(crate) open_cases: i64,
    pub(crate) weight: i64,
}

/// Who counts, where the pool is not told: asked of the agents who are compared.
pub(crate) trait Counting: Debug {
    /// Return what is counted of an agent.
    fn counters(&self, agent: u32) -> Counters;

    /// Return the number of an agent's last offer of this kind; 0: there was none.
    fn last_offer(&self, agent: u32) -> u64;
}

impl Counters {
    /// Of an agent of whom nothing was told.
    pub(super) const UNTOLD: Self =
        Self { calls: 0, talk_ms: 0, wrap_up_ms: 0, logged_in_ms: 0, open_cases: 0, weight: 1 };
}

/// What the pool knows of one agent.
#[derive(Clone, Debug)]
pub(super) struct PoolAgent {
    pub(super) tags: HeldTags,
    /// Where agents with such tags, or with as many, stand among the slots.
    pub(super) level: u32,
    /// The chunk and slot of one who is free.
    pub(super) chunk: u32,
    pub(super) slot: u16,
    pub(super) is_free: bool,
}

/// All agents by their handles.
#[derive(Clone, Debug, Default)]
pub(super) struct Agents {
    by_handle: Paged<PoolAgent>,
    /// Of everybody who ever was; apart, since agents in no order are compared by it.
    idle_since_ms: Vec<i64>,
    /// Of those of whom anything was told; the rest, and all beyond the end, are untold.
    counters: Vec<Option<Box<Counters>>>,
}

impl Agents {
    /// Return how many there are.
    pub(super) fn count(&self) -> usize {
        self.by_handle.count()
    }

    /// Add an agent; return their handle.
    pub(super) fn push(&mut self, agent: PoolAgent, idle_since_ms: i64) -> u32 {
        let handle = self.handles_made();
        self.by_handle.push(agent);
        self.idle_since_ms.push(idle_since_ms);
        handle
    }

    /// Tell whether there is a handle left.
    pub(super) fn has_handle(&self) -> bool {
        self.handles_made() < u32::MAX
    }

    /// Remove an agent.
    pub(super) fn remove(&mut self, agent: u32) {
        self.by_handle.remove(agent as usize);
        if let Some(counters) = self.counters.get_mut(agent as usize) {
            *counters = None;
        }
    }

    /// Return an agent, if there is such a one.
    #[inline]
    pub(super) fn get(&self, agent: u32) -> Option<&PoolAgent> {
        self.by_handle.get(agent as usize)
    }

    /// Return an agent to be changed.
    #[inline]
    pub(super) fn get_mut(&mut self, agent: u32) -> Option<&mut PoolAgent> {
        self.by_handle.get_mut(agent as usize)
    }

    /// Return the place of an agent in the order of idleness.
    pub(super) fn key(&self, agent: u32) -> Key {
        (self.idle_since_ms[agent as usize], agent)
    }

    /// Learn since when an agent is idle.
    pub(super) fn set_idle_since_ms(&mut self, agent: u32, idle_since_ms: i64) {
        self.idle_since_ms[agent as usize] = idle_since_ms;
    }

    /// Return what the caller counts of an agent.
    pub(super) fn counters(&self, agent: u32) -> &Counters {
        let told = self.counters.get(agent as usize).and_then(Option::as_deref);
        told.unwrap_or(&Counters::UNTOLD)
    }

    /// Learn what the caller counts of an agent.
    pub(super) fn tell(&mut self, agent: u32, counters: Counters) {
        let place = agent as usize;
        let is_told = counters != Counters::UNTOLD;
        if is_told && self.counters.len() <= place {
            self.counters.resize(place + 1, None);
        }
        if let Some(told) = self.counters.get_mut(place) {
            *told = is_told.then(|| Box::new(counters));
        }
    }

    /// Go through the handles of all agents, ascending.
    pub(super) fn handles(&self) -> impl Iterator<Item = u32> {
        (0..self.handles_made()).filter(|agent| self.get(*agent).is_some())
    }

    fn handles_made(&self) -> u32 {
        u32::try_from(self.by_handle.made()).expect("there are fewer handles than 2^32")
    }
}
