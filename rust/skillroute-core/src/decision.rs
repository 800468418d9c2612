//! Decision records: what [`crate::engine::Engine::explain`] is asked, and its answer.
//!
//! The order of fields is that of `skillroute/decisions.py`, and append-only.

use std::sync::Arc;

use crate::contract::{Need, tagged, variant};
use crate::event::CallArrived;
use crate::record::{record, words};
use crate::wire::{Decode, Encode, Malformed, Reader, Writer};

words! {
    /// A state that is taken for granted.
    pub enum AssumedState {
        /// There and free.
        Available = "available",
        /// Not there.
        LoggedOut = "logged_out",
        /// On a break.
        Paused = "paused",
        /// Every unit in a call.
        Busy = "busy",
        /// Every unit in the work after a call.
        WrapUp = "wrap_up",
        /// As it is.
        Unchanged = "unchanged",
    }

    /// What happens (next) to a call.
    pub enum Next {
        /// An agent is being rung.
        Offer = "offer",
        /// It waits.
        Wait = "wait",
        /// An agent has accepted.
        Connecting = "connecting",
        /// Caller and agent hear each other.
        Connected = "connected",
        /// The caller may leave a message.
        Voicemail = "voicemail",
        /// An outside number is being rung.
        Forward = "forward",
        /// The caller speaks with an outside number.
        Forwarded = "forwarded",
        /// The call is hung up.
        HangUp = "hang_up",
        /// It has ended.
        Ended = "ended",
    }
}

record! {
    /// A tag that an agent is taken to hold.
    pub struct AssumedTag {
        /// Its name.
        pub tag: String,
        /// In place of the level held; 0: not held at all.
        pub level: i64 = 100,
    }
}

record! {
    /// What is taken for granted of an agent in a hypothetical decision.
    pub struct AgentAssumption {
        /// Id of the agent.
        pub agent: String,
        /// The state.
        pub state: AssumedState,
        /// Why paused; empty: not said.
        pub reason: String = String::new(),
        /// Idle for so long; `None`: as long as everybody.
        pub idle_ms: Option<i64> = None,
        /// Held beside what the plan says, or in place of it.
        pub tags: Vec<AssumedTag> = Vec::new(),
        /// Always on shift, whatever the schedule says.
        pub on_shift: bool = false,
        /// The call holds nothing against them: not tried, not declined, not excluded.
        pub cleared: bool = false,
    }
}

record! {
    /// A question: what would be done with this call, or why is that one where it is?
    pub struct ExplainQuery {
        /// The instant; not before the engine's clock.
        pub now_ms: i64,
        /// A call that would arrive at that instant; `None`: `call` is asked about.
        pub arrival: Option<Arrival> = None,
        /// A call that the engine knows.
        pub call: String = String::new(),
        /// What is taken for granted of agents, in place of what is so.
        pub assume: Vec<AgentAssumption> = Vec::new(),
        /// First make every agent logged in, free and equally idle.
        pub assume_rested: bool = false,
        /// As if the call had waited for so much longer.
        pub waited_ms: i64 = 0,
        /// Agents to give verdicts of; `None`: all.
        pub only: Option<Vec<String>> = None,
    }
}

record! {
    /// A question: why does this agent have no call?
    pub struct AgentQuery {
        /// The instant; not before the engine's clock.
        pub now_ms: i64,
        /// Id of the agent.
        pub agent: String,
    }
}

/// A call that would arrive; it is written as an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival(pub Box<CallArrived>);

impl Decode for Arrival {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let start = reader.at();
        match tagged(reader)? {
            (tag, fields) if tag == i128::from(CallArrived::TAG) => {
                let event = CallArrived::decode_fields(reader, fields)?;
                Ok(Self(Box::new(event)))
            }
            _ => Err(reader.malformed(start, "an arrival")),
        }
    }
}

impl Encode for Arrival {
    fn encode(&self, writer: &mut Writer) {
        variant(writer, u64::from(CallArrived::TAG), CallArrived::FIELDS, |writer| {
            self.0.encode_fields(writer);
        });
    }
}

record! {
    /// One need that is in force, and where it comes from.
    pub struct NeedSource {
        /// The need.
        pub need: Need,
        /// `queue:<name>`, `number:<number>` or `call`.
        pub source: String,
    }
}

record! {
    /// One block that the call passed.
    pub struct FlowStep {
        /// The block.
        pub block: String,
        /// The exit by which the call left it.
        pub exit: String,
        /// Why.
        pub why: String,
    }
}

record! {
    /// What the decision says of one agent.
    pub struct AgentVerdict {
        /// Id of the agent.
        pub agent: Arc<str>,
        /// `eligible`, or the code of the first test that failed.
        pub verdict: String,
        /// Codes of all other tests that fail, in the order of the tests.
        pub also: Vec<String>,
        /// Place among the eligible, 1 is first; `None`: not eligible.
        pub rank: Option<u32>,
        /// Sort keys, the smaller first.
        pub keys: Vec<i64>,
        /// When time alone would make the agent eligible; `None`: never, or already.
        pub until_ms: Option<i64>,
    }
}

record! {
    /// Another call that waits for the same agents.
    pub struct CompetingCall {
        /// Id of the call.
        pub call: Arc<str>,
        /// Its queue.
        pub queue: Arc<str>,
        /// Since when it is in its queue.
        pub waited_ms: i64,
        /// It stands before the explained call in the line.
        pub is_before: bool,
        /// The first agent of the plan who could take both.
        pub agent: Arc<str>,
    }
}

record! {
    /// Why a call goes where it goes.
    pub struct Decision {
        /// The instant.
        pub now_ms: i64,
        /// Id of the call.
        pub call: Arc<str>,
        /// What happens (next) to it.
        pub next: Next,
        /// Empty: no queue was reached.
        pub queue: Arc<str>,
        /// Step of the queue in force; 0: the queue's own rules.
        pub step: u32,
        /// The agent who gets it, or has it; empty: nobody.
        pub chosen: Arc<str>,
        /// By kind, then by name.
        pub needs: Vec<NeedSource>,
        /// In the order passed.
        pub flow: Vec<FlowStep>,
        /// Names of the sort keys; empty without a queue.
        pub key_names: Vec<String>,
        /// Every agent: the eligible by rank, then the others in the order of the plan.
        pub agents: Vec<AgentVerdict>,
        /// Calls that stand before it in line, first to last.
        pub ahead: Vec<Arc<str>>,
        /// When the step changes next, or time alone makes the first of `agents` eligible.
        pub next_change_ms: Option<i64> = None,
        /// Other waiting calls that some agent could take as well, in line order.
        pub competing: Vec<CompetingCall> = Vec::new(),
        /// Since when the call is in its queue, or was in its last.
        pub waited_ms: i64 = 0,
        /// Its place in line, 1 is first; `None`: it is in no line.
        pub position: Option<i64> = None,
        /// How long it may still have to wait; `None`: nobody is there, or no line.
        pub expected_wait_ms: Option<i64> = None,
    }
}

record! {
    /// What is said of one waiting call to an agent who has none.
    pub struct CallVerdict {
        /// Id of the call.
        pub call: Arc<str>,
        /// Its queue.
        pub queue: Arc<str>,
        /// Since when it is in its queue.
        pub waited_ms: i64,
        /// `eligible`, or the code of the first test of the pair that failed.
        pub verdict: String,
        /// Codes of all other such tests that fail.
        pub also: Vec<String>,
    }
}

record! {
    /// How many waiting calls one code keeps from an agent.
    pub struct ReasonCount {
        /// The code.
        pub code: String,
        /// How many calls.
        pub calls: u64,
        /// The first of them in line.
        pub first: Arc<str>,
    }
}

record! {
    /// Why an agent has no call.
    pub struct AgentDecision {
        /// The instant.
        pub now_ms: i64,
        /// Id of the agent.
        pub agent: Arc<str>,
        /// `eligible`, or the code of the first test of their own state that fails.
        pub verdict: String,
        /// Codes of all other such tests that fail.
        pub also: Vec<String>,
        /// When time alone would make them free; `None`: never, or they are.
        pub until_ms: Option<i64>,
        /// How many calls wait in all queues, with nobody being rung for them.
        pub waiting: u64,
        /// The first of them, in line order.
        pub calls: Vec<CallVerdict>,
        /// All of them by verdict, the most frequent first.
        pub reasons: Vec<ReasonCount>,
    }
}
