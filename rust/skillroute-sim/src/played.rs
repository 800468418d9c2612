//! One replication: what happens in the world, and what the engine is told of it.
//!
//! What can no longer happen, since its call or offer is over, is passed over. What the
//! engine orders then is carried out in `reactions.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use skillroute_core::contract::Party;
use skillroute_core::engine::Engine;
use skillroute_core::event::{
    AgentHungUp, AgentLoggedIn, AgentPaused, AgentResumed, CallArrived, CallConnected,
    CallerHungUp, Event, ForwardAnswered, OfferAccepted, OfferCancelled, OfferConfirmed,
    OfferDeclined, VoicemailLeft, WrapUpEnded,
};
use skillroute_core::plan::{Login, Plan, WrapUp};

use crate::Unplayable;
use crate::agenda::{Agenda, CallId, Happening, OfferId, Rank};
use crate::arrivals::Arrivals;
use crate::behaviour::{Caller, DRAWN, common_party};
use crate::counting::{BLOCKED, Counts, Doing, IN_PROGRESS};
use crate::draws::{Draws, Purpose};
use crate::names::Names;
use crate::scenario::Scenario;
use crate::tallies::{PlayedCall, Tallies};
use crate::window::Window;

const HOST: &str = "simulator";
const PAUSE_REASON: &str = "break";
const MANUAL_WRAP_UP_MS_MAX: i64 = skillroute_core::limits::MANUAL_WRAP_UP_MS_MAX;

/// A call that the engine knows.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) caller: Caller,
    arrived_ms: i64,
    /// The first queue that it entered.
    pub(crate) queue: Option<u32>,
    /// The queue in whose line it stands, and since when.
    pub(crate) line: Option<(u32, i64)>,
    /// When an agent, a mailbox or an outside number had it.
    pub(crate) served_ms: Option<i64>,
    agent: Option<u32>,
    handling_ms: i64,
    pub(crate) offers: u64,
}

/// An offer, from its first ring to the end of the conversation.
#[derive(Debug)]
pub(crate) struct Ring {
    pub(crate) call: CallId,
    pub(crate) agent: u32,
    pub(crate) queue: u32,
    /// Which draw of the call: that of its try and offer.
    pub(crate) part: u64,
    /// When it began to ring, or the conversation began.
    pub(crate) since_ms: i64,
    pub(crate) is_talking: bool,
    /// What must be pressed, where that was asked.
    pub(crate) digit: Option<Arc<str>>,
}

/// The world of one replication.
pub(crate) struct Played<'a> {
    engine: Engine,
    /// The name of the one host.
    host: Arc<str>,
    /// By class: who makes all its calls, where that is one.
    pub(crate) callers: Vec<Option<Arc<Party>>>,
    pub(crate) plan: &'a Plan,
    pub(crate) scenario: &'a Scenario,
    replication: u64,
    pub(crate) draws: Draws<'a>,
    pub(crate) counts: Counts<'a>,
    pub(crate) agents: Names,
    pub(crate) queues: Names,
    /// By agent.
    pub(crate) groups: Vec<u32>,
    pub(crate) agenda: Agenda,
    events: u64,
    /// By class: how many calls came.
    numbers: Vec<u64>,
    arrivals: Vec<Arrivals>,
    /// The next given call.
    next_given: usize,
    pub(crate) calls: Window<Call>,
    arrived: CallId,
    pub(crate) rings: Window<Ring>,
    /// Callers in the menu, or about to try again; and places of theirs that are free.
    outside: Vec<Caller>,
    outside_free: Vec<u32>,
    pub(crate) lines_taken: u64,
    /// Sources with calls to come, callers outside, calls.
    pub(crate) open: u64,
}

impl<'a> Played<'a> {
    /// Set everything up, before anything happens.
    pub(crate) fn new(
        plan: &'a Arc<Plan>,
        scenario: &'a Scenario,
        replication: u64,
        keep_calls: bool,
    ) -> Self {
        let named: BTreeMap<_, _> =
            scenario.agents.iter().map(|(id, group)| (id.as_str(), *group)).collect();
        let group = |id: &Arc<str>| named.get(&**id).copied().unwrap_or(0);
        let draws = Draws::new(scenario, replication);
        let classes = 0..u32::try_from(scenario.classes.len()).expect("few classes");
        let arrivals = classes.map(|index| Arrivals::new(scenario, index, &draws)).collect();
        let mut new = Self {
            engine: Engine::of(Arc::clone(plan)),
            host: Arc::from(HOST),
            callers: scenario.classes.iter().map(common_party).collect(),
            plan,
            scenario,
            replication,
            draws,
            counts: Counts::new(plan, scenario, keep_calls),
            agents: Names::new(plan.agents.iter().map(|agent| &agent.id)),
            queues: Names::new(plan.queues.iter().map(|queue| &queue.name)),
            groups: plan.agents.iter().map(|agent| group(&agent.id)).collect(),
            agenda: Agenda::default(),
            events: 0,
            numbers: vec![0; scenario.classes.len()],
            arrivals,
            next_given: 0,
            calls: Window::default(),
            arrived: 0,
            rings: Window::default(),
            outside: Vec::new(),
            outside_free: Vec::new(),
            lines_taken: 0,
            open: 0,
        };
        new.note_what_is_known();
        new
    }

    /// Play until no call is open, or the time is over; return what was counted, and the
    /// engine's last snapshot.
    pub(crate) fn run(mut self) -> Result<(Tallies, Vec<u8>), Unplayable> {
        let start_ms = self.scenario.start_ms;
        let end_ms = self.scenario.length_ms + self.scenario.drain_ms;
        // Its memory serves event after event.
        let mut ordered = Vec::new();
        self.engine.advance_into(start_ms, &mut ordered)?;
        self.react(&ordered, 0);
        while self.open > 0 {
            let next_ms = self.agenda.next_ms().unwrap_or(end_ms);
            let timer_ms = self.engine.next_deadline_ms().map_or(end_ms, |ms| ms - start_ms);
            if timer_ms.min(next_ms) >= end_ms {
                break;
            }
            // What a timer ends at an instant can no longer happen at it.
            if timer_ms <= next_ms {
                self.events += 1;
                self.engine.advance_into(start_ms + timer_ms, &mut ordered)?;
                self.react(&ordered, timer_ms);
                continue;
            }
            let happening = self.agenda.take().expect("it was seen");
            if let Some(event) = self.event(happening, next_ms) {
                self.events += 1;
                self.engine.handle_into(event, start_ms + next_ms, &mut ordered)?;
                self.react(&ordered, next_ms);
            }
        }
        self.close();
        let snapshot = self.engine.snapshot();
        Ok((self.counts.tallies(self.replication, self.events), snapshot))
    }

    /// Note log-ins, breaks and the first call of each source.
    fn note_what_is_known(&mut self) {
        let (plan, scenario) = (self.plan, self.scenario);
        for (number, agent) in (0..).zip(&plan.agents) {
            if scenario.log_in && agent.login == Login::Manual {
                self.agenda.note(0, Rank::Told, Happening::LogIn(number));
            }
        }
        for one in &scenario.breaks {
            let agent = self.agents.find(&one.agent);
            let Some(agent) = agent.filter(|agent| self.is_ever_there(*agent)) else { continue };
            let (from_ms, until_ms) = (one.from_after_ms, one.until_after_ms);
            self.agenda.note(from_ms, Rank::Told, Happening::Pause(agent));
            self.agenda.note(until_ms, Rank::Told, Happening::Resume(agent));
            self.counts.did(agent, Doing::Pausing, from_ms, until_ms);
        }
        let sources = u32::try_from(scenario.classes.len()).expect("few classes");
        (0..=sources).for_each(|source| self.dial_next(source));
    }

    /// Tell whether an agent logs in; who does not has no breaks.
    fn is_ever_there(&self, agent: u32) -> bool {
        self.scenario.log_in || self.plan.agents[agent as usize].login != Login::Manual
    }

    /// Note the next call of a source; there may be none. The first source has the given
    /// calls, each other one those of a class.
    fn dial_next(&mut self, source: u32) {
        let scenario = self.scenario;
        let found = if let Some(class) = source.checked_sub(1) {
            let arrivals = &mut self.arrivals[class as usize];
            arrivals.next(scenario, &self.draws).map(|at_ms| (at_ms, class, DRAWN))
        } else {
            let given = scenario.calls.get(self.next_given);
            let given = given.filter(|call| call.arrival_after_ms < scenario.length_ms);
            let number = u32::try_from(self.next_given).expect("calls are in memory");
            self.next_given += 1;
            given.map(|call| (call.arrival_after_ms, call.kind, number))
        };
        if let Some((at_ms, kind, given)) = found {
            self.open += 1;
            self.agenda.note_dial(at_ms, source, Happening::Dial { source, kind, given });
        }
    }

    /// Return what to tell the engine; `None`: nothing.
    fn event(&mut self, happening: Happening, now_ms: i64) -> Option<Event> {
        match happening {
            Happening::Dial { source, kind, given } => self.dial(source, kind, given, now_ms),
            Happening::TryAgain(place) => {
                let caller = self.come_in(place);
                self.ring_up(caller, now_ms)
            }
            Happening::Come(place) => {
                let caller = self.come_in(place);
                Some(self.arrive(caller, now_ms))
            }
            Happening::Leave(call) => {
                self.calls.get(call).filter(|call| call.served_ms.is_none())?;
                Some(Event::CallerHungUp(CallerHungUp { call: id(call).to_string() }))
            }
            Happening::Accept(offer) => {
                self.rings.get(offer)?;
                let (offer, endpoint) = (offer.into(), String::new());
                Some(Event::OfferAccepted(OfferAccepted { offer, endpoint }))
            }
            Happening::Decline(offer) => self.decline(offer, now_ms),
            Happening::Press(offer) => {
                let digit = self.rings.get(offer)?.digit.as_deref()?.to_owned();
                Some(Event::OfferConfirmed(OfferConfirmed { offer: offer.into(), digit }))
            }
            Happening::Join(offer) => self.join(offer, now_ms),
            Happening::TalkEnds(offer) => self.talk_ends(offer, now_ms),
            Happening::Cancelled(offer) => {
                Some(Event::OfferCancelled(OfferCancelled { offer: offer.into() }))
            }
            Happening::Released(offer) => {
                Some(Event::AgentHungUp(AgentHungUp { offer: offer.into() }))
            }
            Happening::MessageEnds(_)
            | Happening::OutsideAnswers(_)
            | Happening::OutsideEnds(_) => self.elsewhere(happening),
            Happening::WrapUpEnds(_)
            | Happening::LogIn(_)
            | Happening::Pause(_)
            | Happening::Resume(_) => self.told(happening),
        }
    }

    /// Return what to tell of a mailbox or an outside number.
    fn elsewhere(&self, happening: Happening) -> Option<Event> {
        let is_here = |call| self.calls.get(call).map(|_| id(call).to_string());
        match happening {
            Happening::MessageEnds(call) => {
                let (call, length_ms) = (is_here(call)?, self.scenario.message_ms);
                Some(Event::VoicemailLeft(VoicemailLeft { call, length_ms }))
            }
            Happening::OutsideAnswers(call) => {
                Some(Event::ForwardAnswered(ForwardAnswered { call: is_here(call)? }))
            }
            Happening::OutsideEnds(call) => {
                Some(Event::CallerHungUp(CallerHungUp { call: is_here(call)? }))
            }
            Happening::Dial { .. }
            | Happening::TryAgain(_)
            | Happening::Come(_)
            | Happening::Leave(_)
            | Happening::Accept(_)
            | Happening::Decline(_)
            | Happening::Press(_)
            | Happening::Join(_)
            | Happening::TalkEnds(_)
            | Happening::WrapUpEnds(_)
            | Happening::Cancelled(_)
            | Happening::Released(_)
            | Happening::LogIn(_)
            | Happening::Pause(_)
            | Happening::Resume(_) => unreachable!("it is of another kind"),
        }
    }

    /// Return what to tell of an agent.
    fn told(&self, happening: Happening) -> Option<Event> {
        let named = |agent: u32| self.plan.agents[agent as usize].id.to_string();
        match happening {
            Happening::WrapUpEnds(agent) => {
                Some(Event::WrapUpEnded(WrapUpEnded { agent: named(agent) }))
            }
            Happening::LogIn(agent) => {
                Some(Event::AgentLoggedIn(AgentLoggedIn { agent: named(agent) }))
            }
            Happening::Pause(agent) => {
                let (agent, reason) = (named(agent), PAUSE_REASON.to_owned());
                Some(Event::AgentPaused(AgentPaused { agent, reason }))
            }
            Happening::Resume(agent) => {
                Some(Event::AgentResumed(AgentResumed { agent: named(agent) }))
            }
            Happening::Dial { .. }
            | Happening::TryAgain(_)
            | Happening::Come(_)
            | Happening::Leave(_)
            | Happening::Accept(_)
            | Happening::Decline(_)
            | Happening::Press(_)
            | Happening::Join(_)
            | Happening::TalkEnds(_)
            | Happening::Cancelled(_)
            | Happening::Released(_)
            | Happening::MessageEnds(_)
            | Happening::OutsideAnswers(_)
            | Happening::OutsideEnds(_) => unreachable!("it is of another kind"),
        }
    }

    fn dial(&mut self, source: u32, kind: u32, given: u32, now_ms: i64) -> Option<Event> {
        self.open -= 1;
        let number = self.numbers[kind as usize];
        self.numbers[kind as usize] += 1;
        self.dial_next(source);
        self.ring_up(Caller { kind, number, tries: 1, given }, now_ms)
    }

    /// Somebody dials: there may be no line, and there may be a menu first.
    fn ring_up(&mut self, caller: Caller, now_ms: i64) -> Option<Event> {
        if self.scenario.lines.is_some_and(|lines| self.lines_taken >= lines) {
            let call = new_call(caller, now_ms);
            self.counts.call_over(&played(&call, BLOCKED, now_ms));
            self.try_again(caller, BLOCKED, now_ms);
            return None;
        }
        self.lines_taken += 1;
        let Some(menu) = self.class(caller).menu else {
            return Some(self.arrive(caller, now_ms));
        };
        let menu_ms = self.draws.length(menu, Purpose::Menu, caller.key(caller.tries));
        let place = self.wait_outside(caller);
        self.agenda.note(now_ms + menu_ms, Rank::Comes, Happening::Come(place));
        None
    }

    fn arrive(&mut self, caller: Caller, now_ms: i64) -> Event {
        self.arrived += 1;
        self.open += 1;
        self.calls.insert(self.arrived, new_call(caller, now_ms));
        if let Some(patience_ms) = self.patience_ms(caller) {
            let leaves_ms = now_ms + patience_ms;
            self.agenda.note(leaves_ms, Rank::Leaves, Happening::Leave(self.arrived));
        }
        let class = self.class(caller);
        Event::CallArrived(CallArrived {
            call: id(self.arrived),
            host: Arc::clone(&self.host),
            caller: self.party(caller),
            dialled: Arc::clone(&class.dialled),
            needs: class.needs.clone(),
            priority: class.priority,
            attributes: Vec::new(),
            preferred: Vec::new(),
            excluded: Vec::new(),
        })
    }

    fn decline(&mut self, offer: OfferId, now_ms: i64) -> Option<Event> {
        let ring = self.rings.take(offer)?;
        self.counts.did(ring.agent, Doing::Ringing, ring.since_ms, now_ms);
        self.counts.note(ring.agent, now_ms, |agent| agent.declined += 1);
        Some(Event::OfferDeclined(OfferDeclined { offer: offer.into() }))
    }

    fn join(&mut self, offer: OfferId, now_ms: i64) -> Option<Event> {
        let ring = self.rings.get_mut(offer)?;
        let (agent, since_ms) = (ring.agent, ring.since_ms);
        (ring.is_talking, ring.since_ms) = (true, now_ms);
        let call = ring.call;
        self.counts.did(agent, Doing::Ringing, since_ms, now_ms);
        self.counts.note(agent, now_ms, |agent| agent.answered += 1);
        let caller = self.calls.get(call).expect("an offer ends with its call").caller;
        let handling_ms = self.handling_ms(caller, agent);
        let call = self.calls.get_mut(call).expect("an offer ends with its call");
        (call.served_ms, call.agent) = (Some(now_ms), Some(agent));
        call.handling_ms = handling_ms;
        self.agenda.note(now_ms + handling_ms, Rank::TalkEnds, Happening::TalkEnds(offer));
        Some(Event::CallConnected(CallConnected { offer: offer.into() }))
    }

    fn talk_ends(&mut self, offer: OfferId, now_ms: i64) -> Option<Event> {
        let ring = self.rings.take(offer)?;
        self.counts.did(ring.agent, Doing::Talking, ring.since_ms, now_ms);
        self.wrap_up(&ring, now_ms);
        Some(Event::AgentHungUp(AgentHungUp { offer: offer.into() }))
    }

    /// Count the wrap-up after a conversation; the agent may end it before the plan.
    fn wrap_up(&mut self, ring: &Ring, now_ms: i64) {
        let agent = &self.plan.agents[ring.agent as usize];
        let queue = &self.plan.queues[ring.queue as usize];
        let kind = agent.wrap_up.unwrap_or(queue.wrap_up);
        let (mut own_ms, mut length_ms) = (agent.wrap_up_ms, queue.wrap_up_ms);
        if kind == WrapUp::Manual {
            let cap_ms = MANUAL_WRAP_UP_MS_MAX;
            length_ms = if length_ms == 0 { cap_ms } else { length_ms.min(cap_ms) };
            own_ms = own_ms.map(|own_ms| own_ms.min(cap_ms));
        }
        let mut length_ms = own_ms.unwrap_or(length_ms);
        let group = &self.scenario.groups[self.groups[ring.agent as usize] as usize];
        // With several units nobody could say which wrap-up it is that ends.
        let may_end = kind != WrapUp::Fixed && agent.units == 1;
        if let Some(table) = group.wrap_up.filter(|_| may_end) {
            let call = self.calls.get(ring.call).expect("a conversation ends with its call");
            let drawn_ms = self.draws.length(table, Purpose::WrapUp, call.caller.key(0));
            if drawn_ms < length_ms {
                length_ms = drawn_ms;
                let happening = Happening::WrapUpEnds(ring.agent);
                self.agenda.note(now_ms + length_ms, Rank::WrapUpEnds, happening);
            }
        }
        self.counts.did(ring.agent, Doing::WrappingUp, now_ms, now_ms + length_ms);
        self.counts.after_call(ring.queue, now_ms, now_ms + length_ms);
    }

    /// Count what is still going on.
    fn close(&mut self) {
        let end_ms = self.scenario.length_ms;
        for ring in self.rings.drain() {
            let doing = if ring.is_talking { Doing::Talking } else { Doing::Ringing };
            self.counts.did(ring.agent, doing, ring.since_ms, end_ms);
        }
        for call in self.calls.drain() {
            if let Some((queue, since_ms)) = call.line {
                self.counts.in_line(queue, since_ms, end_ms);
            }
            self.counts.call_over(&played(&call, IN_PROGRESS, end_ms));
        }
    }

    /// Let a caller wait outside; return their place.
    pub(crate) fn wait_outside(&mut self, caller: Caller) -> u32 {
        self.open += 1;
        if let Some(place) = self.outside_free.pop() {
            self.outside[place as usize] = caller;
            return place;
        }
        self.outside.push(caller);
        u32::try_from(self.outside.len() - 1).expect("callers are in memory")
    }

    fn come_in(&mut self, place: u32) -> Caller {
        self.open -= 1;
        self.outside_free.push(place);
        self.outside[place as usize]
    }
}

/// Return the engine's id of a call: `c` and its number.
fn id(call: CallId) -> Arc<str> {
    let mut text = [b'c'; 21];
    let (mut begin, mut left) = (text.len(), call);
    while left > 0 || begin == text.len() {
        begin -= 1;
        text[begin] = b"0123456789"[(left % 10) as usize];
        left /= 10;
    }
    // The place before the digits still has its letter.
    std::str::from_utf8(&text[begin - 1..]).expect("it is ASCII").into()
}

fn new_call(caller: Caller, now_ms: i64) -> Call {
    Call {
        caller,
        arrived_ms: now_ms,
        queue: None,
        line: None,
        served_ms: None,
        agent: None,
        handling_ms: 0,
        offers: 0,
    }
}

/// Return what is counted of a call.
pub(crate) fn played(call: &Call, outcome: u32, now_ms: i64) -> PlayedCall {
    let none_or = |number: Option<u32>| number.map_or(-1, i64::from);
    let until_ms = call.served_ms.unwrap_or(now_ms);
    PlayedCall {
        kind: call.caller.kind,
        number: call.caller.number,
        tries: call.caller.tries,
        arrived_after_ms: call.arrived_ms,
        queue: none_or(call.queue),
        outcome,
        wait_ms: (until_ms - call.arrived_ms).max(0),
        handling_ms: call.handling_ms,
        agent: none_or(call.agent),
        offers: call.offers,
    }
}
