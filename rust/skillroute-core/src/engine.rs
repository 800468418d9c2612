//! The engine: a function with memory from (event, now) to actions.
//!
//! This file has the ways in; `routing.rs` what events and timers do, `matching.rs` who
//! gets whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::action::Action;
use crate::agent::AgentEvent;
use crate::border::{
    IdOf, Ranged, agent_named, call_named, check_arrival, check_id, check_range, endpoint_named,
    illegal, is_gap, offer_made, refused_gap,
};
use crate::call::CallEvent;
use crate::decision::{AgentDecision, AgentQuery, Decision, ExplainQuery};
use crate::error::Error;
use crate::event::{
    AgentHungUp, AgentOccupied, AgentPaused, CallArrived, CallFailed, EndpointLost,
    EndpointReached, Event, ForwardFailed, LineDigitPressed, OfferAccepted, OfferConfirmed,
    OfferRedirected, OpenCasesTold, PlanReloaded, VoicemailFailed, VoicemailLeft,
};
use crate::ids::CallNumber;
use crate::mutants::broken;
use crate::offer::OfferEvent;
use crate::offering::Why;
use crate::plan::Plan;
use crate::site::Site;
use crate::wire::{Decode, Malformed, Reader};
use crate::{acts, explain, reload, snapshot, supposing};

/// Decides who gets a call.
#[derive(Debug)]
pub struct Engine {
    site: Site,
    /// Plans that an event may name, by their ids.
    given: BTreeMap<String, Arc<Plan>>,
}

/// An event was refused; timers that were due before it have fired all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub error: Error,
    /// Orders of the timers that fired before it was refused.
    pub actions: Vec<Action>,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { error, actions: Vec::new() }
    }
}

impl Engine {
    /// Make the engine of a compiled plan.
    ///
    /// # Errors
    ///
    /// As for [`Plan::read`].
    pub fn new(plan: &[u8]) -> Result<Self, Error> {
        Ok(Self::of(Arc::new(Plan::read(plan)?)))
    }

    /// Make the engine of a plan that was read; its orders share the plan's names.
    #[must_use]
    pub fn of(plan: Arc<Plan>) -> Self {
        Self { site: Site::new(plan), given: BTreeMap::new() }
    }

    /// Make an engine of a snapshot.
    ///
    /// # Errors
    ///
    /// [`Error::SnapshotMalformed`]: it is none of this plan, and as for [`Plan::read`].
    pub fn restore(plan: &[u8], snapshot: &[u8]) -> Result<Self, Error> {
        let mut engine = Self::new(plan)?;
        snapshot::load(&mut engine.site, snapshot)?;
        Ok(engine)
    }

    /// Tell the engine what happened; return its orders.
    ///
    /// # Errors
    ///
    /// The event was refused: it changed nothing.
    pub fn handle(&mut self, event: Event, now_ms: i64) -> Result<Vec<Action>, Refusal> {
        let mut actions = Vec::new();
        let handled = self.handle_into(event, now_ms, &mut actions);
        answer(handled, actions)
    }

    /// Do the same with a vector of the caller's, whose memory serves event after event: the
    /// orders replace what it held.
    ///
    /// # Errors
    ///
    /// As for [`Engine::handle`]; the orders are those of timers that fired before.
    pub fn handle_into(
        &mut self,
        event: Event,
        now_ms: i64,
        actions: &mut Vec<Action>,
    ) -> Result<(), Error> {
        // An event is large: no closure takes it along.
        self.lend(actions);
        let handled = self.take_in(event, now_ms);
        self.give_back(actions);
        handled
    }

    /// Tell the engine that time has passed; return the orders of the timers that fired.
    ///
    /// # Errors
    ///
    /// Time went backwards, or is no time.
    pub fn advance(&mut self, now_ms: i64) -> Result<Vec<Action>, Refusal> {
        let mut actions = Vec::new();
        let advanced = self.advance_into(now_ms, &mut actions);
        answer(advanced, actions)
    }

    /// Do the same with a vector of the caller's, as [`Engine::handle_into`] does.
    ///
    /// # Errors
    ///
    /// As for [`Engine::advance`].
    pub fn advance_into(&mut self, now_ms: i64, actions: &mut Vec<Action>) -> Result<(), Error> {
        self.lend(actions);
        let advanced = self.pass_time(now_ms);
        self.give_back(actions);
        advanced
    }

    /// Handle recorded events without giving their orders again; return how many frames
    /// there were. Refused events count too.
    ///
    /// Each frame is a length (four bytes, big end first) and that many bytes of
    /// MessagePack `[now_ms, event]`.
    ///
    /// # Errors
    ///
    /// [`Error::FrameMalformed`], and [`Error::PlanMissing`] for a plan that
    /// [`Engine::add_plan`] was not given: those before it are applied.
    pub fn replay(&mut self, mut frames: &[u8]) -> Result<u64, Error> {
        let (mut count, mut actions) = (0, Vec::new());
        while !frames.is_empty() {
            let malformed = |_| Error::FrameMalformed { number: count };
            let (now_ms, event) = next_frame(&mut frames).map_err(malformed)?;
            if let Event::PlanReloaded(PlanReloaded { plan_id }) = &event {
                if !self.given.contains_key(plan_id) {
                    return Err(Error::PlanMissing { number: count, plan_id: plan_id.clone() });
                }
            }
            // What was refused when it was recorded is refused again.
            let _ = self.handle_into(event, now_ms, &mut actions);
            count += 1;
        }
        Ok(count)
    }

    /// Go on under another plan; return the orders, as for [`Engine::handle`].
    ///
    /// # Errors
    ///
    /// Time went backwards, or is no time.
    pub fn reload(&mut self, plan: Plan, now_ms: i64) -> Result<Vec<Action>, Refusal> {
        self.check_time("PlanReloaded", now_ms)?;
        let mut actions = Vec::new();
        self.lend(&mut actions);
        let reloaded = happen(&mut self.site, now_ms, |site| {
            reload::reload(site, Arc::new(plan));
            Ok(())
        });
        self.give_back(&mut actions);
        answer(reloaded, actions)
    }

    /// Let the event `PlanReloaded` name a plan by an id, as in a journal that is replayed.
    pub fn add_plan(&mut self, plan_id: String, plan: Plan) {
        self.given.insert(plan_id, Arc::new(plan));
    }

    /// Return when [`Engine::advance`] is needed next; `None`: never.
    #[must_use]
    pub fn next_deadline_ms(&self) -> Option<i64> {
        self.site.timers.next_deadline_ms()
    }

    /// Say why a call goes, or would go, where it goes; changes nothing.
    ///
    /// # Errors
    ///
    /// The call or an agent is unknown, the arrival is malformed, or the instant lies in
    /// the past.
    pub fn explain(&mut self, query: ExplainQuery) -> Result<Decision, Error> {
        self.check_time("ExplainQuery", query.now_ms)?;
        let is_real = !supposing::supposes(&query);
        self.asked(query.now_ms, is_real, |site| explain::explain(site, query))
    }

    /// Say why an agent has no call; changes nothing.
    ///
    /// # Errors
    ///
    /// The agent is unknown, or the instant lies in the past.
    pub fn explain_agent(&mut self, query: &AgentQuery) -> Result<AgentDecision, Error> {
        self.check_time("AgentQuery", query.now_ms)?;
        self.asked(query.now_ms, true, |site| explain::explain_agent(site, query))
    }

    /// Return all logical state: equal states give equal bytes.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        snapshot::write(&self.site)
    }

    /// Refuse a time that is none, or earlier than the clock.
    ///
    /// # Errors
    ///
    /// As said.
    pub fn check_time(&self, event: &'static str, now_ms: i64) -> Result<(), Error> {
        check_range(event, Ranged::Time, now_ms)?;
        match self.site.clock_ms {
            Some(clock_ms) if now_ms < clock_ms => {
                let state = format!("the clock is at {clock_ms}");
                Err(illegal("time_went_back", event, state, "no earlier time"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl Engine {
    /// Let an event happen, or refuse it.
    fn take_in(&mut self, event: Event, now_ms: i64) -> Result<(), Error> {
        if let Event::Advanced(_) = event {
            return self.pass_time(now_ms);
        }
        self.check_time(event.name(), now_ms)?;
        if let Event::Gap(gap) = &event
            && is_gap(&self.site, gap, now_ms)
        {
            self.site.go_over(gap);
            self.site.pass_time(now_ms);
            return Ok(());
        }
        if let Event::PlanReloaded(PlanReloaded { plan_id }) = &event {
            let plan = self.given.get(plan_id).cloned();
            return happen(&mut self.site, now_ms, |site| {
                reload::reload(site, plan.ok_or_else(|| not_given(plan_id))?);
                Ok(())
            });
        }
        if let Event::CallArrived(arrived) = event {
            let site = &mut self.site;
            begin(site, now_ms);
            let let_in = arrive(site, arrived);
            return finish(site, now_ms, let_in);
        }
        // An event is large: it is not moved about.
        happen(&mut self.site, now_ms, |site| apply(site, &event))
    }

    fn pass_time(&mut self, now_ms: i64) -> Result<(), Error> {
        self.check_time("Advanced", now_ms)?;
        self.site.pass_time(now_ms);
        Ok(())
    }

    /// Let the orders that are given from now go into a vector, in place of what it held.
    fn lend(&mut self, actions: &mut Vec<Action>) {
        actions.clear();
        std::mem::swap(actions, self.site.actions_mut());
    }

    /// Give that vector back.
    fn give_back(&mut self, actions: &mut Vec<Action>) {
        std::mem::swap(actions, self.site.actions_mut());
    }

    /// Ask about the site as it is at an instant: itself, where nothing has to happen for
    /// it and nothing is supposed, else a copy.
    fn asked<T>(&mut self, now_ms: i64, is_real: bool, ask: impl FnOnce(&mut Site) -> T) -> T {
        let site = &mut self.site;
        let next_ms = site.timers.next_deadline_ms();
        let is_quiet = site.touched.is_empty() && next_ms.is_none_or(|next_ms| now_ms < next_ms);
        if !is_real || !is_quiet || site.clock_ms.is_none() {
            let mut copy = site.clone();
            copy.pass_time(now_ms);
            return ask(&mut copy);
        }
        let clock_ms = site.clock_ms.replace(now_ms);
        let answer = ask(site);
        site.clock_ms = broken!(131, clock_ms, Some(now_ms));
        answer
    }
}

/// Let time pass, then something happen, and match.
fn happen(
    site: &mut Site,
    now_ms: i64,
    apply: impl FnOnce(&mut Site) -> Result<(), Error>,
) -> Result<(), Error> {
    begin(site, now_ms);
    let applied = apply(site);
    finish(site, now_ms, applied)
}

fn begin(site: &mut Site, now_ms: i64) {
    site.pass_time(now_ms);
    site.begin_event();
}

fn finish(site: &mut Site, now_ms: i64, applied: Result<(), Error>) -> Result<(), Error> {
    applied?;
    site.settle();
    site.pass_time(now_ms);
    Ok(())
}

/// Return the orders, or why there are no others.
fn answer(happened: Result<(), Error>, actions: Vec<Action>) -> Result<Vec<Action>, Refusal> {
    match happened {
        Ok(()) => Ok(actions),
        Err(error) => Err(Refusal { error, actions }),
    }
}

fn not_given(plan_id: &str) -> Error {
    let state = format!("no plan {plan_id} was given");
    let expected = "the id of a plan that add_plan was given";
    illegal("plan_not_given", "PlanReloaded", state, expected)
}

/// Let a call in, if it may arrive like this.
fn arrive(site: &mut Site, event: CallArrived) -> Result<(), Error> {
    check_arrival(site, &event)?;
    site.call_came(&event.host, &event.call);
    site.call_arrived(event);
    Ok(())
}

/// Check an event against what it is about, then let it happen.
fn apply(site: &mut Site, event: &Event) -> Result<(), Error> {
    let name = event.name();
    match event {
        Event::NotYet(name) => Err(not_yet(name)),
        Event::Advanced(_) | Event::PlanReloaded(_) | Event::CallArrived(_) => {
            unreachable!("they are no events of a site")
        }
        Event::WallClockMoved(event) => {
            check_range(name, Ranged::Offset, event.offset_ms)?;
            site.wall_clock_moved(event.offset_ms);
            Ok(())
        }
        Event::Gap(_) => Err(refused_gap(site)),
        Event::HostLost(event) => site.host_lost(event),
        Event::HostResynced(event) => site.host_resynced(event),
        Event::LineDigitPressed(event) => digit_pressed(site, event),
        Event::CallerHungUp(event) => call_event(site, name, &event.call, Site::caller_hung_up),
        Event::VoicemailLeft(event) => voicemail_left(site, event),
        Event::VoicemailFailed(event) => voicemail_failed(site, event),
        Event::ForwardFailed(event) => forward_failed(site, event),
        Event::ForwardAnswered(event) => {
            call_event(site, name, &event.call, Site::forward_answered)
        }
        Event::CallFailed(event) => call_failed(site, event),
        Event::OfferAccepted(event) => offer_accepted(site, event),
        Event::OfferConfirmed(event) => offer_confirmed(site, event),
        Event::OfferRedirected(event) => offer_redirected(site, event),
        Event::OfferDeclined(event) => offer_event(site, event.offer, OfferEvent::Declined),
        Event::OfferCancelled(event) => offer_event(site, event.offer, OfferEvent::Cancelled),
        Event::CallConnected(event) => offer_event(site, event.offer, OfferEvent::Connected),
        Event::ConnectFailed(event) => offer_event(site, event.offer, OfferEvent::ConnectFailed),
        Event::AgentHungUp(event) => agent_hung_up(site, event),
        Event::EndpointLost(event) => endpoint_lost(site, event),
        Event::EndpointReached(event) => endpoint_reached(site, event),
        Event::OfferFailed(event) => {
            let offer = offer_made(site, event.offer)?;
            site.offer_event(offer, OfferEvent::Failed, Why::Failure(event.code))
        }
        Event::AgentLoggedIn(event) => agent_event(site, name, &event.agent, AgentEvent::LoggedIn),
        Event::AgentLoggedOut(event) => {
            agent_event(site, name, &event.agent, AgentEvent::LoggedOut)
        }
        Event::AgentResumed(event) => agent_event(site, name, &event.agent, AgentEvent::Resumed),
        Event::AgentPaused(event) => agent_paused(site, event),
        Event::WrapUpEnded(event) => {
            let agent = agent_named(site, name, &event.agent)?;
            site.wrap_up_ended(agent)
        }
        Event::AgentOccupied(event) => agent_occupied(site, event),
        Event::OpenCasesTold(event) => open_cases_told(site, event),
        Event::CallMoved(event) => acts::move_call(site, event),
        Event::PrioritySet(event) => acts::set_priority(site, event),
        Event::NeedsSet(event) => acts::set_needs(site, event),
        Event::CallAssigned(event) => acts::assign(site, event),
        Event::CallPicked(event) => acts::pick(site, event),
        Event::CallEndOrdered(event) => acts::stop(site, event),
        Event::PresenceSet(event) => acts::set_presence(site, event),
        Event::MembershipSet(event) => acts::set_membership(site, event),
        Event::TagsSet(event) => acts::set_tags(site, event),
        Event::OverlayReset(event) => acts::reset(site, event),
        Event::Overridden(event) => acts::set_override(site, event),
    }
}

/// Let something happen to a call, unless it has ended.
fn call_event(
    site: &mut Site,
    name: &'static str,
    call: &str,
    happens: impl FnOnce(&mut Site, CallNumber) -> Result<(), Error>,
) -> Result<(), Error> {
    match call_named(site, name, call)? {
        Some(call) => happens(site, call),
        None => Ok(()),
    }
}

fn digit_pressed(site: &mut Site, event: &LineDigitPressed) -> Result<(), Error> {
    let happens = |site: &mut Site, call| site.digit_pressed(call, &event.digit);
    call_event(site, "LineDigitPressed", &event.call, happens)
}

fn voicemail_left(site: &mut Site, event: &VoicemailLeft) -> Result<(), Error> {
    let name = "VoicemailLeft";
    let call = call_named(site, name, &event.call)?;
    check_range(name, Ranged::Length, event.length_ms)?;
    call.map_or(Ok(()), |call| site.voicemail_left(call, event.length_ms))
}

fn voicemail_failed(site: &mut Site, event: &VoicemailFailed) -> Result<(), Error> {
    let call = call_named(site, "VoicemailFailed", &event.call)?;
    check_id("VoicemailFailed", IdOf::Code, &event.code)?;
    let failed = CallEvent::VoicemailFailed;
    call.map_or(Ok(()), |call| site.destination_failed(call, failed, &event.code))
}

fn forward_failed(site: &mut Site, event: &ForwardFailed) -> Result<(), Error> {
    call_event(site, "ForwardFailed", &event.call, |site, call| {
        site.destination_failed(call, CallEvent::ForwardFailed, event.code.word())
    })
}

fn call_failed(site: &mut Site, event: &CallFailed) -> Result<(), Error> {
    let call = call_named(site, "CallFailed", &event.call)?;
    check_id("CallFailed", IdOf::Code, &event.code)?;
    call.map_or(Ok(()), |call| site.call_failed(call, &event.code))
}

fn agent_paused(site: &mut Site, event: &AgentPaused) -> Result<(), Error> {
    let agent = agent_named(site, "AgentPaused", &event.agent)?;
    if !event.reason.is_empty() {
        check_id("AgentPaused", IdOf::Reason, &event.reason)?;
    }
    site.agent_event(agent, AgentEvent::Paused, &event.reason)
}

fn agent_occupied(site: &mut Site, event: &AgentOccupied) -> Result<(), Error> {
    let agent = agent_named(site, "AgentOccupied", &event.agent)?;
    if broken!(132, false, true) {
        site.agent_mut(agent).occupied = event.units.max(0);
    }
    check_range("AgentOccupied", Ranged::Units, event.units)?;
    site.agent_mut(agent).occupied = event.units;
    Ok(())
}

fn open_cases_told(site: &mut Site, event: &OpenCasesTold) -> Result<(), Error> {
    let agent = agent_named(site, "OpenCasesTold", &event.agent)?;
    check_range("OpenCasesTold", Ranged::Cases, event.cases)?;
    site.agent_mut(agent).open_cases = event.cases;
    Ok(())
}

fn offer_accepted(site: &mut Site, event: &OfferAccepted) -> Result<(), Error> {
    let offer = offer_made(site, event.offer)?;
    site.answered(offer, &event.endpoint)
}

fn offer_confirmed(site: &mut Site, event: &OfferConfirmed) -> Result<(), Error> {
    let offer = offer_made(site, event.offer)?;
    site.confirmed(offer, &event.digit)
}

fn offer_redirected(site: &mut Site, event: &OfferRedirected) -> Result<(), Error> {
    let offer = offer_made(site, event.offer)?;
    site.redirected(offer, &event.target)
}

fn agent_hung_up(site: &mut Site, event: &AgentHungUp) -> Result<(), Error> {
    let offer = offer_made(site, event.offer)?;
    site.agent_hung_up(offer)
}

fn endpoint_lost(site: &mut Site, event: &EndpointLost) -> Result<(), Error> {
    let agent = agent_named(site, "EndpointLost", &event.agent)?;
    let device = endpoint_named(site, agent, &event.endpoint)?;
    site.endpoint_lost(agent, device);
    Ok(())
}

fn endpoint_reached(site: &mut Site, event: &EndpointReached) -> Result<(), Error> {
    let agent = agent_named(site, "EndpointReached", &event.agent)?;
    let device = endpoint_named(site, agent, &event.endpoint)?;
    site.endpoint_reached(agent, device);
    Ok(())
}

fn offer_event(site: &mut Site, offer: i128, event: OfferEvent) -> Result<(), Error> {
    let offer = offer_made(site, offer)?;
    site.offer_event(offer, event, Why::Unsaid)
}

fn agent_event(
    site: &mut Site,
    name: &'static str,
    agent: &str,
    event: AgentEvent,
) -> Result<(), Error> {
    let agent = agent_named(site, name, agent)?;
    site.agent_event(agent, event, "")
}

fn not_yet(event: &'static str) -> Error {
    illegal("not_yet", event, "not carried out yet", "a later version")
}

/// Take the next frame off recorded ones, which are not empty.
fn next_frame(frames: &mut &[u8]) -> Result<(i64, Event), Malformed> {
    let cut = Malformed { at: 0, field: "", expected: "a whole frame" };
    let (head, rest) = frames.split_first_chunk::<4>().ok_or(cut)?;
    let length = usize::try_from(u32::from_be_bytes(*head)).map_err(|_| cut)?;
    let (frame, rest) = rest.split_at_checked(length).ok_or(cut)?;
    let mut reader = Reader::new(frame);
    let read = <(i64, Event)>::decode(&mut reader)?;
    if !reader.is_at_end() {
        return Err(reader.malformed(reader.at(), "the end of the frame"));
    }
    *frames = rest;
    Ok(read)
}
