//! The roll: lines that calls leave, and do not enter, while nobody is there (rule 9.3).
//!
//! Nobody means: nobody who could serve the call by the last step of its queue, which lets
//! in whom any step does. Calls with equal needs are asked about together, and only when
//! they come or when somebody goes who could have served them.

use std::collections::BTreeSet;

use crate::ids::{AgentNumber, CallNumber};
use crate::line::{LineKey, ProfileNumber};
use crate::mutants::broken;
use crate::plan::Limit;
use crate::pool::{HeldTags, Waiting};
use crate::site::Site;
use crate::staff::Staff;
use crate::state::{Call, CallPhase};

/// The waiting calls of queues that ask who is there, an index: it is rebuilt, never kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roll {
    /// By what the last steps of their queues ask.
    waiting: Waiting<CallNumber>,
    /// Calls that have come, or wait again.
    came: BTreeSet<CallNumber>,
    /// What somebody could serve who is gone, or may serve it no more.
    left: BTreeSet<ProfileNumber>,
}

impl Roll {
    /// Let a call wait, or look at one again that does.
    pub(crate) fn enter(&mut self, call: &Call, staff: &Staff) {
        if call.roll_profile != ProfileNumber::UNKNOWN {
            let needs = staff.needs(call.roll_profile);
            self.waiting.add(call.roll_profile.0, needs, call.sequence);
            self.came.insert(call.sequence);
        }
    }

    /// Let a call wait no more, if it does.
    pub(crate) fn leave(&mut self, call: &Call) {
        if call.roll_profile == ProfileNumber::UNKNOWN {
            return;
        }
        if self.waiting.calls(call.roll_profile.0).contains(&call.sequence) {
            self.waiting.remove(call.roll_profile.0, call.sequence);
        }
        self.came.remove(&call.sequence);
    }

    /// Tell whether there is nothing to look at.
    pub(crate) fn is_quiet(&self) -> bool {
        self.came.is_empty() && self.left.is_empty()
    }

    fn busy_for(&self, held: &HeldTags) -> impl Iterator<Item = ProfileNumber> {
        self.waiting.filed_for(held).map(ProfileNumber)
    }
}

impl Site {
    /// Somebody is gone, or will serve other calls: theirs may be left with nobody.
    pub(crate) fn look_at_lines_of(&mut self, agent: AgentNumber) {
        let profiles = self.line.roll.busy_for(self.staff.held(agent));
        let fitting: Vec<_> = profiles.filter(|number| self.staff.fits(*number, agent)).collect();
        self.line.roll.left.extend(fitting);
    }

    /// Send on the calls that are to leave when nobody is there; tell whether there were any.
    pub(crate) fn empty_lines(&mut self) -> bool {
        let roll = &mut self.line.roll;
        if roll.is_quiet() {
            return false;
        }
        let (mut calls, left) = (std::mem::take(&mut roll.came), std::mem::take(&mut roll.left));
        for profile in left {
            let first = self.line.roll.waiting.calls(profile.0).first().copied();
            if first.is_some_and(|call| self.who_left(call).is_some()) {
                calls.extend(self.line.roll.waiting.calls(profile.0));
            }
        }
        let is_leaving = |site: &mut Self, call: &CallNumber| {
            let waits = broken!(138, site.call(*call).phase == CallPhase::Waiting, true);
            waits && site.who_left(*call).is_some()
        };
        calls.retain(|call| is_leaving(self, call));
        let keys = calls.iter().map(|call| LineKey::of(self.call(*call))).collect();
        for call in self.in_common_order(&keys) {
            if let Some(limit) = self.who_left(call) {
                self.overflow(call, limit);
            }
        }
        !calls.is_empty()
    }

    /// Return the limit for which a queue does not take a call since nobody is there.
    pub(crate) fn nobody_there(&mut self, number: CallNumber) -> Option<Limit> {
        let (on_shift, logged_in) = self.queue_of(self.call(number)).limits.ask_who_is_there();
        if !on_shift && !logged_in {
            return None;
        }
        self.call_the_roll();
        self.emptiness(number, on_shift, logged_in)
    }

    /// Return the limit for which a call leaves its line since nobody is there any more.
    fn who_left(&mut self, number: CallNumber) -> Option<Limit> {
        let leaves = self.queue_of(self.call(number)).limits.leave_when_empty;
        if leaves { self.emptiness(number, true, true) } else { None }
    }

    /// Return which of two limits is reached: nobody of those who could serve a call is on
    /// shift, or logged in.
    fn emptiness(&mut self, number: CallNumber, on_shift: bool, logged_in: bool) -> Option<Limit> {
        let call = &self.calls[&number];
        let (profile, queue) = (call.roll_profile, &self.plan.queues[call.queue.index()]);
        let exclude = broken!(139, &queue.exclude[..], &[]);
        if on_shift && !self.staff.is_anybody_on_shift(profile, exclude) {
            return Some(Limit::NobodyOnShift);
        }
        let is_empty = logged_in && !self.staff.is_anybody_logged_in(profile, exclude);
        is_empty.then_some(broken!(121, Limit::NobodyLoggedIn, Limit::NobodyOnShift))
    }
}
