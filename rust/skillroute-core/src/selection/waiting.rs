//! Waiting calls: grouped by their needs, each group filed under one tag it requires.
//!
//! Between calls with equal needs only priority and time decide, so the first of each
//! group stands for all. An agent can only fit groups filed under tags that they hold, or
//! under none.

use std::collections::{BTreeMap, BTreeSet};

use super::needs::Needs;
use super::tags::{HeldTags, Tag};
use crate::mutants::broken;

/// Place in the order of waiting calls: minus priority, since when, ticket.
pub(super) type CallKey = (i64, i64, u64);

/// Calls that wait.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Of each ticket its needs and key.
    calls: BTreeMap<u64, (u32, CallKey)>,
    tickets_made: u64,
    /// Of each needs handle its calls, in order.
    groups: Vec<Group>,
    /// Groups that are not empty, by the tag that they are filed under.
    by_tag: Vec<Vec<u32>>,
    /// Groups that are not empty and require no tag.
    open: Vec<u32>,
}

/// Waiting calls with equal needs.
#[derive(Debug, Default)]
struct Group {
    calls: BTreeSet<CallKey>,
    /// Where it is filed, while it is not empty.
    filed_under: Option<Tag>,
    /// Its place there.
    place: usize,
}

impl Waiting {
    /// Return how many calls wait.
    pub(super) fn count(&self) -> usize {
        self.calls.len()
    }

    /// Let a call wait; return its ticket.
    pub(super) fn wait(&mut self, handle: u32, needs: &Needs, priority: i64, since_ms: i64) -> u64 {
        let ticket = self.tickets_made;
        self.tickets_made += 1;
        let key = (broken!(47, -priority, 0), since_ms, ticket);
        self.calls.insert(ticket, (handle, key));
        if self.groups.len() <= handle as usize {
            self.groups.resize_with(handle as usize + 1, Group::default);
        }
        if self.groups[handle as usize].calls.is_empty() {
            self.file(handle, needs);
        }
        self.groups[handle as usize].calls.insert(key);
        ticket
    }

    /// Let a call wait no more; tell whether it did.
    pub(super) fn leave(&mut self, ticket: u64) -> bool {
        let Some((handle, key)) = self.calls.remove(&ticket) else {
            return false;
        };
        let group = &mut self.groups[handle as usize];
        group.calls.remove(&key);
        if group.calls.is_empty() {
            self.unfile(handle);
        }
        true
    }

    /// Return the ticket of the first call of all groups that fit an agent.
    ///
    /// Cost: a step for each group filed under the agent's tags, or under none; for a
    /// wildcard, for each group.
    pub(super) fn best(&self, held: &HeldTags, fits: impl Fn(u32) -> bool) -> Option<u64> {
        let mut best: Option<CallKey> = None;
        let mut look = |groups: &[u32]| {
            for handle in groups {
                let first = self.groups[*handle as usize].calls.first();
                let is_better = |key: &&CallKey| best.is_none_or(|best| **key < best);
                if let Some(key) = first.filter(is_better)
                    && fits(*handle)
                {
                    best = Some(*key);
                }
            }
        };
        look(&self.open);
        if held.wildcard {
            self.by_tag.iter().for_each(|groups| look(groups));
        } else {
            for one in &held.levels {
                look(self.by_tag.get(one.tag as usize).map_or(&[], |groups| groups));
            }
        }
        best.map(|(_, _, ticket)| ticket)
    }

    /// File a group under the required tag that has the fewest groups.
    fn file(&mut self, handle: u32, needs: &Needs) {
        let filed = |tag: &Tag| self.by_tag.get(*tag as usize).map_or(0, Vec::len);
        let tag = needs.required().min_by_key(filed);
        let groups = self.filed_under(tag);
        groups.push(handle);
        let place = groups.len() - 1;
        let group = &mut self.groups[handle as usize];
        (group.filed_under, group.place) = (tag, place);
    }

    fn unfile(&mut self, handle: u32) {
        let group = &self.groups[handle as usize];
        let (tag, place) = (group.filed_under, group.place);
        let groups = self.filed_under(tag);
        groups.swap_remove(place);
        if let Some(moved) = groups.get(place).copied() {
            self.groups[moved as usize].place = place;
        }
    }

    fn filed_under(&mut self, tag: Option<Tag>) -> &mut Vec<u32> {
        let Some(tag) = tag else {
            return &mut self.open;
        };
        if self.by_tag.len() <= tag as usize {
            self.by_tag.resize_with(tag as usize + 1, Vec::new);
        }
        &mut self.by_tag[tag as usize]
    }
}
