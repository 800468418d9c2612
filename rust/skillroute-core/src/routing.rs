//! Routing: what events and timers do to calls, offers and agents together.
//!
//! The machines in `call.rs`, `offer.rs` and `agent.rs` say what happens; the functions
//! here carry it out. This is the one place where the three are coupled. The functions for
//! events come first, what they share below.

use std::sync::Arc;

use crate::action::Order;
use crate::agent::{self, AgentEvent, AgentStep};
use crate::border::illegal;
use crate::call::{self, CallEvent, CallStep};
use crate::error::Error;
use crate::event::{CallArrived, OfferFailure};
use crate::ids::{AgentNumber, CallNumber, DialledNumber, OfferNumber, ScheduleNumber};
use crate::limits::PRIORITY_MAX;
use crate::mutants::broken;
use crate::needs::gather;
use crate::offer::{self, Ending, Loss, OfferEvent, OfferStep};
use crate::plan::{End, Login};
use crate::site::Site;
use crate::state::{Call, CallPhase, Offer, OfferPhase, Presence, VisitResult};
use crate::timer::TimerKind;

/// What is said with an event of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Nothing.
    Unsaid,
    /// Why the agent could not be rung.
    Failure(OfferFailure),
    /// Why the agent left.
    Left(&'static str),
}

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
        let order = Order::StartWaiting {
            call: Arc::clone(&call.id),
            queue: Arc::clone(&queue.name),
        };
        if let Some(max_wait_ms) = queue.max_wait_ms {
            let deadline_ms = self.now_ms() + max_wait_ms;
            self.timers
                .set(TimerKind::MaxWaitEnds, sequence.0, deadline_ms);
        }
        self.line.enter(&call);
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
        self.order(Order::HangUpCall {
            call: id,
            message,
            reason: "voicemail_left",
        });
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
        let call = self
            .calls
            .get_mut(&number)
            .expect("the timer ends with the visit");
        if broken!(21, true, false) {
            call.tried.clear();
        }
        call.round_ended = false;
        if call.phase == CallPhase::Waiting {
            self.line.change(call);
        }
    }

    /// Offer a call to an agent; reserving the unit is part of it.
    pub(crate) fn offer_call(&mut self, number: CallNumber, agent: AgentNumber) {
        self.offer_sequence += 1;
        let id = OfferNumber(self.offer_sequence);
        let call = self
            .calls
            .get_mut(&number)
            .expect("a call in line is in progress");
        call.phase = CallPhase::Ringing;
        call.offer = Some(id);
        self.line.leave(call);
        let plan = Arc::clone(&self.plan);
        let queue = &plan.queues[call.queue.index()];
        let order = Order::OfferCall {
            call: Arc::clone(&call.id),
            offer: id,
            agent: self.agent_id(agent),
            queue: Arc::clone(&queue.name),
            endpoints: Arc::clone(&plan.agents[agent.index()].endpoints),
            ring_ms: queue.ring_ms,
            label: self.label(number),
        };
        let offer = Offer {
            id,
            call: number,
            agent,
            queue: self.call(number).queue,
            phase: OfferPhase::Ringing,
        };
        self.offers.insert(id, offer);
        self.agent_mut(agent).offers.push(id);
        let deadline_ms = self.now_ms() + broken!(22, queue.ring_ms, queue.ring_ms + 1);
        self.timers.set(TimerKind::RingEnds, id.0, deadline_ms);
        self.order(order);
    }

    /// Something happened to an offer that was made; it may be over.
    pub(crate) fn offer_event(
        &mut self,
        id: OfferNumber,
        event: OfferEvent,
        why: Why,
    ) -> Result<(), Error> {
        let phase = self.offer_phase(id);
        match offer::step(phase, event) {
            OfferStep::Connect => self.connect(id),
            OfferStep::Join => self.join(id),
            OfferStep::Finish(ending) => self.finish(id, ending),
            OfferStep::GiveUp(loss) => self.give_up(id, loss, why),
            OfferStep::Handled => self.handled(id),
            OfferStep::Free => self.free_unit(id),
            OfferStep::Stale => {}
            OfferStep::StaleRelease => self.release_stale(id),
            OfferStep::Illegal => {
                let expected = offer::expected(phase);
                return Err(illegal(
                    "illegal_event",
                    event.name(),
                    phase.state(),
                    expected,
                ));
            }
        }
        Ok(())
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
                return Err(illegal(
                    "illegal_event",
                    event.name(),
                    presence.state(),
                    expected,
                ));
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
            let own: Vec<_> = event
                .needs
                .iter()
                .map(|need| self.tags.compile(need))
                .collect();
            Arc::new(gather(
                &plan,
                &self.tags,
                [&queue.needs, &entry.needs, &own],
            ))
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
            profile: crate::line::ProfileNumber::UNKNOWN,
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
                Err(illegal(
                    "illegal_event",
                    event.name(),
                    phase.state(),
                    expected,
                ))
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
    fn leave_line(&mut self, number: CallNumber, result: VisitResult) {
        self.timers.cancel(TimerKind::MaxWaitEnds, number.0);
        self.timers.cancel(TimerKind::TriedSetEmptied, number.0);
        let now_ms = self.now_ms();
        let call = self
            .calls
            .get_mut(&number)
            .expect("a call in line is in progress");
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
    fn overflow(&mut self, number: CallNumber, result: VisitResult) {
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
    fn end(&mut self, number: CallNumber, outcome: &'static str) {
        let call = self.calls.remove(&number).expect("a call ends once");
        self.call_numbers.remove(&call.id);
        self.line.dismiss(&call);
        self.record_end(call.id, outcome, call.last_result);
    }

    fn record_end(&mut self, call: Arc<str>, outcome: &'static str, last_result: VisitResult) {
        self.ended.add(Arc::clone(&call));
        self.order(Order::RecordOutcome {
            call,
            outcome,
            last_result,
        });
    }

    /// Return what the agent sees and hears of the number dialled.
    fn label(&self, number: CallNumber) -> Arc<str> {
        Arc::clone(&self.plan.numbers[self.call(number).number.index()].label)
    }
}

// An offer's way

impl Site {
    /// The offer is accepted: whisper and join.
    fn connect(&mut self, id: OfferNumber) {
        let Offer { call, agent, .. } = *self.offer(id);
        let settings = &self.plan.settings;
        let whisper_ms = broken!(24, settings.whisper_ms, 0);
        let deadline_ms = self.now_ms() + settings.connect_timeout_ms + whisper_ms;
        self.timers.cancel(TimerKind::RingEnds, id.0);
        self.timers
            .set(TimerKind::ConnectLeaseEnds, id.0, deadline_ms);
        self.set_phase(id, OfferPhase::Connecting);
        self.call_mut(call).phase = CallPhase::Connecting;
        self.order(Order::BridgeCall {
            call: self.call_id(call),
            offer: id,
            agent: self.agent_id(agent),
            whisper: self.label(call),
        });
    }

    /// Caller and agent hear each other.
    fn join(&mut self, id: OfferNumber) {
        let call = self.offer(id).call;
        self.timers.cancel(TimerKind::ConnectLeaseEnds, id.0);
        self.set_phase(id, OfferPhase::Connected);
        self.call_mut(call).phase = CallPhase::Connected;
        self.leave_line(call, VisitResult::Answered);
    }

    /// The conversation is over: the agent wraps up, the call has its outcome.
    fn finish(&mut self, id: OfferNumber, ending: Ending) {
        let Offer {
            call, agent, queue, ..
        } = *self.offer(id);
        match ending {
            Ending::ByCaller => self.order_release(id),
            Ending::ByAgent => {
                let message = Arc::default();
                let call = self.call_id(call);
                self.order(Order::HangUpCall {
                    call,
                    message,
                    reason: "agent_hung_up",
                });
            }
        }
        let own_ms = broken!(25, self.plan.agents[agent.index()].wrap_up_ms, None);
        let length_ms = own_ms.unwrap_or(self.plan.queues[queue.index()].wrap_up_ms);
        if length_ms == 0 {
            self.handled(id);
        } else {
            let deadline_ms = self.now_ms() + length_ms;
            self.set_phase(id, OfferPhase::WrapUp);
            self.timers.set(TimerKind::WrapUpEnds, id.0, deadline_ms);
        }
        self.end(call, "answered");
    }

    /// The agent is idle again.
    fn handled(&mut self, id: OfferNumber) {
        let agent = self.offer(id).agent;
        let now_ms = self.now_ms();
        self.free_unit(id);
        self.agent_mut(agent).handled_ms = Some(now_ms);
    }

    /// The offer comes to nothing: by the agent, the switch, a timer or the caller.
    fn give_up(&mut self, id: OfferNumber, loss: Loss, why: Why) {
        let Offer { call, agent, .. } = *self.offer(id);
        if let Why::Failure(failure) = why {
            self.note_failure(id, failure);
        }
        match loss {
            Loss::Miss => self.withdraw(id, "ring_timeout"),
            Loss::Drop => self.withdraw(id, "caller_gone"),
            Loss::Withdraw => {
                let Why::Left(reason) = why else {
                    unreachable!("an agent leaves with a reason")
                };
                self.withdraw(id, reason);
            }
            Loss::Break | Loss::Abandon => {
                self.order_release(id);
                self.await_confirmation(id);
            }
            Loss::Decline | Loss::Fail | Loss::Lose => self.free_unit(id),
        }
        match loss {
            Loss::Drop | Loss::Abandon => {
                self.leave_line(call, VisitResult::Abandoned);
                self.end(call, "abandoned");
            }
            Loss::Decline => self.try_others(call, agent, broken!(26, true, false)),
            Loss::Fail | Loss::Miss | Loss::Withdraw | Loss::Break | Loss::Lose => {
                self.try_others(call, agent, false);
            }
        }
    }

    /// Spare an agent who could not be rung, for a while.
    fn note_failure(&mut self, id: OfferNumber, failure: OfferFailure) {
        match failure {
            OfferFailure::Busy | OfferFailure::Unreachable => {
                let Offer { agent, queue, .. } = *self.offer(id);
                let retry_ms = self.plan.queues[queue.index()].retry_unreachable_ms;
                let deadline_ms = self.now_ms() + retry_ms;
                let subject = u64::from(agent.0);
                self.timers
                    .set(TimerKind::RetryUnreachableEnds, subject, deadline_ms);
            }
            OfferFailure::NoAnswer => {}
        }
    }

    /// The call waits again, without this agent in this round.
    fn try_others(&mut self, number: CallNumber, agent: AgentNumber, declined: bool) {
        let call = self
            .calls
            .get_mut(&number)
            .expect("a call in line is in progress");
        insert_sorted(&mut call.tried, agent);
        if declined {
            insert_sorted(&mut call.declined, agent);
        }
        call.phase = CallPhase::Waiting;
        call.offer = None;
        self.line.enter(call);
        if call.max_wait_passed {
            self.overflow(number, VisitResult::OverflowedMaxWait);
        }
    }

    fn withdraw(&mut self, id: OfferNumber, reason: &'static str) {
        let Offer { call, agent, .. } = *self.offer(id);
        self.order(Order::CancelOffer {
            call: self.call_id(call),
            offer: id,
            agent: self.agent_id(agent),
            reason,
        });
        self.await_confirmation(id);
    }

    /// Keep the unit until the leg is gone, at most for the grace (RULES 7.1).
    fn await_confirmation(&mut self, id: OfferNumber) {
        let Offer { call, agent, .. } = *self.offer(id);
        self.timers.cancel(TimerKind::RingEnds, id.0);
        self.timers.cancel(TimerKind::ConnectLeaseEnds, id.0);
        let grace_ms = broken!(27, self.plan.settings.cancel_grace_ms, 0);
        let deadline_ms = self.now_ms() + grace_ms;
        self.timers
            .set(TimerKind::CancelGraceEnds, id.0, deadline_ms);
        self.set_phase(id, OfferPhase::Withdrawn);
        self.withdrawn.insert((call, agent));
    }

    /// Withdraw what rings at an agent who leaves (RULES 18.7).
    fn withdraw_offers(&mut self, agent: AgentNumber, reason: &'static str) {
        for id in self.agents[agent.index()].offers.clone() {
            let left = self.offer_event(id, OfferEvent::AgentLeft, Why::Left(reason));
            left.expect("an agent may leave in every phase of an offer");
        }
    }

    /// The offer is over; its timers go with it.
    fn free_unit(&mut self, id: OfferNumber) {
        self.timers.cancel(TimerKind::WrapUpEnds, id.0);
        self.timers.cancel(TimerKind::CancelGraceEnds, id.0);
        self.timers.cancel(TimerKind::RingEnds, id.0);
        self.timers.cancel(TimerKind::ConnectLeaseEnds, id.0);
        let offer = self.offers.remove(&id).expect("an offer is over once");
        self.withdrawn.remove(&(offer.call, offer.agent));
        self.agent_mut(offer.agent)
            .offers
            .retain(|other| *other != id);
    }

    fn order_release(&mut self, id: OfferNumber) {
        let Offer { call, agent, .. } = *self.offer(id);
        let (call, agent) = (self.call_id(call), self.agent_id(agent));
        self.order(Order::ReleaseLeg {
            call,
            offer: id,
            agent,
        });
    }

    /// An ended offer was answered all the same: its leg must go.
    fn release_stale(&mut self, id: OfferNumber) {
        if self.offers.contains_key(&id) {
            self.order_release(id);
        } else {
            let (call, agent) = (Arc::default(), Arc::default());
            self.order(Order::ReleaseLeg {
                call,
                offer: id,
                agent,
            });
        }
    }

    fn set_presence(&mut self, agent: AgentNumber, presence: Presence, reason: &str) {
        let state = self.agent_mut(agent);
        state.presence = presence;
        reason.clone_into(&mut state.pause_reason);
    }

    /// An offer takes its unit in another way.
    fn set_phase(&mut self, id: OfferNumber, phase: OfferPhase) {
        self.touched.push(self.offer(id).agent);
        self.set_offer_phase(id, phase);
    }
}

fn insert_sorted(agents: &mut Vec<AgentNumber>, agent: AgentNumber) {
    if let Err(place) = agents.binary_search(&agent) {
        agents.insert(place, agent);
    }
}
