//! The line: which calls wait, in which order, and what they ask for.
//!
//! Calls of the same queue and needs are served by the same agents. They share a *profile*,
//! which knows the classes of agents (`pool.rs`) that pass its tests of tags, and its
//! waiting calls in order. So an agent who becomes free finds the first call by looking at
//! profiles, not at calls.
//!
//! The line is an index: it is rebuilt, never kept.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use crate::bits::Bits;
use crate::ids::{CallNumber, QueueNumber};
use crate::mutants::broken;
use crate::state::{Call, Needs};

/// Words of the profiles that no call has any more: 8 MB. Beyond that they are forgotten.
/// The bound decides nothing; checked builds have a lower one, so that small tests reach it.
const IDLE_WORDS_MAX: usize = if cfg!(debug_assertions) { 4 } else { 1 << 20 };

/// The number of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProfileNumber(usize);

impl ProfileNumber {
    /// A call that has not been entered yet.
    pub(crate) const UNKNOWN: Self = Self(usize::MAX);
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
pub(crate) struct Profile {
    queue: QueueNumber,
    /// What its calls ask of an agent.
    pub(crate) needs: Arc<Needs>,
    /// Classes of agents that pass the tests of membership and tags.
    pub(crate) classes: Bits,
    /// Its calls that wait with no offer out.
    waiting: BTreeSet<LineKey>,
    /// How many calls in progress have it.
    calls: usize,
}

/// All calls in progress, by profile.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    /// A place is empty if and only if it is in `vacant`.
    profiles: Vec<Option<Profile>>,
    vacant: Vec<usize>,
    numbers: BTreeMap<(QueueNumber, Arc<Needs>), ProfileNumber>,
    /// Profiles with waiting calls.
    busy: BTreeSet<ProfileNumber>,
    /// The waiting calls of all profiles.
    waiting: BTreeMap<LineKey, ProfileNumber>,
    idle_words: usize,
    /// Waiting calls that may have become eligible for somebody, or at the end of a round.
    pub(crate) changed: BTreeSet<LineKey>,
}

impl Line {
    /// Give a call its profile; *classes* says who fits a new one.
    pub(crate) fn admit(&mut self, call: &mut Call, classes: impl FnOnce() -> Bits) {
        let rule = (call.queue, Arc::clone(&call.needs));
        let number = match self.numbers.get(&rule) {
            Some(number) => *number,
            None => self.add(rule, classes()),
        };
        let profile = self.profile_mut(number);
        profile.calls += 1;
        call.needs = Arc::clone(&profile.needs);
        call.profile = number;
        if profile.calls == 1 {
            self.idle_words -= self.profile(number).classes.size();
        }
    }

    /// Forget a call that has ended.
    pub(crate) fn dismiss(&mut self, call: &Call) {
        let profile = self.profile_mut(call.profile);
        profile.calls -= 1;
        if profile.calls == 0 {
            self.idle_words += self.profile(call.profile).classes.size();
        }
        if self.idle_words > IDLE_WORDS_MAX {
            self.forget_idle();
        }
    }

    /// Let a call wait.
    pub(crate) fn enter(&mut self, call: &Call) {
        let key = LineKey::of(call);
        self.profile_mut(call.profile).waiting.insert(key);
        self.busy.insert(call.profile);
        self.waiting.insert(key, call.profile);
        self.changed.insert(key);
    }

    /// Let a call wait no more, if it does.
    pub(crate) fn leave(&mut self, call: &Call) {
        let key = LineKey::of(call);
        if self.waiting.remove(&key).is_none() {
            return;
        }
        let waiting = &mut self.profile_mut(call.profile).waiting;
        waiting.remove(&key);
        if waiting.is_empty() {
            self.busy.remove(&call.profile);
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

    /// Return a profile.
    pub(crate) fn profile(&self, number: ProfileNumber) -> &Profile {
        let profile = self.profiles.get(number.0).and_then(Option::as_ref);
        profile.expect("a call in progress keeps its profile")
    }

    /// Go through the profiles with waiting calls.
    pub(crate) fn busy(&self) -> impl Iterator<Item = ProfileNumber> {
        self.busy.iter().copied()
    }

    /// Go through the waiting calls of a profile, the first first.
    pub(crate) fn waiting(&self, number: ProfileNumber) -> impl Iterator<Item = LineKey> {
        self.profile(number).waiting.iter().copied()
    }

    /// Return the first waiting call behind a place in line, and its profile.
    pub(crate) fn first_behind(&self, place: Place) -> Option<(LineKey, ProfileNumber)> {
        self.waiting.range(place).next().map(|(key, number)| (*key, *number))
    }

    /// Return the first waiting call of a profile behind a place in line.
    pub(crate) fn first_of(&self, number: ProfileNumber, place: Place) -> Option<LineKey> {
        self.profile(number).waiting.range(place).next().copied()
    }

    fn add(&mut self, rule: (QueueNumber, Arc<Needs>), classes: Bits) -> ProfileNumber {
        self.idle_words += classes.size();
        let profile = Profile {
            queue: rule.0,
            needs: Arc::clone(&rule.1),
            classes,
            waiting: BTreeSet::new(),
            calls: 0,
        };
        let number = match self.vacant.pop() {
            Some(place) => {
                self.profiles[place] = Some(profile);
                ProfileNumber(place)
            }
            None => {
                self.profiles.push(Some(profile));
                ProfileNumber(self.profiles.len() - 1)
            }
        };
        self.numbers.insert(rule, number);
        number
    }

    fn forget_idle(&mut self) {
        for (place, entry) in self.profiles.iter_mut().enumerate() {
            if let Some(profile) = entry.take_if(|profile| profile.calls == 0) {
                self.numbers.remove(&(profile.queue, profile.needs));
                self.vacant.push(place);
            }
        }
        self.idle_words = 0;
    }

    fn profile_mut(&mut self, number: ProfileNumber) -> &mut Profile {
        let profile = self.profiles.get_mut(number.0).and_then(Option::as_mut);
        profile.expect("a call in progress keeps its profile")
    }
}
