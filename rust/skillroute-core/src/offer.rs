//! The offer: one attempt to have one agent take one call.
//!
//! It rings, is accepted and connecting, is connected, and ends in the agent's wrap-up; or
//! it is withdrawn by us and waits for the host to confirm that the leg is gone, at most
//! for the cancel grace. In each of these phases it takes one unit of the agent; when it
//! is over the unit is free. Every phase but *connected* ends by a timer of ours, so an
//! agent can not be stuck in it whatever the switch forgets to say.
//!
//! Two rules decide the ties. A timer that is due at the instant of an event fires before
//! it, so an accept in the very millisecond in which the ring timeout ends is late (rule
//! 1.2). An event about something that is already over is stale: recorded, without effect
//! but for a leg that must be released (rule 1.5).
//!
//! While it rings, devices may come to ring and stop, and one that must be confirmed may
//! answer (`answering.rs`): that changes no phase, since until the digit is pressed nobody
//! knows that it was the agent who answered.
//!
//! A function per phase says what an event does; `offering.rs` carries it out, for the
//! offer, its agent's unit and its call together.

use crate::state::OfferPhase;

/// What can happen to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferEvent {
    /// The agent picked up.
    Accepted,
    /// The agent refused.
    Declined,
    /// The agent could not be rung.
    Failed,
    /// The leg of an ended offer is gone.
    Cancelled,
    /// Caller and agent hear each other.
    Connected,
    /// The accepted call could not be joined.
    ConnectFailed,
    /// The agent's leg has ended.
    AgentHungUp,
    /// The caller's leg has ended.
    CallerHungUp,
    /// The agent has paused or logged out.
    AgentLeft,
    /// The call is moved or ended.
    CallLeft,
    /// The agent has finished the work after the call.
    WrapUpEnded,
    /// The answered leg pressed the right digit.
    Confirmed,
    /// A device whose redirects are not followed sent the call elsewhere.
    Redirected,
    /// No device rings any more.
    DevicesGone,
    /// The host of the call or the agent is gone.
    HostLost,
    /// The timer of the present phase.
    TimedOut,
}

/// What it does to the offer, the agent's unit and the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferStep {
    /// Accepted: whisper and join.
    Connect,
    /// Confirmed: join, for the whisper was heard.
    Confirm,
    /// Caller and agent hear each other.
    Join,
    /// The conversation is over: release the leg or hang up the call, wrap up.
    Finish(Ending),
    /// It comes to nothing.
    GiveUp(Loss),
    /// Wrap-up is over: the unit is free and the agent idle.
    Handled,
    /// The withdrawn leg is gone: the unit is free.
    Free,
    /// Nothing.
    Stale,
    /// Nothing, but a leg exists that must be released.
    StaleRelease,
    /// It does not fit.
    Illegal,
}

/// Who ended the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The caller: the agent's leg is released.
    ByCaller,
    /// The agent: the call is hung up.
    ByAgent,
    /// A supervisor: both.
    Ordered,
}

/// How an offer comes to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Over; the call tries others and spares this agent for the visit.
    Decline,
    /// Over; the call tries others, the agent may be unreachable for a while.
    Fail,
    /// Withdrawn; the call tries others.
    Miss,
    /// Withdrawn because the agent left; the call tries others.
    Withdraw,
    /// Withdrawn because a device sent it elsewhere; otherwise as if declined.
    Deflect,
    /// Withdrawn because no device rings any more; the call tries others.
    Cut,
    /// Withdrawn because the caller left while it rang.
    Drop,
    /// Not joined, the leg may still be up: release it; the call tries others.
    Break,
    /// Not joined, the agent's leg is gone: over; the call tries others.
    Lose,
    /// The caller left while connecting: release the leg.
    Abandon,
    /// Withdrawn because the call goes elsewhere: nobody has missed it.
    Recall,
    /// The call goes elsewhere while connecting: release the leg.
    RecallLeg,
    /// Withdrawn, and the leg is not known to be gone before the host is back.
    Strand,
}

impl OfferEvent {
    /// Return its name in an error text.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "OfferAccepted",
            Self::Declined => "OfferDeclined",
            Self::Failed => "OfferFailed",
            Self::Cancelled => "OfferCancelled",
            Self::Connected => "CallConnected",
            Self::ConnectFailed => "ConnectFailed",
            Self::AgentHungUp => "AgentHungUp",
            Self::CallerHungUp => "CallerHungUp",
            Self::AgentLeft => "pause or log-out",
            Self::CallLeft => "call moved or ended",
            Self::WrapUpEnded => "WrapUpEnded",
            Self::Confirmed => "OfferConfirmed",
            Self::Redirected => "OfferRedirected",
            Self::DevicesGone => "no device left",
            Self::HostLost => "lost host",
            Self::TimedOut => "timer",
        }
    }
}

/// Say what would be legal in a phase, for an error text.
#[must_use]
pub fn expected(phase: OfferPhase) -> &'static str {
    match phase {
        OfferPhase::Ringing => "OfferAccepted, OfferDeclined or OfferFailed",
        OfferPhase::Connecting => "CallConnected, ConnectFailed or AgentHungUp",
        OfferPhase::Connected => "AgentHungUp or CallerHungUp",
        OfferPhase::WrapUp => "WrapUpEnded",
        OfferPhase::Withdrawn => "OfferCancelled",
        OfferPhase::Over => "nothing",
    }
}

/// Say what an event does to an offer.
#[must_use]
pub fn step(phase: OfferPhase, event: OfferEvent) -> OfferStep {
    match phase {
        OfferPhase::Ringing => ringing(event),
        OfferPhase::Connecting => connecting(event),
        OfferPhase::Connected => connected(event),
        OfferPhase::WrapUp => wrap_up(event),
        OfferPhase::Withdrawn => withdrawn(event),
        OfferPhase::Over => over(event),
    }
}

fn ringing(event: OfferEvent) -> OfferStep {
    match event {
        OfferEvent::Accepted => OfferStep::Connect,
        OfferEvent::Confirmed => OfferStep::Confirm,
        OfferEvent::Redirected => OfferStep::GiveUp(Loss::Deflect),
        OfferEvent::DevicesGone => OfferStep::GiveUp(Loss::Cut),
        OfferEvent::Declined => OfferStep::GiveUp(Loss::Decline),
        OfferEvent::Failed => OfferStep::GiveUp(Loss::Fail),
        OfferEvent::TimedOut => OfferStep::GiveUp(Loss::Miss),
        OfferEvent::AgentLeft => OfferStep::GiveUp(Loss::Withdraw),
        OfferEvent::CallerHungUp => OfferStep::GiveUp(Loss::Drop),
        OfferEvent::CallLeft => OfferStep::GiveUp(Loss::Recall),
        OfferEvent::HostLost => OfferStep::GiveUp(Loss::Strand),
        OfferEvent::Cancelled
        | OfferEvent::Connected
        | OfferEvent::ConnectFailed
        | OfferEvent::AgentHungUp
        | OfferEvent::WrapUpEnded => OfferStep::Illegal,
    }
}

fn connecting(event: OfferEvent) -> OfferStep {
    match event {
        OfferEvent::Connected => OfferStep::Join,
        OfferEvent::ConnectFailed | OfferEvent::TimedOut => OfferStep::GiveUp(Loss::Break),
        OfferEvent::AgentHungUp => OfferStep::GiveUp(Loss::Lose),
        OfferEvent::CallerHungUp => OfferStep::GiveUp(Loss::Abandon),
        OfferEvent::CallLeft => OfferStep::GiveUp(Loss::RecallLeg),
        OfferEvent::Accepted
        | OfferEvent::Confirmed
        | OfferEvent::AgentLeft
        | OfferEvent::HostLost => OfferStep::Stale,
        OfferEvent::Declined
        | OfferEvent::Failed
        | OfferEvent::Cancelled
        | OfferEvent::WrapUpEnded
        | OfferEvent::Redirected
        | OfferEvent::DevicesGone => OfferStep::Illegal,
    }
}

fn connected(event: OfferEvent) -> OfferStep {
    match event {
        OfferEvent::CallerHungUp => OfferStep::Finish(Ending::ByCaller),
        OfferEvent::AgentHungUp => OfferStep::Finish(Ending::ByAgent),
        OfferEvent::CallLeft => OfferStep::Finish(Ending::Ordered),
        OfferEvent::Accepted
        | OfferEvent::Confirmed
        | OfferEvent::Connected
        | OfferEvent::AgentLeft
        | OfferEvent::HostLost => OfferStep::Stale,
        OfferEvent::Declined
        | OfferEvent::Failed
        | OfferEvent::Cancelled
        | OfferEvent::ConnectFailed
        | OfferEvent::WrapUpEnded
        | OfferEvent::Redirected
        | OfferEvent::DevicesGone
        | OfferEvent::TimedOut => OfferStep::Illegal,
    }
}

fn wrap_up(event: OfferEvent) -> OfferStep {
    match event {
        OfferEvent::WrapUpEnded | OfferEvent::TimedOut => OfferStep::Handled,
        OfferEvent::Accepted | OfferEvent::Confirmed | OfferEvent::Connected => {
            OfferStep::StaleRelease
        }
        OfferEvent::Declined
        | OfferEvent::Failed
        | OfferEvent::Cancelled
        | OfferEvent::ConnectFailed
        | OfferEvent::AgentHungUp
        | OfferEvent::CallerHungUp
        | OfferEvent::AgentLeft
        | OfferEvent::CallLeft
        | OfferEvent::HostLost
        | OfferEvent::Redirected => OfferStep::Stale,
        OfferEvent::DevicesGone => OfferStep::Illegal,
    }
}

fn withdrawn(event: OfferEvent) -> OfferStep {
    match event {
        OfferEvent::Cancelled
        | OfferEvent::Declined
        | OfferEvent::Failed
        | OfferEvent::ConnectFailed
        | OfferEvent::AgentHungUp
        | OfferEvent::TimedOut => OfferStep::Free,
        OfferEvent::Accepted | OfferEvent::Confirmed | OfferEvent::Connected => {
            OfferStep::StaleRelease
        }
        OfferEvent::CallerHungUp
        | OfferEvent::AgentLeft
        | OfferEvent::CallLeft
        | OfferEvent::WrapUpEnded
        | OfferEvent::HostLost
        | OfferEvent::Redirected => OfferStep::Stale,
        OfferEvent::DevicesGone => OfferStep::Illegal,
    }
}

fn over(event: OfferEvent) -> OfferStep {
    match event {
        OfferEvent::Accepted | OfferEvent::Confirmed | OfferEvent::Connected => {
            OfferStep::StaleRelease
        }
        OfferEvent::Declined
        | OfferEvent::Failed
        | OfferEvent::Cancelled
        | OfferEvent::ConnectFailed
        | OfferEvent::AgentHungUp
        | OfferEvent::CallerHungUp
        | OfferEvent::AgentLeft
        | OfferEvent::CallLeft
        | OfferEvent::WrapUpEnded
        | OfferEvent::TimedOut
        | OfferEvent::HostLost
        | OfferEvent::Redirected => OfferStep::Stale,
        OfferEvent::DevicesGone => OfferStep::Illegal,
    }
}
