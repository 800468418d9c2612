//! Matching: who gets whom, whenever something has changed.
//!
//! Every free agent names the first call in line that they are eligible for; of the calls
//! named, the first in line is taken and offered to the first, by that call's strategy, of
//! the agents who named it; and again until no pair is left (rule 8.4). Where all queues
//! order their calls alike and no agent puts one queue before another, going through the
//! line once does the same; else `naming.rs` goes by the words of the rule.
//!
//! At rest no waiting call has an eligible agent. So only pairs of which the call or the
//! agent has changed need a look, and only rounds of changed calls, or of calls that an
//! agent was still there for who is not any more. What the indexes know is brought up to
//! date first: nothing asks them in between. The choice itself is the pool's.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

use crate::call::CallEvent;
use crate::eligibility::{NoTrace, test_presence, test_reachability};
use crate::few::Few;
use crate::ids::{AgentNumber, CallNumber, QueueNumber};
use crate::line::{Known, LineKey, Place, ProfileNumber, Rule, Stage};
use crate::mutants::broken;
use crate::order::idle_since_ms;
use crate::plan::{Limit, LineOrder, RoundEnd, Strategy};
use crate::pool::Draw;
use crate::site::Site;
use crate::staff::Standing;
use crate::state::{Call, CallPhase};
use crate::timer::TimerKind;
use crate::turns::Turn;

/// Steps in the line of all calls before that of each profile is looked at. The bound
/// decides nothing; checked builds have a lower one, so that small tests go both ways.
const WALK_STEPS: usize = if cfg!(debug_assertions) { 2 } else { 8 };

/// Changed agents of whom each is asked whether they fit a profile. With more, the pool is
/// asked whether anybody does. Lower in checked builds, too.
const AGENTS_ASKED_MAX: usize = if cfg!(debug_assertions) { 1 } else { 4 };

/// What changed since the site was last at rest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    /// Waiting calls to look at.
    pub(crate) calls: Few<LineKey>,
    /// Free agents to look at.
    pub(crate) agents: Few<AgentNumber>,
    /// Agents who are no longer present.
    left: Vec<AgentNumber>,
}

impl Changes {
    /// Tell whether nobody and nothing needs a look.
    fn are_none(&self) -> bool {
        self.calls.is_empty() && self.agents.is_empty() && self.left.is_empty()
    }

    fn clear(&mut self) {
        self.calls.clear();
        self.agents.clear();
        self.left.clear();
    }
}

/// What a settling goes through; its memory serves the next one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settling {
    /// What is looked at now.
    now: Changes,
    /// What was looked at before, and may be at the end of a round.
    before: Changes,
}

impl Site {
    /// Make all offers that can be made, then empty the lines that nobody serves, then end the
    /// rounds that are over.
    pub(crate) fn settle(&mut self) {
        let is_at_rest = self.touched.is_empty() && self.line.changed.is_empty();
        if is_at_rest && self.line.roll.is_quiet() {
            return;
        }
        let mut settling = self.settling.take().unwrap_or_default();
        settling.now.clear();
        self.bring_up_to_date(&mut settling.now);
        // Half of a call's events change nobody whom a waiting call could ask.
        let is_at_rest = settling.now.are_none() && self.line.changed.is_empty();
        if !is_at_rest || !self.line.roll.is_quiet() {
            self.settle_by(&mut settling);
        }
        self.settling = Some(settling);
    }

    fn settle_by(&mut self, Settling { now, before }: &mut Settling) {
        before.clear();
        loop {
            std::mem::swap(&mut now.calls, &mut self.line.changed);
            if now.calls.is_empty() && self.line.is_empty() {
                return;
            }
            if now.are_none() && before.are_none() && self.line.roll.is_quiet() {
                return;
            }
            self.end_turns(now);
            let looks_along = !now.agents.is_empty() || !now.left.is_empty();
            if looks_along || self.directory.names_calls {
                self.line.file_fresh(&self.staff);
            }
            if self.directory.names_calls {
                self.make_offers_by_naming(now);
            } else {
                self.make_offers(now);
            }
            self.line.file_fresh(&self.staff);
            before.calls.extend(now.calls.iter().copied());
            before.left.append(&mut now.left);
            if self.empty_lines() {
                let calls = &self.calls;
                let stands = |key: &LineKey| calls.get(&key.call).map(LineKey::of) == Some(*key);
                before.calls = before.calls.iter().copied().filter(stands).collect();
            } else {
                if !before.are_none() {
                    self.end_rounds(before);
                    before.clear();
                }
                if self.line.changed.is_empty() {
                    return;
                }
            }
            now.clear();
            self.bring_up_to_date(now);
        }
    }

    /// Look at everything at the next settling.
    pub(crate) fn change_all(&mut self) {
        self.touched.extend(self.agent_numbers());
        self.line.change_all();
    }

    /// Give a call its profile.
    pub(crate) fn admit(&mut self, call: &mut Call) {
        let queue = &self.plan.queues[call.queue.index()];
        let raised = queue.step(call.step).map_or(0, |step| step.raise_priority);
        let (line_priority, ages) = match queue.line {
            LineOrder::Priority => (call.priority + raised, queue.aging_milli > 0),
            LineOrder::LongestWaiting | LineOrder::HardestFirst => (queue.priority, false),
        };
        call.line_priority = line_priority;
        let delays = self.delays_passed(call);
        let rule = Rule {
            queue: call.queue,
            stage: Stage { step: call.step, by: call.step, delays },
            priority: ages.then_some(line_priority),
            needs: Arc::clone(&call.needs),
        };
        let asks_who_is_there = queue.limits.ask_who_is_there() != (false, false);
        let last = asks_who_is_there.then(|| Rule {
            stage: self.last_stage(call.queue),
            priority: None,
            ..rule.clone()
        });
        let known = &mut Known { plan: &self.plan, tags: &self.tags, staff: &mut self.staff };
        self.line.admit(call, rule, last, known);
        let is_by_hardness = queue.line == LineOrder::HardestFirst;
        if is_by_hardness && !self.line.counted().any(|number| number == call.profile) {
            let count = self.count_who_could_serve(call.profile);
            self.line.set_hardness(call.profile, count);
        }
    }

    /// Return the stage of a queue that lets in whom any does.
    fn last_stage(&self, queue: QueueNumber) -> Stage {
        let step = self.plan.queues[queue.index()].last_step();
        let delays = self.directory.delays_ms[queue.index()].len();
        let delays = u32::try_from(delays).expect("there are fewer delays than agents");
        Stage { step, by: step, delays }
    }

    /// List the eligible agents of a call, the first choice first.
    pub(crate) fn ranked(&mut self, call: &Call) -> Vec<AgentNumber> {
        self.bring_up_to_date(&mut Changes::default());
        if self.is_full(call) || self.is_held(call) {
            return Vec::new();
        }
        if call.holder().is_some() {
            let is_free = self.turn(call) == Some(Turn::Free);
            return call.holder().filter(|_| is_free).into_iter().collect();
        }
        let (spared, draw) = (self.spared(call), self.draw(call));
        if call.phase.is_in_line() {
            return self.ranked_by(call.profile, &spared, draw);
        }
        // Outside of the line nobody kept its profile up to date.
        let mut call = call.clone();
        self.admit(&mut call);
        let ranked = self.ranked_by(call.profile, &spared, draw);
        self.line.dismiss(call.profile, call.roll_profile);
        ranked
    }

    /// List the free agents who fit a profile: first those whom earlier steps let in.
    fn ranked_by(
        &mut self,
        profile: ProfileNumber,
        spared: &[AgentNumber],
        draw: Draw,
    ) -> Vec<AgentNumber> {
        let earlier = self.line.earlier(profile);
        let mut ranked: Vec<AgentNumber> = Vec::new();
        for profile in earlier.iter().chain([&profile]) {
            let mut left_out = [spared, &ranked].concat();
            left_out.sort_unstable();
            let draw = Draw { drawn: ranked.len() as u64, ..draw };
            let (staff, counts) = self.staff_and_counts(self.line.queue(*profile));
            ranked.extend(staff.ranked(*profile, &left_out, draw, Some(&counts)));
        }
        ranked
    }

    /// Return how the agents of a call are put in order.
    pub(crate) fn strategy(&self, call: &Call) -> Strategy {
        self.queue_of(call).strategy_at(call.step)
    }

    /// Return the free agent who gets a call, unless it spares them: of those whom the
    /// earliest step let in, the first.
    pub(crate) fn choose(
        &mut self,
        profile: ProfileNumber,
        spared: &[AgentNumber],
        draw: Draw,
    ) -> Option<AgentNumber> {
        let is_plain = !self.strategy_of(profile).asks_for_counts();
        if is_plain && !self.line.has_earlier(profile) {
            return self.staff.choose(profile, spared, draw, None);
        }
        let earlier = self.line.earlier(profile);
        let mut profiles = earlier.iter().chain([&profile]);
        if is_plain {
            return profiles.find_map(|one| self.staff.choose(*one, spared, draw, None));
        }
        let (staff, counts) = self.staff_and_counts(self.line.queue(profile));
        profiles.find_map(|one| staff.choose(*one, spared, draw, Some(&counts)))
    }

    fn strategy_of(&self, profile: ProfileNumber) -> Strategy {
        let (queue, step) = self.line.place(profile);
        self.plan.queues[queue.index()].strategy_at(step)
    }

    /// Tell the staff of the agents that have changed.
    fn bring_up_to_date(&mut self, changes: &mut Changes) {
        let mut touched = std::mem::take(&mut self.touched);
        // One event touches an agent several times.
        touched.sort_unstable();
        touched.dedup();
        for agent in touched.drain(..) {
            let standing = self.standing(agent);
            let before = self.staff.update(agent, standing);
            self.line.change_held(agent);
            if before.is_rostered != standing.is_rostered {
                self.come_or_go(agent, standing.is_rostered);
            }
            if standing.free_since_ms.is_some() {
                changes.agents.insert(agent);
            }
            if before.is_present && !standing.is_present {
                changes.left.push(agent);
            }
        }
        // Its memory serves the next event.
        self.touched = touched;
    }

    /// Learn who of the agents that have changed is logged in and on shift; everything else
    /// about them is left for the next settling.
    pub(crate) fn call_the_roll(&mut self) {
        let mut touched = self.touched.clone();
        touched.dedup();
        for agent in touched {
            let is_rostered = broken!(117, self.is_rostered(agent), self.staff.is_rostered(agent));
            if self.staff.note_roll(agent, self.is_on_shift(agent), is_rostered) != is_rostered {
                self.come_or_go(agent, is_rostered);
            }
        }
    }

    fn standing(&self, agent: AgentNumber) -> Standing {
        let is_there =
            !self.is_agent_down(agent) && test_presence(self, agent, &mut NoTrace).is_continue();
        let is_present = is_there && test_reachability(self, agent, &mut NoTrace).is_continue();
        let is_free = is_present && self.units_left(agent) > 0;
        let free_since_ms = is_free.then(|| idle_since_ms(&self.agents[agent.index()]));
        let is_rostered = self.is_rostered(agent);
        Standing { is_on_shift: self.is_on_shift(agent), is_rostered, is_present, free_since_ms }
    }

    /// An agent has logged in or out, or their shift has begun or ended.
    fn come_or_go(&mut self, agent: AgentNumber, has_come: bool) {
        self.count_again(agent, has_come);
        if !broken!(122, has_come, true) {
            self.look_at_lines_of(agent);
        }
    }

    /// An agent has come or gone, and could or could have served some calls.
    pub(crate) fn count_again(&mut self, agent: AgentNumber, has_come: bool) {
        let counted: Vec<_> = self.line.counted().collect();
        for number in counted {
            if self.could_serve(number, agent) {
                let change = if has_come { 1 } else { -1 };
                self.line.set_hardness(number, self.line.hardness(number) + change);
            }
        }
    }

    /// Go through the calls that may have found somebody, in the order of the line.
    ///
    /// Mostly the first calls in line are those, so a few steps are taken in the line of all
    /// calls before that of each profile is looked at.
    fn make_offers(&mut self, changes: &mut Changes) {
        if changes.agents.is_empty() {
            let calls = std::mem::take(&mut changes.calls);
            calls.iter().for_each(|key| self.make_offer(*key, changes));
            changes.calls = calls;
            return;
        }
        let mut place = (Unbounded, Unbounded);
        let has_held = changes.calls.iter().any(|key| self.line.is_held(key.call));
        for _ in 0..if has_held { 0 } else { WALK_STEPS } {
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
        for number in self.changed_profiles(changes) {
            if self.fits_changed(number, changes) {
                let first = self.line.first_of(number, place);
                frontier.extend(first.map(|key| (key, Some(number))));
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

    /// List the profiles with waiting calls that somebody free who has changed may fit.
    pub(crate) fn changed_profiles(&self, changes: &Changes) -> BTreeSet<ProfileNumber> {
        if changes.agents.len() > AGENTS_ASKED_MAX {
            return self.line.busy().collect();
        }
        let agents = changes.agents.iter();
        agents.flat_map(|agent| self.line.busy_for(self.staff.held(*agent))).collect()
    }

    /// Return a call, if it would ring one agent more.
    pub(crate) fn call_to_offer(&self, number: CallNumber) -> Option<&Call> {
        self.calls.get(&number).filter(|call| self.wants_offer(call))
    }

    /// Offer a call to so many as it may ring, while somebody is eligible.
    fn make_offer(&mut self, key: LineKey, changes: &mut Changes) {
        while let Some(call) = self.call_to_offer(key.call) {
            let agent = match self.turn(call) {
                Some(turn) => call.holder().filter(|_| turn == Turn::Free),
                None => {
                    let (spared, draw) = (self.spared(call), self.draw(call));
                    self.choose(call.profile, &spared, draw)
                }
            };
            let Some(agent) = agent else {
                return;
            };
            self.offer_call(key.call, agent, false);
            self.reserve(agent, changes);
        }
    }

    /// Tell whether somebody free who has changed passes a profile's tests of tags.
    ///
    /// With many of them it is enough that anybody does: whoever is free and has not changed
    /// was tried by all calls that they would fit.
    pub(crate) fn fits_changed(&mut self, number: ProfileNumber, changes: &Changes) -> bool {
        let queue = &self.plan.queues[self.line.queue(number).index()];
        if changes.agents.len() > AGENTS_ASKED_MAX {
            return self.staff.is_anybody_free(number, &queue.exclude);
        }
        let is_let_in = |agent: &AgentNumber| queue.exclude.binary_search(agent).is_err();
        let mut agents = changes.agents.iter().filter(|agent| is_let_in(agent));
        agents.any(|agent| self.staff.fits(number, *agent))
    }

    /// Take an agent who was just offered a call out of the free ones, unless a unit is left.
    pub(crate) fn reserve(&mut self, agent: AgentNumber, changes: &mut Changes) {
        self.touched.clear();
        let standing = self.standing(agent);
        self.staff.update(agent, standing);
        if standing.free_since_ms.is_none() {
            changes.agents.remove(&agent);
        }
        self.end_turns_for(agent);
    }

    /// End the rounds that are over, in the order of the line.
    fn end_rounds(&mut self, Changes { calls, left, .. }: &mut Changes) {
        for agent in left {
            let profiles = self.line.busy_for(self.staff.held(*agent));
            for number in profiles.filter(|number| self.staff.fits(*number, *agent)) {
                calls.extend(self.line.waiting(number));
            }
        }
        if self.directory.names_calls {
            let calls = self.in_common_order(calls);
            calls.into_iter().for_each(|number| self.end_round_if_over(number));
        } else {
            calls.iter().for_each(|key| self.end_round_if_over(key.call));
        }
    }

    fn end_round_if_over(&mut self, number: CallNumber) {
        let call = self.calls.get(&number);
        let call = call.filter(|call| {
            let is_held = broken!(67, call.holder().is_some(), false) || self.is_held(call);
            call.phase == CallPhase::Waiting && !call.round_ended && !is_held
        });
        let asked = call.map(|call| (call.profile, self.spared(call)));
        if let Some((profile, spared)) = asked
            && self.is_round_over(number, profile, &spared)
        {
            self.end_round(number);
        }
    }

    /// List calls in the order of the line.
    pub(crate) fn in_common_order(&self, keys: &Few<LineKey>) -> Vec<CallNumber> {
        let mut numbers: Vec<_> = keys.iter().map(|key| key.call).collect();
        if self.directory.names_calls {
            let place =
                |number: &CallNumber| self.calls.get(number).map(|call| self.common_place(call));
            numbers.sort_by_cached_key(place);
        }
        numbers
    }

    /// Tell whether nobody untried is left to wait for (rules 7.4, 18.5).
    ///
    /// At rest whoever is present and passes the other tests has no unit left.
    fn is_round_over(
        &mut self,
        call: CallNumber,
        profile: ProfileNumber,
        spared: &[AgentNumber],
    ) -> bool {
        let counts_busy = self.queue_of(self.call(call)).round_counts_busy;
        !broken!(28, counts_busy, true) || !self.staff.is_anybody_left(profile, spared)
    }

    /// List the agents who are not asked in this round, ascending.
    pub(crate) fn spared(&self, call: &Call) -> Vec<AgentNumber> {
        let first = (call.sequence, AgentNumber(0));
        let last = (call.sequence, AgentNumber(u32::MAX));
        let withdrawn = self.withdrawn.range(first..=last).map(|(_, agent)| *agent);
        let mut spared: Vec<_> = broken!(10, withdrawn.collect(), Vec::new());
        spared.extend(self.rung_for(call));
        spared.extend(&call.tried);
        spared.extend(&call.declined);
        spared.extend(&call.excluded);
        spared.extend(broken!(68, &self.queue_of(call).exclude[..], &[]));
        spared.sort_unstable();
        spared
    }

    /// Go through the agents who are being rung for a call, or connected.
    pub(crate) fn rung_for(&self, call: &Call) -> impl Iterator<Item = AgentNumber> {
        let rung = call.offers.iter().filter_map(|offer| self.offers.get(offer));
        rung.filter(|offer| offer.phase.is_unconfirmed()).map(|offer| offer.agent)
    }

    fn end_round(&mut self, number: CallNumber) {
        let queue = self.queue_of(self.call(number));
        let goes_on = self.call(number).step < queue.last_step();
        match queue.on_round_end {
            RoundEnd::NextStep if goes_on => {
                self.step_begins(number);
                self.begin_round(number);
            }
            RoundEnd::NextStep if queue.next_step_overflows => {
                self.limit_reached(number, CallEvent::RoundEnded, Limit::RoundEnd);
            }
            RoundEnd::Overflow => {
                self.limit_reached(number, CallEvent::RoundEnded, Limit::RoundEnd);
            }
            RoundEnd::Wait | RoundEnd::NextStep => {
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
