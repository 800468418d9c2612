//! Ringing: how many agents a call may ring at once.
//!
//! Most queues ring one agent after another. A parallel one offers a call to several: to as
//! many as it may at once, or to more and more of them as the round goes on (rule 6.4). The
//! width counts open offers, so an offer that comes to nothing makes room for the next agent.
//! The clock of a round starts with its first offer and does not depend on the strategy in
//! force then, so a step that changes the strategy changes the width at the next choice
//! (rule 18.16).

use crate::ids::CallNumber;
use crate::mutants::broken;
use crate::plan::{Queue, Ringing};
use crate::site::Site;
use crate::state::{Call, CallPhase};
use crate::timer::TimerKind;

impl Queue {
    /// Return how agents are rung from a step on.
    pub(crate) fn ringing_at(&self, step: u32) -> Ringing {
        self.step(step).map_or(self.ringing, |changed| changed.ringing)
    }
}

impl Site {
    /// Tell whether a call would ring one agent more.
    ///
    /// With a limit passed it lets ring what rings (rule 9.3), and so it does while the
    /// preferred agent rings whose turn it is (rule 18.10); of a host that is not in sync it
    /// waits for that (rule 1.7).
    pub(crate) fn wants_offer(&self, call: &Call) -> bool {
        if self.is_held(call) {
            return false;
        }
        match call.phase {
            CallPhase::Waiting => true,
            CallPhase::Ringing => {
                let lets_ring = || {
                    broken!(64, call.max_wait_passed, false)
                        || broken!(69, self.rings_at_holder(call), false)
                };
                self.open_offers(call) < self.width(call) && !lets_ring()
            }
            CallPhase::Connecting
            | CallPhase::Connected
            | CallPhase::Voicemail
            | CallPhase::Forwarding
            | CallPhase::Forwarded => false,
        }
    }

    /// Tell whether a parallel call rings all that it may ring now.
    pub(crate) fn is_full(&self, call: &Call) -> bool {
        let is_parallel = match self.ringing(call) {
            Ringing::One => false,
            Ringing::All | Ringing::Progressively => true,
        };
        call.phase == CallPhase::Ringing
            && is_parallel
            && !self.is_assigned(call)
            && self.open_offers(call) >= self.width(call)
    }

    /// Return when a call may ring one agent more, if nobody answers; `None`: unknown.
    pub(crate) fn has_room_ms(&self, call: &Call) -> Option<i64> {
        let ends =
            call.offers.iter().filter_map(|id| self.timers.deadline_ms(TimerKind::RingEnds, id.0));
        let mut known: Vec<_> = ends.collect();
        known.sort_unstable();
        let counts = (0..=self.open_offers(call)).map(|ended| self.open_offers(call) - ended + 1);
        let instants = [self.now_ms()].into_iter().chain(known);
        let found = counts.zip(instants);
        found.filter_map(|(count, at_ms)| self.wide_enough_ms(call, count, at_ms)).min()
    }

    /// The first offer of a round starts its clock.
    pub(crate) fn offer_is_made(&mut self, number: CallNumber) {
        let now_ms = self.now_ms();
        let call = self.call_mut(number);
        if call.round_since_ms.is_none() {
            call.round_since_ms = Some(now_ms);
            self.set_widening(number);
        }
    }

    /// A new round begins: what rings already is its first offer.
    pub(crate) fn begin_round(&mut self, number: CallNumber) {
        let now_ms = self.now_ms();
        let call = self.call_mut(number);
        let rings = broken!(65, !call.offers.is_empty(), false);
        call.round_since_ms = rings.then_some(now_ms);
        self.ring_widens(number);
    }

    /// A call may ring more agents than before.
    pub(crate) fn ring_widens(&mut self, number: CallNumber) {
        self.await_width(number);
        self.enter_or_leave(number);
    }

    /// Set the timer of the next instant at which a call may ring more agents.
    pub(crate) fn await_width(&mut self, number: CallNumber) {
        self.timers.cancel(TimerKind::RingWidens, number.0);
        self.set_widening(number);
    }

    /// Do it where no such timer is set.
    fn set_widening(&mut self, number: CallNumber) {
        let call = self.call(number);
        let next = call.round_since_ms.and_then(|since_ms| self.widens_ms(call, since_ms));
        if let Some(deadline_ms) = next {
            self.timers.set(TimerKind::RingWidens, number.0, deadline_ms);
        }
    }

    /// Let a call stand in the line, and look at it again, if it would ring one agent more.
    pub(crate) fn enter_or_leave(&mut self, number: CallNumber) {
        let wants_offer = self.wants_offer(self.call(number));
        let call = self.calls.get_mut(&number).expect("a call in line is in progress");
        if wants_offer {
            self.line.enter(call, &self.staff);
        } else {
            self.line.leave(call);
        }
    }

    /// Return when more agents may be rung for a call than now; `None`: never.
    fn widens_ms(&self, call: &Call, since_ms: i64) -> Option<i64> {
        let parallel = &self.queue_of(call).parallel;
        match self.ringing(call) {
            Ringing::One | Ringing::All => None,
            Ringing::Progressively => {
                let passed = (self.now_ms() - since_ms).div_euclid(parallel.every_ms);
                let deadline_ms = since_ms + (passed + 1) * parallel.every_ms;
                (self.width(call) < parallel.max_parallel).then_some(deadline_ms)
            }
        }
    }

    /// Return the first instant from one on at which so many may ring; `None`: never.
    fn wide_enough_ms(&self, call: &Call, count: i64, at_ms: i64) -> Option<i64> {
        let parallel = &self.queue_of(call).parallel;
        if count <= self.width(call) {
            return Some(at_ms);
        }
        match self.ringing(call) {
            Ringing::One | Ringing::All => None,
            Ringing::Progressively if count > parallel.max_parallel => None,
            Ringing::Progressively => {
                let batches = (count + parallel.batch - 1).div_euclid(parallel.batch);
                let widens_ms = call.round_since_ms? + (batches - 1) * parallel.every_ms;
                Some(at_ms.max(widens_ms))
            }
        }
    }

    fn ringing(&self, call: &Call) -> Ringing {
        self.queue_of(call).ringing_at(call.step)
    }

    /// Return how many agents a call may ring at once now.
    fn width(&self, call: &Call) -> i64 {
        let parallel = &self.queue_of(call).parallel;
        match self.ringing(call) {
            Ringing::One => 1,
            Ringing::All | Ringing::Progressively if self.is_assigned(call) => 1,
            Ringing::All => parallel.max_parallel,
            Ringing::Progressively => {
                let since_ms = call.round_since_ms.unwrap_or(self.now_ms());
                let passed = (self.now_ms() - since_ms).div_euclid(parallel.every_ms);
                let batches = broken!(63, passed, 0) + 1;
                parallel.max_parallel.min(batches * parallel.batch)
            }
        }
    }

    /// Tell whether a call rings at somebody to whom a supervisor gave it: alone (rule 18.9).
    fn is_assigned(&self, call: &Call) -> bool {
        let mut offers = call.offers.iter().filter_map(|id| self.offers.get(id));
        offers.any(|offer| offer.assigned)
    }

    fn open_offers(&self, call: &Call) -> i64 {
        i64::try_from(call.offers.len()).expect("a call has few offers")
    }
}
