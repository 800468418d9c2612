//! Whole calls through the engine: arrival, accept, connected, hang-up, end of wrap-up.
//!
//! One call after another, so that a scan of who has been idle longest among those with
//! the fewest tags says whom each rings.

use std::sync::Arc;

use skillroute_core::action::{Action, Order};
use skillroute_core::contract::{Party, PartyKind};
use skillroute_core::engine::Engine;
use skillroute_core::event::{
    AgentHungUp, CallArrived, CallConnected, Event, OfferAccepted, WrapUpEnded,
};
use skillroute_core::ids::{QueueNumber, TagNumber};
use skillroute_core::plan::{Agent, Need, Number, Plan, Queue};
use skillroute_core::wire::{Encode, Writer};

use crate::scan::Scan;
use crate::scenario::{Chooser, drawn};
use crate::site::{self, Site, TAGS, each};
use crate::{Operation, added};

pub const START_MS: i64 = 1_800_000_000_000;
const CALL_MS: i64 = 60_000;
/// Calls before those that are counted: the first one finds a site that has not started.
const EARLIER: u32 = 100;
/// From the start of each call: its events, in order.
const EVENTS_MS: [i64; 5] = [0, 3_000, 4_000, 30_000, 35_000];
const WRAP_UP_MS: i64 = 10_000;
const OUTCOME: &str = "answered";

/// Return the engine's calls; the answer is whom it rang and how the call ended.
pub fn through_engine(site: &Site, calls: u32) -> Box<Operation<'static>> {
    let mut engine = Engine::new(&plan(site, WRAP_UP_MS)).expect("the plan is sound");
    let asked = drawn(site, EARLIER + calls, site.needs_count());
    // Made beforehand, the last call first.
    let mut arrivals: Vec<_> = (0..EARLIER + calls).zip(asked).map(arrival).collect();
    arrivals.reverse();
    let mut next = move |call| {
        let arrived = arrivals.pop().expect("each call arrives once");
        let mut handle = |event, number: usize| {
            let at_ms = START_MS + i64::from(call) * CALL_MS + EVENTS_MS[number];
            engine.handle(event, at_ms).expect("the event is legal")
        };
        let orders = handle(Event::CallArrived(arrived), 0);
        let (agent, offer) = offered(&orders).expect("somebody is free");
        let mut answer = read(0, &agent);
        let accepted = OfferAccepted { offer, endpoint: String::new() };
        handle(Event::OfferAccepted(accepted), 1);
        handle(Event::CallConnected(CallConnected { offer }), 2);
        let orders = handle(Event::AgentHungUp(AgentHungUp { offer }), 3);
        answer = read(answer, &outcome(&orders).expect("the call is over"));
        handle(Event::WrapUpEnded(WrapUpEnded { agent: String::from(&*agent) }), 4);
        answer
    };
    for call in 0..EARLIER {
        next(call);
    }
    Box::new(move |call| next(EARLIER + call))
}

/// Return the same by a scan.
pub fn through_scan(site: &Site, calls: u32) -> Box<Operation<'_>> {
    let asked = drawn(site, EARLIER + calls, site.needs_count());
    // All have been idle since the engine was made.
    let mut from = site.clone();
    from.agents.iter_mut().for_each(|agent| agent.idle_since_ms = 0);
    let mut next = move |call: u32| {
        let needs = asked[call as usize];
        let mut scan = Scan::new(&from, &[]);
        let agent = scan.select(needs, &[]).expect("somebody is free");
        from.agents[agent as usize].idle_since_ms = i64::from(call) + 1;
        read(read(0, &id(agent)), OUTCOME)
    };
    for call in 0..EARLIER {
        next(call);
    }
    Box::new(move |call| next(EARLIER + call))
}

fn offered(orders: &[Action]) -> Option<(Arc<str>, i128)> {
    orders.iter().find_map(|action| {
        let Order::OfferCall { agent, offer, .. } = &action.order else { return None };
        Some((Arc::clone(agent), offer.0.into()))
    })
}

/// Return how a call ended.
pub fn outcome(orders: &[Action]) -> Option<String> {
    orders.iter().find_map(|action| {
        let Order::RecordOutcome { outcome, .. } = &action.order else { return None };
        Some(outcome.to_string())
    })
}

/// Add a word to an answer.
pub fn read(answer: u64, word: &str) -> u64 {
    word.bytes().fold(answer, |sum, byte| added(sum, byte.into()))
}

/// Return the arrival of a call that has such needs.
pub fn arrival((call, needs): (u32, u32)) -> CallArrived {
    let party = |number: String| Party {
        kind: PartyKind::E164,
        number,
        raw: String::new(),
        region: String::new(),
        operator: String::new(),
        zones: vec![],
        name: String::new(),
    };
    CallArrived {
        call: format!("c{call}").into(),
        host: "bench".into(),
        caller: Arc::new(party("+12025550123".into())),
        dialled: Arc::new(party(dialled(needs))),
        needs: vec![],
        priority: 0,
        attributes: vec![],
        preferred: vec![],
        excluded: vec![],
    }
}

fn id(agent: u32) -> String {
    format!("a{agent}")
}

fn dialled(needs: u32) -> String {
    format!("+1202555{needs:04}")
}

/// Write the plan of a site whose agents need so long after a call.
pub fn plan(site: &Site, wrap_up_ms: i64) -> Vec<u8> {
    let plan = Plan {
        tags: (0..TAGS).map(|tag| format!("skill:t{tag:02}").into()).collect(),
        agents: (0..).zip(&site.agents).map(agent).collect(),
        queues: (0..).zip(&site.needs).map(|needs| queue(needs, wrap_up_ms)).collect(),
        numbers: (0..site.needs_count()).map(number).collect(),
        ..Plan::named("bench")
    };
    let mut writer = Writer::new();
    plan.encode(&mut writer);
    writer.into_bytes()
}

fn agent((handle, agent): (u32, &site::Agent)) -> Agent {
    Agent {
        tags: agent.tags.each().map(|tag| (TagNumber(tag), 100)).collect(),
        ..Agent::named(&id(handle))
    }
}

fn queue((handle, needs): (u32, &site::Needs), wrap_up_ms: i64) -> Queue {
    let needs = each(needs.required).map(|tag| Need::required(TagNumber(tag)));
    Queue { needs: needs.collect(), wrap_up_ms, ..Queue::named(&format!("q{handle}")) }
}

fn number(needs: u32) -> Number {
    Number::leading_to(QueueNumber(needs), &dialled(needs))
}
