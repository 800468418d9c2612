//! A pool that looks at everybody: what the core is compared with before it is counted.

use std::cmp::Reverse;

use crate::scenario::{Chooser, WaitingCall};
use crate::site::{Agent, Needs, Site, Strategy, Tags, each};

/// Everything that a choice depends on.
#[derive(Debug)]
pub struct Scan<'a> {
    agents: Vec<Agent>,
    needs: &'a [Needs],
    waiting: &'a [WaitingCall],
}

impl<'a> Scan<'a> {
    /// Start where a site starts.
    pub fn new(site: &'a Site, waiting: &'a [WaitingCall]) -> Self {
        Self { agents: site.agents.clone(), needs: &site.needs, waiting }
    }
}

impl Chooser for Scan<'_> {
    fn select(&mut self, needs: u32, exclude: &[i64]) -> Option<u32> {
        let needs = &self.needs[needs as usize];
        let candidates = (0..).zip(&self.agents).filter(|(handle, agent)| {
            agent.is_free && fits(needs, *handle, agent) && !exclude.contains(&(*handle).into())
        });
        candidates.min_by_key(|(handle, agent)| rank(needs, *handle, agent)).map(|first| first.0)
    }

    fn reserve(&mut self, needs: u32) -> Option<u32> {
        let chosen = self.select(needs, &[])?;
        self.agents[chosen as usize].is_free = false;
        Some(chosen)
    }

    fn release(&mut self, agent: u32, idle_since_ms: i64) {
        let agent = &mut self.agents[agent as usize];
        (agent.is_free, agent.idle_since_ms) = (true, idle_since_ms);
    }

    fn retag(&mut self, agent: u32, tags: &Tags, _: &[String]) {
        self.agents[agent as usize].tags = *tags;
    }

    fn best_waiting(&mut self, agent: u32) -> Option<u64> {
        let state = &self.agents[agent as usize];
        let calls = (0..).zip(self.waiting);
        let fitting =
            calls.filter(|(_, call)| fits(&self.needs[call.needs as usize], agent, state));
        let first =
            fitting.min_by_key(|(ticket, call)| (Reverse(call.priority), call.since_ms, *ticket));
        first.map(|(ticket, _)| ticket)
    }
}

fn fits(needs: &Needs, handle: u32, agent: &Agent) -> bool {
    let tags = &agent.tags;
    tags.held & needs.required == needs.required
        && tags.held & needs.forbidden == 0
        && each(needs.required).all(|tag| tags.levels[tag as usize] >= needs.level)
        && needs.members.as_ref().is_none_or(|members| members.contains(&handle))
}

fn rank(needs: &Needs, handle: u32, agent: &Agent) -> (Reverse<u32>, u32, i64, u32) {
    let is_held = |tag: u32| agent.tags.held & (1 << tag) != 0;
    let weights = needs.preferred.iter().filter(|(tag, _)| is_held(*tag));
    let preference = weights.map(|(_, weight)| weight).sum();
    let value = match needs.strategy {
        Strategy::MostSpecific => agent.tags.held.count_ones(),
        Strategy::LongestIdle => 0,
        Strategy::FewestCalls => agent.calls,
    };
    (Reverse(preference), value, agent.idle_since_ms, handle)
}
