//! Wrap-up: how long an agent has after a call, and who may end that.
//!
//! Its length is the agent's, else the queue's, and so is its kind (rule 4.5): a capped one
//! ends by its length or when the agent says so, a fixed one by its length alone, a manual
//! one when the agent says so, but never later than its cap.

use crate::border::illegal;
use crate::error::Error;
use crate::ids::{AgentNumber, OfferNumber};
use crate::limits::MANUAL_WRAP_UP_MS_MAX;
use crate::mutants::broken;
use crate::offer::OfferEvent;
use crate::offering::Why;
use crate::plan::WrapUp;
use crate::site::Site;
use crate::state::{Offer, OfferPhase};

impl Site {
    /// An agent has finished the work after all their calls, but for fixed times.
    pub(crate) fn wrap_up_ended(&mut self, agent: AgentNumber) -> Result<(), Error> {
        let offers = self.agents[agent.index()].offers.iter().copied();
        let wrap_ups: Vec<_> =
            offers.filter(|id| self.offer_phase(*id) == OfferPhase::WrapUp).collect();
        let is_endable = |id: &OfferNumber| self.wrap_up_kind(self.offer(*id)) != WrapUp::Fixed;
        let endable: Vec<_> = wrap_ups.iter().copied().filter(is_endable).collect();
        if !wrap_ups.is_empty() && endable.is_empty() {
            let (name, expected) = (OfferEvent::WrapUpEnded.name(), "nothing: it ends by its time");
            return Err(illegal("illegal_event", name, "wrap-up fixed", expected));
        }
        for id in endable {
            self.offer_event(id, OfferEvent::WrapUpEnded, Why::Unsaid)?;
        }
        Ok(())
    }

    /// Return how long the agent of a finished call gets no other; 0: no time.
    pub(crate) fn wrap_up_ms(&self, offer: &Offer) -> i64 {
        let own_ms = broken!(25, self.plan.agents[offer.agent.index()].wrap_up_ms, None);
        let queue_ms = self.plan.queues[offer.queue.index()].wrap_up_ms;
        match self.wrap_up_kind(offer) {
            WrapUp::Capped | WrapUp::Fixed => own_ms.unwrap_or(queue_ms),
            WrapUp::Manual => {
                // A queue's 0 means that no cap was written; an agent's own 0, no wrap-up.
                let queue_ms = if queue_ms == 0 { MANUAL_WRAP_UP_MS_MAX } else { queue_ms };
                own_ms.unwrap_or(queue_ms).min(MANUAL_WRAP_UP_MS_MAX)
            }
        }
    }

    fn wrap_up_kind(&self, offer: &Offer) -> WrapUp {
        let own = self.plan.agents[offer.agent.index()].wrap_up;
        let kind = own.unwrap_or(self.plan.queues[offer.queue.index()].wrap_up);
        broken!(71, kind, WrapUp::Capped)
    }
}
