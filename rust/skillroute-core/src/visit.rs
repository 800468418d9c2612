//! The visit: how a call enters a queue, and how it leaves it, or the site.
//!
//! Every visit of a queue ends with one result, every call with one outcome.

use std::sync::Arc;

use crate::action::Order;
use crate::contract;
use crate::event::CallArrived;
use crate::ids::{BoxNumber, CallNumber, DialledNumber, QueueNumber};
use crate::limits::PRIORITY_MAX;
use crate::line::ProfileNumber;
use crate::mutants::broken;
use crate::needs::gather;
use crate::plan::{self, End};
use crate::site::Site;
use crate::state::{Call, CallPhase, VisitResult};
use crate::timer::TimerKind;

impl Site {
    /// Make the record of a call that enters the queue of a number.
    pub(crate) fn admitted(&mut self, event: CallArrived, number: DialledNumber) -> Call {
        let plan = Arc::clone(&self.plan);
        let entry = &plan.numbers[number.index()];
        let queue = &plan.queues[entry.queue.index()];
        let own_needs = self.compiled_needs(&event.needs);
        let needs = if own_needs.is_empty() {
            Arc::clone(&self.directory.needs[number.index()])
        } else {
            let sources = [&queue.needs[..], &entry.needs, &own_needs, &[]];
            Arc::new(gather(&plan, &self.tags, sources))
        };
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
            priority: total_priority(queue, entry, event.priority),
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
            own_needs,
            set_needs: Vec::new(),
            own_priority: event.priority,
            set_priority: None,
            round_since_ms: None,
            profile: ProfileNumber::UNKNOWN,
            line_priority: 0,
        };
        self.admit(&mut call);
        call
    }

    /// Turn the needs of an event into those of numbers.
    pub(crate) fn compiled_needs(&mut self, needs: &[contract::Need]) -> Vec<plan::Need> {
        needs.iter().map(|need| self.tags.compile(need)).collect()
    }

    /// Change what decides where a call stands in line and who may take it, and work that out
    /// anew.
    pub(crate) fn adjust(&mut self, number: CallNumber, change: impl FnOnce(&mut Call)) {
        let mut call = self.call(number).clone();
        change(&mut call);
        let queue = self.queue_of(&call);
        let entry = &self.plan.numbers[call.number.index()];
        let sources = [&queue.needs[..], &entry.needs, &call.own_needs, &call.set_needs];
        call.needs = Arc::new(gather(&self.plan, &self.tags, sources));
        let total = total_priority(queue, entry, call.own_priority);
        call.priority = broken!(86, call.set_priority.unwrap_or(total), total);
        self.restage(number, |former| *former = call);
    }

    /// The call stands in the line of its queue from now.
    pub(crate) fn start_waiting(&mut self, number: CallNumber) {
        self.start_clocks(number);
        let call = self.call(number);
        let queue = self.queue_of(call);
        let order =
            Order::StartWaiting { call: Arc::clone(&call.id), queue: Arc::clone(&queue.name) };
        if let Some(max_wait_ms) = queue.max_wait_ms {
            let deadline_ms = self.now_ms() + max_wait_ms;
            self.timers.set(TimerKind::MaxWaitEnds, number.0, deadline_ms);
        }
        self.order(order);
    }

    /// Let a call in that has left another queue; it keeps its place in time.
    pub(crate) fn enter(&mut self, number: CallNumber, queue: QueueNumber, asked: Vec<plan::Need>) {
        let now_ms = self.now_ms();
        self.adjust(number, |call| {
            call.queue = queue;
            call.queue_since_ms = now_ms;
            call.step = 0;
            call.phase = CallPhase::Waiting;
            call.own_needs.extend(asked);
        });
        self.start_waiting(number);
    }

    /// End the visit of a queue, with its result.
    pub(crate) fn leave_line(&mut self, number: CallNumber, result: VisitResult) {
        self.timers.cancel(TimerKind::MaxWaitEnds, number.0);
        self.timers.cancel(TimerKind::TriedSetEmptied, number.0);
        self.forget_declines(number);
        self.timers.cancel(TimerKind::RingWidens, number.0);
        self.stop_clocks(number);
        let now_ms = self.now_ms();
        let call = self.calls.get_mut(&number).expect("a call in line is in progress");
        self.line.leave(call);
        call.round_since_ms = None;
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
        match self.queue_of(self.call(number)).overflow {
            End::LastResort => self.last_resort(number),
            End::Voicemail(place) => self.send_to_box(number, place),
        }
    }

    /// Let the caller leave a message.
    pub(crate) fn send_to_box(&mut self, number: CallNumber, place: BoxNumber) {
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

    /// End the caller's leg, without a message.
    pub(crate) fn hang_up(&mut self, number: CallNumber, reason: &'static str) {
        let (call, message) = (self.call_id(number), Arc::default());
        self.order(Order::HangUpCall { call, message, reason });
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

/// Add up the priorities of the queue, the number dialled and the call (rule 8.2).
fn total_priority(queue: &plan::Queue, entry: &plan::Number, own: i64) -> i64 {
    let total = queue.priority.saturating_add(entry.priority).saturating_add(own);
    total.clamp(-PRIORITY_MAX, PRIORITY_MAX)
}
