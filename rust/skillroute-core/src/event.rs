//! Events: what happened, told to the engine in the order in which it happened.
//!
//! The vocabulary is larger than what today's engine carries out: a known event that it
//! does not is [`Event::NotYet`], so hosts and journals can be written against all of it.
//! Tags and the order of fields are those of `skillroute/events.py`, and append-only.

use std::sync::Arc;

use crate::contract::{Destination, Need, Party, PreferredAgent, tagged};
use crate::later;
use crate::record::{record, words};
use crate::wire::{Decode, Malformed, Reader};

/// Define the events, their tags and how they are read.
macro_rules! events {
    (
        $($(#[$meta:meta])* $tag:literal $name:ident {
            $($(#[$field_meta:meta])* $field:ident: $type:ty $(= $default:expr)?,)*
        })*
    ) => {
        $(record! {
            $(#[$meta])*
            pub struct $name {
                $($(#[$field_meta])* pub $field: $type $(= $default)?,)*
            }
        }

        impl $name {
            /// The number by which it is told from other events.
            pub const TAG: u8 = $tag;
        })*

        /// Something that happened.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(clippy::large_enum_variant, reason = "it is moved once; a box costs more")]
        pub enum Event {
            $($(#[$meta])* $name($name),)*
            /// A known event that today's engine does not carry out: its name.
            NotYet(&'static str),
        }

        impl Event {
            /// Return the name of its class.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name),)*
                    Self::NotYet(name) => name,
                }
            }
        }

        impl Decode for Event {
            fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
                let start = reader.at();
                let (tag, fields) = tagged(reader)?;
                match tag {
                    $($tag => $name::decode_fields(reader, fields).map(Self::$name),)*
                    _ => later::decode(tag, reader, fields)?
                        .map(Self::NotYet)
                        .ok_or_else(|| reader.malformed(start, "a known event")),
                }
            }
        }
    };
}

record! {
    /// What a switch says of one call after a lost connection.
    pub struct CallStanding {
        /// Id of the call.
        pub call: String,
        /// The offer whose leg exists; 0: only the caller's.
        pub offer: i128 = 0,
        /// Caller and agent hear each other.
        pub joined: bool = false,
        /// When the caller hung up; `None`: the call exists.
        pub hung_up_at_ms: Option<i64> = None,
    }
}

events! {
    /// Time has passed and timers fired.
    1 Advanced {}

    /// The wall clock differs from the engine's by another amount than before.
    2 WallClockMoved {
        /// Wall clock minus engine clock; replaces the former.
        offset_ms: i64,
    }

    /// The driver was not running.
    3 Gap {
        /// The last heartbeat.
        from_ms: i64,
        /// When the driver ran again.
        until_ms: i64,
    }

    /// The connection to a switch is gone.
    4 HostLost {
        /// Name of the host.
        host: String,
    }

    /// After a lost connection: which calls and agents still exist.
    5 HostResynced {
        /// Name of the host.
        host: String,
        /// Calls that still exist there.
        calls: Vec<CallStanding> = Vec::new(),
        /// Agents whose devices are down.
        unreachable: Vec<String> = Vec::new(),
        /// False: more of the same follows.
        complete: bool = true,
    }

    /// Another plan holds from now on.
    6 PlanReloaded {
        /// Its id, as the engine was given it.
        plan_id: String,
    }

    /// A call has come in.
    10 CallArrived {
        /// Id of the call, chosen by the host.
        call: Arc<str>,
        /// Name of the host that has the call.
        host: Arc<str>,
        /// Who calls.
        caller: Arc<Party>,
        /// The number of ours that was dialled.
        dialled: Arc<Party>,
        /// What a hook or the host already knows that the call needs.
        needs: Vec<Need> = Vec::new(),
        /// Added to the number's priority.
        priority: i64 = 0,
        /// Anything else known: name and value.
        attributes: Vec<(String, String)> = Vec::new(),
        /// Agents to try first, in that order.
        preferred: Vec<PreferredAgent> = Vec::new(),
        /// Agents who never get the call.
        excluded: Vec<String> = Vec::new(),
    }

    /// The caller pressed a digit while waiting in line.
    14 LineDigitPressed {
        /// Id of the call.
        call: String,
        /// The digit.
        digit: String,
    }

    /// The caller's leg has ended.
    15 CallerHungUp {
        /// Id of the call.
        call: String,
    }

    /// The agent's leg of a connecting or connected call has ended.
    16 AgentHungUp {
        /// Number of the offer.
        offer: i128,
    }

    /// The switch lost the call.
    17 CallFailed {
        /// Id of the call.
        call: String,
        /// Such as `network`.
        code: String,
    }

    /// The agent picked up.
    20 OfferAccepted {
        /// Number of the offer.
        offer: i128,
        /// The device that answered; empty: the only one.
        endpoint: String = String::new(),
    }

    /// The answered leg pressed a digit.
    21 OfferConfirmed {
        /// Number of the offer.
        offer: i128,
        /// What was pressed.
        digit: String,
    }

    /// The agent refused the call.
    22 OfferDeclined {
        /// Number of the offer.
        offer: i128,
    }

    /// The agent could not be rung, or the switch stopped ringing.
    23 OfferFailed {
        /// Number of the offer.
        offer: i128,
        /// Why.
        code: OfferFailure,
    }

    /// The switch confirms that the leg of an ended offer is gone.
    24 OfferCancelled {
        /// Number of the offer.
        offer: i128,
    }

    /// The agent's device sent the call somewhere else.
    25 OfferRedirected {
        /// Number of the offer.
        offer: i128,
        /// Where to.
        target: String,
    }

    /// Caller and agent hear each other.
    26 CallConnected {
        /// Number of the offer.
        offer: i128,
    }

    /// The accepted call could not be joined.
    27 ConnectFailed {
        /// Number of the offer.
        offer: i128,
        /// Why; empty: not said.
        code: String = String::new(),
    }

    /// The caller has left a message.
    30 VoicemailLeft {
        /// Id of the call.
        call: String,
        /// How long it is.
        length_ms: i64,
    }

    /// The mailbox could not take a message.
    31 VoicemailFailed {
        /// Id of the call.
        call: String,
        /// Such as `full`.
        code: String,
    }

    /// The outside number has picked up.
    32 ForwardAnswered {
        /// Id of the call.
        call: String,
    }

    /// The outside number could not be had.
    33 ForwardFailed {
        /// Id of the call.
        call: String,
        /// Why.
        code: ForwardFailure,
    }

    /// An agent is there to take calls.
    40 AgentLoggedIn {
        /// Id of the agent.
        agent: String,
    }

    /// An agent takes no more calls.
    41 AgentLoggedOut {
        /// Id of the agent.
        agent: String,
    }

    /// An agent takes a break.
    42 AgentPaused {
        /// Id of the agent.
        agent: String,
        /// Such as `lunch`; empty: not said.
        reason: String = String::new(),
    }

    /// An agent is back from a break.
    43 AgentResumed {
        /// Id of the agent.
        agent: String,
    }

    /// An agent has finished the work after a call.
    44 WrapUpEnded {
        /// Id of the agent.
        agent: String,
    }

    /// A device of an agent cannot be reached.
    45 EndpointLost {
        /// Id of the agent.
        agent: String,
        /// The device.
        endpoint: String,
    }

    /// A device of an agent can be reached again.
    46 EndpointReached {
        /// Id of the agent.
        agent: String,
        /// The device.
        endpoint: String,
    }

    /// An agent's device is in use by something that is not ours.
    47 AgentOccupied {
        /// Id of the agent.
        agent: String,
        /// How many units it takes; 0: free again.
        units: i64,
    }

    /// How many open cases an agent has.
    48 OpenCasesTold {
        /// Id of the agent.
        agent: String,
        /// How many.
        cases: i64,
    }

    /// A supervisor opened or closed something, or let it play a message and hang up.
    60 Overridden {
        /// What sort of thing.
        kind: Overridable,
        /// Its name.
        name: String,
        /// What it is from now.
        to: OverrideTo,
        /// What is played.
        prompt: String = String::new(),
        /// `None`: until reset.
        until_ms: Option<i64> = None,
        /// Who did it; empty: not said.
        by: String = String::new(),
        /// Why, in their words.
        reason: String = String::new(),
    }

    /// A change made while running is taken back.
    61 OverlayReset {
        /// What sort of change.
        kind: String,
        /// Of what.
        name: String,
        /// Who did it; empty: not said.
        by: String = String::new(),
        /// Why, in their words.
        reason: String = String::new(),
    }

    /// A call in line is moved to another place.
    62 CallMoved {
        /// Id of the call.
        call: String,
        /// Where it goes.
        to: Destination,
        /// Who did it; empty: not said.
        by: String = String::new(),
        /// Why, in their words.
        reason: String = String::new(),
    }

    /// A call in line gets another priority.
    63 PrioritySet {
        /// Id of the call.
        call: String,
        /// In place of the sum of its queue's, its number's and its own.
        priority: i64,
        /// Who did it; empty: not said.
        by: String = String::new(),
        /// Why, in their words.
        reason: String = String::new(),
    }

    /// A call in line gets needs beside those of its queue, its number and its own.
    64 NeedsSet {
        /// Id of the call.
        call: String,
        /// In place of those that were set before.
        needs: Vec<Need>,
        /// Who did it; empty: not said.
        by: String = String::new(),
        /// Why, in their words.
        reason: String = String::new(),
    }

    /// A supervisor gives a waiting call to an agent, whatever the tests say.
    65 CallAssigned {
        /// Id of the call.
        call: String,
        /// Id of the agent.
        agent: String,
        /// Who did it; empty: not said.
        by: String = String::new(),
        /// Why, in their words.
        reason: String = String::new(),
    }

    /// An agent takes a certain waiting call, out of its turn.
    66 CallPicked {
        /// Id of the call.
        call: String,
        /// Id of the agent.
        agent: String,
        /// Who did it; empty: not said.
        by: String = String::new(),
        /// Why, in their words.
        reason: String = String::new(),
    }

    /// A supervisor ends a call, wherever it is.
    67 CallEndOrdered {
        /// Id of the call.
        call: String,
        /// Who did it; empty: not said.
        by: String = String::new(),
        /// Why, in their words.
        reason: String = String::new(),
    }

    /// A supervisor logs an agent in or out, or pauses them.
    68 PresenceSet {
        /// Id of the agent.
        agent: String,
        /// What they are from now.
        presence: SetPresence,
        /// Such as `lunch`; empty: not said.
        pause_reason: String = String::new(),
        /// Who did it; empty: not said.
        by: String = String::new(),
        /// Why, in their words.
        reason: String = String::new(),
    }

    /// A supervisor puts an agent into a queue, or takes them out, in all its steps.
    69 MembershipSet {
        /// Id of the agent.
        agent: String,
        /// Name of the queue.
        queue: String,
        /// They serve it from now.
        member: bool,
        /// Who did it; empty: not said.
        by: String = String::new(),
        /// Why, in their words.
        reason: String = String::new(),
    }

    /// A supervisor gives an agent other tags.
    70 TagsSet {
        /// Id of the agent.
        agent: String,
        /// Tags and levels, in place of all former ones; `*`: can do everything.
        tags: Vec<(String, i64)>,
        /// Who did it; empty: not said.
        by: String = String::new(),
        /// Why, in their words.
        reason: String = String::new(),
    }
}

words! {
    /// Why an agent could not be rung.
    pub enum OfferFailure {
        /// The device is in use.
        Busy = "busy",
        /// The device cannot be reached.
        Unreachable = "unreachable",
        /// The switch gave up before the engine's timer.
        NoAnswer = "no_answer",
    }

    /// What can be overridden.
    pub enum Overridable {
        /// A schedule.
        Schedule = "schedule",
        /// A queue.
        Queue = "queue",
        /// A number.
        Number = "number",
    }

    /// What an override makes of it.
    pub enum OverrideTo {
        /// It is open.
        Open = "open",
        /// It is closed.
        Closed = "closed",
        /// It plays a message.
        Play = "play",
    }

    /// What a supervisor sets an agent to.
    pub enum SetPresence {
        /// There.
        Available = "available",
        /// Not there.
        LoggedOut = "logged_out",
        /// On a break.
        Paused = "paused",
    }

    /// Why an outside number could not be had.
    pub enum ForwardFailure {
        /// Nobody answered.
        NoAnswer = "no_answer",
        /// The line is busy.
        Busy = "busy",
        /// It was refused.
        Refused = "refused",
        /// Anything else.
        Failed = "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_an_array_of_its_tag_and_fields() {
        let bytes = [0x93, 20, 7, 0xa2, b'd', b'1'];
        let event = Event::decode(&mut Reader::new(&bytes)).unwrap();
        let expected = OfferAccepted { offer: 7, endpoint: "d1".into() };
        assert_eq!(
            (Event::OfferAccepted(expected), "OfferAccepted"),
            (event.clone(), event.name())
        );
    }

    #[test]
    fn a_known_event_of_later_is_told_from_an_unknown_one() {
        let later = Event::decode(&mut Reader::new(&[0x93, 18, 0xa1, b'h', 0xa1, b'h']));
        assert_eq!(Ok(Event::NotYet("CallHeld")), later);
        assert!(Event::decode(&mut Reader::new(&[0x93, 18, 1, 1])).is_err());
        assert!(Event::decode(&mut Reader::new(&[0x91, 99])).is_err());
        assert!(Event::decode(&mut Reader::new(&[0x90])).is_err());
    }
}
