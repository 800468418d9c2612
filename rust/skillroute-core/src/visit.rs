//! The visit: how a call enters a queue, and how it leaves it, or the site.
//!
//! Every visit of a queue ends with one result, every call with one outcome. Where a call
//! goes that leaves a queue is said in `sending.rs`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::action::Order;
use crate::contract;
use crate::event::CallArrived;
use crate::ids::{AgentNumber, CallNumber, QueueNumber};
use crate::limits::PRIORITY_MAX;
use crate::line::{ProfileNumber, Stands};
use crate::mutants::broken;
use crate::needs::gather;
use crate::plan;
use crate::site::Site;
use crate::state::{Call, CallPhase, VisitResult};
use crate::timer::TimerKind;
use crate::turns::wished;

impl Site {
    /// Make the record of a call that has come in; it is in no queue yet.
    pub(crate) fn admitted(&mut self, event: CallArrived) -> Call {
        let now_ms = self.now_ms();
        let number = self.directory.numbers.get(&event.dialled.number).copied();
        let entry = number.map(|number| &self.plan.numbers[number.index()]);
        let preferred = wished(&self.directory, &event.preferred, entry);
        Call {
            sequence: CallNumber(self.call_sequence),
            id: event.call,
            host: event.host,
            number,
            caller: event.caller,
            dialled: event.dialled,
            queue: QueueNumber(0),
            needs: Arc::clone(&self.directory.nothing),
            priority: 0,
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
            own_needs: self.compiled_needs(&event.needs),
            set_needs: Vec::new(),
            own_priority: event.priority,
            set_priority: None,
            round_since_ms: None,
            visits: Vec::new(),
            in_last_resort: false,
            turn: u32::try_from(preferred.len()).expect("an event names few agents"),
            preferred,
            excluded: self.excluded_agents(&event.excluded),
            offers_made: 0,
            in_demand: false,
            announced_position: None,
            announced_wait_ms: None,
            profile: ProfileNumber::UNKNOWN,
            roll_profile: ProfileNumber::UNKNOWN,
            line_priority: 0,
            stands: Stands::Nowhere,
        }
    }

    /// Work out what a call asks in its queue, and which priority it has there.
    ///
    /// Its queue's needs and priority, its number's, its own and those that were set for it
    /// are brought together (rules 5.1, 8.2); of one agent's own queue it asks nothing.
    pub(crate) fn work_out(&self, call: &mut Call) {
        let queue = &self.plan.queues[call.queue.index()];
        let number = call.dialled_number();
        let entry = &self.plan.numbers[number.index()];
        let is_plain = call.own_needs.is_empty() && call.set_needs.is_empty();
        call.needs = if queue.is_direct {
            Arc::clone(&self.directory.nothing)
        } else if is_plain && entry.queue == call.queue {
            Arc::clone(&self.directory.needs[number.index()])
        } else {
            let sources = [&queue.needs[..], &entry.needs, &call.own_needs, &call.set_needs];
            Arc::new(gather(&self.plan, &self.tags, sources))
        };
        let total = queue.priority.saturating_add(entry.priority);
        let total = total.saturating_add(broken!(78, call.own_priority, 0));
        let total = total.clamp(-PRIORITY_MAX, PRIORITY_MAX);
        call.priority = broken!(86, call.set_priority.unwrap_or(total), total);
    }

    /// Return the numbers of agents, ascending; who is not in the plan is passed over.
    fn excluded_agents(&self, ids: &[String]) -> Vec<AgentNumber> {
        if ids.is_empty() {
            return Vec::new();
        }
        let known = ids.iter().filter_map(|id| self.directory.agents.get(id.as_str()).copied());
        let known: BTreeSet<_> = known.collect();
        known.into_iter().collect()
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
        self.work_out(&mut call);
        self.restage(number, |former| *former = call);
    }

    /// The call stands in the line of its queue from now.
    pub(crate) fn start_waiting(&mut self, number: CallNumber) {
        self.start_clocks(number);
        self.start_turns(number);
        self.note_demand(number);
        let call = self.call(number);
        let queue = self.queue_of(call);
        let order =
            Order::StartWaiting { call: Arc::clone(&call.id), queue: Arc::clone(&queue.name) };
        if let Some(max_wait_ms) = queue.max_wait_ms {
            let deadline_ms = self.now_ms() + max_wait_ms;
            self.timers.set(TimerKind::MaxWaitEnds, number.0, deadline_ms);
        }
        self.await_announcement(number);
        self.order(order);
    }

    /// Put a call that is in no queue into one; it may count as waiting since before.
    pub(crate) fn enter(
        &mut self,
        number: CallNumber,
        queue: QueueNumber,
        asked: Vec<plan::Need>,
        keeps_place: bool,
    ) {
        let now_ms = self.now_ms();
        self.adjust(number, |call| {
            call.queue = queue;
            call.queue_since_ms = now_ms;
            if !broken!(79, keeps_place, true) {
                call.line_since_ms = now_ms;
            }
            call.step = 0;
            call.phase = CallPhase::Waiting;
            call.own_needs.extend(asked);
        });
        self.crowd.enter(&self.calls[&number], &self.plan);
    }

    /// End the visit of a queue, with its result.
    pub(crate) fn leave_line(&mut self, number: CallNumber, result: VisitResult) {
        if broken!(134, true, false) {
            self.timers.cancel(TimerKind::MaxWaitEnds, number.0);
        }
        self.timers.cancel(TimerKind::TriedSetEmptied, number.0);
        self.timers.cancel(TimerKind::AnnouncementDue, number.0);
        self.forget_declines(number);
        if self.call(number).round_since_ms.is_some() {
            self.timers.cancel(TimerKind::RingWidens, number.0);
        }
        self.stop_clocks(number);
        self.leave_turns(number);
        let now_ms = self.now_ms();
        let call = self.calls.get_mut(&number).expect("a call in line is in progress");
        self.line.leave(call);
        self.crowd.leave(call, &self.plan);
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

    /// End the caller's leg, after the message if there is one.
    pub(crate) fn hang_up(&mut self, number: CallNumber, reason: &'static str, message: Arc<str>) {
        let call = self.call_id(number);
        self.order(Order::HangUpCall { call, message, reason });
    }

    /// Forget a call, but for its id and its one outcome.
    pub(crate) fn end(&mut self, number: CallNumber, outcome: impl Into<Cow<'static, str>>) {
        let ended = self.call(number);
        if self.watched == Some(number) {
            self.watched_end = Some(ended.clone());
        }
        let ended = self.call(number);
        let (call, last_result) = (Arc::clone(&ended.id), ended.last_result);
        self.line.dismiss(ended.profile, ended.roll_profile);
        self.call_ids.end(&call);
        self.calls.forget(&number);
        let outcome = outcome.into();
        if broken!(127, true, outcome != "hung_up") {
            self.order(Order::RecordOutcome { call, outcome, last_result });
        }
    }

    /// Return what the agent sees and hears of the number dialled.
    pub(crate) fn label(&self, number: CallNumber) -> Arc<str> {
        Arc::clone(&self.plan.numbers[self.call(number).dialled_number().index()].label)
    }
}
