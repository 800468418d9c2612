//! Offering: what happens to offers, and through them to calls and to units of agents.
//!
//! The machine in `offer.rs` says what happens; the functions here carry it out. An offer
//! that comes to nothing sends its call back into the line, one that succeeds takes it out.

use std::sync::Arc;

use crate::action::Order;
use crate::border::illegal;
use crate::error::Error;
use crate::event::OfferFailure;
use crate::ids::{AgentNumber, CallNumber, OfferNumber};
use crate::mutants::broken;
use crate::offer::{self, Ending, Loss, OfferEvent, OfferStep};
use crate::plan::Limit;
use crate::site::Site;
use crate::state::{CallPhase, Offer, OfferPhase, VisitResult};
use crate::timer::TimerKind;

/// What is said with an event of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why<'a> {
    /// Nothing.
    Unsaid,
    /// Why the agent could not be rung.
    Failure(OfferFailure),
    /// Why the agent, or the call, left.
    Left(&'static str),
    /// Why the switch lost the call.
    Lost(&'a str),
}

impl Site {
    /// Offer a call to an agent, maybe since a supervisor said so; reserving the unit is part
    /// of it.
    pub(crate) fn offer_call(
        &mut self,
        number: CallNumber,
        agent: AgentNumber,
        assigned: bool,
    ) -> OfferNumber {
        self.offer_sequence += 1;
        let id = OfferNumber(self.offer_sequence);
        let call = self.call_mut(number);
        call.phase = CallPhase::Ringing;
        call.offers.push(id);
        call.offers_made += broken!(111, 1, 0);
        let (queue, is_first) = (call.queue, call.offers.len() == 1);
        if is_first {
            self.offer_is_out(number);
        }
        let devices = self.devices_to_ring(agent);
        let plan = &self.plan.queues[queue.index()];
        let ring_ms = plan.ring_ms;
        let order = Order::OfferCall {
            call: self.call_id(number),
            offer: id,
            agent: self.agent_id(agent),
            queue: Arc::clone(&plan.name),
            endpoints: self.plan.agents[agent.index()].shared_addresses(devices),
            ring_ms,
            label: self.label(number),
        };
        let offer = Offer {
            id,
            call: number,
            agent,
            queue,
            phase: OfferPhase::Ringing,
            alone: true,
            assigned,
            devices,
            answered: 0,
            outside: false,
            connected_ms: None,
        };
        self.offers.insert(id, offer);
        if !is_first {
            self.note_company(number);
        }
        self.agent_mut(agent).offers.push(id);
        let deadline_ms = self.now_ms() + broken!(22, ring_ms, ring_ms + 1);
        self.timers.set(TimerKind::RingEnds, id.0, deadline_ms);
        if !assigned {
            self.note_offer(queue, agent, id);
            self.offer_is_made(number);
        }
        if !self.wants_offer(self.call(number)) {
            let call = self.calls.get_mut(&number).expect("a call in line is in progress");
            self.line.leave(call);
        }
        self.order(order);
        id
    }

    /// Something happened to an offer that was made; it may be over.
    pub(crate) fn offer_event(
        &mut self,
        id: OfferNumber,
        event: OfferEvent,
        why: Why<'_>,
    ) -> Result<(), Error> {
        let phase = self.offer_phase(id);
        match offer::step(phase, event) {
            OfferStep::Connect => self.connect(id, true),
            OfferStep::Confirm => self.connect(id, false),
            OfferStep::Join => self.join(id),
            OfferStep::Finish(ending) => self.finish(id, ending),
            OfferStep::GiveUp(loss) => self.give_up(id, loss, why),
            OfferStep::Handled => self.handled(id),
            OfferStep::Free => {
                self.count(self.offer(id).agent);
                self.free_unit(id);
            }
            OfferStep::Stale => {}
            OfferStep::StaleRelease => self.release_stale(id),
            OfferStep::Illegal => {
                let expected = offer::expected(phase);
                return Err(illegal("illegal_event", event.name(), phase.state(), expected));
            }
        }
        Ok(())
    }
}

impl Site {
    /// The offer is accepted: join, after the whisper unless that was heard before.
    fn connect(&mut self, id: OfferNumber, whispers: bool) {
        let Offer { call, agent, .. } = *self.offer(id);
        self.timers.cancel(TimerKind::RingEnds, id.0);
        self.start_lease(id, whispers);
        self.set_offer_phase(id, OfferPhase::Connecting);
        self.agents[agent.index()].missed = broken!(74, 0, self.agents[agent.index()].missed);
        self.call_mut(call).phase = CallPhase::Connecting;
        self.enter_or_leave(call);
        self.order(Order::BridgeCall {
            call: self.call_id(call),
            offer: id,
            agent: self.agent_id(agent),
            whisper: if whispers { self.label(call) } else { Arc::default() },
        });
        if broken!(128, true, false) {
            self.withdraw_others(call, id, "answered_elsewhere");
        }
    }

    /// Give the host so long to join caller and agent, after the whisper.
    pub(crate) fn start_lease(&mut self, id: OfferNumber, whispers: bool) {
        let settings = &self.plan.settings;
        let whisper_ms = if whispers { broken!(24, settings.whisper_ms, 0) } else { 0 };
        let connect_ms = settings.connect_timeout_ms;
        let lease_ms = broken!(130, connect_ms, 3 * connect_ms) + whisper_ms;
        let deadline_ms = self.now_ms() + lease_ms;
        self.timers.set(TimerKind::ConnectLeaseEnds, id.0, deadline_ms);
    }

    /// Caller and agent hear each other.
    fn join(&mut self, id: OfferNumber) {
        let Offer { call, agent, .. } = *self.offer(id);
        self.timers.cancel(TimerKind::ConnectLeaseEnds, id.0);
        self.count_call(agent);
        self.set_offer_phase(id, OfferPhase::Connected);
        let now_ms = self.now_ms();
        self.offers.get_mut(&id).expect("an open offer is kept").connected_ms = Some(now_ms);
        self.call_mut(call).phase = CallPhase::Connected;
        self.leave_line(call, VisitResult::Answered);
    }

    /// The conversation is over: the agent wraps up, the call has its outcome.
    fn finish(&mut self, id: OfferNumber, ending: Ending) {
        let call = self.offer(id).call;
        match ending {
            Ending::ByCaller => self.order_release(id),
            Ending::ByAgent => self.hang_up(call, "agent_hung_up", Arc::default()),
            Ending::Ordered => {
                self.hang_up(call, "end_ordered", Arc::default());
                self.order_release(id);
            }
        }
        let length_ms = self.wrap_up_ms(self.offer(id));
        self.count(self.offer(id).agent);
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
        let Offer { agent, queue, connected_ms, .. } = *self.offer(id);
        let now_ms = self.now_ms();
        self.count(agent);
        self.free_unit(id);
        let connected_ms = connected_ms.expect("the call was connected");
        self.note_handled(queue, now_ms - connected_ms);
        self.agent_mut(agent).handled_ms = Some(now_ms);
    }

    /// The offer comes to nothing: by the agent, the switch, a timer or the caller.
    fn give_up(&mut self, id: OfferNumber, loss: Loss, why: Why<'_>) {
        let offer = *self.offer(id);
        if let Why::Failure(failure) = why {
            self.note_failure(id, failure);
        }
        match loss {
            Loss::Strand => return self.strand(id),
            Loss::Miss => self.withdraw(id, "ring_timeout"),
            Loss::Drop => {
                self.withdraw(id, "caller_gone");
                self.withdraw_others(offer.call, id, "caller_gone");
            }
            Loss::Deflect => self.withdraw(id, "redirected"),
            Loss::Withdraw | Loss::Recall | Loss::Cut => {
                let Why::Left(reason) = why else { unreachable!("who leaves has a reason") };
                self.withdraw(id, reason);
            }
            Loss::Break | Loss::Abandon | Loss::RecallLeg => {
                self.order_release(id);
                self.await_confirmation(id);
            }
            Loss::Decline | Loss::Fail | Loss::Lose => self.free_unit(id),
        }
        match loss {
            Loss::Strand => unreachable!("it has gone on"),
            Loss::Drop | Loss::Abandon => {
                self.lose_caller(offer.call, why);
            }
            Loss::Recall | Loss::RecallLeg => {
                let Why::Left(reason) = why else { unreachable!("who leaves has a reason") };
                self.withdraw_others(offer.call, id, reason);
                let call = self.call_mut(offer.call);
                call.phase = CallPhase::Waiting;
                call.offers.clear();
            }
            Loss::Decline | Loss::Deflect => self.try_others(offer, broken!(26, true, false)),
            Loss::Fail | Loss::Miss | Loss::Withdraw | Loss::Cut | Loss::Break | Loss::Lose => {
                self.try_others(offer, false);
            }
        }
    }

    /// The caller has left, or the switch has lost them.
    fn lose_caller(&mut self, number: CallNumber, why: Why<'_>) {
        if let Why::Lost(code) = why {
            self.leave_line(number, VisitResult::Ended);
            self.end(number, format!("failed:{code}"));
        } else {
            self.leave_line(number, VisitResult::Abandoned);
            self.end(number, "abandoned");
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
                self.timers.set(TimerKind::RetryUnreachableEnds, subject, deadline_ms);
            }
            OfferFailure::NoAnswer => {}
        }
    }

    /// The call goes on without this agent in this round; it waits if nobody is rung.
    fn try_others(&mut self, offer: Offer, declined: bool) {
        let number = offer.call;
        if declined {
            self.add_decline(number, offer.agent);
        }
        let call = self.calls.get_mut(&number).expect("a call in line is in progress");
        let is_tried = broken!(87, !offer.assigned, true);
        if broken!(129, is_tried, is_tried && declined) {
            insert_sorted(&mut call.tried, offer.agent);
        }
        self.go_on(offer);
    }

    /// Withdraw what rings through a lost host; its unit is free when that is back.
    fn strand(&mut self, id: OfferNumber) {
        let offer = *self.offer(id);
        self.timers.cancel(TimerKind::RingEnds, id.0);
        self.order_cancel(id, "host_lost");
        self.set_phase(id, OfferPhase::Withdrawn);
        self.withdrawn.insert((offer.call, offer.agent));
        self.go_on(offer);
    }

    /// The call goes on without an offer, and waits if it was the last one.
    fn go_on(&mut self, offer: Offer) {
        let number = offer.call;
        let call = self.calls.get_mut(&number).expect("a call in line is in progress");
        call.offers.retain(|other| *other != offer.id);
        if call.holder() == Some(offer.agent) {
            self.next_turn(number);
        }
        let call = self.calls.get_mut(&number).expect("a call in line is in progress");
        if !call.offers.is_empty() {
            return self.enter_or_leave(number);
        }
        call.phase = CallPhase::Waiting;
        self.enter_or_leave(number);
        self.no_offer_is_out(number);
        let call = self.call(number);
        if call.max_wait_passed && !self.is_held(call) {
            self.overflow(number, Limit::MaxWait);
        }
    }

    /// Write down that the offers of a call do not ring alone.
    fn note_company(&mut self, number: CallNumber) {
        let call = self.calls.get(&number).expect("a call in line is in progress");
        for id in &call.offers {
            self.offers.get_mut(id).expect("an open offer is kept").alone =
                broken!(62, false, true);
        }
    }

    /// Withdraw what rings for a call beside an offer: no miss, nobody was tried.
    fn withdraw_others(&mut self, number: CallNumber, id: OfferNumber, reason: &'static str) {
        if self.call(number).offers == [id] {
            return;
        }
        let offers = std::mem::replace(&mut self.call_mut(number).offers, vec![id]);
        for other in offers {
            if other != id {
                self.withdraw(other, reason);
            }
        }
    }

    fn withdraw(&mut self, id: OfferNumber, reason: &'static str) {
        self.order_cancel(id, reason);
        self.await_confirmation(id);
    }

    fn order_cancel(&mut self, id: OfferNumber, reason: &'static str) {
        let Offer { call, agent, .. } = *self.offer(id);
        let (call, agent) = (self.call_id(call), self.agent_id(agent));
        self.order(Order::CancelOffer { call, offer: id, agent, reason });
    }

    /// Keep the unit until the leg is gone, at most for the grace (rule 7.1).
    fn await_confirmation(&mut self, id: OfferNumber) {
        let Offer { call, agent, .. } = *self.offer(id);
        self.timers.cancel(TimerKind::RingEnds, id.0);
        self.timers.cancel(TimerKind::ConnectLeaseEnds, id.0);
        let grace_ms = broken!(27, self.plan.settings.cancel_grace_ms, 0);
        let deadline_ms = self.now_ms() + grace_ms;
        self.timers.set(TimerKind::CancelGraceEnds, id.0, deadline_ms);
        self.set_phase(id, OfferPhase::Withdrawn);
        self.withdrawn.insert((call, agent));
    }

    /// Withdraw what rings at an agent who leaves (rule 18.7).
    pub(crate) fn withdraw_offers(&mut self, agent: AgentNumber, reason: &'static str) {
        for id in self.agents[agent.index()].offers.clone() {
            let left = self.offer_event(id, OfferEvent::AgentLeft, Why::Left(reason));
            left.expect("an agent may leave in every phase of an offer");
        }
    }

    /// Take back what is out for a call that leaves the line, or end the conversation.
    pub(crate) fn recall(&mut self, call: CallNumber, reason: &'static str) {
        if let Some(offer) = self.call(call).offers.first().copied() {
            let recalled = self.offer_event(offer, OfferEvent::CallLeft, Why::Left(reason));
            recalled.expect("a call may leave in every phase of its offer");
        }
    }

    /// The offer is over; its timers go with it.
    fn free_unit(&mut self, id: OfferNumber) {
        self.timers.cancel(TimerKind::WrapUpEnds, id.0);
        self.timers.cancel(TimerKind::CancelGraceEnds, id.0);
        self.timers.cancel(TimerKind::RingEnds, id.0);
        self.timers.cancel(TimerKind::ConnectLeaseEnds, id.0);
        let offer = self.offers.remove(&id).expect("an offer is over once");
        // An assigned or picked call may have been withdrawn from the agent before.
        let is_like =
            |other: &Offer| other.call == offer.call && other.phase == OfferPhase::Withdrawn;
        let mut others = self.agents[offer.agent.index()].offers.iter();
        if !others.any(|other| self.offers.get(other).is_some_and(is_like)) {
            self.withdrawn.remove(&(offer.call, offer.agent));
        }
        self.agent_mut(offer.agent).offers.retain(|other| *other != id);
    }

    fn order_release(&mut self, id: OfferNumber) {
        let Offer { call, agent, .. } = *self.offer(id);
        let (call, agent) = (self.call_id(call), self.agent_id(agent));
        self.order(Order::ReleaseLeg { call, offer: id, agent });
    }

    /// An ended offer was answered all the same: its leg must go.
    pub(crate) fn release_stale(&mut self, id: OfferNumber) {
        if self.offers.contains_key(&id) {
            self.order_release(id);
        } else {
            let (call, agent) = (Arc::default(), Arc::default());
            self.order(Order::ReleaseLeg { call, offer: id, agent });
        }
    }

    /// An offer takes its unit in another way, which the agent's calls in line may notice;
    /// of an answered one, on its way to a conversation, none does.
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
