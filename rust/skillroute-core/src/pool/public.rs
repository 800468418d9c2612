//! The public pool: only the choice, for whoever keeps calls and agents elsewhere.
//!
//! Whatever comes in is checked before anything changes. Numbers come in as wide as they
//! may be written; a handle of nobody is an error, never a panic.

use std::collections::BTreeSet;

use super::agents::Counters;
use super::argument::{BadArgument, counter, in_range, signed};
use super::names::{HeldNames, NeedsNames, TagNames};
use super::order::Strategy;
use super::paged::Paged;
use super::waiting::Waiting;
use super::{Pool, choice};
use crate::error::Error;
use crate::limits;
use crate::mutants::broken;

/// Choose among agents by their tags.
#[derive(Clone, Debug)]
pub struct PublicPool {
    pool: Pool,
    names: TagNames,
    waiting: Waiting<CallKey>,
    /// Of each ticket its needs and key.
    calls: Paged<(u32, CallKey)>,
}

/// Place in the order of waiting calls: minus priority, since when, ticket.
type CallKey = (i64, i64, u64);

/// What the caller tells of an agent; what is None stays as it was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told {
    /// Handled calls.
    pub calls: Option<i64>,
    /// Connected.
    pub talk_ms: Option<i64>,
    /// In wrap-up.
    pub wrap_up_ms: Option<i64>,
    /// Logged in.
    pub logged_in_ms: Option<i64>,
    /// Open cases.
    pub open_cases: Option<i64>,
    /// For `weighted_random`.
    pub weight: Option<i64>,
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
    pub prefer: Vec<(S, i64)>,
    /// Name of the order of choice.
    pub strategy: S,
    /// Agents who may be chosen; None: everybody, also later ones.
    pub members: Option<Vec<i64>>,
}

impl PublicPool {
    /// Make an empty pool.
    ///
    /// # Errors
    /// The seed is out of range.
    pub fn new(uncounted: BTreeSet<String>, seed: i128) -> Result<Self, Error> {
        Ok(Self {
            pool: Pool::new(in_range("seed", seed, 0, u64::MAX.into())?),
            names: TagNames::new(uncounted),
            waiting: Waiting::default(),
            calls: Paged::default(),
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
        idle_since_ms: i64,
    ) -> Result<u32, Error> {
        let agents = &self.pool.agents;
        if agents.count() >= limits::POOL_AGENTS_MAX || !agents.has_handle() {
            return Err(full("pool_agents_max", limits::POOL_AGENTS_MAX));
        }
        let names = HeldNames::read(tags)?;
        let idle_since_ms = signed("idle_since_ms", idle_since_ms)?;
        let tags = self.names.held(names, &mut self.pool.facts);
        Ok(self.pool.add(tags, free, idle_since_ms))
    }

    /// Remove an agent; the handle means nobody from then on.
    ///
    /// # Errors
    /// There is no such agent.
    pub fn remove(&mut self, agent: i64) -> Result<(), Error> {
        let agent = self.agent(agent)?;
        self.pool.remove(agent);
        Ok(())
    }

    /// Give an agent other tags, in place of all former ones.
    ///
    /// # Errors
    /// There is no such agent, or a tag is malformed, or there are too many.
    pub fn retag(&mut self, agent: i64, tags: &[impl AsRef<str>]) -> Result<(), Error> {
        let agent = self.agent(agent)?;
        let names = HeldNames::read(tags)?;
        let tags = self.names.held(names, &mut self.pool.facts);
        self.pool.retag(agent, tags);
        Ok(())
    }

    /// Let an agent be busy; one who is busy stays so.
    ///
    /// # Errors
    /// There is no such agent.
    pub fn take(&mut self, agent: i64) -> Result<(), Error> {
        let agent = self.agent(agent)?;
        self.pool.take(agent);
        Ok(())
    }

    /// Let an agent be free, since then; also one who is free already.
    ///
    /// # Errors
    /// There is no such agent, or the instant is out of range.
    pub fn release(&mut self, agent: i64, idle_since_ms: i64) -> Result<(), Error> {
        let agent = self.agent(agent)?;
        let idle_since_ms = signed("idle_since_ms", idle_since_ms)?;
        self.pool.release(agent, idle_since_ms);
        Ok(())
    }

    /// Learn what some strategies order by.
    ///
    /// # Errors
    /// There is no such agent, or a number is out of range; nothing has changed.
    pub fn tell(&mut self, agent: i64, told: &Told) -> Result<(), Error> {
        let agent = self.agent(agent)?;
        let before = self.pool.agents.counters(agent);
        let or = |name, value: Option<i64>, before| {
            value.map_or(Ok(before), |value| counter(name, value))
        };
        let weight = |value: i64| in_range("weight", value.into(), 1, limits::WEIGHT_MAX.into());
        let counters = Counters {
            calls: or("calls", told.calls, before.calls)?,
            talk_ms: or("talk_ms", told.talk_ms, before.talk_ms)?,
            wrap_up_ms: or("wrap_up_ms", told.wrap_up_ms, before.wrap_up_ms)?,
            logged_in_ms: or("logged_in_ms", told.logged_in_ms, before.logged_in_ms)?,
            open_cases: or("open_cases", told.open_cases, before.open_cases)?,
            weight: told.weight.map_or(Ok(before.weight), weight)?,
        };
        self.pool.agents.tell(agent, counters);
        Ok(())
    }

    /// Learn how much a tag is asked for.
    ///
    /// # Errors
    /// The tag is malformed, or a number is out of range.
    pub fn tell_demand(&mut self, tag: &str, demand: i64, supply: i64) -> Result<(), Error> {
        let only = [tag];
        let name = HeldNames::read(&only)?.only()?;
        let demand = counter("demand", demand)?;
        let supply = counter("supply", supply)?;
        let tag = self.names.number(name, &mut self.pool.facts);
        let scaled = 65536 * i128::from(demand);
        self.pool.facts.set_cost(tag, scaled / i128::from(supply.max(1)));
        Ok(())
    }

    /// Register what a kind of call asks, and the order of choice; return its handle.
    ///
    /// # Errors
    /// Something in it is malformed, a member is nobody, or there are too many.
    pub fn needs(&mut self, asked: &Asked<impl AsRef<str>>) -> Result<u32, Error> {
        if self.pool.queues.len() >= limits::POOL_NEEDS_MAX {
            return Err(full("pool_needs_max", limits::POOL_NEEDS_MAX));
        }
        let names =
            NeedsNames::read(&asked.required, &asked.any_of, &asked.forbidden, &asked.prefer)?;
        let strategy = Strategy::named(asked.strategy.as_ref());
        let strategy = strategy.ok_or(BadArgument::UnknownStrategy)?;
        let members = match &asked.members {
            Some(named) => Some(self.members(named)?),
            None => None,
        };
        let needs = self.names.needs(names, &mut self.pool.facts);
        let members = members.map(|members| self.pool.add_members(members));
        Ok(self.pool.register(needs, strategy, members))
    }

    /// Put an agent among the members of needs, or take them out.
    ///
    /// Needs that named no members name all present agents from then on.
    ///
    /// # Errors
    /// There are no such needs, or there is no such agent.
    pub fn set_member(&mut self, needs: i64, agent: i64, member: bool) -> Result<(), Error> {
        let needs = self.needs_handle(needs)?;
        let agent = self.agent(agent)?;
        self.pool.set_member(needs, agent, member);
        Ok(())
    }

    /// Return the free agent who would get a call; None: nobody is free and eligible.
    ///
    /// # Errors
    /// There are no such needs.
    pub fn select(&mut self, needs: i64) -> Result<Option<u32>, Error> {
        let needs = self.needs_handle(needs)?;
        Ok(self.pool.select(needs))
    }

    /// Return the free agent who would get a call if some were left out.
    ///
    /// # Errors
    /// There are no such needs, or the draw is out of range.
    pub fn select_but(
        &mut self,
        needs: i64,
        exclude: &[i64],
        draw: [i128; 2],
    ) -> Result<Option<u32>, Error> {
        let needs = self.needs_handle(needs)?;
        let draw = read_draw(draw)?;
        Ok(self.pool.select_but(needs, &ascending(exclude), draw))
    }

    /// Return the first so many free and eligible agents, the first choice first.
    ///
    /// # Errors
    /// As `select_but`.
    pub fn rank(
        &mut self,
        needs: i64,
        count: i64,
        exclude: &[i64],
        draw: [i128; 2],
    ) -> Result<Vec<u32>, Error> {
        let needs = self.needs_handle(needs)?;
        let draw = read_draw(draw)?;
        let count = usize::try_from(count.max(0)).unwrap_or(usize::MAX);
        Ok(self.pool.rank(needs, count, &ascending(exclude), draw))
    }

    /// Select an agent and take them, in one step.
    ///
    /// # Errors
    /// As `select`.
    pub fn reserve(&mut self, needs: i64) -> Result<Option<u32>, Error> {
        let needs = self.needs_handle(needs)?;
        let chosen = self.pool.select(needs);
        Ok(self.pool.reserve(needs, chosen))
    }

    /// Select an agent, leaving some out, and take them, in one step.
    ///
    /// # Errors
    /// As `select_but`.
    pub fn reserve_but(
        &mut self,
        needs: i64,
        exclude: &[i64],
        draw: [i128; 2],
    ) -> Result<Option<u32>, Error> {
        let chosen = self.select_but(needs, exclude, draw)?;
        let needs = self.needs_handle(needs)?;
        Ok(self.pool.reserve(needs, chosen))
    }

    /// Reserve an agent for each of several calls, one after the other.
    ///
    /// # Errors
    /// There are no such needs; nobody was reserved.
    pub fn reserve_many(&mut self, needs: &[i64]) -> Result<Vec<Option<u32>>, Error> {
        for handle in needs {
            self.needs_handle(*handle)?;
        }
        needs.iter().map(|handle| self.reserve(*handle)).collect()
    }

    /// Let a call wait; return its ticket.
    ///
    /// # Errors
    /// There are no such needs, a number is out of range, or too many calls wait.
    pub fn wait(&mut self, needs: i64, priority: i64, since_ms: i64) -> Result<u64, Error> {
        let handle = self.needs_handle(needs)?;
        let priority = signed("priority", priority)?;
        let since_ms = signed("since_ms", since_ms)?;
        if self.calls.count() >= limits::POOL_WAITING_MAX {
            return Err(full("pool_waiting_max", limits::POOL_WAITING_MAX));
        }
        let ticket = self.calls.made() as u64;
        let key = (broken!(47, -priority, 0), since_ms, ticket);
        self.calls.push((handle, key));
        self.waiting.add(handle, self.pool.needs_of(handle), key);
        Ok(ticket)
    }

    /// Let a call wait no more.
    ///
    /// # Errors
    /// No such call waits.
    pub fn leave(&mut self, ticket: i64) -> Result<(), Error> {
        let known = usize::try_from(ticket).ok();
        let Some((handle, key)) = known.and_then(|ticket| self.calls.remove(ticket)) else {
            return Err(unknown("ticket", ticket));
        };
        self.waiting.remove(handle, key);
        Ok(())
    }

    /// Return the ticket of the call that an agent should take first.
    ///
    /// Whether the agent is free does not matter; whom the calls would prefer does not
    /// either.
    ///
    /// # Errors
    /// There is no such agent.
    pub fn best_waiting(&self, agent: i64) -> Result<Option<u64>, Error> {
        let agent = self.agent(agent)?;
        let Some(state) = self.pool.agents.get(agent) else {
            return Ok(None);
        };
        let best = self.waiting.best(&state.tags, |handle| self.pool.may_take(handle, agent));
        Ok(best.map(|(_, _, ticket)| ticket))
    }

    /// Read a handle of an agent.
    fn agent(&self, handle: i64) -> Result<u32, Error> {
        let known = u32::try_from(handle).ok();
        let present = known.filter(|agent| self.pool.agents.get(*agent).is_some());
        present.ok_or_else(|| unknown("agent", handle))
    }

    /// Read a handle of needs.
    fn needs_handle(&self, handle: i64) -> Result<u32, Error> {
        let known = u32::try_from(handle).ok();
        let present = known.filter(|needs| (*needs as usize) < self.pool.queues.len());
        present.ok_or_else(|| unknown("needs", handle))
    }

    fn members(&self, named: &[i64]) -> Result<BTreeSet<u32>, Error> {
        let ascending: BTreeSet<_> = named.iter().copied().collect();
        ascending.into_iter().map(|handle| self.agent(handle)).collect()
    }
}

#[cold]
fn unknown(kind: &'static str, handle: i64) -> Error {
    Error::UnknownId { kind, id: handle.to_string() }
}

#[cold]
fn full(limit: &'static str, value: usize) -> Error {
    Error::Limit { limit, value }
}

fn read_draw(draw: [i128; 2]) -> Result<choice::Draw, Error> {
    let most = u64::MAX.into();
    let read = |number| in_range("draw", number, 0, most);
    Ok(choice::Draw { call: read(draw[0])?, offer: read(draw[1])?, drawn: 0 })
}

/// Sort the handles that may be somebody's.
fn ascending(handles: &[i64]) -> Vec<u32> {
    let known = handles.iter().filter_map(|handle| u32::try_from(*handle).ok());
    let mut ascending: Vec<_> = known.collect();
    ascending.sort_unstable();
    ascending
}
