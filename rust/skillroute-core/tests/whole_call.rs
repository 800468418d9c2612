//! The engine from the outside: one call from its arrival to its outcome, and back from bytes.
//!
//! That it decides as the specification does is tested from Python, against it.

use skillroute_core::action::{Action, Order};
use skillroute_core::contract::{Need, Party, PartyKind, Required};
use skillroute_core::decision::{Arrival, ExplainQuery, Next};
use skillroute_core::engine::Engine;
use skillroute_core::error::Error;
use skillroute_core::event::{
    AgentHungUp, CallArrived, CallConnected, Event, OfferAccepted, OfferDeclined, WrapUpEnded,
};
use skillroute_core::ids::{OfferNumber, QueueNumber, TagNumber};
use skillroute_core::plan::{self, Agent, Number, Plan, Queue};
use skillroute_core::wire::{Encode, Writer};

const START_MS: i64 = 1_800_000_000_000;
const RING_MS: i64 = 15_000;
const WRAP_UP_MS: i64 = 10_000;

fn agent(id: &str, tags: &[u32]) -> Agent {
    let tags = tags.iter().map(|tag| (TagNumber(*tag), 100)).collect();
    Agent { tags, ..Agent::named(id) }
}

/// Two agents for sales: a generalist, and behind her a specialist.
fn plan() -> Vec<u8> {
    let queue = Queue {
        needs: vec![plan::Need::required(TagNumber(1))],
        ring_ms: RING_MS,
        wrap_up_ms: WRAP_UP_MS,
        ..Queue::named("sales")
    };
    let plan = Plan {
        tags: vec!["lang:pl".into(), "skill:sales".into()],
        agents: vec![agent("anna", &[0, 1]), agent("bert", &[1])],
        queues: vec![queue],
        numbers: vec![Number::leading_to(QueueNumber(0), "+48220000000")],
        ..Plan::named("test")
    };
    let mut writer = Writer::new();
    plan.encode(&mut writer);
    writer.into_bytes()
}

fn arrival(call: &str) -> CallArrived {
    let party = |number: &str| Party {
        kind: PartyKind::E164,
        number: number.into(),
        raw: String::new(),
        region: String::new(),
        operator: String::new(),
        zones: vec![],
        name: String::new(),
    };
    CallArrived {
        call: call.into(),
        host: "test".into(),
        caller: party("+48123456789").into(),
        dialled: party("+48220000000").into(),
        needs: vec![],
        priority: 0,
        attributes: vec![],
        preferred: vec![],
        excluded: vec![],
    }
}

/// Return whom the last of the offers among these orders goes to, and its number.
fn offered(actions: &[Action]) -> Option<(&str, OfferNumber)> {
    actions.iter().rev().find_map(|action| {
        let Order::OfferCall { agent, offer, .. } = &action.order else { return None };
        Some((agent.as_ref(), *offer))
    })
}

/// Make an engine that rings bert for call c1.
fn ringing() -> Engine {
    let mut engine = Engine::new(&plan()).expect("the plan is sound");
    let actions = engine.handle(Event::CallArrived(arrival("c1")), START_MS);
    let actions = actions.expect("the arrival is in order");
    assert_eq!(Some(("bert", OfferNumber(1))), offered(&actions));
    engine
}

#[test]
fn a_call_goes_to_the_specialist_and_ends_as_answered() {
    let mut engine = ringing();
    let accepted = OfferAccepted { offer: 1, endpoint: String::new() };
    engine.handle(Event::OfferAccepted(accepted), START_MS + 1_000).unwrap();
    engine.handle(Event::CallConnected(CallConnected { offer: 1 }), START_MS + 2_000).unwrap();
    let hung_up = Event::AgentHungUp(AgentHungUp { offer: 1 });
    let actions = engine.handle(hung_up, START_MS + 60_000).unwrap();
    let outcome = actions.iter().find_map(|action| {
        let Order::RecordOutcome { outcome, .. } = &action.order else { return None };
        Some(outcome.as_ref())
    });
    assert_eq!(Some("answered"), outcome);
    assert_eq!(Some(START_MS + 60_000 + WRAP_UP_MS), engine.next_deadline_ms());
    let ended = WrapUpEnded { agent: "bert".into() };
    engine.handle(Event::WrapUpEnded(ended), START_MS + 61_000).unwrap();
    assert_eq!(None, engine.next_deadline_ms());
}

#[test]
fn a_declined_call_goes_to_the_next() {
    let mut engine = ringing();
    let declined = Event::OfferDeclined(OfferDeclined { offer: 1 });
    let actions = engine.handle(declined, START_MS + 1).unwrap();
    assert_eq!(Some(("anna", OfferNumber(2))), offered(&actions));
}

#[test]
fn an_accept_in_the_last_instant_is_late() {
    let mut engine = ringing();
    let accepted = Event::OfferAccepted(OfferAccepted { offer: 1, endpoint: String::new() });
    let actions = engine.handle(accepted, START_MS + RING_MS).unwrap();
    assert_eq!(Some(("anna", OfferNumber(2))), offered(&actions));
    let released = actions.iter().any(|action| matches!(action.order, Order::ReleaseLeg { .. }));
    assert!(released);
}

#[test]
fn a_refused_event_changes_only_what_time_does() {
    let mut engine = ringing();
    let connected = Event::CallConnected(CallConnected { offer: 1 });
    let refusal = engine.handle(connected, START_MS + 1).unwrap_err();
    assert_eq!("illegal_event", refusal.error.code());
    let unknown = Event::CallConnected(CallConnected { offer: 9 });
    let refusal = engine.handle(unknown, START_MS + RING_MS).unwrap_err();
    assert_eq!(Error::UnknownId { kind: "offer", id: "9".into() }, refusal.error);
    assert_eq!(Some(("anna", OfferNumber(2))), offered(&refusal.actions));
    let past = engine.advance(START_MS).unwrap_err();
    assert_eq!("time_went_back", past.error.code());
}

#[test]
fn a_snapshot_goes_on_where_it_was_taken() {
    let mut engine = ringing();
    let snapshot = engine.snapshot();
    let mut restored = Engine::restore(&plan(), &snapshot).unwrap();
    assert_eq!(snapshot, restored.snapshot());
    let later_ms = START_MS + 3 * RING_MS;
    assert_eq!(engine.advance(later_ms), restored.advance(later_ms));
    assert_eq!(engine.snapshot(), restored.snapshot());
}

#[test]
fn a_damaged_snapshot_is_refused_or_harmless() {
    let snapshot = ringing().snapshot();
    let (mut refused, mut harmless) = (0, 0);
    for place in 0..snapshot.len() {
        for flipped in [1, 4, 128] {
            let mut damaged = snapshot.clone();
            damaged[place] ^= flipped;
            match Engine::restore(&plan(), &damaged) {
                Err(error) => {
                    assert_eq!(Error::SnapshotMalformed, error);
                    refused += 1;
                }
                Ok(mut engine) => {
                    let clock_ms = engine.next_deadline_ms().unwrap_or(START_MS);
                    let _ = engine.handle(Event::CallArrived(arrival("c2")), clock_ms + 1);
                    harmless += 1;
                }
            }
        }
    }
    assert!(refused > 0 && harmless > 0);
    assert!(Engine::restore(&plan(), &snapshot[1..]).is_err());
}

#[test]
fn replay_names_the_frame_that_it_cannot_read() {
    // An `Advanced` at time 7, then a frame that is cut.
    let frame = [0, 0, 0, 4, 0x92, 7, 0x91, 1];
    let mut engine = Engine::new(&plan()).unwrap();
    assert_eq!(Ok(2), engine.replay(&[frame, frame].concat()));
    let cut = [&frame[..], &frame[..7]].concat();
    assert_eq!(Err(Error::FrameMalformed { number: 1 }), engine.replay(&cut));
}

#[test]
fn explaining_says_who_gets_the_call_and_changes_nothing() {
    let mut engine = Engine::new(&plan()).unwrap();
    let before = engine.snapshot();
    let mut event = arrival("new");
    event.needs.push(Need::Required(Required { tag: "lang:pl".into(), level: 1 }));
    let query = ExplainQuery {
        now_ms: START_MS,
        arrival: Some(Arrival(Box::new(event))),
        call: String::new(),
        assume: vec![],
        assume_rested: false,
        waited_ms: 0,
        only: None,
    };
    let decision = engine.explain(query).unwrap();
    assert_eq!((Next::Offer, "anna"), (decision.next, &*decision.chosen));
    assert_eq!("missing_tag:lang:pl", decision.agents[1].verdict);
    assert_eq!(before, engine.snapshot());
}
