//! Waiting calls: grouped by their needs, each group filed under one tag it requires.
//!
//! Between calls with equal needs only priority and time decide, so the first of each
//! group stands for all. An agent can only fit groups filed under tags that they hold, or
//! under none.

use std::collections::BTreeSet;

use super::needs::Needs;
use super::tags::{HeldTags, Tag};

/// Calls that wait, each by its place in their order.
#[derive(Clone, Debug)]
pub(crate) struct Waiting<Key> {
    /// Of each needs handle its calls, in order.
    groups: Vec<Group<Key>>,
    /// Groups that are not empty, by the tag that they are filed under.
    by_tag: Vec<Vec<u32>>,
    /// Groups that are not empty and require no tag.
    open: Vec<u32>,
    /// What a group without calls has.
    none: BTreeSet<Key>,
}

/// Waiting calls with equal needs.
#[derive(Clone, Debug)]
struct Group<Key> {
    calls: BTreeSet<Key>,
    /// The first of them, at hand.
    first: Option<Key>,
    /// Where it is filed, while it is not empty.
    filed_under: Option<Tag>,
    /// Its place there.
    place: usize,
}

impl<Key> Default for Waiting<Key> {
    fn default() -> Self {
        Self { groups: Vec::new(), by_tag: Vec::new(), open: Vec::new(), none: BTreeSet::new() }
    }
}

impl<Key: Copy + Ord> Waiting<Key> {
    /// Let a call wait.
    pub(crate) fn add(&mut self, handle: u32, needs: &Needs, key: Key) {
        if self.groups.len() <= handle as usize {
            let empty =
                || Group { calls: BTreeSet::new(), first: None, filed_under: None, place: 0 };
            self.groups.resize_with(handle as usize + 1, empty);
        }
        if self.groups[handle as usize].calls.is_empty() {
            self.file(handle, needs);
        }
        let group = &mut self.groups[handle as usize];
        group.calls.insert(key);
        group.first = Some(group.first.map_or(key, |first| first.min(key)));
    }

    /// Let a call wait no more.
    pub(crate) fn remove(&mut self, handle: u32, key: Key) {
        let group = &mut self.groups[handle as usize];
        if !group.calls.remove(&key) {
            return;
        }
        if group.first == Some(key) {
            group.first = group.calls.first().copied();
        }
        if group.first.is_none() {
            self.unfile(handle);
        }
    }

    /// Return the first call of all groups that fit an agent.
    ///
    /// Cost: a step for each group filed under the agent's tags, or under none; for a
    /// wildcard, for each group.
    pub(super) fn best(&self, held: &HeldTags, fits: impl Fn(u32) -> bool) -> Option<Key> {
        let mut best: Option<Key> = None;
        for handle in self.filed_for(held) {
            let first = self.groups[handle as usize].first;
            let is_better = |key: &Key| best.is_none_or(|best| *key < best);
            if let Some(key) = first.filter(is_better)
                && fits(handle)
            {
                best = Some(key);
            }
        }
        best
    }

    /// Return the calls of a group, in order.
    pub(crate) fn calls(&self, handle: u32) -> &BTreeSet<Key> {
        self.groups.get(handle as usize).map_or(&self.none, |group| &group.calls)
    }

    /// Go through the groups that are not empty.
    pub(crate) fn busy(&self) -> impl Iterator<Item = u32> {
        self.open.iter().chain(self.by_tag.iter().flatten()).copied()
    }

    /// Go through the groups that an agent may fit.
    pub(crate) fn filed_for(&self, held: &HeldTags) -> impl Iterator<Item = u32> {
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
