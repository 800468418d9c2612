//! Steps: how the rules of a queue change while a call waits in it.
//!
//! Step n is the queue's rules with the changes of steps 1 to n, at absolute times of
//! waiting (rule 9.1); step 0 is the queue's own rules. Every step takes over whom and what
//! the one before it let in, so an agent who is eligible by one step is eligible by all
//! later ones: the earliest such step is the first key of the order (rule 6.1).
//!
//! A delay per agent and queue works alike, but is no step: the agent is just not there for
//! calls that have not waited so long.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow::Continue;

use crate::eligibility::{NoTrace, test_needs};
use crate::ids::{AgentNumber, CallNumber, TagNumber};
use crate::line::LineKey;
use crate::mutants::broken;
use crate::needs::Tags;
use crate::plan::{Plan, Queue, Step, Strategy};
use crate::site::Site;
use crate::staff::category;
use crate::state::{Call, Needs, Source, Sourced};
use crate::timer::TimerKind;

impl Queue {
    /// Return the changes of a step; `None`: the queue's own rules.
    pub(crate) fn step(&self, step: u32) -> Option<&Step> {
        self.steps.get((step as usize).checked_sub(1)?)
    }

    /// Return how the eligible agents are put in order from a step on.
    pub(crate) fn strategy_at(&self, step: u32) -> Strategy {
        self.step(step).map_or(self.strategy, |changed| changed.strategy)
    }

    /// Return who serves the queue from a step on, ascending; `None`: everybody.
    pub(crate) fn members_at(&self, step: u32) -> Option<&[AgentNumber]> {
        self.step(step).map_or(self.members.as_deref(), |changed| changed.members.as_deref())
    }

    /// Tell whether an agent serves the queue from a step on.
    pub(crate) fn is_member_at(&self, step: u32, agent: AgentNumber) -> bool {
        let members = self.members_at(step);
        members.is_none_or(|members| members.binary_search(&agent).is_ok())
    }

    /// Return who passes by the rules of a step where a tag is asked for, as if they held it;
    /// ascending.
    pub(crate) fn granted_at(&self, step: u32, tag: TagNumber) -> &[AgentNumber] {
        let grants = self.step(step).map_or(&[][..], |changed| &changed.grants);
        let found = grants.binary_search_by_key(&tag, |(granted, _)| *granted);
        found.map_or(&[][..], |place| &grants[place].1)
    }

    /// Tell whether an agent does.
    pub(crate) fn is_granted(&self, step: u32, tag: TagNumber, agent: AgentNumber) -> bool {
        self.granted_at(step, tag).binary_search(&agent).is_ok()
    }

    /// Return the number of the last step.
    pub(crate) fn last_step(&self) -> u32 {
        u32::try_from(self.steps.len()).expect("a queue has few steps")
    }

    /// Return how long a call must have waited before it gets an agent.
    pub(crate) fn delay_ms(&self, agent: AgentNumber) -> i64 {
        let found = self.placements.binary_search_by_key(&agent, |place| place.agent);
        found.map_or(0, |place| self.placements[place].delay_ms)
    }

    /// Return the delays of its agents, ascending, each once.
    pub(crate) fn delays_ms(&self) -> Vec<i64> {
        let delays = self.placements.iter().map(|place| place.delay_ms);
        let delays: BTreeSet<_> = delays.filter(|delay_ms| *delay_ms > 0).collect();
        delays.into_iter().collect()
    }

    /// Return an agent's priority for the queue, 1 first.
    pub(crate) fn place(&self, agent: AgentNumber) -> i64 {
        let found = self.placements.binary_search_by_key(&agent, |place| place.agent);
        found.map_or(1, |place| self.placements[place].priority)
    }
}

/// Return what is asked by the rules of a step, of whoever the step in force prefers
/// (rules 9.2, 18.11, 18.13).
pub(crate) fn relaxed(
    plan: &Plan,
    tags: &Tags,
    queue: &Queue,
    needs: &Needs,
    (by, in_force): (u32, u32),
) -> Needs {
    let fixed = |need: &Sourced, tag: TagNumber| {
        need.never_relax || plan.settings.never_relax.binary_search(&tag).is_ok()
    };
    if by < in_force {
        let Needs { preferred, .. } = relaxed(plan, tags, queue, needs, (in_force, in_force));
        return Needs { preferred, ..relaxed(plan, tags, queue, needs, (by, by)) };
    }
    let Some(changed) = queue.step(by) else {
        return needs.clone();
    };
    let is_dropped = |need: &Sourced, tag: TagNumber| {
        let category = category(tags.name(tag));
        let in_category = || changed.drop_categories.iter().any(|name| **name == *category);
        !broken!(56, fixed(need, tag), false)
            && (changed.drop.binary_search(&tag).is_ok() || in_category())
    };
    let lowered = |need: &Sourced| {
        let tag = need.tags[0];
        let found = changed.lower.binary_search_by_key(&tag, |(tag, _)| *tag);
        let most = found.map_or(need.value, |place| changed.lower[place].1);
        let value = if fixed(need, tag) { need.value } else { need.value.min(most) };
        Sourced { value, ..need.clone() }
    };
    let required = needs.required.iter().filter(|need| !is_dropped(need, need.tags[0]));
    let required: Vec<_> = required.map(lowered).collect();
    let is_kept = |need: &&Sourced| !need.tags.iter().any(|tag| is_dropped(need, *tag));
    Needs {
        any_of: needs.any_of.iter().filter(is_kept).cloned().collect(),
        forbidden: needs.forbidden.clone(),
        preferred: preferred(tags, changed, needs, &required),
        required,
    }
}

/// Add the preferred tags of a step to those of the call; required beats preferred.
fn preferred(tags: &Tags, changed: &Step, needs: &Needs, required: &[Sourced]) -> Vec<Sourced> {
    let own = needs.preferred.iter().map(|need| (need.tags[0], need.clone()));
    let mut preferred: BTreeMap<TagNumber, Sourced> = own.collect();
    let is_asked = |tag: TagNumber| required.iter().any(|need| need.tags[0] == tag);
    for (tag, weight) in changed.prefer.iter().filter(|(tag, _)| !is_asked(*tag)) {
        let new =
            || Sourced { tags: vec![*tag], value: 0, source: Source::Queue, never_relax: false };
        let need = preferred.entry(*tag).or_insert_with(new);
        need.value = need.value.saturating_add(*weight);
    }
    let mut preferred: Vec<_> = preferred.into_values().collect();
    preferred.sort_by(|one, two| tags.name(one.tags[0]).cmp(tags.name(two.tags[0])));
    preferred
}

/// What a call asks by the rules of each step of its queue.
#[derive(Debug)]
pub(crate) struct Asked {
    by_step: Vec<Needs>,
}

impl Asked {
    /// Work it out for a call.
    pub(crate) fn of(site: &Site, call: &Call) -> Self {
        let queue = site.queue_of(call);
        let needs = |by| relaxed(&site.plan, &site.tags, queue, &call.needs, (by, call.step));
        Self { by_step: (0..=queue.last_step()).map(needs).collect() }
    }

    /// Return what is asked by the rules of a step.
    pub(crate) fn at(&self, step: u32) -> &Needs {
        &self.by_step[step as usize]
    }

    /// Return the first step by whose rules an agent passes the tests of membership and
    /// tags; `None`: there is none.
    pub(crate) fn earliest(&self, site: &Site, call: &Call, agent: AgentNumber) -> Option<u32> {
        let queue = site.queue_of(call);
        let lets_in = |step: &u32| {
            let asked = (self.at(*step), queue, *step);
            let passes = test_needs(site, asked, agent, &mut NoTrace);
            queue.is_member_at(*step, agent) && passes == Continue(())
        };
        (0..=queue.last_step()).find(lets_in)
    }
}

// Clocks

impl Site {
    /// The call has entered a queue: its first step and the first delay are to come.
    pub(crate) fn start_clocks(&mut self, number: CallNumber) {
        let call = self.call_mut(number);
        call.step = 0;
        call.stopped_ms = 0;
        call.stopped_since_ms = None;
        self.await_step(number);
        self.await_delay(number);
    }

    /// The call leaves its queue.
    pub(crate) fn stop_clocks(&mut self, number: CallNumber) {
        self.timers.cancel(TimerKind::StepBegins, number.0);
        self.timers.cancel(TimerKind::DelayEnds, number.0);
        self.call_mut(number).stopped_since_ms = None;
    }

    /// Somebody is being rung: the steps' clock may stand still (rule 8.1).
    pub(crate) fn offer_is_out(&mut self, number: CallNumber) {
        if !broken!(57, self.queue_of(self.call(number)).relax_while_ringing, true) {
            let now_ms = self.now_ms();
            self.timers.cancel(TimerKind::StepBegins, number.0);
            self.call_mut(number).stopped_since_ms = Some(now_ms);
        }
    }

    /// Nobody is being rung any more: the steps' clock goes on.
    pub(crate) fn no_offer_is_out(&mut self, number: CallNumber) {
        let now_ms = self.now_ms();
        let call = self.call_mut(number);
        if let Some(since_ms) = call.stopped_since_ms.take() {
            call.stopped_ms = call.stopped_ms.saturating_add(now_ms.saturating_sub(since_ms));
            self.await_step(number);
        }
    }

    /// The next step begins, by the clock or since a round ended (rule 7.4).
    pub(crate) fn step_begins(&mut self, number: CallNumber) {
        self.restage(number, |call| call.step += 1);
        self.await_step(number);
    }

    /// The call has waited long enough for more agents.
    pub(crate) fn delay_ended(&mut self, number: CallNumber) {
        self.restage(number, |_| {});
        self.await_delay(number);
    }

    /// Return when a step begins by whose rules an agent fits, and who are not in force
    /// yet; `None`: none will.
    pub(crate) fn lets_in_ms(&self, asked: &Asked, call: &Call, agent: AgentNumber) -> Option<i64> {
        let step = asked.earliest(self, call, agent).filter(|step| *step > call.step)?;
        let goes = call.phase.is_in_line() && call.stopped_since_ms.is_none();
        goes.then(|| self.begins_ms(call, step)).flatten()
    }

    /// Return how many of the queue's delays a call has waited for.
    pub(crate) fn delays_passed(&self, call: &Call) -> u32 {
        let delays_ms = &self.directory.delays_ms[call.queue.index()];
        let waited_ms = self.now_ms().saturating_sub(call.queue_since_ms);
        let passed = delays_ms.partition_point(|delay_ms| *delay_ms <= waited_ms);
        u32::try_from(passed).expect("there are fewer delays than agents")
    }

    /// Tell whether the next step would have begun by now.
    pub(crate) fn is_next_step_due(&self, number: CallNumber) -> bool {
        let call = self.call(number);
        self.begins_ms(call, call.step + 1).is_some_and(|begins_ms| begins_ms <= self.now_ms())
    }

    /// Return when a step begins, if the steps' clock goes on from now.
    fn begins_ms(&self, call: &Call, step: u32) -> Option<i64> {
        let after_ms = self.queue_of(call).step(step)?.after_ms;
        Some(call.queue_since_ms + call.stopped_ms + after_ms)
    }

    /// Change what decides a call's place in the index of the line.
    pub(crate) fn restage(&mut self, number: CallNumber, change: impl FnOnce(&mut Call)) {
        let mut call = self.calls.remove(&number).expect("a call in line is in progress");
        self.line.leave(&mut call);
        self.line.changed.remove(&LineKey::of(&call));
        self.line.dismiss(call.profile, call.roll_profile);
        change(&mut call);
        self.admit(&mut call);
        if self.wants_offer(&call) {
            self.line.enter(&mut call, &self.staff);
        }
        self.calls.insert(number, call);
    }

    /// Set the timer of the next step that the call is not in yet.
    pub(crate) fn await_step(&mut self, number: CallNumber) {
        self.timers.cancel(TimerKind::StepBegins, number.0);
        let call = self.call(number);
        if call.stopped_since_ms.is_some() {
            return;
        }
        if let Some(deadline_ms) = self.begins_ms(call, call.step + 1) {
            self.timers.set(TimerKind::StepBegins, number.0, deadline_ms);
        }
    }

    /// Set the timer of the next delay that the call has not waited for yet.
    pub(crate) fn await_delay(&mut self, number: CallNumber) {
        let call = self.call(number);
        let delays_ms = &self.directory.delays_ms[call.queue.index()];
        if let Some(delay_ms) = delays_ms.get(self.delays_passed(call) as usize) {
            let deadline_ms = call.queue_since_ms + delay_ms;
            self.timers.set(TimerKind::DelayEnds, number.0, deadline_ms);
        }
    }
}
