//! Sending: where a call goes that a queue gives up or does not take.
//!
//! Queues may send a call on to each other; each counts how often it was entered by the
//! call, so every chain of them ends.

use std::sync::Arc;

use crate::action::Order;
use crate::ids::{BoxNumber, CallNumber, QueueNumber};
use crate::limits::FORWARD_RING_MS;
use crate::mutants::broken;
use crate::plan::{End, Limit};
use crate::site::Site;
use crate::state::{CallPhase, Visit, VisitResult};

impl Site {
    /// Send a call that is in no queue to a destination; in another queue it may count as
    /// waiting since before.
    pub(crate) fn send(&mut self, number: CallNumber, end: End, keeps_place: bool) {
        match end {
            End::LastResort => self.last_resort(number),
            End::Queue(queue) => self.send_to_queue(number, queue, keeps_place),
            End::Voicemail(place) => self.send_to_voicemail(number, place),
            End::Number(outside) => self.forward(number, outside),
            End::HangUp(prompt) => {
                self.hang_up(number, "hangup", prompt);
                self.end(number, "hung_up");
            }
        }
    }

    /// Leave the line for where the queue sends what this limit ends.
    pub(crate) fn overflow(&mut self, number: CallNumber, limit: Limit) {
        let queue = self.queue_of(self.call(number));
        let (end, keeps_place) = (queue.end_of(limit).clone(), queue.limits.keeps_place);
        self.leave_for(number, VisitResult::overflowed(limit), end.clone());
        self.send(number, end, keeps_place);
    }

    /// End a visit, and remember where it led.
    pub(crate) fn leave_for(&mut self, number: CallNumber, result: VisitResult, end: End) {
        self.leave_line(number, result);
        let call = self.call_mut(number);
        call.visits.push(Visit { queue: call.queue, result, end });
    }

    /// Give a call what it gets that nothing else could be done with.
    pub(crate) fn last_resort(&mut self, number: CallNumber) {
        self.call_mut(number).in_last_resort = broken!(81, true, false);
        let settings = &self.plan.settings;
        match settings.last_resort.clone() {
            End::LastResort => {
                let message = Arc::clone(&settings.last_resort_message);
                self.hang_up(number, "last_resort", message);
                self.end(number, "overflowed");
            }
            end @ (End::Voicemail(_) | End::Number(_) | End::Queue(_) | End::HangUp(_)) => {
                self.send(number, end, false);
            }
        }
    }

    /// A mailbox or an outside number failed: the last resort, unless it was that.
    pub(crate) fn end_or_last_resort(&mut self, number: CallNumber, code: &str) {
        if !self.call(number).in_last_resort {
            return self.last_resort(number);
        }
        let message = Arc::clone(&self.plan.settings.last_resort_message);
        self.hang_up(number, "failed", message);
        self.end(number, format!("failed:{code}"));
    }

    /// Let a call enter a queue, or those to which its limits on entry lead.
    ///
    /// A queue that the call has entered too often takes it no more (rule 10.1).
    fn send_to_queue(&mut self, number: CallNumber, queue: QueueNumber, keeps_place: bool) {
        let mut next = Some((queue, keeps_place));
        while let Some((queue, keeps_place)) = next {
            let visits = &self.call(number).visits;
            let entered = visits.iter().filter(|visit| visit.queue == queue).count();
            let times_max = self.plan.settings.max_visits as usize;
            if broken!(80, entered >= times_max, entered > times_max) {
                return self.last_resort(number);
            }
            self.enter(number, queue, Vec::new(), keeps_place);
            next = self.settle_in(number);
        }
    }

    /// Let a call wait that has entered a queue; if it is refused, return to which queue it
    /// goes, and whether it keeps its place, or send it somewhere else.
    fn settle_in(&mut self, number: CallNumber) -> Option<(QueueNumber, bool)> {
        let Some(limit) = self.refusal(number) else {
            self.start_waiting(number);
            return None;
        };
        let queue = self.queue_of(self.call(number));
        let keeps_place = queue.limits.keeps_place;
        let away = match limit {
            Limit::Closed => self.away_from_queue(self.call(number).queue),
            Limit::NobodyOnShift
            | Limit::NobodyLoggedIn
            | Limit::SizePerCaller
            | Limit::Size
            | Limit::MaxWait
            | Limit::RoundEnd => None,
        };
        let end = away.unwrap_or_else(|| queue.end_of(limit).clone());
        self.leave_for(number, VisitResult::overflowed(limit), end.clone());
        match end {
            End::Queue(queue) => return Some((queue, keeps_place)),
            end @ (End::LastResort | End::Voicemail(_) | End::Number(_) | End::HangUp(_)) => {
                self.send(number, end, keeps_place);
            }
        }
        None
    }

    /// Let a call in that has come by a number of ours, and stands in the number's queue.
    pub(crate) fn arrive(&mut self, number: CallNumber) {
        self.crowd.enter(&self.calls[&number], &self.plan);
        if let Some((queue, keeps_place)) = self.settle_in(number) {
            self.send_to_queue(number, queue, keeps_place);
        }
    }

    fn send_to_voicemail(&mut self, number: CallNumber, place: BoxNumber) {
        let call = self.call_mut(number);
        call.phase = CallPhase::Voicemail;
        call.r#box = Some(place);
        let call = Arc::clone(&call.id);
        let message_box = &self.plan.boxes[place.index()];
        let order = Order::SendToVoicemail {
            call,
            r#box: Arc::clone(&message_box.name),
            greeting: Arc::clone(&message_box.greeting),
        };
        self.order(order);
    }

    fn forward(&mut self, number: CallNumber, outside: Arc<str>) {
        let call = self.call_mut(number);
        call.phase = CallPhase::Forwarding;
        let call = Arc::clone(&call.id);
        self.order(Order::ForwardCall { call, number: outside, ring_ms: FORWARD_RING_MS });
    }
}
