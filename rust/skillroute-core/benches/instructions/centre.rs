//! A busy centre through the engine: a hundred agents with one to three of five skills.
//!
//! About as many calls are in progress as there are agents, so a few wait while others who
//! cannot take them are free. Who takes a call accepts it at once and is joined with it; now
//! and then one of those conversations ends, and its agent may take a call that waits.

use std::collections::VecDeque;

use skillroute_core::action::{Action, Order};
use skillroute_core::engine::Engine;
use skillroute_core::event::{AgentHungUp, CallArrived, CallConnected, Event, OfferAccepted};
use skillroute_core::wire::{Encode, Writer};

use crate::call::{START_MS, arrival, outcome, plan, read};
use crate::draw::Draw;
use crate::scan::Scan;
use crate::scenario::{Chooser, drawn};
use crate::site::Site;
use crate::{Operation, added};

/// From then on for each call that comes one conversation ends.
const IN_PROGRESS: u32 = 105;
/// Calls before those that are counted.
const EARLIER: u32 = 1_000;
const CALL_MS: i64 = 10;
/// From the start of each call to the end of a conversation.
const ENDS_MS: i64 = 5;

/// Calls, one after another, and what becomes of them.
struct Calls {
    /// Made beforehand, the last call first.
    arrivals: Vec<CallArrived>,
    /// Offers of the conversations.
    connected: Vec<i128>,
    in_progress: u32,
    draw: Draw,
}

impl Calls {
    fn new(site: &Site, calls: u32) -> Self {
        let asked = drawn(site, calls, site.needs_count());
        let mut arrivals: Vec<_> = (0..calls).zip(asked).map(arrival).collect();
        arrivals.reverse();
        Self { arrivals, connected: Vec::new(), in_progress: 0, draw: Draw::new(site.seed + 800) }
    }

    /// Let the next call come; return whom it or another one rang.
    fn next(&mut self, at_ms: i64, handle: &mut impl FnMut(i64, Event) -> Vec<Action>) -> u64 {
        let arrived = self.arrivals.pop().expect("each call arrives once");
        let orders = handle(at_ms, Event::CallArrived(arrived));
        let mut answer = self.connect(at_ms, &orders, handle);
        self.in_progress += 1;
        if self.in_progress == IN_PROGRESS {
            let place = self.draw.below(u32::try_from(self.connected.len()).expect("it is short"));
            let offer = self.connected.swap_remove(place as usize);
            let orders = handle(at_ms + ENDS_MS, Event::AgentHungUp(AgentHungUp { offer }));
            answer = read(answer, &outcome(&orders).expect("the call is over"));
            answer = added(answer, self.connect(at_ms + ENDS_MS, &orders, handle));
            self.in_progress -= 1;
        }
        answer
    }

    /// Let agents who are rung accept.
    fn connect(
        &mut self,
        at_ms: i64,
        orders: &[Action],
        handle: &mut impl FnMut(i64, Event) -> Vec<Action>,
    ) -> u64 {
        let mut answer = 0;
        for action in orders {
            let Order::OfferCall { call, agent, offer, .. } = &action.order else { continue };
            answer = read(read(answer, call), agent);
            let offer = offer.0.into();
            let accepted = OfferAccepted { offer, endpoint: String::new() };
            handle(at_ms, Event::OfferAccepted(accepted));
            handle(at_ms, Event::CallConnected(CallConnected { offer }));
            self.connected.push(offer);
        }
        answer
    }
}

/// Return the engine's calls; the answer is who rang for which call, and how one ended.
pub fn through_engine(site: &Site, calls: u32) -> Box<Operation<'static>> {
    let mut engine = started(site);
    let mut handle = move |at_ms, event| engine.handle(event, at_ms).expect("it is legal");
    let mut centre = Calls::new(site, EARLIER + calls);
    let mut next = move |number| centre.next(START_MS + i64::from(number) * CALL_MS, &mut handle);
    for number in 0..EARLIER {
        next(number);
    }
    Box::new(move |number| next(EARLIER + number))
}

/// Return the same by a scan.
pub fn through_scan(site: &Site, calls: u32) -> Box<Operation<'_>> {
    let mut scan = Scan::new(site, &[]);
    let asked = drawn(site, EARLIER + calls, site.needs_count());
    let mut draw = Draw::new(site.seed + 800);
    let (mut waiting, mut connected) = (VecDeque::new(), Vec::new());
    let mut next = move |number: u32| {
        let needs = asked[number as usize];
        let mut answer = 0;
        match scan.reserve(needs) {
            Some(agent) => {
                answer = rung(number, agent);
                connected.push(agent);
            }
            None => waiting.push_back((number, needs)),
        }
        if waiting.len() + connected.len() == IN_PROGRESS as usize {
            let place = draw.below(u32::try_from(connected.len()).expect("it is short"));
            let agent = connected.swap_remove(place as usize);
            scan.release(agent, i64::from(number) + 1);
            answer = read(answer, "answered");
            let first = waiting.iter().position(|(_, needs)| scan.select(*needs, &[]).is_some());
            let taken = first.and_then(|place| waiting.remove(place)).map(|(call, needs)| {
                connected.push(scan.reserve(needs).expect("somebody is free"));
                rung(call, agent)
            });
            answer = added(answer, taken.unwrap_or(0));
        }
        answer
    };
    for number in 0..EARLIER {
        next(number);
    }
    Box::new(move |number| next(EARLIER + number))
}

/// Return the replay of the centre's events, one each; the answer is what the engine has
/// to do next, and when.
pub fn replayed(site: &Site, events: u32) -> Box<Operation<'static>> {
    let mut frames: Vec<_> = told(site, events).iter().map(frame).collect();
    frames.reverse();
    let mut engine = started(site);
    Box::new(move |_| {
        let frame = frames.pop().expect("each is replayed once");
        engine.replay(&frame).expect("it is well formed");
        next_ms(&engine)
    })
}

/// Return the same events, told one by one.
pub fn retold(site: &Site, events: u32) -> Box<Operation<'static>> {
    let mut told = told(site, events).into_iter();
    let mut engine = started(site);
    Box::new(move |_| {
        let (at_ms, event) = told.next().expect("each is told once");
        engine.handle(event, at_ms).expect("it is legal");
        next_ms(&engine)
    })
}

fn next_ms(engine: &Engine) -> u64 {
    engine.next_deadline_ms().map_or(0, i64::unsigned_abs)
}

/// Return so many events of the centre.
fn told(site: &Site, count: u32) -> Vec<(i64, Event)> {
    let mut engine = started(site);
    let mut told = Vec::new();
    // At least one event comes with each call.
    let mut centre = Calls::new(site, count);
    let mut handle = |at_ms, event: Event| {
        told.push((at_ms, event.clone()));
        engine.handle(event, at_ms).expect("it is legal")
    };
    for number in 0..count {
        centre.next(START_MS + i64::from(number) * CALL_MS, &mut handle);
    }
    told.truncate(count as usize);
    told
}

fn started(site: &Site) -> Engine {
    let mut engine = Engine::new(&plan(site, 0)).expect("the plan is sound");
    engine.advance(START_MS).expect("it is the first time");
    engine
}

/// Write a frame as a journal does.
fn frame((at_ms, event): &(i64, Event)) -> Vec<u8> {
    let (tag, fields) = if let Event::CallArrived(event) = event {
        (CallArrived::TAG, written(event))
    } else if let Event::OfferAccepted(event) = event {
        (OfferAccepted::TAG, written(event))
    } else if let Event::CallConnected(event) = event {
        (CallConnected::TAG, written(event))
    } else if let Event::AgentHungUp(event) = event {
        (AgentHungUp::TAG, written(event))
    } else {
        unreachable!("{} is no event of the centre", event.name())
    };
    let (head, fields) = fields.split_first().expect("it has a head");
    // One element more: the tag.
    let bytes = [&[0x92], &written(at_ms)[..], &[head + 1, tag], fields].concat();
    let length = u32::try_from(bytes.len()).expect("an event is short");
    [&length.to_be_bytes()[..], &bytes].concat()
}

fn written(value: &impl Encode) -> Vec<u8> {
    let mut writer = Writer::new();
    value.encode(&mut writer);
    writer.into_bytes()
}

/// Say of a call whom it rang.
fn rung(call: u32, agent: u32) -> u64 {
    read(read(0, &format!("c{call}")), &format!("a{agent}"))
}
