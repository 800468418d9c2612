//! Places: in which order calls wait.
//!
//! Each queue orders its own line (rule 8.3): by effective priority, by waiting time alone,
//! or the hardest to serve first. Calls of different queues compare by the common order:
//! effective priority, waiting time, arrival; a queue that orders its line otherwise counts
//! there with its fixed priority.

use crate::eligibility::{NoTrace, test_needs};
use crate::ids::{AgentNumber, CallNumber};
use crate::line::ProfileNumber;
use crate::mutants::broken;
use crate::plan::LineOrder;
use crate::site::Site;
use crate::state::{Call, Presence};

/// A call's place, the smaller first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Minus the effective priority in thousandths, or how many could serve the call.
    first: i64,
    since_ms: i64,
    /// The call.
    pub(crate) call: CallNumber,
}

impl Site {
    /// Return the place of a call among those of all queues.
    pub(crate) fn common_place(&self, call: &Call) -> Place {
        Place {
            first: -self.effective_priority(call),
            since_ms: call.line_since_ms,
            call: call.sequence,
        }
    }

    /// Return the place of a call among those of its queue.
    pub(crate) fn queue_place(&self, call: &Call) -> Place {
        let common = self.common_place(call);
        match self.queue_of(call).line {
            LineOrder::Priority | LineOrder::LongestWaiting => common,
            LineOrder::HardestFirst => {
                let first = broken!(58, self.line.hardness(call.profile), 0);
                Place { first, ..common }
            }
        }
    }

    /// Tell whether a call of the same line goes before another.
    ///
    /// Calls with different versions of the queue's rules compare by the common order, as
    /// those of different queues do.
    pub(crate) fn stands_before(&self, other: &Call, call: &Call) -> bool {
        if other.queue == call.queue {
            self.queue_place(other) < self.queue_place(call)
        } else {
            self.common_place(other) < self.common_place(call)
        }
    }

    /// Return a call's priority now, in thousandths (rules 8.2, 18.14).
    fn effective_priority(&self, call: &Call) -> i64 {
        let queue = self.queue_of(call);
        let own = 1000 * call.line_priority;
        match queue.line {
            LineOrder::LongestWaiting | LineOrder::HardestFirst => own,
            LineOrder::Priority => {
                let waited_ms = i128::from(self.now_ms()) - i128::from(call.line_since_ms);
                let aged = (i128::from(queue.aging_milli) * waited_ms).div_euclid(60_000);
                let most = i128::from(1000 * broken!(59, queue.aging_cap, i64::MAX / 1000));
                own.saturating_add(i64::try_from(aged.min(most)).unwrap_or(i64::MIN))
            }
        }
    }

    /// Count how many logged-in members pass the tests of tags of a profile's step, as far
    /// as the staff knows who is logged in: who comes later is added then.
    pub(crate) fn count_who_could_serve(&self, number: ProfileNumber) -> i64 {
        let could = |agent: &AgentNumber| {
            self.staff.is_rostered(*agent) && self.could_serve(number, *agent)
        };
        i64::try_from(self.agent_numbers().filter(could).count()).unwrap_or(i64::MAX)
    }

    /// Tell whether an agent is a member and passes the tests of tags of a profile's step.
    pub(crate) fn could_serve(&self, number: ProfileNumber, agent: AgentNumber) -> bool {
        let (queue, step, asked) = self.line.asks(number);
        let queue = &self.plan.queues[queue.index()];
        queue.is_member_at(step, agent)
            && test_needs(self, (asked, queue, step), agent, &mut NoTrace).is_continue()
    }

    /// Tell whether an agent is logged in and on shift.
    pub(crate) fn is_rostered(&self, agent: AgentNumber) -> bool {
        let is_logged_in = match self.agents[agent.index()].presence {
            Presence::Available | Presence::Paused => true,
            Presence::LoggedOut => false,
        };
        is_logged_in && self.is_on_shift(agent)
    }
}
