//! Timers: what the engine has to do later, and when.
//!
//! A timer is a kind and a subject; there is at most one of each. They fire in the order
//! of deadline, kind, and the sequence in which they were set (rules 1.1, 18.1).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::ids::AgentNumber;
use crate::numbered::Numbered;
use crate::record::{choice, record};

choice! {
    /// What a timer does; the numbers are the order at one instant (rule 18.1).
    ///
    /// The gaps are places of kinds that are not built yet.
    pub enum TimerKind {
        /// The agent has had the time for work after a call; subject: the offer.
        WrapUpEnds = 0,
        /// The host has not confirmed that a withdrawn leg is gone; subject: the offer.
        CancelGraceEnds = 1,
        /// A pause for missed offers is over; subject: the agent.
        PauseEnds = 4,
        /// An agent who could not be rung may be tried again; subject: the agent.
        RetryUnreachableEnds = 5,
        /// A schedule opens or closes; subject: the schedule.
        ShiftChanges = 6,
        /// The plan holds again; subject: three times the schedule, queue or number, and 0,
        /// 1 or 2 for which.
        OverrideEnds = 7,
        /// An agent has not answered; subject: the offer.
        RingEnds = 8,
        /// An accepted call was not joined; subject: the offer.
        ConnectLeaseEnds = 9,
        /// A new round begins; subject: the call.
        TriedSetEmptied = 10,
        /// A call may be offered to somebody again who declined it; subject: the call.
        DeclineEnds = 11,
        /// A call has waited for its next step; subject: the call.
        StepBegins = 12,
        /// A call has waited long enough for more agents; subject: the call.
        DelayEnds = 13,
        /// A call may ring more agents at once; subject: the call.
        RingWidens = 14,
        /// A call is no longer for the agent whom it prefers; subject: the call.
        PreferredTurnEnds = 15,
        /// A call has waited as long as it may; subject: the call.
        MaxWaitEnds = 16,
        /// A caller is told where they stand; subject: the call.
        AnnouncementDue = 17,
        /// A full minute; subject: 0.
        DemandCounted = 18,
    }
}

record! {
    /// One timer; compared by its fields in this order.
    #[derive(Copy, PartialOrd, Ord)]
    pub struct Timer {
        /// When it fires.
        pub deadline_ms: i64,
        /// What it does.
        pub kind: TimerKind,
        /// How many were set before it, and one.
        pub sequence: u64,
        /// The number of the offer, call, agent or schedule.
        pub subject: u64,
    }
}

impl Timer {
    /// Return the agent whom it is about.
    ///
    /// # Panics
    ///
    /// It is about something else.
    #[must_use]
    pub fn subject_agent(&self) -> AgentNumber {
        let number = u32::try_from(self.subject);
        AgentNumber(number.expect("the timers of agents are set with their numbers"))
    }
}

/// How many kinds there are places for.
const KINDS: usize = TimerKind::DemandCounted as usize + 1;

/// Cancelled timers in the heap beyond which it is cleared of them, when they are also more
/// than the others.
const CANCELLED_MAX: usize = if cfg!(debug_assertions) { 2 } else { 64 };

/// All timers of a site.
#[derive(Clone, Debug, Default)]
pub struct Timers {
    /// How many were ever set.
    pub sequence: u64,
    /// The first to fire first; also cancelled ones, but none of them stands first.
    heap: BinaryHeap<Reverse<Timer>>,
    /// Of each kind the timers by their subjects.
    set: [Numbered<u64, Timer>; KINDS],
    /// How many are set.
    count: usize,
}

impl Timers {
    /// Set a timer, in place of the one of the same kind and subject.
    pub fn set(&mut self, kind: TimerKind, subject: u64, deadline_ms: i64) {
        self.sequence += 1;
        let sequence = self.sequence;
        self.put(Timer { deadline_ms, kind, sequence, subject });
    }

    /// Put back a timer as it was; tell whether there was none of its kind and subject.
    pub fn put(&mut self, timer: Timer) -> bool {
        let was_set = self.set[timer.kind as usize].insert(timer.subject, timer);
        self.heap.push(Reverse(timer));
        if was_set {
            self.clear();
        } else {
            self.count += 1;
        }
        !was_set
    }

    /// Cancel a timer, if it is set.
    #[inline]
    pub fn cancel(&mut self, kind: TimerKind, subject: u64) {
        // Many kinds are set by few plans.
        if !self.set[kind as usize].is_empty() {
            self.cancel_one(kind, subject);
        }
    }

    /// Let everything that is due in [from, until) be due at its end.
    pub fn postpone(&mut self, from_ms: i64, until_ms: i64) {
        let is_due = |timer: &Timer| (from_ms..until_ms).contains(&timer.deadline_ms);
        let due: Vec<_> = self.all().copied().filter(is_due).collect();
        for timer in due {
            self.put(Timer { deadline_ms: until_ms, ..timer });
        }
    }

    /// Take out the timer that fires next, if it is due at an instant.
    pub fn pop_due(&mut self, now_ms: i64) -> Option<Timer> {
        let Reverse(timer) = *self.heap.peek()?;
        if timer.deadline_ms > now_ms {
            return None;
        }
        self.cancel(timer.kind, timer.subject);
        Some(timer)
    }

    /// Return when a timer will fire; `None`: it is not set.
    #[must_use]
    pub fn deadline_ms(&self, kind: TimerKind, subject: u64) -> Option<i64> {
        self.set[kind as usize].get(&subject).map(|timer| timer.deadline_ms)
    }

    /// Return when the next timer will fire; `None`: there is none.
    #[must_use]
    pub fn next_deadline_ms(&self) -> Option<i64> {
        self.heap.peek().map(|Reverse(timer)| timer.deadline_ms)
    }

    /// List all timers in the order in which they fire.
    #[must_use]
    pub fn listed(&self) -> Vec<Timer> {
        let mut listed: Vec<_> = self.all().copied().collect();
        listed.sort_unstable();
        listed
    }

    fn all(&self) -> impl Iterator<Item = &Timer> {
        self.set.iter().flat_map(Numbered::values)
    }

    fn cancel_one(&mut self, kind: TimerKind, subject: u64) {
        if self.set[kind as usize].forget(&subject) {
            self.count -= 1;
            self.clear();
        }
    }

    /// Take cancelled timers off the heap where they stand first, or are too many.
    fn clear(&mut self) {
        let Self { heap, set, count, .. } = self;
        let is_set = |Reverse(timer): &Reverse<Timer>| {
            set[timer.kind as usize].get(&timer.subject) == Some(timer)
        };
        while heap.peek().is_some_and(|first| !is_set(first)) {
            heap.pop();
        }
        if heap.len() > 2 * *count + CANCELLED_MAX {
            heap.retain(is_set);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_fire_by_deadline_then_kind_then_sequence() {
        let mut timers = Timers::default();
        timers.set(TimerKind::MaxWaitEnds, 1, 100);
        timers.set(TimerKind::RingEnds, 2, 100);
        timers.set(TimerKind::RingEnds, 1, 100);
        timers.set(TimerKind::WrapUpEnds, 9, 101);
        timers.set(TimerKind::TriedSetEmptied, 9, 50);
        let mut fired = Vec::new();
        while let Some(timer) = timers.pop_due(100) {
            fired.push((timer.kind, timer.subject));
        }
        let expected = [
            (TimerKind::TriedSetEmptied, 9),
            (TimerKind::RingEnds, 2),
            (TimerKind::RingEnds, 1),
            (TimerKind::MaxWaitEnds, 1),
        ];
        assert_eq!(expected.as_slice(), fired);
        assert_eq!(Some(101), timers.next_deadline_ms());
    }

    #[test]
    fn setting_again_replaces_and_cancelling_forgets() {
        let mut timers = Timers::default();
        timers.set(TimerKind::RingEnds, 1, 100);
        timers.set(TimerKind::RingEnds, 1, 200);
        assert_eq!(None, timers.pop_due(199));
        assert_eq!(Some(200), timers.deadline_ms(TimerKind::RingEnds, 1));
        timers.cancel(TimerKind::RingEnds, 1);
        timers.cancel(TimerKind::RingEnds, 1);
        assert_eq!((None, 2), (timers.next_deadline_ms(), timers.sequence));
    }

    #[test]
    fn they_are_what_an_ordered_list_is() {
        let (mut timers, mut list) = (Timers::default(), Vec::new());
        let kinds = [TimerKind::RingEnds, TimerKind::WrapUpEnds, TimerKind::MaxWaitEnds];
        let mut drawn = 1_u64;
        for now_ms in 0..3_000 {
            drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (kind, subject) = (kinds[usize::from(drawn >> 40 & 1 == 1)], drawn >> 50 & 15);
            let is_other = |timer: &Timer| (timer.kind, timer.subject) != (kind, subject);
            match drawn >> 60 {
                0..=2 => timers.cancel(kind, subject),
                3 => timers.postpone(now_ms, now_ms + 5),
                _ => timers.set(kind, subject, now_ms + i64::from(drawn >> 55 & 7 == 7) * 40),
            }
            match drawn >> 60 {
                0..=2 => list.retain(is_other),
                3 => {
                    for timer in &mut list {
                        if (now_ms..now_ms + 5).contains(&timer.deadline_ms) {
                            timer.deadline_ms = now_ms + 5;
                        }
                    }
                }
                _ => {
                    list.retain(is_other);
                    let deadline_ms = now_ms + i64::from(drawn >> 55 & 7 == 7) * 40;
                    list.push(Timer { deadline_ms, kind, sequence: timers.sequence, subject });
                }
            }
            list.sort_unstable();
            if drawn >> 45 & 3 == 0 {
                let is_due = list.first().is_some_and(|timer| timer.deadline_ms <= now_ms);
                let first = is_due.then(|| list.remove(0));
                assert_eq!(first, timers.pop_due(now_ms));
            }
            assert_eq!(list.first().map(|timer| timer.deadline_ms), timers.next_deadline_ms());
            assert_eq!(list, timers.listed());
            assert!(timers.heap.len() <= 2 * list.len() + CANCELLED_MAX + 1);
        }
    }
}
