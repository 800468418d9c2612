//! Answering: what happens while an offer rings that does not decide it yet.
//!
//! Devices of the agent become unreachable, one answers that must still be confirmed, or
//! sends the call elsewhere (rule 4.4). What decides the offer is told to its machine.

use std::sync::Arc;

use crate::action::Order;
use crate::border::{illegal, is_id};
use crate::devices::{bit, first_of, holds, is_outside};
use crate::error::Error;
use crate::ids::{AgentNumber, OfferNumber};
use crate::mutants::broken;
use crate::offer::OfferEvent;
use crate::offering::Why;
use crate::site::Site;
use crate::state::{Offer, OfferPhase};

impl Site {
    /// A device cannot be reached; what rings on it rings elsewhere, or ends.
    pub(crate) fn endpoint_lost(&mut self, agent: AgentNumber, device: usize) {
        if holds(self.agents[agent.index()].lost, device) {
            return;
        }
        self.agent_mut(agent).lost |= bit(device);
        for id in self.agents[agent.index()].offers.clone() {
            let rings = self.ringing_offer(id);
            if !rings.is_some_and(|offer| holds(offer.devices, device)) {
                continue;
            }
            self.stop_ringing(id, bit(device));
            if self.offer(id).devices == 0 && !self.is_cut_off(agent) {
                let devices = self.devices_to_ring(agent);
                self.change_offer(id, |offer| {
                    offer.devices = devices;
                    offer.outside = false;
                });
            }
            let went_on = self.ring_on(id, "unreachable");
            went_on.expect("an offer that rings may lose its devices");
        }
    }

    /// A device can be reached again, and rings with the next offer.
    pub(crate) fn endpoint_reached(&mut self, agent: AgentNumber, device: usize) {
        self.agent_mut(agent).lost &= !bit(device);
    }

    /// A device has answered: the agent has, unless that must be confirmed.
    pub(crate) fn answered(&mut self, id: OfferNumber, address: &str) -> Result<(), Error> {
        let rings = self.ringing_offer(id);
        let found = rings.and_then(|offer| {
            let device = self.device_answering(&offer, address)?;
            let digit = self.digit_of(&offer, device);
            (!broken!(76, digit.is_empty(), true)).then_some((offer, device, digit))
        });
        let Some((offer, device, digit)) = found else {
            return self.offer_event(id, OfferEvent::Accepted, Why::Unsaid);
        };
        if holds(offer.answered, device) {
            return Ok(());
        }
        self.change_offer(id, |offer| {
            offer.devices |= bit(device);
            offer.answered |= bit(device);
        });
        self.order(Order::ConfirmOffer {
            call: self.call_id(offer.call),
            offer: id,
            agent: self.agent_id(offer.agent),
            endpoint: Arc::clone(&self.plan.agents[offer.agent.index()].endpoints[device]),
            whisper: self.label(offer.call),
            digit,
        });
        Ok(())
    }

    /// Somebody has pressed a digit; a wrong one changes nothing.
    pub(crate) fn confirmed(&mut self, id: OfferNumber, digit: &str) -> Result<(), Error> {
        if let Some(offer) = self.ringing_offer(id) {
            if offer.answered == 0 {
                let name = OfferEvent::Confirmed.name();
                return Err(illegal("illegal_event", name, "offer not answered", "OfferAccepted"));
            }
            let count = self.plan.agents[offer.agent.index()].endpoints.len();
            let mut answered = (0..count).filter(|device| holds(offer.answered, *device));
            let is_right = answered.any(|device| *self.digit_of(&offer, device) == *digit);
            if !broken!(77, is_right, true) {
                return Ok(());
            }
        }
        self.offer_event(id, OfferEvent::Confirmed, Why::Unsaid)
    }

    /// A device sends the call elsewhere: it rings there, or the agent has declined.
    pub(crate) fn redirected(&mut self, id: OfferNumber, target: &str) -> Result<(), Error> {
        let rings = self.ringing_offer(id);
        let followed = rings.filter(|offer| is_id(target) && self.is_followed(offer));
        let Some(offer) = followed else {
            return self.offer_event(id, OfferEvent::Redirected, Why::Unsaid);
        };
        self.change_offer(id, |offer| offer.outside |= is_outside(target));
        let mut endpoints = self.plan.agents[offer.agent.index()].addresses(offer.devices);
        if endpoints.len() == 1 {
            endpoints.clear();
        }
        endpoints.push(target.into());
        self.order(Order::RingDevices { offer: id, endpoints });
        Ok(())
    }

    /// An agent's leg is gone, maybe one that has answered but not confirmed.
    ///
    /// Of several such the host does not say which: it is taken to be the first.
    pub(crate) fn agent_hung_up(&mut self, id: OfferNumber) -> Result<(), Error> {
        match self.ringing_offer(id).filter(|offer| offer.answered != 0) {
            None => self.offer_event(id, OfferEvent::AgentHungUp, Why::Unsaid),
            Some(offer) => {
                self.stop_ringing(id, first_of(offer.answered));
                self.ring_on(id, "not_confirmed")
            }
        }
    }
}

impl Site {
    /// Return an offer if it rings.
    fn ringing_offer(&self, id: OfferNumber) -> Option<Offer> {
        let offer = self.offers.get(&id).copied();
        offer.filter(|offer| offer.phase == OfferPhase::Ringing)
    }

    /// Let devices ring no more.
    fn stop_ringing(&mut self, id: OfferNumber, devices: u32) {
        self.change_offer(id, |offer| {
            offer.devices &= !devices;
            offer.answered &= !devices;
        });
    }

    /// Ring the devices that are left, or give the offer up.
    fn ring_on(&mut self, id: OfferNumber, reason: &'static str) -> Result<(), Error> {
        let offer = *self.offer(id);
        if offer.devices == 0 {
            return self.offer_event(id, OfferEvent::DevicesGone, Why::Left(reason));
        }
        let endpoints = self.plan.agents[offer.agent.index()].addresses(offer.devices);
        self.order(Order::RingDevices { offer: id, endpoints });
        Ok(())
    }

    fn change_offer(&mut self, id: OfferNumber, change: impl FnOnce(&mut Offer)) {
        change(self.offers.get_mut(&id).expect("an offer is kept while it takes a unit"));
    }
}
