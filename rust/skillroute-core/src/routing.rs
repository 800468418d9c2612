//! Routing: what events and timers do to calls and agents.
//!
//! The machines in `call.rs`, `offer.rs` and `agent.rs` say what happens; the functions
//! here, in `visit.rs` and in `offering.rs` carry it out: how a call enters and leaves a
//! queue, and what happens to offers. The three are coupled nowhere else.

use std::sync::Arc;

use crate::action::Order;
use crate::agent::{self, AgentEvent, AgentStep};
use crate::border::illegal;
use crate::call::{self, CallEvent, CallStep};
use crate::error::Error;
use crate::event::CallArrived;
use crate::ids::{AgentNumber, CallNumber, ScheduleNumber};
use crate::mutants::broken;
use crate::offer::OfferEvent;
use crate::offering::Why;
use crate::plan::{Limit, Login};
use crate::site::Site;
use crate::state::{CallPhase, Presence, VisitResult};
use crate::timer::TimerKind;

impl Site {
    /// Let a call in, by the number dialled; by no number of ours, to the last resort.
    pub(crate) fn call_arrived(&mut self, event: CallArrived) -> CallNumber {
        self.call_sequence += 1;
        let mut call = self.admitted(event);
        let sequence = call.sequence;
        let away = self.away_from_number(&mut call);
        let queue = call.number.map(|number| self.plan.numbers[number.index()].queue);
        if let Some(queue) = queue {
            call.queue = queue;
            self.work_out(&mut call);
            self.admit(&mut call);
            if !self.is_held(&call) {
                self.line.enter_fresh(&mut call, &self.staff);
            }
        }
        self.call_ids.begin(Arc::clone(&call.id), sequence);
        self.calls.insert(sequence, call);
        match (queue, away) {
            (Some(_), _) => self.arrive(sequence),
            (None, Some(end)) => self.send(sequence, end, false),
            (None, None) => self.last_resort(sequence),
        }
        sequence
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
            CallStep::EndOffer => self.end_offer(number, Why::Unsaid),
            CallStep::Close => {
                self.end(number, "forwarded");
                Ok(())
            }
            step @ (CallStep::Fail
            | CallStep::Overflow
            | CallStep::Leave
            | CallStep::NoteLimit
            | CallStep::TakeMessage
            | CallStep::LastResort
            | CallStep::HandOver
            | CallStep::Move
            | CallStep::Adjust
            | CallStep::Give
            | CallStep::Stop
            | CallStep::Stale
            | CallStep::Illegal) => unreachable!("{step:?} is no step of a hang-up"),
        }
    }

    /// The caller of an offered or connected call is gone: so is what its agent hears.
    fn end_offer(&mut self, number: CallNumber, why: Why<'_>) -> Result<(), Error> {
        let offer = self.call(number).offers.first().copied();
        let offer = offer.expect("a call that is offered or connected has an offer");
        self.offer_event(offer, OfferEvent::CallerHungUp, why)
    }

    /// The switch has lost the caller's leg.
    pub(crate) fn call_failed(&mut self, number: CallNumber, code: &str) -> Result<(), Error> {
        match self.call_step(number, CallEvent::CallFailed)? {
            CallStep::Fail => {
                if self.call(number).phase == CallPhase::Waiting {
                    self.leave_line(number, VisitResult::Ended);
                }
                self.end(number, format!("failed:{code}"));
                Ok(())
            }
            CallStep::EndOffer => self.end_offer(number, Why::Lost(code)),
            CallStep::Close => {
                self.end(number, "forwarded");
                Ok(())
            }
            step @ (CallStep::Abandon
            | CallStep::Overflow
            | CallStep::Leave
            | CallStep::NoteLimit
            | CallStep::TakeMessage
            | CallStep::LastResort
            | CallStep::HandOver
            | CallStep::Move
            | CallStep::Adjust
            | CallStep::Give
            | CallStep::Stop
            | CallStep::Stale
            | CallStep::Illegal) => unreachable!("{step:?} is no step of a lost call"),
        }
    }

    /// The outside number has picked up: the call is there until the host ends it.
    pub(crate) fn forward_answered(&mut self, number: CallNumber) -> Result<(), Error> {
        if self.call_step(number, CallEvent::ForwardAnswered)? == CallStep::HandOver {
            self.call_mut(number).phase = CallPhase::Forwarded;
        }
        Ok(())
    }

    /// The caller has left a message; one that is too short counts as none.
    pub(crate) fn voicemail_left(
        &mut self,
        number: CallNumber,
        length_ms: i64,
    ) -> Result<(), Error> {
        self.call_step(number, CallEvent::VoicemailLeft)?;
        let call = self.call(number);
        let place = call.r#box.expect("a call in voicemail has a box");
        let message_box = &self.plan.boxes[place.index()];
        let is_message = broken!(
            19,
            length_ms >= message_box.message_ms_min,
            length_ms > message_box.message_ms_min,
        );
        if is_message {
            let order = Order::NotifyVoicemail {
                call: Arc::clone(&call.id),
                r#box: Arc::clone(&message_box.name),
                recipients: Arc::clone(&message_box.recipients),
                length_ms,
            };
            self.order(order);
        }
        self.hang_up(number, "voicemail_left", Arc::default());
        self.end(number, if is_message { "voicemail" } else { "abandoned" });
        Ok(())
    }

    /// The caller has pressed a digit in the line (rule 9.5).
    pub(crate) fn digit_pressed(&mut self, number: CallNumber, digit: &str) -> Result<(), Error> {
        if self.call_step(number, CallEvent::DigitPressed)? != CallStep::Leave {
            return Ok(());
        }
        let limits = &self.queue_of(self.call(number)).limits;
        let keeps_place = limits.keeps_place;
        let found = limits.digits.iter().find(|(key, _)| **key == *digit);
        if let Some(end) = found.map(|(_, end)| end.clone()) {
            self.recall(number, "digit");
            self.leave_for(number, VisitResult::Ended, end.clone());
            self.send(number, end, broken!(85, keeps_place, true));
        }
        Ok(())
    }

    /// The mailbox took no message, or the outside number could not be had.
    pub(crate) fn destination_failed(
        &mut self,
        number: CallNumber,
        event: CallEvent,
        code: &str,
    ) -> Result<(), Error> {
        self.call_step(number, event)?;
        self.end_or_last_resort(number, code);
        Ok(())
    }

    /// A limit of the queue is reached: overflow, now or when the offer is lost.
    pub(crate) fn limit_reached(&mut self, number: CallNumber, event: CallEvent, limit: Limit) {
        let phase = self.call(number).phase;
        if phase == CallPhase::Waiting && self.is_held(self.call(number)) {
            // It is tested when the host is in sync (rule 1.7).
            self.call_mut(number).max_wait_passed = true;
            return;
        }
        if call::step(phase, event) == CallStep::NoteLimit {
            let cuts_ring = self.queue_of(self.call(number)).limits.max_wait_cuts_ring;
            if !cuts_ring || broken!(82, phase != CallPhase::Ringing, false) {
                self.call_mut(number).max_wait_passed = broken!(20, true, false);
                self.enter_or_leave(number);
                return;
            }
            self.recall(number, "max_wait");
        }
        self.overflow(number, limit);
    }

    /// The pause between two rounds is over: everybody may be tried again.
    pub(crate) fn tried_set_emptied(&mut self, number: CallNumber) {
        let call = self.calls.get_mut(&number).expect("the timer ends with the visit");
        if broken!(21, true, false) {
            call.tried.clear();
        }
        call.round_ended = false;
        self.begin_round(number);
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
                self.count(agent);
                self.set_presence(agent, Presence::Available, "");
                self.agent_mut(agent).login_ms = now_ms;
            }
            AgentStep::Renew => self.agent_mut(agent).login_ms = now_ms,
            AgentStep::Resume => self.set_presence(agent, Presence::Available, ""),
            AgentStep::LogOut => {
                self.count(agent);
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

    /// A schedule has opened or closed, or the wall clock was moved.
    pub(crate) fn shift_changed(&mut self, number: ScheduleNumber) {
        let was_open = self.schedules_open[number.index()];
        let is_open = self.is_open_now(number);
        self.watch_schedule(number);
        if was_open == is_open {
            return;
        }
        let directory = Arc::clone(&self.directory);
        for agent in &directory.on_schedule[number.index()] {
            if broken!(112, true, false) {
                self.count(*agent);
            }
        }
        self.schedules_open[number.index()] = is_open;
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

impl Site {
    /// Say what an event does to a call, unless it does not fit.
    pub(crate) fn call_step(
        &self,
        number: CallNumber,
        event: CallEvent,
    ) -> Result<CallStep, Error> {
        let phase = self.call(number).phase;
        match call::step(phase, event) {
            CallStep::Illegal => {
                let expected = call::expected(phase);
                Err(illegal("illegal_event", event.name(), phase.state(), expected))
            }
            step @ (CallStep::Abandon
            | CallStep::EndOffer
            | CallStep::Fail
            | CallStep::Overflow
            | CallStep::Leave
            | CallStep::NoteLimit
            | CallStep::TakeMessage
            | CallStep::LastResort
            | CallStep::HandOver
            | CallStep::Close
            | CallStep::Move
            | CallStep::Adjust
            | CallStep::Give
            | CallStep::Stop
            | CallStep::Stale) => Ok(step),
        }
    }

    fn set_presence(&mut self, agent: AgentNumber, presence: Presence, reason: &str) {
        let state = &self.agents[agent.index()];
        // A console that shows an auto-pause may say so again: that makes it no other pause.
        if state.presence == presence && state.pause_reason == reason {
            return;
        }
        self.timers.cancel(TimerKind::PauseEnds, u64::from(agent.0));
        let state = self.agent_mut(agent);
        state.presence = presence;
        reason.clone_into(&mut state.pause_reason);
    }
}
