//! Declines: whom a call spares since they declined it.
//!
//! A decline holds for call and agent for as long as the queue says, across rounds, or for
//! the rest of the visit (rule 7.5).

use crate::ids::{AgentNumber, CallNumber};
use crate::mutants::broken;
use crate::site::Site;
use crate::state::Call;
use crate::timer::TimerKind;

impl Site {
    /// An agent has declined a call.
    pub(crate) fn add_decline(&mut self, number: CallNumber, agent: AgentNumber) {
        let length_ms = self.queue_of(self.call(number)).decline_for_ms;
        if length_ms == Some(0) {
            return;
        }
        let now_ms = self.now_ms();
        let call = self.call_mut(number);
        if let Err(place) = call.declined.binary_search(&agent) {
            call.declined.insert(place, agent);
        }
        call.declines.retain(|(_, other)| *other != agent);
        if let Some(length_ms) = length_ms {
            let decline = (now_ms + length_ms, agent);
            let place = call.declines.partition_point(|other| *other < decline);
            call.declines.insert(place, decline);
        }
        self.await_decline_end(number);
    }

    /// The time of one decline is over, or of several at once.
    pub(crate) fn decline_ends(&mut self, number: CallNumber) {
        let now_ms = self.now_ms();
        let call = self.calls.get_mut(&number).expect("the timer ends with the visit");
        let over = call.declines.partition_point(|(ends_ms, _)| *ends_ms <= now_ms);
        for (_, agent) in call.declines.drain(..over) {
            call.declined.retain(|other| broken!(72, *other != agent, true));
        }
        self.enter_or_leave(number);
        self.await_decline_end(number);
    }

    /// The visit is over, and with it all declines.
    pub(crate) fn forget_declines(&mut self, number: CallNumber) {
        let call = self.call_mut(number);
        call.declined.clear();
        call.declines.clear();
        self.timers.cancel(TimerKind::DeclineEnds, number.0);
    }

    /// Set the timer of the decline that ends next.
    pub(crate) fn await_decline_end(&mut self, number: CallNumber) {
        match self.call(number).declines.first().copied() {
            Some((ends_ms, _)) => self.timers.set(TimerKind::DeclineEnds, number.0, ends_ms),
            None => self.timers.cancel(TimerKind::DeclineEnds, number.0),
        }
    }
}

/// Return when an agent's decline of a call ends; `None`: with the visit.
pub(crate) fn decline_ends_ms(call: &Call, agent: AgentNumber) -> Option<i64> {
    let mut declines = call.declines.iter();
    declines.find(|(_, other)| *other == agent).map(|(ends_ms, _)| *ends_ms)
}
