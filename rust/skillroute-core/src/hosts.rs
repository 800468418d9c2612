//! Hosts: the switches that bring calls, and what holds while one is not there.
//!
//! A host is known from the first event that names it, and *in sync* until its connection is
//! lost, or the driver itself was not running (a gap). Then nothing that the site knows of its
//! calls is sure: what rings is withdrawn, calls of the host are held and its agents not
//! asked, until `HostResynced` has told what still exists (rules 1.7, 18.4). Waiting goes on
//! meanwhile; a limit that passes is tested once, afterwards.
//!
//! An agent whose host is not said is reached through all of them, so only while all are gone
//! are they gone, too.

use std::sync::Arc;

use crate::action::Order;
use crate::border::{HostCalls, check_host, check_resync};
use crate::error::Error;
use crate::event::{CallStanding, Gap, HostLost, HostResynced};
use crate::ids::{AgentNumber, CallNumber, OfferNumber};
use crate::limits::NUMBERS_PER_MS;
use crate::mutants::broken;
use crate::offer::OfferEvent;
use crate::offering::Why;
use crate::plan::Limit;
use crate::site::Site;
use crate::state::{Call, CallPhase, HostState, OfferPhase};
use crate::timer::TimerKind;

impl Site {
    /// Tell whether a host is in sync; one that nobody has named is.
    fn is_up(&self, host: &str) -> bool {
        !self.is_host_down || self.hosts.get(host).is_none_or(|host| host.in_sync)
    }

    /// Note whether all hosts are in sync: mostly they are.
    pub(crate) fn note_hosts(&mut self) {
        self.is_host_down = self.hosts.values().any(|host| !host.in_sync);
    }

    /// Tell whether a call is offered to nobody since its host is not in sync.
    pub(crate) fn is_held(&self, call: &Call) -> bool {
        !broken!(98, self.is_up(&call.host), true)
    }

    /// Tell whether an agent can be reached through no host.
    pub(crate) fn is_agent_down(&self, agent: AgentNumber) -> bool {
        if !self.is_host_down {
            return false;
        }
        let host = &self.plan.agents[agent.index()].host;
        if host.is_empty() {
            let is_any_up = self.hosts.values().any(|host| host.in_sync);
            return !self.hosts.is_empty() && !is_any_up;
        }
        !broken!(99, self.is_up(host), true)
    }

    /// A host has brought a call: it is known, and knows of the call.
    pub(crate) fn call_came(&mut self, host: &str, call: &Arc<str>) {
        if !self.is_host_down && self.hosts.contains_key(host) {
            return;
        }
        let known = self.known_host(host);
        if !known.in_sync {
            tell(known, call);
        }
    }

    /// Go over a gap: it is applied as of its start, before any timer in it.
    pub(crate) fn go_over(&mut self, gap: &Gap) {
        match self.clock_ms {
            Some(clock_ms) => {
                self.pass_time(clock_ms.max(gap.from_ms - 1));
                self.clock_ms = Some(gap.from_ms);
            }
            None => self.pass_time(gap.from_ms),
        }
        // Calls may have been routed on although no journal could be written; their hosts would
        // take an order with a number of theirs for the same one, come twice.
        let free = gap.until_ms.unsigned_abs() * NUMBERS_PER_MS;
        self.event_sequence = self.event_sequence.max(free);
        self.offer_sequence = self.offer_sequence.max(broken!(137, free, 0));
        self.begin_event();
        for host in self.hosts.values_mut() {
            host.in_sync = false;
            host.told.clear();
        }
        self.note_hosts();
        self.strand_offers();
        self.timers.postpone(gap.from_ms, broken!(100, gap.until_ms, gap.from_ms));
    }

    /// The connection to a host is gone.
    pub(crate) fn host_lost(&mut self, event: &HostLost) -> Result<(), Error> {
        check_host(self, "HostLost", &event.host)?;
        let host = self.known_host(&event.host);
        host.in_sync = false;
        host.told.clear();
        self.note_hosts();
        self.strand_offers();
        Ok(())
    }

    /// A host has told what still exists: all of it, or more follows.
    pub(crate) fn host_resynced(&mut self, event: &HostResynced) -> Result<(), Error> {
        let HostCalls { calls, unreachable } = check_resync(self, event)?;
        for agent in unreachable {
            for device in 0..self.plan.agents[agent.index()].endpoints.len() {
                self.endpoint_lost(agent, device);
            }
        }
        self.known_host(&event.host);
        for (standing, call) in event.calls.iter().zip(calls) {
            match call {
                None => self.release_ended(standing),
                Some(call) if self.calls.contains_key(&call) => {
                    let id = self.call_id(call);
                    tell(self.known_host(&event.host), &id);
                    self.stand(call, standing)?;
                }
                Some(_) => {}
            }
        }
        if event.complete {
            self.is_in_sync(&event.host)?;
        }
        Ok(())
    }

    /// All is told: what was not is gone, and the host goes on.
    fn is_in_sync(&mut self, name: &str) -> Result<(), Error> {
        let host = self.known_host(name);
        let was_in_sync = host.in_sync;
        let told = std::mem::take(&mut host.told);
        let of_host = self.calls.values().filter(|call| *call.host == *name);
        let of_host: Vec<_> = of_host.map(|call| call.sequence).collect();
        for number in &of_host {
            let id = &self.call(*number).id;
            if broken!(101, told.binary_search(id).is_err(), false) {
                self.call_failed(*number, "host_lost")?;
            }
        }
        self.known_host(name).in_sync = broken!(136, true, !of_host.is_empty());
        self.note_hosts();
        if was_in_sync {
            return Ok(());
        }
        self.free_stranded()?;
        self.touched.extend(self.agent_numbers());
        for number in of_host {
            let Some(call) = self.calls.get(&number) else {
                continue;
            };
            let is_late = broken!(119, call.max_wait_passed, false);
            if call.phase == CallPhase::Waiting && is_late {
                self.overflow(number, Limit::MaxWait);
            } else if call.phase.is_in_line() {
                self.enter_or_leave(number);
            }
        }
        Ok(())
    }

    /// Withdraw what rings through a host that is gone, and stop leases on its calls.
    fn strand_offers(&mut self) {
        self.touched.extend(self.agent_numbers());
        let offers: Vec<_> = self.offers.values().copied().collect();
        for offer in offers {
            let is_down = self.is_agent_down(offer.agent);
            let is_held = self.calls.get(&offer.call).is_some_and(|call| self.is_held(call));
            match offer.phase {
                OfferPhase::Connecting if is_held => {
                    self.timers.cancel(TimerKind::ConnectLeaseEnds, offer.id.0);
                }
                OfferPhase::Ringing if is_held || is_down => {
                    let lost = self.offer_event(offer.id, OfferEvent::HostLost, Why::Unsaid);
                    lost.expect("a host may be lost in every phase of an offer");
                }
                OfferPhase::Ringing
                | OfferPhase::Connecting
                | OfferPhase::Connected
                | OfferPhase::WrapUp
                | OfferPhase::Withdrawn
                | OfferPhase::Over => {}
            }
        }
        let in_line = self.calls.values().filter(|call| call.phase.is_in_line());
        let in_line: Vec<_> = in_line.map(|call| call.sequence).collect();
        for number in in_line {
            if self.is_held(self.call(number)) {
                self.enter_or_leave(number);
            }
        }
    }

    /// Free the units of withdrawn offers that waited for a host which is there.
    pub(crate) fn free_stranded(&mut self) -> Result<(), Error> {
        let is_stranded = |id: OfferNumber| {
            let grace_ms = self.timers.deadline_ms(TimerKind::CancelGraceEnds, id.0);
            self.offer_phase(id) == OfferPhase::Withdrawn && grace_ms.is_none()
        };
        let stranded = self.offers.values().filter(|offer| is_stranded(offer.id));
        let stranded: Vec<_> = stranded.copied().collect();
        for offer in stranded {
            let is_held = self.calls.get(&offer.call).is_some_and(|call| self.is_held(call));
            if !is_held && !self.is_agent_down(offer.agent) {
                self.offer_event(offer.id, OfferEvent::Cancelled, Why::Unsaid)?;
            }
        }
        Ok(())
    }

    /// Let a host end what it still has of a call that has ended.
    fn release_ended(&mut self, standing: &CallStanding) {
        let (call, message) = (Arc::from(&*standing.call), Arc::default());
        self.order(Order::HangUpCall { call, message, reason: "ended" });
        if let Some(id) = told_offer(standing) {
            self.release_stale(id);
        }
    }

    /// Bring a call to where the host says that it is.
    fn stand(&mut self, number: CallNumber, standing: &CallStanding) -> Result<(), Error> {
        let told = told_offer(standing);
        if let Some(id) = told.filter(|id| !self.call(number).offers.contains(id)) {
            self.release_stale(id);
        }
        let mut offers = self.call(number).offers.iter().map(|id| *self.offer(*id));
        let offer = offers.find(|offer| offer.phase != OfferPhase::Ringing);
        if standing.hung_up_at_ms.is_some() {
            return self.caller_hung_up(number);
        }
        let Some(offer) = offer else {
            return Ok(());
        };
        if told != Some(offer.id) {
            return self.offer_event(offer.id, OfferEvent::AgentHungUp, Why::Unsaid);
        }
        if offer.phase == OfferPhase::Connecting {
            if broken!(120, standing.joined, false) {
                return self.offer_event(offer.id, OfferEvent::Connected, Why::Unsaid);
            }
            // One that did not stand still goes on, however often the host tells.
            if self.timers.deadline_ms(TimerKind::ConnectLeaseEnds, offer.id.0).is_none() {
                self.start_lease(offer.id, true);
            }
        }
        Ok(())
    }

    fn known_host(&mut self, name: &str) -> &mut HostState {
        if !self.hosts.contains_key(name) {
            // Whoever is reached through any host is reached through this one.
            self.touched.extend(self.agent_numbers());
            let name: Arc<str> = Arc::from(name);
            let new = HostState { name: Arc::clone(&name), in_sync: true, told: Vec::new() };
            self.hosts.insert(name, new);
        }
        self.hosts.get_mut(name).expect("it is known by now")
    }
}

fn told_offer(standing: &CallStanding) -> Option<OfferNumber> {
    u64::try_from(standing.offer).ok().filter(|id| *id > 0).map(OfferNumber)
}

fn tell(host: &mut HostState, id: &Arc<str>) {
    if let Err(place) = host.told.binary_search(id) {
        host.told.insert(place, Arc::clone(id));
    }
}
