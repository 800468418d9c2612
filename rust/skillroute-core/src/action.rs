//! Actions: what the engine orders, in the order in which to carry it out.
//!
//! Tags and the order of fields are those of `skillroute/actions.py`, and append-only.
//! Names are shared, not copied: most of them stand in the plan.

use std::borrow::Cow;
use std::sync::Arc;

use crate::contract::variant;
use crate::ids::OfferNumber;
use crate::state::VisitResult;
use crate::wire::{Encode, Writer};

/// Define the actions, their tags and how they are written.
macro_rules! actions {
    ($($(#[$meta:meta])* $tag:literal $name:ident {
        $($(#[$field_meta:meta])* $field:ident: $type:ty,)*
    })*) => {
        /// What is to be done.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Order {
            $($(#[$meta])* $name { $($(#[$field_meta])* $field: $type,)* },)*
        }

        impl Encode for Action {
            fn encode(&self, writer: &mut Writer) {
                match &self.order {
                    $(Order::$name { $($field),* } => {
                        let fields = 1 + [$(stringify!($field)),*].len();
                        variant(writer, $tag, fields, |writer| {
                            self.id.encode(writer);
                            $($field.encode(writer);)*
                        });
                    })*
                }
            }
        }
    };
}

/// One order, and the number by which a host knows that it has seen it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Event sequence, timer ordinal since that event, index.
    pub id: (u64, u64, u64),
    /// What is to be done.
    pub order: Order,
}

actions! {
    /// The call has entered a line: let the caller hear music.
    1 StartWaiting {
        /// Id of the call.
        call: Arc<str>,
        /// Name of the queue.
        queue: Arc<str>,
    }

    /// Ring an agent for a call; the engine's own timer ends it.
    2 OfferCall {
        /// Id of the call.
        call: Arc<str>,
        /// Number of the offer.
        offer: OfferNumber,
        /// Id of the agent.
        agent: Arc<str>,
        /// Name of the queue.
        queue: Arc<str>,
        /// Devices to ring, the plan's order.
        endpoints: Arc<[Arc<str>]>,
        /// For how long.
        ring_ms: i64,
        /// The label of the number dialled.
        label: Arc<str>,
    }

    /// Stop ringing; answered with `OfferCancelled` when the leg is gone.
    3 CancelOffer {
        /// Id of the call.
        call: Arc<str>,
        /// Number of the offer.
        offer: OfferNumber,
        /// Id of the agent.
        agent: Arc<str>,
        /// `ring_timeout`, `caller_gone`, `paused`, `logged_out`, `moved`, `ended`.
        reason: &'static str,
    }

    /// The agent has accepted: play the whisper to them alone, then join both.
    4 BridgeCall {
        /// Id of the call.
        call: Arc<str>,
        /// Number of the offer.
        offer: OfferNumber,
        /// Id of the agent.
        agent: Arc<str>,
        /// What the agent hears first; empty: nothing.
        whisper: Arc<str>,
    }

    /// Hang up an agent's leg that has no call (any more).
    5 ReleaseLeg {
        /// The call it was offered for; empty if that is no longer known.
        call: Arc<str>,
        /// Number of the offer.
        offer: OfferNumber,
        /// Empty if no longer known.
        agent: Arc<str>,
    }

    /// End the caller's leg, after the message if there is one.
    6 HangUpCall {
        /// Id of the call.
        call: Arc<str>,
        /// Prompt to play before; empty: none.
        message: Arc<str>,
        /// Such as `agent_hung_up` or `last_resort`.
        reason: &'static str,
    }

    /// Let the caller leave a message.
    7 SendToVoicemail {
        /// Id of the call.
        call: Arc<str>,
        /// Name of the box.
        r#box: Arc<str>,
        /// What the caller hears.
        greeting: Arc<str>,
    }

    /// Tell the recipients that a message was left.
    8 NotifyVoicemail {
        /// Id of the call.
        call: Arc<str>,
        /// Name of the box.
        r#box: Arc<str>,
        /// Whom to tell.
        recipients: Arc<[Arc<str>]>,
        /// How long the message is.
        length_ms: i64,
    }

    /// A queue visit has ended: one per visit.
    9 RecordResult {
        /// Id of the call.
        call: Arc<str>,
        /// Name of the queue.
        queue: Arc<str>,
        /// `answered`, `abandoned`, `overflowed:<limit>`, `transferred` or `ended`.
        result: VisitResult,
        /// From the entry into this queue to the end of the visit.
        waited_ms: i64,
    }

    /// The call has ended: exactly one per call.
    10 RecordOutcome {
        /// Id of the call.
        call: Arc<str>,
        /// One of a closed set, or `failed:` and the switch's code.
        outcome: Cow<'static, str>,
        /// Result of the last queue visit; empty if there was none.
        last_result: VisitResult,
    }

    /// Tell the caller their place in line and the expected wait.
    16 AnnouncePosition {
        /// Id of the call.
        call: Arc<str>,
        /// 1 is next; 0: say nothing of it.
        position: i64,
        /// `None`: not known, say nothing of it.
        expected_wait_ms: Option<i64>,
    }

    /// The engine has paused an agent; show it on their console.
    18 PauseAgent {
        /// Id of the agent.
        agent: Arc<str>,
        /// Such as `missed_offers`.
        reason: &'static str,
        /// When it ends; `None`: not by time.
        until_ms: Option<i64>,
    }

    /// Change which devices of an agent ring inside one offer.
    31 RingDevices {
        /// Number of the offer.
        offer: OfferNumber,
        /// Those that ring from now on, or have answered; others stop.
        endpoints: Vec<Arc<str>>,
    }

    /// An offer was made since somebody said so, not by matching.
    32 RecordAssignment {
        /// Id of the call.
        call: Arc<str>,
        /// Number of the offer.
        offer: OfferNumber,
        /// Id of the agent.
        agent: Arc<str>,
        /// `assign` or `pick`.
        act: &'static str,
        /// Codes of the tests that the agent fails, in the order of the tests.
        overridden: Vec<String>,
        /// Who did it; empty: not said.
        by: Arc<str>,
    }

    /// A device has answered: let it hear the whisper, and collect a digit.
    33 ConfirmOffer {
        /// Id of the call.
        call: Arc<str>,
        /// Number of the offer.
        offer: OfferNumber,
        /// Id of the agent.
        agent: Arc<str>,
        /// The device that has answered.
        endpoint: Arc<str>,
        /// What whoever answers hears; empty: nothing.
        whisper: Arc<str>,
        /// What must be pressed; the engine compares.
        digit: Arc<str>,
    }

    /// Connect the caller with an outside number.
    12 ForwardCall {
        /// Id of the call.
        call: Arc<str>,
        /// The number.
        number: Arc<str>,
        /// For how long to ring.
        ring_ms: i64,
    }
}
