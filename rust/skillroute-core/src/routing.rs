//! Routing: what events and timers do to calls, offers and agents together.
//!
//! The machines in `call.rs`, `offer.rs` and `agent.rs` say what happens; the functions
//! here and in `offering.rs` carry it out: here what happens to calls and agents, there what
//! happens to offers. The three are coupled nowhere else. The functions for events come
//! first, what they share below.

use std::sync::Arc;

use crate::action::Order;
use crate::agent::{self, AgentEvent, AgentStep};
use crate::border::illegal;
use crate::call::{self, CallEvent, CallStep};
use crate::error::Error;
use crate::event::CallArrived;
use crate::ids::{AgentNumber, CallNumber, DialledNumber, ScheduleNumber};
use crate::limits::PRIORITY_MAX;
use crate::line::ProfileNumber;
use crate::mutants::broken;
use crate::needs::gather;
use crate::offer::OfferEvent;
use crate::offering::Why;
use crate::plan::{End, Login};
use crate::site::Site;
use crate::state::{Call, CallPhase, OfferPhase, Presence, VisitResult};
use crate::timer::TimerKind;

// Events and timers

impl Site {
    /// Let a call in, by the number dialled; `None`: no such number, so it has ended.
    pub(crate) fn call_arrived(&mut self, event: CallArrived) -> Option<CallNumber> {
        self.call_sequence += 1;
        let Some(number) = self.directory.numbers.get(&*event.dialled.number).copied() else {
            self.order(Order::HangUpCall {
                call: Arc::clone(&event.call),
                message: Arc::clone(&self.plan.settings.last_resort_message),
                reason: "last_resort",
            });
            self.record_end(event.call, "overflowed", VisitResult::Unfinished);
            return None;
        };
        let call = self.admitted(event, number);
        let sequence = call.sequence;
        let queue = self.queue_of(&call);
        let order =
            Order::StartWaiting { call: Arc::clone(&call.id), queue: Arc::clone(&queue.name) };
        if let Some(max_wait_ms) = queue.max_wait_ms {
            let deadline_ms = self.now_ms() + max_wait_ms;
            self.timers.set(TimerKind::MaxWaitEnds, sequence.0, deadline_ms);
        }
        self.line.enter(&call, &self.staff);
        self.call_numbers.insert(Arc::clone(&call.id), sequence);
        self.calls.insert(sequence, call);
        self.order(order);
        Some(sequence)
    }

    /// The caller's leg is gone.
    pub(crate) fn caller_hung_up(&mut self, number: CallNumber) -> Result<(), Error> {
        match self.call_step(number, CallEvent::CallerHungUp)? {
            CallStep::Abandon => {
                if self.call(number).phase == CallPhase::Waiting {
                    self.leave_line(number, VisitResult::Abandoned);
                }
                self.end(number, "abandoned");
                Ok(())
            }
            CallStep::EndOffer => {
                let offer = self.call(number).offer;
                let offer = offer.expect("a call that is offered or connected has an offer");
                self.offer_event(offer, OfferEvent::CallerHungUp, Why::Unsaid)
            }
            step @ (CallStep::Overflow
            | CallStep::NoteLimit
            | CallStep::TakeMessage
            | CallStep::LastResort
            | CallStep::Illegal) => unreachable!("{step:?} is no step of a hang-up"),
        }
    }

    /// The caller has left a message; one that is too short counts as none.
    pub(crate) fn voicemail_left(
        &mut self,
        number: CallNumber,
        length_ms: i64,
    ) -> Result<(), Error> {
        self.call_step(number, CallEvent::VoicemailLeft)?;
        let call = self.call(number);
        let id = Arc::clone(&call.id);
        let place = call.r#box.expect("a call in voicemail has a box");
        let message_box = &self.plan.boxes[place.index()];
        let is_message = broken!(
            19,
            length_ms >= message_box.message_ms_min,
            length_ms > message_box.message_ms_min,
        );
        if is_message {
            let order = Order::NotifyVoicemail {
                call: Arc::clone(&id),
                r#box: Arc::clone(&message_box.name),
                recipients: Arc::clone(&message_box.recipients),
                length_ms,
            };
            self.order(order);
        }
        let message = Arc::default();
        self.order(Order::HangUpCall { call: id, message, reason: "voicemail_left" });
        self.end(number, if is_message { "voicemail" } else { "abandoned" });
        Ok(())
    }

    /// The mailbox took no message: the site's last resort.
    pub(crate) fn voicemail_failed(&mut self, number: CallNumber) -> Result<(), Error> {
        self.call_step(number, CallEvent::VoicemailFailed)?;
        self.last_resort(number);
        Ok(())
    }

    /// A limit of the queue is reached: overflow, now or when the offer is lost.
    pub(crate) fn limit_reached(&mut self, number: CallNumber, event: CallEvent) {
        let result = match event {
            CallEvent::RoundEnded => VisitResult::OverflowedRoundEnd,
            CallEvent::MaxWaitEnded
            | CallEvent::CallerHungUp
            | CallEvent::VoicemailLeft
            | CallEvent::VoicemailFailed => VisitResult::OverflowedMaxWait,
        };
        match call::step(self.call(number).phase, event) {
            CallStep::NoteLimit => self.call_mut(number).max_wait_passed = broken!(20, true, false),
            CallStep::Overflow => self.overflow(number, result),
            step @ (CallStep::Abandon
            | CallStep::EndOffer
            | CallStep::TakeMessage
            | CallStep::LastResort
            | CallStep::Illegal) => unreachable!("{step:?}: limits end with the visit"),
        }
    }

    /// The pause between two rounds is over: everybody may be tried again.
    pub(crate) fn tried_set_emptied(&mut self, number: CallNumber) {
        let call = self.calls.get_mut(&number).expect("the timer ends with the visit");
        if broken!(21, true, false) {
            call.tried.clear();
        }
        call.round_ended = false;
        if call.phase == CallPhase::Waiting {
            self.line.change(call);
        }
    }

    /// An agent logs in or out, pauses, resumes, or a shift of theirs starts.
    pub(crate) fn agent_event(
        &mut self,
        agent: AgentNumber,
        event: AgentEvent,
        reason: &str,
    ) -> Result<(), Error> {
        let now_ms = self.now_ms();
        let presence = self.agents[agent.index()].presence;
        match agent::step(presence, event) {
            AgentStep::LogIn => {
                self.set_presence(agent, Presence::Available, "");
                self.agent_mut(agent).login_ms = now_ms;
            }
            AgentStep::Renew => self.agent_mut(agent).login_ms = now_ms,
            AgentStep::Resume => self.set_presence(agent, Presence::Available, ""),
            AgentStep::LogOut => {
                self.set_presence(agent, Presence::LoggedOut, "");
                self.withdraw_offers(agent, "logged_out");
            }
            AgentStep::Pause => {
                self.set_presence(agent, Presence::Paused, reason);
                if broken!(23, true, false) {
                    self.withdraw_offers(agent, "paused");
                }
            }
            AgentStep::Stale => {}
            AgentStep::Illegal => {
                let expected = agent::expected(presence);
                return Err(illegal("illegal_event", event.name(), presence.state(), expected));
            }
        }
        Ok(())
    }

    /// An agent has finished the work after all their calls.
    pub(crate) fn wrap_up_ended(&mut self, agent: AgentNumber) -> Result<(), Error> {
        for id in self.agents[agent.index()].offers.clone() {
            if self.offer_phase(id) == OfferPhase::WrapUp {
                self.offer_event(id, OfferEvent::WrapUpEnded, Why::Unsaid)?;
            }
        }
        Ok(())
    }

    /// A schedule has opened or closed, or the wall clock was moved.
    pub(crate) fn shift_changed(&mut self, number: ScheduleNumber) {
        let was_open = self.schedules_open[number.index()];
        let is_open = self.is_open_now(number);
        self.schedules_open[number.index()] = is_open;
        self.watch_schedule(number);
        if was_open == is_open {
            return;
        }
        let directory = Arc::clone(&self.directory);
        for agent in &directory.on_schedule[number.index()] {
            self.touched.push(*agent);
            if is_open && self.plan.agents[agent.index()].login == Login::Auto {
                let started = self.agent_event(*agent, AgentEvent::ShiftStarted, "");
                started.expect("a shift may start in every presence");
            }
        }
    }

    /// The wall clock differs from the engine's by another amount than before.
    pub(crate) fn wall_clock_moved(&mut self, offset_ms: i64) {
        self.wall_offset_ms = offset_ms;
        for number in self.schedules() {
            self.shift_changed(number);
        }
    }
}

// A call's way

impl Site {
    /// Make the record of a call that enters the queue of a number.
    fn admitted(&mut self, event: CallArrived, number: DialledNumber) -> Call {
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
            offer: None,
            tried: Vec::new(),
            declined: Vec::new(),
            round_ended: false,
            max_wait_passed: false,
            r#box: None,
            last_result: VisitResult::Unfinished,
            profile: ProfileNumber::UNKNOWN,
        };
        self.admit(&mut call);
        call
    }

    /// Say what an event does to a call, unless it does not fit.
    fn call_step(&self, number: CallNumber, event: CallEvent) -> Result<CallStep, Error> {
        let phase = self.call(number).phase;
        match call::step(phase, event) {
            CallStep::Illegal => {
                let expected = call::expected(phase);
                Err(illegal("illegal_event", event.name(), phase.state(), expected))
            }
            step @ (CallStep::Abandon
            | CallStep::EndOffer
            | CallStep::Overflow
            | CallStep::NoteLimit
            | CallStep::TakeMessage
            | CallStep::LastResort) => Ok(step),
        }
    }

    /// End the visit of a queue, with its result.
    pub(crate) fn leave_line(&mut self, number: CallNumber, result: VisitResult) {
        self.timers.cancel(TimerKind::MaxWaitEnds, number.0);
        self.timers.cancel(TimerKind::TriedSetEmptied, number.0);
        let now_ms = self.now_ms();
        let call = self.calls.get_mut(&number).expect("a call in line is in progress");
        self.line.leave(call);
        call.tried.clear();
        call.declined.clear();
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

    fn last_resort(&mut self, number: CallNumber) {
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

    fn record_end(&mut self, call: Arc<str>, outcome: &'static str, last_result: VisitResult) {
        self.ended.add(Arc::clone(&call));
        self.order(Order::RecordOutcome { call, outcome, last_result });
    }

    /// Return what the agent sees and hears of the number dialled.
    pub(crate) fn label(&self, number: CallNumber) -> Arc<str> {
        Arc::clone(&self.plan.numbers[self.call(number).number.index()].label)
    }

    fn set_presence(&mut self, agent: AgentNumber, presence: Presence, reason: &str) {
        let state = self.agent_mut(agent);
        state.presence = presence;
        reason.clone_into(&mut state.pause_reason);
    }
}
