//! Naming: matching by the words of the rule, where calls have other places for some.
//!
//! Every free agent names the first call in their line order that they are eligible for; of
//! the calls named, of each queue the first in its own order, the first in the common order
//! is taken (rules 8.4, 18.14). Only calls are looked at that have changed or that a changed
//! agent may fit, and of each queue only up to the first that somebody names.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use crate::ids::{AgentNumber, CallNumber, QueueNumber};
use crate::line::{LineKey, ProfileNumber};
use crate::matching::Changes;
use crate::mutants::broken;
use crate::place::Place;
use crate::plan::LineOrder;
use crate::site::Site;
use crate::state::Call;
use crate::turns::Turn;

/// Calls of one queue to look at, each by its place: what stands for all behind it in its
/// profile has the profile.
type Runs = BTreeMap<Place, Option<ProfileNumber>>;

impl Site {
    /// Make all offers that can be made, one after another.
    pub(crate) fn make_offers_by_naming(&mut self, changes: &mut Changes) {
        while let Some((call, agent)) = self.first_pair(changes) {
            self.offer_call(call, agent, false);
            self.reserve(agent, changes);
        }
    }

    /// Return who is to get which call next.
    fn first_pair(&mut self, changes: &Changes) -> Option<(CallNumber, AgentNumber)> {
        let mut best: Option<(Place, AgentNumber)> = None;
        for (queue, runs) in self.runs(changes) {
            let Some((call, agent)) = self.first_named(queue, runs, best.map(|(place, _)| place))
            else {
                continue;
            };
            let place = self.common_place(self.call(call));
            if best.is_none_or(|(best, _)| place < best) {
                best = Some((place, agent));
            }
        }
        best.map(|(place, agent)| (place.call, agent))
    }

    /// List by queue the calls that may have found somebody.
    fn runs(&mut self, changes: &Changes) -> BTreeMap<QueueNumber, Runs> {
        let mut runs: BTreeMap<QueueNumber, Runs> = BTreeMap::new();
        for number in self.changed_profiles(changes) {
            if self.fits_changed(number, changes)
                && let Some(key) = self.line.first_of(number, (Unbounded, Unbounded))
            {
                let place = self.queue_place(self.call(key.call));
                let queue = self.line.queue(number);
                runs.entry(queue).or_default().insert(place, Some(number));
            }
        }
        for key in changes.calls.iter() {
            if let Some(call) = self.call_to_offer(key.call) {
                let place = self.queue_place(call);
                runs.entry(call.queue).or_default().entry(place).or_insert(None);
            }
        }
        runs
    }

    /// Return the first call of a queue that somebody names, and the first who does.
    ///
    /// Behind the place of a call that was found in another queue it need not look, where
    /// calls have the same order in their queue and among all.
    fn first_named(
        &mut self,
        queue: QueueNumber,
        mut runs: Runs,
        best: Option<Place>,
    ) -> Option<(CallNumber, AgentNumber)> {
        let is_common = self.plan.queues[queue.index()].line != LineOrder::HardestFirst;
        while let Some((place, profile)) = runs.pop_first() {
            if is_common && best.is_some_and(|best| best < place) {
                return None;
            }
            if let Some(number) = profile {
                let key = LineKey::of(self.call(place.call));
                if let Some(next) = self.line.first_of(number, (Excluded(key), Unbounded)) {
                    let place = self.queue_place(self.call(next.call));
                    runs.insert(place, Some(number));
                }
            }
            if let Some(agent) = self.who_names(place.call) {
                return Some((place.call, agent));
            }
        }
        None
    }

    /// Return the first agent, by a call's strategy, of those who name it.
    fn who_names(&mut self, number: CallNumber) -> Option<AgentNumber> {
        let call = self.call_to_offer(number)?;
        if let Some(turn) = self.turn(call) {
            let holder = call.holder().filter(|_| turn == Turn::Free);
            return holder.filter(|agent| self.has_named(*agent, number));
        }
        let (profile, mut spared, mut draw) = (call.profile, self.spared(call), self.draw(call));
        loop {
            let agent = self.choose(profile, &spared, draw)?;
            if broken!(61, self.has_named(agent, number), true) {
                return Some(agent);
            }
            if let Err(place) = spared.binary_search(&agent) {
                spared.insert(place, agent);
            }
            draw.drawn += 1;
        }
    }

    /// Tell whether an agent names a call that is the first in the common order of those
    /// that they could take.
    fn has_named(&self, agent: AgentNumber, number: CallNumber) -> bool {
        let may_differ = self.directory.is_by_hardness || self.directory.placed.contains(&agent);
        !may_differ || self.names(agent) == Some(number)
    }

    /// Return the call that a free agent names.
    fn names(&self, agent: AgentNumber) -> Option<CallNumber> {
        let mut heads: BTreeMap<QueueNumber, Place> = BTreeMap::new();
        let profiles = self.line.busy_for(self.staff.held(agent));
        for number in profiles.filter(|number| self.staff.fits(*number, agent)) {
            let waiting = self.line.waiting(number).filter_map(|key| self.call_to_offer(key.call));
            let Some(call) = waiting.into_iter().find(|call| !self.is_spared(call, agent)) else {
                continue;
            };
            let place = self.queue_place(call);
            let head = heads.entry(call.queue).or_insert(place);
            *head = place.min(*head);
        }
        for key in self.line.held_for(agent) {
            let call = self.call_to_offer(key.call);
            if let Some(call) = call.filter(|call| self.turn(call) == Some(Turn::Free)) {
                let place = self.queue_place(call);
                let head = heads.entry(call.queue).or_insert(place);
                *head = place.min(*head);
            }
        }
        let heads = heads.values().map(|head| self.call(head.call));
        let first = heads.min_by_key(|call| {
            let place = self.queue_of(call).place(agent);
            (place, broken!(135, 0, call.queue.0), self.common_place(call))
        });
        first.map(|call| call.sequence)
    }

    /// Tell whether an agent is not asked for a call in this round.
    fn is_spared(&self, call: &Call, agent: AgentNumber) -> bool {
        call.tried.binary_search(&agent).is_ok()
            || call.declined.binary_search(&agent).is_ok()
            || call.excluded.binary_search(&agent).is_ok()
            || self.queue_of(call).exclude.binary_search(&agent).is_ok()
            || self.withdrawn.contains(&(call.sequence, agent))
            || self.rung_for(call).any(|rung| rung == agent)
    }
}
