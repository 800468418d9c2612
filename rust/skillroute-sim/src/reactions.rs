//! Reactions: the world carries out what the engine orders.

use std::sync::Arc;

use skillroute_core::action::{Action, Order};
use skillroute_core::ids::OfferNumber;

use crate::agenda::{CallId, Happening, OfferId, Rank};
use crate::behaviour::Caller;
use crate::counting::{ABANDONED, BLOCKED, Doing, outcome_number};
use crate::draws::{Purpose, share_of};
use crate::played::{Played, Ring, played};
use crate::tallies::OUTCOMES;

const PERMILLE: u64 = 1000;
/// Outcomes after which some callers try again, beside leaving.
const TURNED_AWAY: [&str; 4] = ["rejected", "overflowed", "hung_up", "failed"];

/// An offer to an agent.
struct Offered<'a> {
    call: CallId,
    offer: OfferId,
    agent: &'a Arc<str>,
    queue: &'a Arc<str>,
    ring_ms: i64,
}

impl Played<'_> {
    /// Carry out the engine's orders.
    pub(crate) fn react(&mut self, ordered: &[Action], now_ms: i64) {
        for action in ordered {
            match &action.order {
                Order::StartWaiting { call, queue } => {
                    self.wait(number(call), self.queues.number(queue), now_ms);
                }
                Order::OfferCall {
                    call, offer: OfferNumber(offer), agent, queue, ring_ms, ..
                } => {
                    let (call, offer, ring_ms) = (number(call), *offer, *ring_ms);
                    self.offer(&Offered { call, offer, agent, queue, ring_ms }, now_ms);
                }
                Order::BridgeCall { offer: OfferNumber(offer), .. } => self.bridge(*offer, now_ms),
                Order::CancelOffer { offer: OfferNumber(offer), reason, .. } => {
                    self.cancel(*offer, reason, now_ms);
                }
                Order::ReleaseLeg { offer: OfferNumber(offer), .. } => self.release(*offer, now_ms),
                Order::ConfirmOffer { offer: OfferNumber(offer), digit, .. } => {
                    self.confirm(*offer, Arc::clone(digit), now_ms);
                }
                Order::RecordResult { call, queue, .. } => {
                    self.leave_line(number(call), self.queues.number(queue), now_ms);
                }
                Order::RecordOutcome { call, outcome, .. } => {
                    self.end(number(call), outcome_number(outcome), now_ms);
                }
                Order::SendToVoicemail { call, .. } => {
                    let call = self.served(call, now_ms);
                    let ends_ms = now_ms + self.scenario.message_ms;
                    self.agenda.note(ends_ms, Rank::Elsewhere, Happening::MessageEnds(call));
                }
                Order::ForwardCall { call, .. } => {
                    let call = self.served(call, now_ms);
                    let ends_ms = now_ms + self.scenario.forwarded_ms;
                    self.agenda.note(now_ms, Rank::Elsewhere, Happening::OutsideAnswers(call));
                    self.agenda.note(ends_ms, Rank::Elsewhere, Happening::OutsideEnds(call));
                }
                Order::HangUpCall { .. }
                | Order::NotifyVoicemail { .. }
                | Order::AnnouncePosition { .. }
                | Order::PauseAgent { .. }
                | Order::RingDevices { .. }
                | Order::RecordAssignment { .. } => {}
            }
        }
    }

    fn wait(&mut self, call: CallId, queue: u32, now_ms: i64) {
        let call = self.calls.get_mut(call).expect("only calls in progress wait");
        call.line = Some((queue, now_ms));
        call.queue.get_or_insert(queue);
    }

    /// End a visit; of a queue that the call never stood in, if that did not take it.
    fn leave_line(&mut self, call: CallId, queue: u32, now_ms: i64) {
        let call = self.calls.get_mut(call).expect("only calls in progress wait");
        call.queue.get_or_insert(queue);
        if let Some((line, since_ms)) = call.line.take() {
            self.counts.in_line(line, since_ms, now_ms);
        }
    }

    fn offer(&mut self, offered: &Offered<'_>, now_ms: i64) {
        let agent = self.agents.number(offered.agent);
        let call = self.calls.get_mut(offered.call).expect("only calls in progress are offered");
        call.offers += 1;
        let caller = call.caller;
        let part = (caller.tries << 32) + call.offers;
        let ring = Ring {
            call: offered.call,
            agent,
            queue: self.queues.number(offered.queue),
            part,
            since_ms: now_ms,
            is_talking: false,
            digit: None,
        };
        self.rings.insert(offered.offer, ring);
        self.counts.note(agent, now_ms, |agent| agent.offers += 1);
        let group = &self.scenario.groups[self.groups[agent as usize] as usize];
        let chance = if group.answer_permille == PERMILLE {
            0
        } else {
            share_of(PERMILLE, self.draws.word(Purpose::Answer, caller.key(part)))
        };
        let happening = if chance < group.answer_permille {
            Happening::Accept(offered.offer)
        } else if chance < group.answer_permille + group.decline_permille {
            Happening::Decline(offered.offer)
        } else {
            return;
        };
        let after_ms = self.draws.length(group.answer, Purpose::Ring, caller.key(part));
        // At its end the engine has given up: no later reaction matters.
        if after_ms < offered.ring_ms {
            self.agenda.note(now_ms + after_ms, Rank::Reaction, happening);
        }
    }

    fn bridge(&mut self, offer: OfferId, now_ms: i64) {
        let ring = self.rings.get(offer).expect("an offer that was accepted rang");
        let table = self.scenario.groups[self.groups[ring.agent as usize] as usize].connect;
        let call = self.calls.get(ring.call).expect("an offer ends with its call");
        let after_ms = self.draws.length(table, Purpose::Connect, call.caller.key(ring.part));
        self.agenda.note(now_ms + after_ms, Rank::Joined, Happening::Join(offer));
    }

    fn confirm(&mut self, offer: OfferId, digit: Arc<str>, now_ms: i64) {
        let ring = self.rings.get_mut(offer).expect("an offer that was answered rang");
        ring.digit = Some(digit);
        self.agenda.note(now_ms, Rank::Reaction, Happening::Press(offer));
    }

    fn cancel(&mut self, offer: OfferId, reason: &str, now_ms: i64) {
        if let Some(ring) = self.rings.take(offer) {
            self.counts.did(ring.agent, Doing::Ringing, ring.since_ms, now_ms);
            if reason == "ring_timeout" {
                self.counts.note(ring.agent, now_ms, |agent| agent.missed += 1);
            }
        }
        let gone_ms = now_ms + self.scenario.release_ms;
        self.agenda.note(gone_ms, Rank::LegGone, Happening::Cancelled(offer));
    }

    fn release(&mut self, offer: OfferId, now_ms: i64) {
        if let Some(ring) = self.rings.take(offer) {
            self.counts.did(ring.agent, Doing::Ringing, ring.since_ms, now_ms);
        }
        let gone_ms = now_ms + self.scenario.release_ms;
        self.agenda.note(gone_ms, Rank::LegGone, Happening::Released(offer));
    }

    fn served(&mut self, call: &str, now_ms: i64) -> CallId {
        let call = number(call);
        let served = self.calls.get_mut(call).expect("only calls in progress are sent on");
        served.served_ms = Some(now_ms);
        call
    }

    fn end(&mut self, call: CallId, outcome: u32, now_ms: i64) {
        let call = self.calls.take(call).expect("a call ends once");
        self.open -= 1;
        self.lines_taken -= 1;
        self.counts.call_over(&played(&call, outcome, now_ms));
        self.try_again(call.caller, outcome, now_ms);
    }

    /// Let a caller who was not served call again, perhaps.
    pub(crate) fn try_again(&mut self, caller: Caller, outcome: u32, now_ms: i64) {
        let Some(retry) = &self.class(caller).retry else { return };
        if caller.tries >= retry.tries_max {
            return;
        }
        let permille = match outcome {
            ABANDONED => retry.abandoned_permille,
            BLOCKED => retry.blocked_permille,
            other if TURNED_AWAY.contains(&OUTCOMES[other as usize]) => retry.blocked_permille,
            _ => 0,
        };
        let key = caller.key(caller.tries);
        if share_of(PERMILLE, self.draws.word(Purpose::Retry, key)) >= permille {
            return;
        }
        let delay_ms = self.draws.length(retry.delay, Purpose::RetryDelay, key);
        if now_ms + delay_ms < self.scenario.length_ms {
            let place = self.wait_outside(caller.again());
            self.agenda.note(now_ms + delay_ms, Rank::Comes, Happening::TryAgain(place));
        }
    }
}

/// Return the number of a call from the engine's id of it.
fn number(id: &str) -> CallId {
    id.bytes().skip(1).fold(0, |number, digit| number * 10 + CallId::from(digit - b'0'))
}
