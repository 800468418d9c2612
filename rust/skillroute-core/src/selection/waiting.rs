//! Waiting calls: grouped by their needs, each group filed under one tag it requires.
//!
//! Between calls with equal needs only priority and time decide, so the first of each
//! group stands for all. An agent can only fit groups filed under tags that they hold, or
//! under none.

use std::collections::BTreeSet;

use super::needs::Needs;
use super::tags::{HeldTags, Tag};

/// Place in the order of waiting calls: minus priority, since when, ticket.
pub(crate) type CallKey = (i64, i64, u64);

/// Calls that wait.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting {
    /// Of each needs handle its calls, in order.
    groups: Vec<Group>,
    /// Groups that are not empty, by the tag that they are filed under.
    by_tag: Vec<Vec<u32>>,
    /// Groups that are not empty and require no tag.
    open: Vec<u32>,
}

/// Waiting calls with equal needs.
#[derive(Clone, Debug, Default)]
struct Group {
    calls: BTreeSet<CallKey>,
    /// Where it is filed, while it is not empty.
    filed_under: Option<Tag>,
    /// Its place there.
    place: usize,
}

impl Waiting {
    /// Let a call wait.
    pub(crate) fn add(&mut self, handle: u32, needs: &Needs, key: CallKey) {
        if self.groups.len() <= handle as usize {
            self.groups.resize_with(handle as usize + 1, Group::default);
        }
        if self.groups[handle as usize].calls.is_empty() {
            self.file(handle, needs);
        }
        self.groups[handle as usize].calls.insert(key);
    }

    /// Let a call wait no more.
    pub(crate) fn remove(&mut self, handle: u32, key: CallKey) {
        let group = &mut self.groups[handle as usize];
        if group.calls.remove(&key) && group.calls.is_empty() {
            self.unfile(handle);
        }
    }

    /// Return the first call of all groups that fit an agent.
    ///
    /// Cost: a step for each group filed under the agent's tags, or under none; for a
    /// wildcard, for each group.
    pub(super) fn best(&self, held: &HeldTags, fits: impl Fn(u32) -> bool) -> Option<CallKey> {
        let mut best: Option<CallKey> = None;
        for handle in self.filed_for(held) {
            let first = self.groups[handle as usize].calls.first();
            let is_better = |key: &&CallKey| best.is_none_or(|best| **key < best);
            if let Some(key) = first.filter(is_better)
                && fits(handle)
            {
                best = Some(*key);
            }
        }
        best
    }

    /// Go through the groups that an agent may fit.
    pub(super) fn filed_for(&self, held: &HeldTags) -> impl Iterator<Item = u32> {
        let all = if held.wildcard { &self.by_tag[..] } else { &[] };
        let tags = if held.wildcard { &[] } else { held.tags() };
        let by_tag = tags.iter().filter_map(|tag| self.by_tag.get(*tag as usize));
        self.open.iter().chain(all.iter().chain(by_tag).flatten()).copied()
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
