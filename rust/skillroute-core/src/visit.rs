//! The visit: how a call enters a queue, and how it leaves it, or the site.
//!
//! Every visit of a queue ends with one result, every call with one outcome.

use std::sync::Arc;

use crate::action::Order;
use crate::event::CallArrived;
use crate::ids::{CallNumber, DialledNumber};
use crate::limits::PRIORITY_MAX;
use crate::line::ProfileNumber;
use crate::needs::gather;
use crate::plan::End;
use crate::site::Site;
use crate::state::{Call, CallPhase, VisitResult};
use crate::timer::TimerKind;

impl Site {
    /// Make the record of a call that enters the queue of a number.
    pub(crate) fn admitted(&mut self, event: CallArrived, number: DialledNumber) -> Call {
        let plan = Arc::clone(&self.plan);
        let entry = &plan.numbers[number.index()];
        let queue = &plan.queues[entry.queue.index()];
        let needs = if event.needs.is_empty() {
            Arc::clone(&self.directory.needs[number.index()])
        } else {
            let own: Vec<_> = event.needs.iter().map(|need| self.tags.compile(need)).collect();
            Arc::new(gather(&plan, &self.tags, [&queue.needs, &entry.needs, &own]))
        };
        let priority = queue.priority.saturating_add(entry.priority);
        let priority = priority.saturating_add(event.priority);
        let now_ms = self.now_ms();
        let mut call = Call {
            sequence: CallNumber(self.call_sequence),
            id: event.call,
            host: event.host,
            caller: event.caller,
            dialled: event.dialled,
            number,
            queue: entry.queue,
            needs,
            priority: priority.clamp(-PRIORITY_MAX, PRIORITY_MAX),
            arrived_ms: now_ms,
            line_since_ms: now_ms,
            queue_since_ms: now_ms,
            phase: CallPhase::Waiting,
            offers: Vec::new(),
            tried: Vec::new(),
            declined: Vec::new(),
            round_ended: false,
            max_wait_passed: false,
            r#box: None,
            last_result: VisitResult::Unfinished,
            step: 0,
            stopped_ms: 0,
            stopped_since_ms: None,
            declines: Vec::new(),
            profile: ProfileNumber::UNKNOWN,
            line_priority: 0,
        };
        self.admit(&mut call);
        call
    }

    /// End the visit of a queue, with its result.
    pub(crate) fn leave_line(&mut self, number: CallNumber, result: VisitResult) {
        self.timers.cancel(TimerKind::MaxWaitEnds, number.0);
        self.timers.cancel(TimerKind::TriedSetEmptied, number.0);
        self.forget_declines(number);
        self.stop_clocks(number);
        let now_ms = self.now_ms();
        let call = self.calls.get_mut(&number).expect("a call in line is in progress");
        self.line.leave(call);
        call.tried.clear();
        call.round_ended = false;
        call.max_wait_passed = false;
        call.last_result = result;
        let order = Order::RecordResult {
            call: Arc::clone(&call.id),
            queue: Arc::clone(&self.plan.queues[call.queue.index()].name),
            result,
            waited_ms: now_ms - call.queue_since_ms,
        };
        self.order(order);
    }

    /// Leave the line for where the queue sends what it gives up.
    pub(crate) fn overflow(&mut self, number: CallNumber, result: VisitResult) {
        self.leave_line(number, result);
        let place = match self.queue_of(self.call(number)).overflow {
            End::LastResort => return self.last_resort(number),
            End::Voicemail(place) => place,
        };
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

    /// Give a call what it gets that nothing else could be done with.
    pub(crate) fn last_resort(&mut self, number: CallNumber) {
        self.order(Order::HangUpCall {
            call: self.call_id(number),
            message: Arc::clone(&self.plan.settings.last_resort_message),
            reason: "last_resort",
        });
        self.end(number, "overflowed");
    }

    /// Forget a call, but for its id and its one outcome.
    pub(crate) fn end(&mut self, number: CallNumber, outcome: &'static str) {
        let call = self.calls.remove(&number).expect("a call ends once");
        self.call_numbers.remove(&call.id);
        self.line.dismiss(&call);
        self.record_end(call.id, outcome, call.last_result);
    }

    /// Remember the id of a call that has ended, and record its outcome.
    pub(crate) fn record_end(
        &mut self,
        call: Arc<str>,
        outcome: &'static str,
        last_result: VisitResult,
    ) {
        self.ended.add(Arc::clone(&call));
        self.order(Order::RecordOutcome { call, outcome, last_result });
    }

    /// Return what the agent sees and hears of the number dialled.
    pub(crate) fn label(&self, number: CallNumber) -> Arc<str> {
        Arc::clone(&self.plan.numbers[self.call(number).number.index()].label)
    }
}
