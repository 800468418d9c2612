//! Matching: who gets whom, whenever something has changed.
//!
//! Every free agent names the first call in line that they are eligible for; of the calls
//! named, the first in line is taken and offered to the first, by that call's strategy, of
//! the agents who named it; and again until no pair is left (rule 8.4). All queues order
//! their calls alike today, so going through the line once does the same.
//!
//! At rest no waiting call has an eligible agent. So only pairs of which the call or the
//! agent has changed need a look, and only rounds of changed calls, or of calls that an
//! agent was still there for who is not any more. What the indexes know is brought up to
//! date first: nothing asks them in between.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};
use std::ops::ControlFlow;

use crate::bits::Bits;
use crate::call::CallEvent;
use crate::eligibility::{
    NoTrace, Reason, test, test_class, test_pair, test_presence, test_reachability,
};
use crate::ids::{AgentNumber, CallNumber};
use crate::line::{LineKey, Place, ProfileNumber};
use crate::mutants::broken;
use crate::order::{ClassKey, IdleKey};
use crate::plan::{RoundEnd, Strategy};
use crate::pool::{Standing, Walk};
use crate::site::Site;
use crate::state::{Call, CallPhase};
use crate::timer::TimerKind;

/// Steps in the line of all calls before that of each profile is looked at. The bound
/// decides nothing; checked builds have a lower one, so that small tests go both ways.
const WALK_STEPS: usize = if cfg!(debug_assertions) { 2 } else { 64 };

/// What changed since the site was last at rest.
#[derive(Debug, Default)]
struct Changes {
    /// Waiting calls to look at.
    calls: BTreeSet<LineKey>,
    /// Free agents to look at, by class.
    agents: BTreeMap<usize, BTreeSet<AgentNumber>>,
    /// Classes of which somebody is no longer present.
    left: BTreeSet<usize>,
}

impl Site {
    /// Make all offers that can be made, then end the rounds that are over.
    pub(crate) fn settle(&mut self) {
        let mut changes = Changes::default();
        self.bring_up_to_date(&mut changes);
        changes.calls = std::mem::take(&mut self.line.changed);
        if changes.calls.is_empty() && self.line.busy().next().is_none() {
            return;
        }
        self.make_offers(&mut changes);
        self.end_rounds(&changes);
    }

    /// Look at everything at the next settling.
    pub(crate) fn change_all(&mut self) {
        self.touched.extend(self.agent_numbers());
        self.line.change_all();
    }

    /// Give a call its profile.
    pub(crate) fn admit(&mut self, call: &mut Call) {
        let (queue, needs) = (call.queue, call.needs.clone());
        let (plan, pool) = (&self.plan, &self.pool);
        self.line.admit(call, || {
            let mut classes = Bits::with_room(pool.classes().len());
            for (place, class) in pool.classes().iter().enumerate() {
                let passes = test_class(plan, queue, &needs, class, &mut NoTrace);
                classes.set(place, passes.is_continue());
            }
            classes
        });
    }

    /// List the eligible agents of a call, the first choice first.
    pub(crate) fn ranked(&self, call: &Call) -> Vec<AgentNumber> {
        let is_eligible =
            |agent: &AgentNumber| test(self, call, *agent, &mut NoTrace).is_continue();
        let mut agents: Vec<_> = self.agent_numbers().filter(is_eligible).collect();
        agents.sort_by_key(|agent| self.keys(call, *agent));
        agents
    }

    /// Return the sort keys of an agent for a call.
    pub(crate) fn keys(&self, call: &Call, agent: AgentNumber) -> (ClassKey, IdleKey) {
        let class =
            ClassKey::of(self.strategy(call), &call.needs.preferred, self.pool.class_of(agent));
        (class, IdleKey::of(&self.agents[agent.index()], agent))
    }

    /// Return how the agents of a call are put in order.
    pub(crate) fn strategy(&self, call: &Call) -> Strategy {
        self.queue_of(call).strategy
    }

    /// Tell the pool of the agents that have changed.
    fn bring_up_to_date(&mut self, changes: &mut Changes) {
        for agent in std::mem::take(&mut self.touched) {
            let standing = self.standing(agent);
            let before = self.pool.update(agent, standing);
            let class = self.pool.place_of(agent);
            if standing.free.is_some() {
                changes.agents.entry(class).or_default().insert(agent);
            }
            if before.is_present && !standing.is_present {
                changes.left.insert(class);
            }
        }
    }

    fn standing(&self, agent: AgentNumber) -> Standing {
        let is_there = test_presence(self, agent, &mut NoTrace).is_continue();
        let is_present = is_there && test_reachability(self, agent, &mut NoTrace).is_continue();
        let is_free = is_present && self.units_left(agent) > 0;
        let free = is_free.then(|| IdleKey::of(&self.agents[agent.index()], agent));
        Standing { is_present, free }
    }

    /// Go through the calls that may have found somebody, in the order of the line.
    ///
    /// Mostly the first calls in line are those, so a few steps are taken in the line of all
    /// calls before that of each profile is looked at.
    fn make_offers(&mut self, changes: &mut Changes) {
        let mut place = (Unbounded, Unbounded);
        for _ in 0..WALK_STEPS {
            if changes.agents.is_empty() {
                break;
            }
            let Some((key, number)) = self.line.first_behind(place) else {
                return;
            };
            if changes.calls.contains(&key) || self.fits_changed(number, changes) {
                self.make_offer(key, changes);
            }
            place.0 = Excluded(key);
        }
        self.make_offers_behind(place, changes);
    }

    /// Do it with a frontier: the changed calls, and of each profile that a changed agent
    /// fits the first call that was not looked at; with the profile if there is one.
    fn make_offers_behind(&mut self, place: Place, changes: &mut Changes) {
        let mut frontier: BTreeMap<LineKey, Option<ProfileNumber>> =
            changes.calls.range(place).map(|key| (*key, None)).collect();
        if !changes.agents.is_empty() {
            for number in self.line.busy() {
                if self.fits_changed(number, changes) {
                    let first = self.line.first_of(number, place);
                    frontier.extend(first.map(|key| (key, Some(number))));
                }
            }
        }
        while let Some((key, number)) = frontier.pop_first() {
            if let Some(number) = number.filter(|number| self.fits_changed(*number, changes)) {
                let next = self.line.first_of(number, (Excluded(key), Unbounded));
                frontier.extend(next.map(|key| (key, Some(number))));
            }
            self.make_offer(key, changes);
        }
    }

    /// Offer a call, if it waits and somebody is eligible.
    fn make_offer(&mut self, key: LineKey, changes: &mut Changes) {
        if let Some(agent) = self.choose(key.call) {
            self.offer_call(key.call, agent);
            self.reserve(agent, changes);
        }
    }

    /// Tell whether somebody free who has changed passes a profile's tests of tags.
    fn fits_changed(&self, number: ProfileNumber, changes: &Changes) -> bool {
        let classes = &self.line.profile(number).classes;
        changes.agents.keys().any(|class| classes.contains(*class))
    }

    /// Choose the agent for a call; `None`: it does not wait, or nobody is eligible.
    fn choose(&self, number: CallNumber) -> Option<AgentNumber> {
        let call = self.calls.get(&number).filter(|call| call.phase == CallPhase::Waiting)?;
        let profile = self.line.profile(call.profile);
        let strategy = self.strategy(call);
        let preferred = &profile.needs.preferred;
        let passes = |agent| test_pair(self, call, agent, &mut NoTrace).is_continue();
        if preferred.is_empty() {
            match self.pool.walk(strategy, &profile.classes, passes) {
                Walk::Found(agent) => return Some(agent),
                Walk::Nobody => return None,
                Walk::Undecided => {}
            }
        }
        let mut best: Option<(ClassKey, IdleKey)> = None;
        for class in self.pool.free_in(&profile.classes) {
            let key = ClassKey::of(strategy, preferred, class);
            if best.is_some_and(|(best, _)| best < key) {
                continue;
            }
            if let Some(idle) = class.free().find(|idle| passes(idle.agent)) {
                best = Some(best.map_or((key, *idle), |best| best.min((key, *idle))));
            }
        }
        best.map(|(_, idle)| idle.agent)
    }

    /// Take an agent who was just offered a call out of the free ones, unless a unit is left.
    fn reserve(&mut self, agent: AgentNumber, changes: &mut Changes) {
        self.touched.clear();
        let standing = self.standing(agent);
        self.pool.update(agent, standing);
        if standing.free.is_some() {
            return;
        }
        let class = self.pool.place_of(agent);
        if let Some(agents) = changes.agents.get_mut(&class) {
            agents.remove(&agent);
            if agents.is_empty() {
                changes.agents.remove(&class);
            }
        }
    }

    /// End the rounds that are over, in the order of the line.
    fn end_rounds(&mut self, changes: &Changes) {
        let mut calls = changes.calls.clone();
        if !changes.left.is_empty() {
            for number in self.line.busy() {
                let classes = &self.line.profile(number).classes;
                if changes.left.iter().any(|class| classes.contains(*class)) {
                    calls.extend(self.line.waiting(number));
                }
            }
        }
        for key in calls {
            let call = self.calls.get(&key.call);
            let call = call.filter(|call| call.phase == CallPhase::Waiting && !call.round_ended);
            if call.is_some_and(|call| self.is_round_over(call)) {
                self.end_round(key.call);
            }
        }
    }

    /// Tell whether nobody untried is left to wait for (rules 7.4, 18.5).
    ///
    /// At rest whoever is present and passes the other tests has no unit left.
    fn is_round_over(&self, call: &Call) -> bool {
        if !broken!(28, self.queue_of(call).round_counts_busy, true) {
            return true;
        }
        let classes = &self.line.profile(call.profile).classes;
        let spared = self.spared(call);
        let counts = |agent: &&AgentNumber| {
            self.pool.is_present(**agent) && classes.contains(self.pool.place_of(**agent))
        };
        let spared = spared.iter().filter(counts).count();
        !self.pool.are_more_present(classes, spared)
    }

    /// List the agents who are not asked in this round.
    fn spared(&self, call: &Call) -> BTreeSet<AgentNumber> {
        let first = (call.sequence, AgentNumber(0));
        let last = (call.sequence, AgentNumber(u32::MAX));
        let withdrawn = self.withdrawn.range(first..=last).map(|(_, agent)| *agent);
        let agents = call.tried.iter().chain(&call.declined).copied();
        agents.chain(withdrawn).collect()
    }

    fn end_round(&mut self, number: CallNumber) {
        let queue = self.queue_of(self.call(number));
        match queue.on_round_end {
            RoundEnd::Overflow => self.limit_reached(number, CallEvent::RoundEnded),
            RoundEnd::Wait => {
                let retry_after_ms = queue.retry_after_ms;
                let deadline_ms = self.now_ms() + retry_after_ms;
                let call = self.call_mut(number);
                if !call.tried.is_empty() {
                    call.round_ended = true;
                    self.timers.set(TimerKind::TriedSetEmptied, number.0, deadline_ms);
                }
            }
        }
    }
}

/// List why an agent is not eligible for a call; empty: they are.
pub(crate) fn reasons<'a>(site: &'a Site, call: &'a Call, agent: AgentNumber) -> Vec<Reason<'a>> {
    let mut reasons = Vec::new();
    let ControlFlow::Continue(()) = test(site, call, agent, &mut reasons) else {
        unreachable!("a list of reasons wants all of them");
    };
    reasons
}
