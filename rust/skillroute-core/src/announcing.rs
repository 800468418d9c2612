//! Announcements: what callers are told of their place in line, and of the wait.
//!
//! Both are told at intervals, from the entry into the queue on (rule 8.5). The expected wait
//! goes by how long the last calls of the line have kept their agents, and by how many
//! agents there are to take one; of the calls that there have not been yet the plan says
//! how long they take. What one caller is told never rises, also when the call goes on to
//! another queue.
//!
//! An announcement goes through the calls of its line and the members of its queue, so its
//! cost grows with both; nothing is counted between two of them.

use std::sync::Arc;

use crate::action::Order;
use crate::ids::{AgentNumber, CallNumber, QueueNumber};
use crate::limits::{HANDLED_REMEMBERED, TIME_MS_MAX};
use crate::mutants::broken;
use crate::site::Site;
use crate::state::{Call, CallPhase, Presence};
use crate::timer::TimerKind;

impl Site {
    /// Set the timer of a call's next announcement, if its queue has any.
    pub(crate) fn await_announcement(&mut self, number: CallNumber) {
        if let Some(every_ms) = self.queue_of(self.call(number)).announcements.every_ms {
            let deadline_ms = self.now_ms() + every_ms;
            self.timers.set(TimerKind::AnnouncementDue, number.0, deadline_ms);
        }
    }

    /// Tell a caller what the queue says; one who hears the agent's whisper is not told, nor
    /// is one whose host is not in sync.
    pub(crate) fn announce(&mut self, number: CallNumber) {
        self.await_announcement(number);
        self.call_the_roll();
        let call = self.call(number);
        if call.phase == CallPhase::Connecting || self.is_held(call) {
            return;
        }
        let telling = self.queue_of(call).announcements;
        let lower =
            |now: i64, last: Option<i64>| broken!(116, last.map_or(now, |l| now.min(l)), now);
        let position =
            telling.position.then(|| lower(self.position(call), call.announced_position));
        let wait_ms = if telling.wait { self.expected_wait_ms(call) } else { None };
        let wait_ms = wait_ms.map(|wait_ms| lower(wait_ms, call.announced_wait_ms));
        if position.is_none() && wait_ms.is_none() {
            return;
        }
        let call = self.call_mut(number);
        call.announced_position = position.or(call.announced_position);
        call.announced_wait_ms = wait_ms.or(call.announced_wait_ms);
        let order = Order::AnnouncePosition {
            call: Arc::clone(&call.id),
            position: position.unwrap_or(0),
            expected_wait_ms: wait_ms,
        };
        self.order(order);
    }

    /// Return the place of a call in its line, 1 for the first; those being rung count.
    pub(crate) fn position(&self, call: &Call) -> i64 {
        let others = self.crowd.in_line_of(call).map(|number| self.call(number));
        let before = others.filter(|other| {
            let counts = broken!(113, true, other.phase == CallPhase::Waiting);
            counts && self.stands_before(other, call)
        });
        1 + i64::try_from(before.count()).unwrap_or(TIME_MS_MAX)
    }

    /// Return how long a call may have to wait from now; `None`: nobody is there to take it.
    pub(crate) fn expected_wait_ms(&self, call: &Call) -> Option<i64> {
        let servers = self.who_serves(call);
        if servers == 0 {
            return None;
        }
        let lengths_ms = self.handled.get(&self.line_of(call.queue)).map_or(&[][..], Vec::as_slice);
        let total_ms: i128 = lengths_ms.iter().map(|length_ms| i128::from(*length_ms)).sum();
        let missing = (HANDLED_REMEMBERED - lengths_ms.len()) as i128;
        let expected_ms = i128::from(self.queue_of(call).announcements.expected_handling_ms);
        let total_ms = total_ms + broken!(114, missing, 0) * expected_ms;
        let wait_ms = i128::from(self.position(call)) * total_ms
            / (HANDLED_REMEMBERED as i128 * servers as i128);
        Some(i64::try_from(wait_ms).unwrap_or(TIME_MS_MAX).min(TIME_MS_MAX))
    }

    /// Remember how long an agent was taken by a call of a queue.
    pub(crate) fn note_handled(&mut self, queue: QueueNumber, length_ms: i64) {
        let lengths_ms = self.handled.entry(self.line_of(queue)).or_default();
        if lengths_ms.len() == HANDLED_REMEMBERED {
            lengths_ms.remove(0);
        }
        lengths_ms.push(length_ms);
    }

    /// Count the members who are there, on no break, and pass the tests of tags of the
    /// current step.
    fn who_serves(&self, call: &Call) -> usize {
        let serves = |agent: &AgentNumber| {
            let is_there = match self.agents[agent.index()].presence {
                Presence::Available => true,
                Presence::Paused => broken!(115, false, true),
                Presence::LoggedOut => false,
            };
            is_there && self.is_on_shift(*agent) && self.could_serve(call.profile, *agent)
        };
        match self.queue_of(call).members_at(call.step) {
            None => self.agent_numbers().filter(serves).count(),
            Some(members) => members.iter().filter(|agent| serves(agent)).count(),
        }
    }
}
