//! Timers: what the engine has to do later, and when.
//!
//! A timer is a kind and a subject; there is at most one of each. They fire in the order
//! of deadline, kind, and the sequence in which they were set (rules 1.1, 18.1).

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::AgentNumber;
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

/// All timers of a site.
#[derive(Clone, Debug, Default)]
pub struct Timers {
    /// How many were ever set.
    pub sequence: u64,
    sorted: BTreeSet<Timer>,
    /// A timer is in `sorted` if and only if it is here, under its kind and subject.
    by_subject: BTreeMap<(TimerKind, u64), Timer>,
}

impl Timers {
    /// Set a timer, in place of the one of the same kind and subject.
    pub fn set(&mut self, kind: TimerKind, subject: u64, deadline_ms: i64) {
        self.cancel(kind, subject);
        self.sequence += 1;
        let sequence = self.sequence;
        self.put(Timer { deadline_ms, kind, sequence, subject });
    }

    /// Put back a timer as it was; tell whether there was none of its kind and subject.
    pub fn put(&mut self, timer: Timer) -> bool {
        let former = self.by_subject.insert((timer.kind, timer.subject), timer);
        self.sorted.insert(timer);
        former.is_none()
    }

    /// Cancel a timer, if it is set.
    pub fn cancel(&mut self, kind: TimerKind, subject: u64) {
        if let Some(timer) = self.by_subject.remove(&(kind, subject)) {
            self.sorted.remove(&timer);
        }
    }

    /// Let everything that is due in [from, until) be due at its end.
    pub fn postpone(&mut self, from_ms: i64, until_ms: i64) {
        let is_due = |timer: &Timer| (from_ms..until_ms).contains(&timer.deadline_ms);
        let due: Vec<_> = self.sorted.iter().copied().filter(is_due).collect();
        for timer in due {
            self.cancel(timer.kind, timer.subject);
            self.put(Timer { deadline_ms: until_ms, ..timer });
        }
    }

    /// Take out the timer that fires next, if it is due at an instant.
    pub fn pop_due(&mut self, now_ms: i64) -> Option<Timer> {
        let timer = *self.sorted.first()?;
        if timer.deadline_ms > now_ms {
            return None;
        }
        self.cancel(timer.kind, timer.subject);
        Some(timer)
    }

    /// Return when a timer will fire; `None`: it is not set.
    #[must_use]
    pub fn deadline_ms(&self, kind: TimerKind, subject: u64) -> Option<i64> {
        self.by_subject.get(&(kind, subject)).map(|timer| timer.deadline_ms)
    }

    /// Return when the next timer will fire; `None`: there is none.
    #[must_use]
    pub fn next_deadline_ms(&self) -> Option<i64> {
        self.sorted.first().map(|timer| timer.deadline_ms)
    }

    /// List all timers in the order in which they fire.
    #[must_use]
    pub fn listed(&self) -> Vec<Timer> {
        self.sorted.iter().copied().collect()
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
}
