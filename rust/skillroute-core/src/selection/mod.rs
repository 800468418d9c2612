//! The public pool: only the choice, for whoever keeps calls and agents elsewhere.
//!
//! Agents, needs and waiting calls are registered once and are small integers from then
//! on. What it decides is what `skillroute.reference.pool` decides by scanning. Here,
//! while there are few different sets of tags, each needs handle remembers which of them
//! fit (`classes.rs`). With more, the free agents stand in the order of `most_specific`,
//! with a row of bits for each tag (`slots.rs`, `chunk.rs`): the first whose bits fit is
//! the choice. Preferred tags are then a few such searches, one for each combination.
//!
//! Strategies that order by what was told of each agent look at all who are eligible; so
//! do, with many sets of tags, all strategies but `most_specific` and `longest_idle`. They
//! are linear in the eligible agents.
//!
//! Whatever comes in is checked before anything changes. Numbers come in as wide as they
//! may be written; a handle of nobody is an error, never a panic.

mod agent;
mod argument;
mod choice;
mod chunk;
mod classes;
mod needs;
mod order;
mod slots;
mod split_mix;
mod tags;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Error;
use crate::limits;
use crate::mutants::broken;
use agent::{Agents, Counters, PoolAgent};
pub use argument::BadArgument;
use argument::{counter, in_range, signed};
use classes::{Classes, Memo};
use needs::{Needs, NeedsNames};
use order::Strategy;
use slots::Slots;
use tags::{HeldNames, HeldTags, TagTable};
use waiting::Waiting;

/// Choose among agents by their tags.
#[derive(Debug)]
pub struct Pool {
    seed: u64,
    tags: TagTable,
    agents: Agents,
    /// Just the agents who are free.
    slots: Slots,
    /// None: there are too many.
    classes: Option<Classes>,
    queues: Vec<Queue>,
    reservations: u64,
    waiting: Waiting,
}

/// Registered needs: what they ask, in which order, of whom.
#[derive(Debug)]
struct Queue {
    needs: Needs,
    strategy: Strategy,
    /// None: everybody.
    members: Option<BTreeSet<u32>>,
    /// Agent to the number of the last reservation through these needs; only where the
    /// strategy asks for it.
    reserved: BTreeMap<u32, u64>,
    /// While there are classes.
    memo: Memo,
}

/// What the caller tells of an agent; what is None stays as it was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told {
    /// Handled calls.
    pub calls: Option<i128>,
    /// Connected.
    pub talk_ms: Option<i128>,
    /// In wrap-up.
    pub wrap_up_ms: Option<i128>,
    /// Logged in.
    pub logged_in_ms: Option<i128>,
    /// Open cases.
    pub open_cases: Option<i128>,
    /// For `weighted_random`.
    pub weight: Option<i128>,
}

/// What is asked of an agent, as it is written.
#[derive(Clone, Debug, Default)]
pub struct Asked<S> {
    /// Tags with a least level.
    pub required: Vec<S>,
    /// Groups of tags, of each of which one must be held.
    pub any_of: Vec<Vec<S>>,
    /// Tags that must not be held.
    pub forbidden: Vec<S>,
    /// Tags whose holders come first, and their weights.
    pub prefer: Vec<(S, i128)>,
    /// Name of the order of choice.
    pub strategy: S,
    /// Agents who may be chosen; None: everybody, also later ones.
    pub members: Option<Vec<i128>>,
}

impl Pool {
    /// Make an empty pool.
    ///
    /// # Errors
    /// The seed is out of range.
    pub fn new(uncounted: BTreeSet<String>, seed: i128) -> Result<Self, Error> {
        Ok(Self {
            seed: in_range("seed", seed, 0, u64::MAX.into())?,
            tags: TagTable::new(uncounted),
            agents: Agents::default(),
            slots: Slots::default(),
            classes: Some(Classes::default()),
            queues: Vec::new(),
            reservations: 0,
            waiting: Waiting::default(),
        })
    }

    /// Add an agent; return their handle, which is also their place among equals.
    ///
    /// # Errors
    /// A tag or a number is malformed, or a bound was reached.
    pub fn add(
        &mut self,
        tags: &[impl AsRef<str>],
        free: bool,
        idle_since_ms: i128,
    ) -> Result<u32, Error> {
        let full = Error::Limit { limit: "pool_agents_max", value: limits::POOL_AGENTS_MAX };
        let handle = self.agents.next_handle();
        let Some(handle) = handle.filter(|_| self.agents.count() < limits::POOL_AGENTS_MAX) else {
            return Err(full);
        };
        let names = HeldNames::read(tags)?;
        let idle_since_ms = signed("idle_since_ms", idle_since_ms)?;
        let tags = self.tags.numbered(names);
        let level = self.level(&tags);
        self.agents.push(PoolAgent { level, tags, is_free: free, idle_since_ms, counters: None });
        if free {
            self.slots.insert(handle, &self.agents);
        }
        Ok(handle)
    }

    /// Remove an agent; the handle means nobody from then on.
    ///
    /// # Errors
    /// There is no such agent.
    pub fn remove(&mut self, agent: i128) -> Result<(), Error> {
        let agent = self.agent(agent)?;
        self.set_busy(agent);
        self.leave_level(agent);
        self.agents.remove(agent);
        for queue in &mut self.queues {
            queue.reserved.remove(&agent);
            if let Some(members) = &mut queue.members {
                members.remove(&agent);
            }
        }
        Ok(())
    }

    /// Give an agent other tags, in place of all former ones.
    ///
    /// # Errors
    /// There is no such agent, or a tag is malformed, or there are too many.
    pub fn retag(&mut self, agent: i128, tags: &[impl AsRef<str>]) -> Result<(), Error> {
        let agent = self.agent(agent)?;
        let tags = self.tags.numbered(HeldNames::read(tags)?);
        let was_free = self.agents.get(agent).is_some_and(|state| state.is_free);
        self.set_busy(agent);
        self.leave_level(agent);
        let level = self.level(&tags);
        if let Some(state) = self.agents.get_mut(agent) {
            state.tags = tags;
            state.level = level;
            state.is_free = was_free;
        }
        if was_free {
            self.slots.insert(agent, &self.agents);
        }
        Ok(())
    }

    /// Let an agent be busy; one who is busy stays so.
    ///
    /// # Errors
    /// There is no such agent.
    pub fn take(&mut self, agent: i128) -> Result<(), Error> {
        let agent = self.agent(agent)?;
        self.set_busy(agent);
        Ok(())
    }

    /// Let an agent be free, since then; also one who is free already.
    ///
    /// # Errors
    /// There is no such agent, or the instant is out of range.
    pub fn release(&mut self, agent: i128, idle_since_ms: i128) -> Result<(), Error> {
        let agent = self.agent(agent)?;
        let idle_since_ms = signed("idle_since_ms", idle_since_ms)?;
        self.set_busy(agent);
        if let Some(state) = self.agents.get_mut(agent) {
            state.is_free = true;
            state.idle_since_ms = idle_since_ms;
        }
        self.slots.insert(agent, &self.agents);
        Ok(())
    }

    /// Learn what some strategies order by.
    ///
    /// # Errors
    /// There is no such agent, or a number is out of range; nothing has changed.
    pub fn tell(&mut self, agent: i128, told: &Told) -> Result<(), Error> {
        let agent = self.agent(agent)?;
        let checked = |name, value: Option<i128>| value.map(|value| counter(name, value));
        let calls = checked("calls", told.calls).transpose()?;
        let talk_ms = checked("talk_ms", told.talk_ms).transpose()?;
        let wrap_up_ms = checked("wrap_up_ms", told.wrap_up_ms).transpose()?;
        let logged_in_ms = checked("logged_in_ms", told.logged_in_ms).transpose()?;
        let open_cases = checked("open_cases", told.open_cases).transpose()?;
        let most = i128::from(limits::WEIGHT_MAX);
        let weight = told.weight.map(|value| in_range("weight", value, 1, most));
        let weight = weight.transpose()?;
        let Some(state) = self.agents.get_mut(agent) else {
            return Ok(());
        };
        let before = state.counters();
        let counters = Counters {
            calls: calls.unwrap_or(before.calls),
            talk_ms: talk_ms.unwrap_or(before.talk_ms),
            wrap_up_ms: wrap_up_ms.unwrap_or(before.wrap_up_ms),
            logged_in_ms: logged_in_ms.unwrap_or(before.logged_in_ms),
            open_cases: open_cases.unwrap_or(before.open_cases),
            weight: weight.unwrap_or(before.weight),
        };
        state.counters = (counters != Counters::UNTOLD).then(|| Box::new(counters));
        Ok(())
    }

    /// Learn how much a tag is asked for.
    ///
    /// # Errors
    /// The tag is malformed, or a number is out of range.
    pub fn tell_demand(&mut self, tag: &str, demand: i128, supply: i128) -> Result<(), Error> {
        let name = HeldNames::read(&[tag])?.only()?;
        let demand = counter("demand", demand)?;
        let supply = counter("supply", supply)?;
        self.tags.tell(name, demand, supply);
        Ok(())
    }

    /// Register what a kind of call asks, and the order of choice; return its handle.
    ///
    /// # Errors
    /// Something in it is malformed, a member is nobody, or there are too many.
    pub fn needs(&mut self, asked: &Asked<impl AsRef<str>>) -> Result<u32, Error> {
        let full = Error::Limit { limit: "pool_needs_max", value: limits::POOL_NEEDS_MAX };
        let handle = u32::try_from(self.queues.len()).ok();
        let Some(handle) = handle.filter(|_| self.queues.len() < limits::POOL_NEEDS_MAX) else {
            return Err(full);
        };
        let names =
            NeedsNames::read(&asked.required, &asked.any_of, &asked.forbidden, &asked.prefer)?;
        let strategy = Strategy::named(asked.strategy.as_ref());
        let strategy = strategy.ok_or(BadArgument::UnknownStrategy)?;
        let members = match &asked.members {
            Some(named) => Some(self.members(named)?),
            None => None,
        };
        let needs = Needs::new(names, &mut self.tags);
        self.queues.push(Queue {
            needs,
            strategy,
            members,
            reserved: BTreeMap::new(),
            memo: Memo::default(),
        });
        Ok(handle)
    }

    /// Put an agent among the members of needs, or take them out.
    ///
    /// Needs that named no members name all present agents from then on.
    ///
    /// # Errors
    /// There are no such needs, or there is no such agent.
    pub fn set_member(&mut self, needs: i128, agent: i128, member: bool) -> Result<(), Error> {
        let place = self.queue_place(needs)?;
        let agent = self.agent(agent)?;
        let everybody = || self.agents.handles().collect();
        let queue = &mut self.queues[place];
        let members = queue.members.get_or_insert_with(everybody);
        if member {
            members.insert(agent);
        } else {
            members.remove(&agent);
        }
        Ok(())
    }

    /// Let a call wait; return its ticket.
    ///
    /// # Errors
    /// There are no such needs, a number is out of range, or too many calls wait.
    pub fn wait(&mut self, needs: i128, priority: i128, since_ms: i128) -> Result<u64, Error> {
        let place = self.queue_place(needs)?;
        let priority = signed("priority", priority)?;
        let since_ms = signed("since_ms", since_ms)?;
        if self.waiting.count() >= limits::POOL_WAITING_MAX {
            return Err(Error::Limit {
                limit: "pool_waiting_max",
                value: limits::POOL_WAITING_MAX,
            });
        }
        let handle = u32::try_from(place).unwrap_or(u32::MAX);
        let needs = &self.queues[place].needs;
        Ok(self.waiting.wait(handle, needs, priority, since_ms))
    }

    /// Let a call wait no more.
    ///
    /// # Errors
    /// No such call waits.
    pub fn leave(&mut self, ticket: i128) -> Result<(), Error> {
        let known = u64::try_from(ticket).ok();
        if known.is_some_and(|ticket| self.waiting.leave(ticket)) {
            Ok(())
        } else {
            Err(unknown("ticket", ticket))
        }
    }

    /// Return the ticket of the call that an agent should take first.
    ///
    /// Whether the agent is free does not matter; whom the calls would prefer does not
    /// either.
    ///
    /// # Errors
    /// There is no such agent.
    pub fn best_waiting(&self, agent: i128) -> Result<Option<u64>, Error> {
        let agent = self.agent(agent)?;
        let Some(state) = self.agents.get(agent) else {
            return Ok(None);
        };
        let fits = |handle: u32| {
            let queue = &self.queues[handle as usize];
            queue.has_member(agent) && queue.needs.are_met_by(&state.tags)
        };
        Ok(self.waiting.best(&state.tags, fits))
    }

    /// Read a handle of an agent.
    fn agent(&self, handle: i128) -> Result<u32, Error> {
        let known = u32::try_from(handle).ok();
        let present = known.filter(|agent| self.agents.get(*agent).is_some());
        present.ok_or_else(|| unknown("agent", handle))
    }

    /// Read a handle of needs.
    fn queue_place(&self, handle: i128) -> Result<usize, Error> {
        let known = usize::try_from(handle).ok();
        let present = known.filter(|place| *place < self.queues.len());
        present.ok_or_else(|| unknown("needs", handle))
    }

    fn members(&self, named: &[i128]) -> Result<BTreeSet<u32>, Error> {
        let ascending: BTreeSet<_> = named.iter().copied().collect();
        ascending.into_iter().map(|handle| self.agent(handle)).collect()
    }

    /// Return the level of an agent who is to have such tags.
    fn level(&mut self, tags: &HeldTags) -> u32 {
        if let Some(classes) = &mut self.classes {
            if let Some(level) = classes.join(tags, &mut self.slots) {
                return level;
            }
            self.classes = None;
            self.slots = Slots::with_rows();
            for state in self.agents.iter_mut() {
                state.level = self.slots.level((state.tags.wildcard, state.tags.counted));
            }
            for agent in self.agents.handles() {
                if self.agents.get(agent).is_some_and(|state| state.is_free) {
                    self.slots.insert(agent, &self.agents);
                }
            }
        }
        self.slots.level((tags.wildcard, tags.counted))
    }

    fn leave_level(&mut self, agent: u32) {
        if let (Some(classes), Some(state)) = (&mut self.classes, self.agents.get(agent)) {
            classes.leave(state.level);
        }
    }

    /// Take an agent out of the slots.
    fn set_busy(&mut self, agent: u32) {
        if self.agents.get(agent).is_some_and(|state| state.is_free) {
            self.slots.remove(agent, &self.agents);
        }
        if let Some(state) = self.agents.get_mut(agent) {
            state.is_free = false;
        }
    }
}

impl Queue {
    fn has_member(&self, agent: u32) -> bool {
        let is_named = |members: &BTreeSet<u32>| members.contains(&agent);
        broken!(48, self.members.as_ref().is_none_or(is_named), true)
    }
}

fn unknown(kind: &'static str, handle: i128) -> Error {
    Error::UnknownId { kind, id: handle.to_string() }
}
