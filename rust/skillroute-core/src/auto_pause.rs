//! Auto-pause: who misses too many calls in a row is paused for a while.
//!
//! Only an offer that rang its full time to one agent alone counts (rule 7.6); any accept
//! begins the count anew, and so does the pause itself. It never takes the last agent of a
//! queue who is available by presence and shift, unless the plan says so (rule 18.8).

use crate::action::Order;
use crate::agent::AgentEvent;
use crate::ids::{AgentNumber, OfferNumber};
use crate::mutants::broken;
use crate::offer::OfferEvent;
use crate::offering::Why;
use crate::site::Site;
use crate::state::Presence;
use crate::timer::TimerKind;

/// The reason of such a pause.
const REASON: &str = "missed_offers";

impl Site {
    /// An offer has rung its full time.
    pub(crate) fn ring_ended(&mut self, id: OfferNumber) {
        let offer = *self.offer(id);
        let ended = self.offer_event(id, OfferEvent::TimedOut, Why::Unsaid);
        ended.expect("an offer has the timers of its phase only");
        if !offer.alone {
            return;
        }
        let state = &mut self.agents[offer.agent.index()];
        state.missed += 1;
        let enough = self.plan.settings.auto_pause_after;
        let is_enough = enough.is_some_and(|after| state.missed >= u64::from(after));
        let is_available = state.presence == Presence::Available;
        if is_enough && is_available && self.may_go(offer.agent) {
            self.pause(offer.agent);
        }
    }

    /// The time of a pause is over.
    pub(crate) fn pause_ended(&mut self, agent: AgentNumber) {
        let ended = self.agent_event(agent, AgentEvent::PauseEnded, "");
        ended.expect("the timer ends with the pause");
    }

    fn pause(&mut self, agent: AgentNumber) {
        let until_ms = self.now_ms() + self.plan.settings.auto_pause_for_ms;
        self.agents[agent.index()].missed = 0;
        let id = self.agent_id(agent);
        self.order(Order::PauseAgent { agent: id, reason: REASON, until_ms: Some(until_ms) });
        let paused = self.agent_event(agent, AgentEvent::MissedOffers, REASON);
        paused.expect("an available agent may be paused");
        self.timers.set(TimerKind::PauseEnds, u64::from(agent.0), until_ms);
    }

    /// Tell whether every queue that an agent serves has another one who is available.
    ///
    /// Whoever serves a queue from a later step on serves it. This goes through queues and
    /// agents, but only when somebody has missed enough calls, and mostly to the first.
    fn may_go(&self, agent: AgentNumber) -> bool {
        if broken!(73, self.plan.settings.auto_pause_last, true) || !self.is_on_shift(agent) {
            return true;
        }
        let is_other = |other: &AgentNumber| *other != agent && self.is_available(*other);
        self.plan.queues.iter().all(|queue| {
            let last = queue.last_step();
            !queue.is_member_at(last, agent)
                || match queue.members_at(last) {
                    Some(members) => members.iter().any(is_other),
                    None => self.agent_numbers().any(|other| is_other(&other)),
                }
        })
    }

    /// Tell whether an agent is available by presence and shift.
    fn is_available(&self, agent: AgentNumber) -> bool {
        self.agents[agent.index()].presence == Presence::Available && self.is_on_shift(agent)
    }
}
