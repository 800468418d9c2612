//! The pool: who is free, and which of them gets a call.
//!
//! Agents and needs are registered once and are small integers from then on. What it
//! decides is what `skillroute.reference.pool` decides by scanning. Here, while there are
//! few different sets of tags, each needs handle remembers which of them fit
//! (`classes.rs`). With more, the free agents stand in the order of `most_specific`, with
//! a row for each tag of who holds it (`slots.rs`, `chunk.rs`, `rows.rs`, `table.rs`): the
//! first who is in all rows is the choice. Preferred tags are then a few such searches, one
//! for each combination.
//!
//! Of a few members each is looked at. Many wear a badge, which is a tag that nobody asks
//! for by name, and needs of theirs ask everybody for it.
//!
//! Strategies that order by what was told of each agent look at all who are eligible; so
//! do, with many sets of tags, all strategies but `most_specific` and `longest_idle`. They
//! are linear in the eligible agents.
//!
//! Handles and tags are those that were given out: the engine (`staff.rs`) knows its own,
//! and what comes from elsewhere is checked in `public.rs`.

mod agents;
mod argument;
mod choice;
mod chunk;
mod classes;
mod names;
mod needs;
mod order;
mod paged;
mod public;
mod rows;
mod slots;
mod split_mix;
mod table;
mod tags;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};

use crate::mutants::broken;
use agents::{Agents, PoolAgent};
pub(crate) use agents::{Counters, Counting};
pub use argument::BadArgument;
pub(crate) use choice::{Draw, NO_DRAW};
use classes::{Classes, Memo};
pub(crate) use needs::{Needs, Wanted};
pub(crate) use order::{Choice, Rank, Strategy};
pub use public::{Asked, PublicPool, Told};
use slots::{Cursors, Slots};
use tags::BADGES;
pub(crate) use tags::{HeldTags, Tag, TagFacts};
pub(crate) use waiting::Waiting;

/// Free agents, and what calls ask of them.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    seed: u64,
    /// What the strategies ask about tags.
    pub(crate) facts: TagFacts,
    agents: Agents,
    /// Just the agents who are free.
    slots: Slots,
    /// None: there are too many.
    classes: Option<Classes>,
    queues: Vec<Queue>,
    memberships: Vec<Membership>,
    badges: Tag,
    reservations: u64,
}

/// Registered needs: what they ask, in which order, of whom.
#[derive(Clone, Debug)]
struct Queue {
    /// Boxed, so that what the shortest way asks of a queue lies close together.
    needs: Box<Needs>,
    strategy: Strategy,
    way: Way,
    /// Number of a membership; None: everybody may be chosen.
    members: Option<usize>,
    /// Agent to the number of the last reservation through these needs; only where the
    /// strategy asks for it.
    reserved: BTreeMap<u32, u64>,
    /// While there are classes.
    memo: Memo,
    /// When there are none.
    cursors: Cursors,
}

/// The shortest way to the agent whom nobody was left out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Heads of classes, or cursors.
    HeadsOrCursors,
    /// Heads of classes, or a search.
    Heads,
    /// Neither.
    Search,
}

/// Agents who may be chosen for some needs.
#[derive(Clone, Debug)]
struct Membership {
    agents: BTreeSet<u32>,
    /// What they wear; None: they are few, and each is looked at.
    badge: Option<Tag>,
}

/// Members of whom each is looked at: it takes about as long as a search through the rows
/// of a large pool. Once there were more, they wear a badge. Checked builds go both ways.
const MEMBERS_LOOKED_AT_MAX: usize = if cfg!(debug_assertions) { 3 } else { 64 };

impl Pool {
    /// Make an empty pool.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            facts: TagFacts::default(),
            agents: Agents::default(),
            slots: Slots::default(),
            classes: Some(Classes::default()),
            queues: Vec::new(),
            memberships: Vec::new(),
            badges: 0,
            reservations: 0,
        }
    }

    /// Add an agent; return their handle, which is also their place among equals.
    pub(crate) fn add(&mut self, tags: HeldTags, is_free: bool, idle_since_ms: i64) -> u32 {
        let level = self.level(&tags);
        let agent = PoolAgent { tags, level, chunk: 0, slot: 0, is_free };
        let handle = self.agents.push(agent, idle_since_ms);
        if is_free {
            self.slots.insert(handle, &mut self.agents);
        }
        handle
    }

    /// Remove an agent; the handle means nobody from then on.
    fn remove(&mut self, agent: u32) {
        self.take(agent);
        self.leave_level(agent);
        self.agents.remove(agent);
        for queue in &mut self.queues {
            queue.reserved.remove(&agent);
        }
        for membership in &mut self.memberships {
            membership.agents.remove(&agent);
        }
    }

    /// Give an agent other tags, in place of all former ones.
    pub(crate) fn retag(&mut self, agent: u32, tags: HeldTags) {
        let badges = self.agents.get(agent).map_or(&[][..], |state| state.tags.badges());
        let tags = if badges.is_empty() { tags } else { tags.with_badges(badges, &self.facts) };
        self.hold(agent, tags);
    }

    /// Let an agent be busy; one who is busy stays so.
    pub(crate) fn take(&mut self, agent: u32) {
        let Some(state) = self.agents.get_mut(agent) else {
            return;
        };
        if std::mem::replace(&mut state.is_free, false) {
            self.slots.remove(agent, &mut self.agents);
        }
    }

    /// Let an agent be free, since then; also one who is free already.
    pub(crate) fn release(&mut self, agent: u32, idle_since_ms: i64) {
        self.take(agent);
        if let Some(state) = self.agents.get_mut(agent) {
            state.is_free = true;
            self.agents.set_idle_since_ms(agent, idle_since_ms);
            self.slots.insert(agent, &mut self.agents);
        }
    }

    /// Register who may be chosen for some needs; return the number of the membership.
    pub(crate) fn add_members(&mut self, agents: BTreeSet<u32>) -> usize {
        self.memberships.push(Membership { agents, badge: None });
        let number = self.memberships.len() - 1;
        self.hand_out_badges(number);
        number
    }

    /// Register who passes without holding some tag, and give them something to wear for it;
    /// return the number of the membership.
    pub(crate) fn add_granted(&mut self, agents: BTreeSet<u32>) -> usize {
        self.memberships.push(Membership { agents, badge: None });
        let number = self.memberships.len() - 1;
        self.hand_out(number);
        number
    }

    /// Register what a kind of call asks, and the order of choice; return its handle.
    pub(crate) fn register(
        &mut self,
        needs: Needs,
        strategy: Strategy,
        members: Option<usize>,
    ) -> u32 {
        let handle = u32::try_from(self.queues.len()).expect("2^32 needs fit nowhere");
        self.queues.push(Queue {
            needs: Box::new(needs),
            strategy,
            way: Way::Search,
            members,
            reserved: BTreeMap::new(),
            memo: Memo::default(),
            cursors: Cursors::default(),
        });
        if let Some(badge) = self.badge_of(handle as usize) {
            self.queues[handle as usize].needs.ask_for_badge(badge);
        }
        for (tag, membership) in self.queues[handle as usize].needs.grants().to_vec() {
            let badge = self.memberships[membership].badge.expect("it was given one");
            self.queues[handle as usize].needs.grant(tag, badge);
        }
        self.find_way(handle as usize);
        handle
    }

    /// Let a handle mean these needs: the next one, or one that meant others.
    pub(crate) fn register_as(
        &mut self,
        handle: u32,
        needs: Needs,
        strategy: Strategy,
        members: Option<usize>,
    ) {
        let last = self.register(needs, strategy, members);
        if handle < last {
            self.queues.swap_remove(handle as usize);
        }
    }

    /// Return what an agent holds.
    pub(crate) fn held_by(&self, agent: u32) -> &HeldTags {
        &self.agents.get(agent).expect("the agents of a plan are never removed").tags
    }

    /// Put an agent among the members of needs, or take them out.
    ///
    /// Needs that named no members name all present agents from then on.
    fn set_member(&mut self, handle: u32, agent: u32, is_member: bool) {
        let number = self.queues[handle as usize].members.unwrap_or_else(|| {
            let everybody = self.agents.handles().collect();
            self.memberships.push(Membership { agents: everybody, badge: None });
            self.memberships.len() - 1
        });
        self.queues[handle as usize].members = Some(number);
        self.put_member(number, agent, is_member);
        self.find_way(handle as usize);
    }

    /// Put an agent into a membership, or take them out.
    pub(crate) fn put_member(&mut self, number: usize, agent: u32, is_member: bool) {
        let membership = &mut self.memberships[number];
        if is_member {
            membership.agents.insert(agent);
        } else {
            membership.agents.remove(&agent);
        }
        match membership.badge {
            Some(badge) => self.wear(agent, badge, is_member),
            None => self.hand_out_badges(number),
        }
    }

    /// Tell whether an agent could take calls with such needs, if they were free.
    pub(crate) fn may_take(&self, handle: u32, agent: u32) -> bool {
        let queue = &self.queues[handle as usize];
        let meets = |state: &PoolAgent| queue.needs.are_met_by(&state.tags);
        let is_named = |number| self.is_in(number, agent);
        let is_member = broken!(48, queue.members.is_none_or(is_named), true);
        is_member && self.agents.get(agent).is_some_and(meets)
    }

    /// Tell whether an agent is in a membership.
    pub(crate) fn is_in(&self, number: usize, agent: u32) -> bool {
        self.memberships[number].agents.contains(&agent)
    }

    /// Return those of whom each is looked at, if needs are for a few members.
    fn few_members(&self, queue: &Queue) -> Option<&BTreeSet<u32>> {
        let membership = &self.memberships[queue.members?];
        membership.badge.is_none().then_some(&membership.agents)
    }

    fn badge_of(&self, place: usize) -> Option<Tag> {
        self.memberships[self.queues[place].members?].badge
    }

    /// Give the members of a large membership something to wear.
    fn hand_out_badges(&mut self, number: usize) {
        if self.memberships[number].agents.len() <= MEMBERS_LOOKED_AT_MAX {
            return;
        }
        self.hand_out(number);
    }

    /// Give the members of something a badge.
    fn hand_out(&mut self, number: usize) {
        let badge = BADGES + self.badges;
        self.badges += 1;
        self.memberships[number].badge = Some(badge);
        for agent in self.memberships[number].agents.clone() {
            self.wear(agent, badge, true);
        }
        for place in 0..self.queues.len() {
            let queue = &mut self.queues[place];
            if queue.members != Some(number) {
                continue;
            }
            queue.needs.ask_for_badge(badge);
            (queue.memo, queue.cursors) = (Memo::default(), Cursors::default());
            self.find_way(place);
        }
    }

    fn find_way(&mut self, place: usize) {
        let queue = &self.queues[place];
        let is_by_slots = queue.strategy == Strategy::MostSpecific;
        let way = if !is_by_slots || self.few_members(queue).is_some() {
            Way::Search
        } else if queue.needs.is_plain() {
            Way::HeadsOrCursors
        } else {
            Way::Heads
        };
        self.queues[place].way = way;
    }

    fn wear(&mut self, agent: u32, badge: Tag, is_worn: bool) {
        let Some(state) = self.agents.get(agent) else {
            return;
        };
        let mut badges = state.tags.badges().to_vec();
        badges.retain(|one| *one != badge);
        if is_worn {
            badges.push(badge);
        }
        let tags = state.tags.with_badges(&badges, &self.facts);
        self.hold(agent, tags);
    }

    /// Let an agent hold these tags and badges, and no others.
    fn hold(&mut self, agent: u32, tags: HeldTags) {
        let was_free = self.agents.get(agent).is_some_and(|state| state.is_free);
        self.take(agent);
        self.leave_level(agent);
        let level = self.level(&tags);
        if let Some(state) = self.agents.get_mut(agent) {
            state.tags = tags;
            state.level = level;
            state.is_free = was_free;
        }
        if was_free {
            self.slots.insert(agent, &mut self.agents);
        }
    }

    /// Return the level of an agent who is to have such tags.
    fn level(&mut self, tags: &HeldTags) -> u32 {
        if let Some(classes) = &mut self.classes {
            if let Some(level) = classes.join(tags, &mut self.slots) {
                return level;
            }
            self.give_classes_up();
        }
        self.slots.level((tags.wildcard, tags.counted))
    }

    /// Let rows take over from classes.
    fn give_classes_up(&mut self) {
        self.classes = None;
        self.slots = Slots::with_rows();
        let handles: Vec<_> = self.agents.handles().collect();
        for agent in handles {
            let Some(state) = self.agents.get_mut(agent) else {
                continue;
            };
            state.level = self.slots.level((state.tags.wildcard, state.tags.counted));
            if state.is_free {
                self.slots.insert(agent, &mut self.agents);
            }
        }
    }

    fn leave_level(&mut self, agent: u32) {
        if let (Some(classes), Some(state)) = (&mut self.classes, self.agents.get(agent)) {
            classes.leave(state.level);
        }
    }
}
