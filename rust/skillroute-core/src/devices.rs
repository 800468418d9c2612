//! Devices: which endpoints of an agent ring for an offer.
//!
//! The first one in the plan's order that can be reached rings, or all of them together
//! (rule 4.4). Sets of endpoints are numbers: bit n is endpoint n of the plan.

use std::sync::Arc;

use crate::ids::AgentNumber;
use crate::mutants::broken;
use crate::plan::Agent;
use crate::site::Site;
use crate::state::Offer;

/// What whoever answers an outside number must press, unless the plan says otherwise.
const OUTSIDE_DIGIT: &str = "1";

impl Agent {
    /// Return the set of all endpoints.
    pub(crate) fn every_device(&self) -> u32 {
        let count = u32::try_from(self.endpoints.len()).expect("an agent has few endpoints");
        u32::MAX.checked_shr(u32::BITS - count).unwrap_or(0)
    }

    /// Return the number of an endpoint.
    pub(crate) fn device_named(&self, address: &str) -> Option<usize> {
        self.endpoints.iter().position(|known| **known == *address)
    }

    /// List the addresses of some endpoints, in the plan's order.
    pub(crate) fn addresses(&self, devices: u32) -> Vec<Arc<str>> {
        let endpoints = self.endpoints.iter().enumerate();
        let chosen = endpoints.filter(|(device, _)| holds(devices, *device));
        chosen.map(|(_, address)| Arc::clone(address)).collect()
    }

    /// List them likewise; all of them are not listed anew.
    pub(crate) fn shared_addresses(&self, devices: u32) -> Arc<[Arc<str>]> {
        if devices == self.every_device() {
            Arc::clone(&self.endpoints)
        } else {
            self.addresses(devices).into()
        }
    }
}

impl Site {
    /// Return the devices that ring for a new offer.
    pub(crate) fn devices_to_ring(&self, agent: AgentNumber) -> u32 {
        let plan = &self.plan.agents[agent.index()];
        let every = plan.every_device();
        let reached = every & !self.agents[agent.index()].lost;
        // Who gets a call though none can be reached is rung on all of them.
        let reached = if reached == 0 { every } else { reached };
        if broken!(75, plan.rings_all, true) { reached } else { first_of(reached) }
    }

    /// Tell whether none of an agent's devices can be reached.
    pub(crate) fn is_cut_off(&self, agent: AgentNumber) -> bool {
        let every = self.plan.agents[agent.index()].every_device();
        every != 0 && self.agents[agent.index()].lost == every
    }

    /// Return which device has answered; `None`: the plan names none.
    ///
    /// A host that does not say, or says what nobody knows, means the first that rings.
    pub(crate) fn device_answering(&self, offer: &Offer, address: &str) -> Option<usize> {
        let plan = &self.plan.agents[offer.agent.index()];
        let first = || (0..plan.endpoints.len()).find(|device| holds(offer.devices, *device));
        plan.device_named(address).or_else(first)
    }

    /// Return what must be pressed on a device that has answered; empty: nothing.
    pub(crate) fn digit_of(&self, offer: &Offer, device: usize) -> Arc<str> {
        let own = &self.plan.agents[offer.agent.index()].confirm_digits[device];
        if own.is_empty() && offer.outside { OUTSIDE_DIGIT.into() } else { Arc::clone(own) }
    }

    /// Tell whether a redirect is followed, whichever of the devices that ring made it.
    pub(crate) fn is_followed(&self, offer: &Offer) -> bool {
        let follows = self.plan.agents[offer.agent.index()].follows.iter().enumerate();
        let mut redirecting = follows.filter(|(device, _)| holds(offer.devices, *device));
        offer.devices != 0 && redirecting.all(|(_, follows)| *follows)
    }
}

/// Tell whether a device is in a set.
pub(crate) fn holds(devices: u32, device: usize) -> bool {
    devices & bit(device) != 0
}

/// Return the set of one device.
pub(crate) fn bit(device: usize) -> u32 {
    let device = u32::try_from(device).expect("an agent has few endpoints");
    1_u32.checked_shl(device).expect("an agent has few endpoints")
}

/// Return the set of the first device of a set.
pub(crate) fn first_of(devices: u32) -> u32 {
    devices & devices.wrapping_neg()
}

/// Tell whether a device is an outside number, where a mailbox may answer.
pub(crate) fn is_outside(address: &str) -> bool {
    address.starts_with('+') || address.starts_with("tel:+")
}
