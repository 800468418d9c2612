//! Every way in which the engine says no.
//!
//! The variant says whose fault it was, the code says what happened in a word that is
//! never renamed, and the fields hold the values.

use std::borrow::Cow;
use std::fmt;

use crate::plan::FORMAT;
use crate::pool::BadArgument;

/// Why something was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The event does not fit the state of what it is about.
    Illegal {
        /// What happened.
        code: &'static str,
        /// The event's class.
        event: &'static str,
        /// The state that the event met.
        state: Cow<'static, str>,
        /// What would have been legal there.
        expected: Cow<'static, str>,
    },
    /// There is no such call, agent or offer.
    UnknownId {
        /// `call`, `agent` or `offer`.
        kind: &'static str,
        /// The id as it came.
        id: String,
    },
    /// A bound was reached.
    Limit {
        /// The bound's name.
        limit: &'static str,
        /// The bound.
        value: usize,
    },
    /// A pool was given an argument that it cannot take.
    Argument(BadArgument),
    /// The compiled plan has another layout.
    PlanFormat {
        /// The layout it has.
        found: i128,
    },
    /// The bytes are no compiled plan.
    PlanMalformed,
    /// The bytes are no snapshot.
    SnapshotMalformed,
    /// A frame of a journal goes on under a plan that the engine was not given.
    PlanMissing {
        /// Its number, from 0.
        number: u64,
        /// The plan's id.
        plan_id: String,
    },
    /// A frame of a journal is no event.
    FrameMalformed {
        /// Its number, from 0.
        number: u64,
    },
}

impl Error {
    /// Return what happened, in a word that is never renamed.
    #[must_use]
    pub fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Illegal { code, .. } => Cow::Borrowed(code),
            Self::UnknownId { kind, .. } => Cow::Owned(format!("unknown_{kind}")),
            Self::Limit { limit, .. } => Cow::Borrowed(limit),
            Self::Argument(bad) => Cow::Borrowed(bad.code()),
            Self::PlanFormat { .. } => Cow::Borrowed("plan_format"),
            Self::PlanMalformed => Cow::Borrowed("plan_malformed"),
            Self::SnapshotMalformed => Cow::Borrowed("snapshot_malformed"),
            Self::FrameMalformed { .. } => Cow::Borrowed("frame_malformed"),
            Self::PlanMissing { .. } => Cow::Borrowed("plan_missing"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Illegal { event, state, expected, .. } => {
                write!(f, "{event}: {state}; expected {expected}")
            }
            Self::UnknownId { kind, id } => write!(f, "no such {kind}: {id}"),
            Self::Limit { limit, value } => write!(f, "{limit} reached: {value}"),
            Self::Argument(bad) => bad.fmt(f),
            Self::PlanFormat { found } => {
                write!(f, "compiled plan has format {found}, this engine reads {FORMAT}")
            }
            Self::PlanMalformed => f.write_str("not a compiled plan"),
            Self::SnapshotMalformed => f.write_str("not a snapshot of this version and plan"),
            Self::PlanMissing { number, plan_id } => {
                write!(f, "frame {number} goes on under plan {plan_id}, which was not given")
            }
            Self::FrameMalformed { number } => write!(f, "frame {number} is no recorded event"),
        }
    }
}

impl std::error::Error for Error {}

impl From<BadArgument> for Error {
    fn from(bad: BadArgument) -> Self {
        Self::Argument(bad)
    }
}
