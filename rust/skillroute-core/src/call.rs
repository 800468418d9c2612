//! The call: one customer contact from its arrival to its one outcome.
//!
//! It waits in line, keeps its place there while agents are rung and while one who
//! accepted is being connected (rule 7.3), is connected, or leaves the line for another
//! queue, voicemail, an outside number or the site's last resort, and ends. What an offer
//! does to its call is said in `offer.rs`; this file has what happens to the call itself:
//! the caller hangs up, a limit is reached, a message is left, an outside number answers, a
//! supervisor acts.
//!
//! A limit that is reached while an agent is being rung or connected lets that attempt
//! end, and takes effect if it comes to nothing (rule 9.3). A call that has ended is not
//! kept, so it has no phase here: what is said of it is stale before it comes this far.
//!
//! A function per phase says what an event does; `routing.rs` carries it out.

use crate::state::CallPhase;

/// What can happen to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallEvent {
    /// The caller's leg is gone.
    CallerHungUp,
    /// The caller has left a message.
    VoicemailLeft,
    /// The mailbox took no message.
    VoicemailFailed,
    /// The outside number has picked up.
    ForwardAnswered,
    /// The outside number could not be had.
    ForwardFailed,
    /// The switch has lost the call.
    CallFailed,
    /// The caller has pressed a digit.
    DigitPressed,
    /// The call has waited as long as it may.
    MaxWaitEnded,
    /// Nobody is left to be tried.
    RoundEnded,
    /// A supervisor moves it.
    Moved,
    /// A supervisor gives it another priority.
    PrioritySet,
    /// A supervisor gives it other needs.
    NeedsSet,
    /// A supervisor gives it to an agent.
    Assigned,
    /// An agent takes it out of its turn.
    Picked,
    /// A supervisor ends it.
    EndOrdered,
}

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallStep {
    /// The caller has left before anybody spoke to them.
    Abandon,
    /// An agent is being rung or spoken to: the offer's step ends both.
    EndOffer,
    /// The switch has lost the call before anybody spoke to the caller.
    Fail,
    /// Leave the line for the queue's overflow.
    Overflow,
    /// Leave the line for where the digit leads, if it does; an offer that rings is
    /// withdrawn.
    Leave,
    /// Overflow if the present offer comes to nothing.
    NoteLimit,
    /// End with a message, or as abandoned if it is too short.
    TakeMessage,
    /// Voicemail or the outside number failed: the site's last resort.
    LastResort,
    /// The outside number has answered.
    HandOver,
    /// A call that was handed over has ended.
    Close,
    /// Leave the line for another place; an offer that rings is withdrawn.
    Move,
    /// Another place in line, or other needs.
    Adjust,
    /// Be offered to one agent.
    Give,
    /// End, and whatever is going on with it.
    Stop,
    /// Nothing.
    Stale,
    /// It does not fit.
    Illegal,
}

impl CallEvent {
    /// Return its name in an error text.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CallerHungUp => "CallerHungUp",
            Self::VoicemailLeft => "VoicemailLeft",
            Self::VoicemailFailed => "VoicemailFailed",
            Self::ForwardAnswered => "ForwardAnswered",
            Self::ForwardFailed => "ForwardFailed",
            Self::CallFailed => "CallFailed",
            Self::DigitPressed => "LineDigitPressed",
            Self::MaxWaitEnded => "max_wait",
            Self::RoundEnded => "round_end",
            Self::Moved => "CallMoved",
            Self::PrioritySet => "PrioritySet",
            Self::NeedsSet => "NeedsSet",
            Self::Assigned => "CallAssigned",
            Self::Picked => "CallPicked",
            Self::EndOrdered => "CallEndOrdered",
        }
    }
}

/// Say what would be legal in a phase, for an error text.
#[must_use]
pub fn expected(phase: CallPhase) -> &'static str {
    match phase {
        CallPhase::Waiting => "CallerHungUp",
        CallPhase::Ringing => "CallerHungUp or an answer to the offer",
        CallPhase::Connecting => "CallerHungUp, CallConnected or ConnectFailed",
        CallPhase::Connected => "CallerHungUp or AgentHungUp",
        CallPhase::Voicemail => "VoicemailLeft, VoicemailFailed or CallerHungUp",
        CallPhase::Forwarding => "ForwardAnswered, ForwardFailed or CallerHungUp",
        CallPhase::Forwarded => "CallerHungUp",
    }
}

/// Say what an event does to a call.
#[must_use]
pub fn step(phase: CallPhase, event: CallEvent) -> CallStep {
    match phase {
        CallPhase::Waiting => waiting(event),
        CallPhase::Ringing => ringing(event),
        CallPhase::Connecting => connecting(event),
        CallPhase::Connected => connected(event),
        CallPhase::Voicemail => voicemail(event),
        CallPhase::Forwarding => forwarding(event),
        CallPhase::Forwarded => forwarded(event),
    }
}

fn waiting(event: CallEvent) -> CallStep {
    match event {
        CallEvent::CallerHungUp => CallStep::Abandon,
        CallEvent::CallFailed => CallStep::Fail,
        CallEvent::MaxWaitEnded | CallEvent::RoundEnded => CallStep::Overflow,
        CallEvent::Moved => CallStep::Move,
        CallEvent::PrioritySet | CallEvent::NeedsSet => CallStep::Adjust,
        CallEvent::Assigned | CallEvent::Picked => CallStep::Give,
        CallEvent::DigitPressed => CallStep::Leave,
        CallEvent::EndOrdered => CallStep::Stop,
        CallEvent::VoicemailLeft
        | CallEvent::VoicemailFailed
        | CallEvent::ForwardAnswered
        | CallEvent::ForwardFailed => CallStep::Illegal,
    }
}

fn ringing(event: CallEvent) -> CallStep {
    match event {
        CallEvent::CallerHungUp | CallEvent::CallFailed => CallStep::EndOffer,
        CallEvent::MaxWaitEnded => CallStep::NoteLimit,
        CallEvent::Moved => CallStep::Move,
        CallEvent::PrioritySet | CallEvent::NeedsSet => CallStep::Adjust,
        CallEvent::DigitPressed => CallStep::Leave,
        CallEvent::EndOrdered => CallStep::Stop,
        CallEvent::RoundEnded
        | CallEvent::VoicemailLeft
        | CallEvent::VoicemailFailed
        | CallEvent::ForwardAnswered
        | CallEvent::ForwardFailed
        | CallEvent::Assigned
        | CallEvent::Picked => CallStep::Illegal,
    }
}

fn connecting(event: CallEvent) -> CallStep {
    match event {
        CallEvent::CallerHungUp | CallEvent::CallFailed => CallStep::EndOffer,
        CallEvent::MaxWaitEnded => CallStep::NoteLimit,
        CallEvent::PrioritySet | CallEvent::NeedsSet => CallStep::Adjust,
        CallEvent::DigitPressed => CallStep::Stale,
        CallEvent::EndOrdered => CallStep::Stop,
        CallEvent::RoundEnded
        | CallEvent::VoicemailLeft
        | CallEvent::VoicemailFailed
        | CallEvent::ForwardAnswered
        | CallEvent::ForwardFailed
        | CallEvent::Moved
        | CallEvent::Assigned
        | CallEvent::Picked => CallStep::Illegal,
    }
}

fn connected(event: CallEvent) -> CallStep {
    match event {
        CallEvent::CallerHungUp | CallEvent::CallFailed => CallStep::EndOffer,
        CallEvent::DigitPressed => CallStep::Stale,
        CallEvent::EndOrdered => CallStep::Stop,
        CallEvent::MaxWaitEnded
        | CallEvent::RoundEnded
        | CallEvent::VoicemailLeft
        | CallEvent::VoicemailFailed
        | CallEvent::ForwardAnswered
        | CallEvent::ForwardFailed
        | CallEvent::Moved
        | CallEvent::PrioritySet
        | CallEvent::NeedsSet
        | CallEvent::Assigned
        | CallEvent::Picked => CallStep::Illegal,
    }
}

fn voicemail(event: CallEvent) -> CallStep {
    match event {
        CallEvent::CallerHungUp => CallStep::Abandon,
        CallEvent::CallFailed => CallStep::Fail,
        CallEvent::VoicemailLeft => CallStep::TakeMessage,
        CallEvent::VoicemailFailed => CallStep::LastResort,
        CallEvent::DigitPressed => CallStep::Stale,
        CallEvent::EndOrdered => CallStep::Stop,
        CallEvent::MaxWaitEnded
        | CallEvent::RoundEnded
        | CallEvent::ForwardAnswered
        | CallEvent::ForwardFailed
        | CallEvent::Moved
        | CallEvent::PrioritySet
        | CallEvent::NeedsSet
        | CallEvent::Assigned
        | CallEvent::Picked => CallStep::Illegal,
    }
}

fn forwarding(event: CallEvent) -> CallStep {
    match event {
        CallEvent::CallerHungUp => CallStep::Abandon,
        CallEvent::CallFailed => CallStep::Fail,
        CallEvent::ForwardAnswered => CallStep::HandOver,
        CallEvent::ForwardFailed => CallStep::LastResort,
        CallEvent::DigitPressed => CallStep::Stale,
        CallEvent::EndOrdered => CallStep::Stop,
        CallEvent::MaxWaitEnded
        | CallEvent::RoundEnded
        | CallEvent::VoicemailLeft
        | CallEvent::VoicemailFailed
        | CallEvent::Moved
        | CallEvent::PrioritySet
        | CallEvent::NeedsSet
        | CallEvent::Assigned
        | CallEvent::Picked => CallStep::Illegal,
    }
}

fn forwarded(event: CallEvent) -> CallStep {
    match event {
        CallEvent::CallerHungUp | CallEvent::CallFailed => CallStep::Close,
        CallEvent::ForwardAnswered | CallEvent::DigitPressed => CallStep::Stale,
        CallEvent::EndOrdered => CallStep::Stop,
        CallEvent::MaxWaitEnded
        | CallEvent::RoundEnded
        | CallEvent::VoicemailLeft
        | CallEvent::VoicemailFailed
        | CallEvent::ForwardFailed
        | CallEvent::Moved
        | CallEvent::PrioritySet
        | CallEvent::NeedsSet
        | CallEvent::Assigned
        | CallEvent::Picked => CallStep::Illegal,
    }
}
