//! Arguments that a pool refuses: the caller's mistakes.

use std::fmt;

use super::order::Strategy;
use crate::limits;

/// What is wrong with an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadArgument {
    /// Not 1 to 128 of the characters of a tag.
    MalformedTag,
    /// A level that is no number from 1 to 100.
    LevelOutOfRange,
    /// A weight of a preferred tag that is not 1 to 1000.
    WeightOutOfRange,
    /// An any-of group without a tag.
    EmptyGroup,
    /// No strategy has this name.
    UnknownStrategy,
    /// A number beyond its bounds.
    NumberOutOfRange {
        /// The argument's name.
        name: &'static str,
        /// The least it may be.
        low: i128,
        /// The most it may be.
        high: i128,
    },
}

impl BadArgument {
    /// Return what happened, in a word that is never renamed.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::MalformedTag => "malformed_tag",
            Self::LevelOutOfRange => "level_out_of_range",
            Self::WeightOutOfRange => "weight_out_of_range",
            Self::EmptyGroup => "empty_group",
            Self::UnknownStrategy => "unknown_strategy",
            Self::NumberOutOfRange { .. } => "number_out_of_range",
        }
    }
}

impl fmt::Display for BadArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MalformedTag => f.write_str("a malformed tag"),
            Self::LevelOutOfRange => write!(f, "a level is 1 to {}", limits::LEVEL_MAX),
            Self::WeightOutOfRange => write!(f, "a weight is 1 to {}", limits::WEIGHT_MAX),
            Self::EmptyGroup => f.write_str("an any-of group has no tags"),
            Self::UnknownStrategy => {
                let names: Vec<_> = Strategy::ALL.iter().map(|(name, _)| *name).collect();
                write!(f, "no such strategy: there are {}", names.join(", "))
            }
            Self::NumberOutOfRange { name, low, high } => write!(f, "{name} is {low} to {high}"),
        }
    }
}

/// Return a number if it lies in its range, both ends included.
pub(super) fn in_range<T>(
    name: &'static str,
    value: i128,
    low: i128,
    high: i128,
) -> Result<T, BadArgument>
where
    T: TryFrom<i128>,
{
    let bad = BadArgument::NumberOutOfRange { name, low, high };
    if value < low || value > high {
        return Err(bad);
    }
    T::try_from(value).map_err(|_| bad)
}

/// Return a counter: 0 or more.
pub(super) fn counter(name: &'static str, value: i64) -> Result<i64, BadArgument> {
    in_range(name, value.into(), 0, limits::TIME_MS_MAX.into())
}

/// Return an instant on any clock, or a priority.
pub(super) fn signed(name: &'static str, value: i64) -> Result<i64, BadArgument> {
    let most = i128::from(limits::TIME_MS_MAX);
    in_range(name, value.into(), -most, most)
}
