//! The agent's presence: logged out, available or paused.
//!
//! Who may send what: agents and supervisors log in and out, pause and resume; a shift's
//! start logs an agent in whose log-in is automatic (a log-out lasts until the next log-in
//! or shift start, rule 4.3); an agent who misses calls is paused for a while
//! (`auto_pause.rs`). What else people call an agent's state (ringing, on call,
//! wrap-up) follows from the offers that take their units and is kept nowhere else.
//!
//! A function per presence says what an event does; `routing.rs` carries it out. Nothing
//! else changes a presence.

use crate::state::Presence;

/// What can happen to a presence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentEvent {
    /// The agent is there.
    LoggedIn,
    /// The agent is gone.
    LoggedOut,
    /// The agent takes a break.
    Paused,
    /// The break is over.
    Resumed,
    /// The agent's schedule opens.
    ShiftStarted,
    /// Too many in a row; only an available agent is asked.
    MissedOffers,
    /// The time of a pause for missed offers is over.
    PauseEnded,
}

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentStep {
    /// Available from now, and there since now.
    LogIn,
    /// No more calls.
    LogOut,
    /// Paused, with the event's reason.
    Pause,
    /// Available, and there since the former log-in.
    Resume,
    /// There since now, presence unchanged.
    Renew,
    /// Nothing.
    Stale,
    /// It does not fit.
    Illegal,
}

impl AgentEvent {
    /// Return its name in an error text.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LoggedIn => "AgentLoggedIn",
            Self::LoggedOut => "AgentLoggedOut",
            Self::Paused => "AgentPaused",
            Self::Resumed => "AgentResumed",
            Self::ShiftStarted => "shift start",
            Self::MissedOffers => "missed offers",
            Self::PauseEnded => "pause end",
        }
    }
}

/// Say what would be legal in a presence, for an error text.
#[must_use]
pub fn expected(presence: Presence) -> &'static str {
    match presence {
        Presence::LoggedOut => "AgentLoggedIn",
        Presence::Available => "AgentLoggedOut or AgentPaused",
        Presence::Paused => "AgentResumed, AgentLoggedIn or AgentLoggedOut",
    }
}

/// Say what an event does to a presence.
#[must_use]
pub fn step(presence: Presence, event: AgentEvent) -> AgentStep {
    match presence {
        Presence::LoggedOut => logged_out(event),
        Presence::Available => available(event),
        Presence::Paused => paused(event),
    }
}

fn logged_out(event: AgentEvent) -> AgentStep {
    match event {
        AgentEvent::LoggedIn | AgentEvent::ShiftStarted => AgentStep::LogIn,
        AgentEvent::LoggedOut => AgentStep::Stale,
        AgentEvent::Paused
        | AgentEvent::Resumed
        | AgentEvent::MissedOffers
        | AgentEvent::PauseEnded => AgentStep::Illegal,
    }
}

fn available(event: AgentEvent) -> AgentStep {
    match event {
        AgentEvent::LoggedIn | AgentEvent::Resumed => AgentStep::Stale,
        AgentEvent::LoggedOut => AgentStep::LogOut,
        AgentEvent::Paused | AgentEvent::MissedOffers => AgentStep::Pause,
        AgentEvent::ShiftStarted => AgentStep::Renew,
        AgentEvent::PauseEnded => AgentStep::Illegal,
    }
}

fn paused(event: AgentEvent) -> AgentStep {
    match event {
        AgentEvent::LoggedIn | AgentEvent::Resumed | AgentEvent::PauseEnded => AgentStep::Resume,
        AgentEvent::LoggedOut => AgentStep::LogOut,
        AgentEvent::Paused => AgentStep::Pause,
        AgentEvent::ShiftStarted => AgentStep::Renew,
        AgentEvent::MissedOffers => AgentStep::Illegal,
    }
}
