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
        /// The call is hung up.
        HangUp = "hang_up",
        /// It has ended.
        Ended = "ended",
    }
}

record! {
    /// The state of an agent, taken for granted in a hypothetical decision.
    pub struct AgentAssumption {
        /// Id of the agent.
        pub agent: String,
        /// The state.
        pub state: AssumedState,
        /// Why paused; empty: not said.
        pub reason: String = String::new(),
        /// Idle for so long; `None`: as long as everybody.
        pub idle_ms: Option<i64> = None,
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
        /// With `arrival`: states of agents, in place of the real ones.
        pub assume: Vec<AgentAssumption> = Vec::new(),
        /// With `arrival`: first make every agent logged in, free and equally idle.
        pub assume_rested: bool = false,
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
    }
}
