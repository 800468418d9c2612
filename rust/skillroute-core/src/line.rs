//! The line: which calls wait, in which order, and what they ask for.
//!
//! Calls of the same queue and needs are served by the same agents. They share a *profile*,
//! by whose number the staff (`staff.rs`) knows what they ask. So an agent who becomes free
//! finds the first call by looking at profiles, not at calls.
//!
//! The line is an index: it is rebuilt, never kept.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use crate::ids::{CallNumber, QueueNumber};
use crate::mutants::broken;
use crate::plan::Plan;
use crate::pool::{HeldTags, Waiting};
use crate::staff::Staff;
use crate::state::{Call, Needs};

/// Profiles that no call has any more, kept since the next call may well have one of them:
/// about as many as a large site has. Beyond that they are forgotten. The bound decides
/// nothing; checked builds have a lower one, so that small tests reach it.
const IDLE_PROFILES_MAX: usize = if cfg!(debug_assertions) { 2 } else { 20_000 };

/// The number of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProfileNumber(pub(crate) u32);

impl ProfileNumber {
    /// A call that has not been entered yet.
    pub(crate) const UNKNOWN: Self = Self(u32::MAX);
}

/// What puts calls in order: priority, waiting time, arrival (rule 8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LineKey {
    /// Minus the priority.
    priority: i64,
    since_ms: i64,
    /// The call.
    pub(crate) call: CallNumber,
}

impl LineKey {
    /// Return the place of a call in line.
    pub(crate) fn of(call: &Call) -> Self {
        Self {
            priority: broken!(6, -call.priority, call.priority),
            since_ms: broken!(7, call.line_since_ms, -call.line_since_ms),
            call: call.sequence,
        }
    }
}

/// The part of the line that begins behind a call, or all of it.
pub(crate) type Place = (Bound<LineKey>, Bound<LineKey>);

/// Calls between which only the order of the line decides.
#[derive(Clone, Debug)]
struct Profile {
    queue: QueueNumber,
    /// What its calls ask of an agent.
    needs: Arc<Needs>,
    /// How many calls in progress have it.
    calls: usize,
}

/// All calls in progress, by profile.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    /// A place is empty if and only if it is in `vacant`.
    profiles: Vec<Option<Profile>>,
    vacant: Vec<ProfileNumber>,
    numbers: BTreeMap<(QueueNumber, Arc<Needs>), ProfileNumber>,
    /// How many profiles no call has.
    idle: usize,
    /// The waiting calls of all profiles.
    waiting: BTreeMap<LineKey, ProfileNumber>,
    /// The same, by profile.
    by_profile: Waiting<LineKey>,
    /// Waiting calls that may have become eligible for somebody, or at the end of a round.
    pub(crate) changed: BTreeSet<LineKey>,
}

impl Line {
    /// Give a call its profile.
    pub(crate) fn admit(&mut self, call: &mut Call, plan: &Plan, staff: &mut Staff) {
        let rule = (call.queue, Arc::clone(&call.needs));
        let number = match self.numbers.get(&rule) {
            Some(number) => *number,
            None => self.add(rule, plan, staff),
        };
        let profile = self.profile_mut(number);
        profile.calls += 1;
        let is_first = profile.calls == 1;
        call.needs = Arc::clone(&profile.needs);
        call.profile = number;
        self.idle -= usize::from(is_first);
    }

    /// Forget a call that has ended.
    pub(crate) fn dismiss(&mut self, call: &Call) {
        let profile = self.profile_mut(call.profile);
        profile.calls -= 1;
        let was_last = profile.calls == 0;
        self.idle += usize::from(was_last);
        if self.idle > IDLE_PROFILES_MAX {
            self.forget_idle();
        }
    }

    /// Let a call wait.
    pub(crate) fn enter(&mut self, call: &Call, staff: &Staff) {
        let key = LineKey::of(call);
        self.by_profile.add(call.profile.0, staff.needs(call.profile), key);
        self.waiting.insert(key, call.profile);
        self.changed.insert(key);
    }

    /// Let a call wait no more, if it does.
    pub(crate) fn leave(&mut self, call: &Call) {
        let key = LineKey::of(call);
        if self.waiting.remove(&key).is_some() {
            self.by_profile.remove(call.profile.0, key);
        }
    }

    /// Look at a waiting call again.
    pub(crate) fn change(&mut self, call: &Call) {
        self.changed.insert(LineKey::of(call));
    }

    /// Look at all waiting calls again.
    pub(crate) fn change_all(&mut self) {
        self.changed.extend(self.waiting.keys());
    }

    /// Tell whether no call waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Go through the profiles with waiting calls.
    pub(crate) fn busy(&self) -> impl Iterator<Item = ProfileNumber> {
        self.by_profile.busy().map(ProfileNumber)
    }

    /// Go through the profiles with waiting calls that somebody may fit who holds such tags.
    pub(crate) fn busy_for(&self, held: &HeldTags) -> impl Iterator<Item = ProfileNumber> {
        self.by_profile.filed_for(held).map(ProfileNumber)
    }

    /// Go through the waiting calls of a profile, the first first.
    pub(crate) fn waiting(&self, number: ProfileNumber) -> impl Iterator<Item = LineKey> {
        self.by_profile.calls(number.0).iter().copied()
    }

    /// Return the first waiting call behind a place in line, and its profile.
    pub(crate) fn first_behind(&self, place: Place) -> Option<(LineKey, ProfileNumber)> {
        self.waiting.range(place).next().map(|(key, number)| (*key, *number))
    }

    /// Return the first waiting call of a profile behind a place in line.
    pub(crate) fn first_of(&self, number: ProfileNumber, place: Place) -> Option<LineKey> {
        self.by_profile.calls(number.0).range(place).next().copied()
    }

    fn add(
        &mut self,
        rule: (QueueNumber, Arc<Needs>),
        plan: &Plan,
        staff: &mut Staff,
    ) -> ProfileNumber {
        let (queue, needs) = (rule.0, Arc::clone(&rule.1));
        let number = self.vacant.pop().unwrap_or_else(|| {
            let next = u32::try_from(self.profiles.len());
            self.profiles.push(None);
            ProfileNumber(next.expect("there are fewer profiles than calls"))
        });
        staff.register(number, queue, plan.queues[queue.index()].strategy, &needs);
        self.profiles[number.0 as usize] = Some(Profile { queue, needs, calls: 0 });
        self.idle += 1;
        self.numbers.insert(rule, number);
        number
    }

    fn forget_idle(&mut self) {
        for (number, entry) in (0..).zip(&mut self.profiles) {
            if let Some(profile) = entry.take_if(|profile| profile.calls == 0) {
                self.numbers.remove(&(profile.queue, profile.needs));
                self.vacant.push(ProfileNumber(number));
            }
        }
        self.idle = 0;
    }

    fn profile_mut(&mut self, number: ProfileNumber) -> &mut Profile {
        let profile = self.profiles.get_mut(number.0 as usize).and_then(Option::as_mut);
        profile.expect("a call in progress keeps its profile")
    }
}
