//! The compiled scenario, as `skillroute/simulation/_compiled.py` defines it.
//!
//! What the fields mean stands there; the order is the contract.

use std::sync::Arc;

use skillroute_core::contract::{Need, Party};
use skillroute_core::record::record;

record! {
    /// A distribution as a table of integers.
    pub struct Distribution {
        /// Ascending where quantiles.
        pub values: Vec<i64>,
        /// 0: each value is equally likely; else quantiles, so many bits an octave.
        pub cell_bits: u32 = 0,
    }
}

record! {
    /// How some agents behave.
    pub struct Group {
        /// Its name.
        pub name: String,
        /// Distribution of the time until the pick-up or the refusal.
        pub answer: u32,
        /// Distribution of the time until both hear each other.
        pub connect: u32,
        /// Of a thousand offers, how many are answered.
        pub answer_permille: u64 = 1000,
        /// How many are refused.
        pub decline_permille: u64 = 0,
        /// Distribution of the time until the agent ends the wrap-up.
        pub wrap_up: Option<u32> = None,
    }
}

record! {
    /// An agent pauses.
    pub struct Break {
        /// Id of the agent.
        pub agent: String,
        /// Its begin.
        pub from_after_ms: i64,
        /// Its end.
        pub until_after_ms: i64,
    }
}

record! {
    /// Callers who try again.
    pub struct Retry {
        /// Of a thousand who abandon.
        pub abandoned_permille: u64,
        /// Of a thousand who were turned away.
        pub blocked_permille: u64,
        /// Distribution of the time between.
        pub delay: u32,
        /// Calls of one caller.
        pub tries_max: u64,
        /// A caller has one patience, not one a try.
        pub same_patience: bool = false,
    }
}

record! {
    /// Calls of one kind.
    pub struct Class {
        /// Its name.
        pub name: String,
        /// The number of ours that is dialled.
        pub dialled: Arc<Party>,
        /// Distribution of the length of the conversation.
        pub handling: u32,
        /// How callers' numbers begin.
        pub caller_prefix: String = String::new(),
        /// How many digits follow.
        pub caller_digits: u32 = 0,
        /// What the call brings along.
        pub needs: Vec<Need> = Vec::new(),
        /// Its own priority.
        pub priority: i64 = 0,
        /// By group of agents: another distribution.
        pub handling_by_group: Vec<Option<u32>> = Vec::new(),
        /// Distribution of patience; `None`: for ever.
        pub patience: Option<u32> = None,
        /// Distribution of the time before the engine has the call.
        pub menu: Option<u32> = None,
        /// Poisson arrivals: from, until, millionths of a call an hour.
        pub rates: Vec<(i64, i64, u64)> = Vec::new(),
        /// Counted arrivals: from, until, calls.
        pub counts: Vec<(i64, i64, u64)> = Vec::new(),
        /// How often both repeat; 0: they do not.
        pub repeat_ms: i64 = 0,
        /// Factor of the day.
        pub factor: Option<u32> = None,
        /// Callers who try again.
        pub retry: Option<Retry> = None,
    }
}

record! {
    /// One call whose arrival is given.
    pub struct GivenCall {
        /// When it is dialled.
        pub arrival_after_ms: i64,
        /// Its class.
        pub kind: u32,
        /// `None`: never hangs up while waiting.
        pub patience_ms: Option<i64> = None,
        /// `None`: drawn.
        pub handling_ms: Option<i64> = None,
    }
}

record! {
    /// One scenario.
    pub struct Scenario {
        /// Version of the layout.
        pub format: u32,
        /// Its name.
        pub name: String,
        /// Where every draw starts.
        pub seed: u64,
        /// When the run begins.
        pub start_ms: i64,
        /// Its length.
        pub length_ms: i64,
        /// Distributions by number.
        pub distributions: Vec<Distribution>,
        /// That of the work between Poisson arrivals.
        pub unit_exponential: u32,
        /// Kinds of calls.
        pub classes: Vec<Class>,
        /// Kinds of agents.
        pub groups: Vec<Group>,
        /// Ids of agents and their groups, ascending.
        pub agents: Vec<(String, u32)> = Vec::new(),
        /// Breaks.
        pub breaks: Vec<Break> = Vec::new(),
        /// Calls whose arrival is given.
        pub calls: Vec<GivenCall> = Vec::new(),
        /// Distributions of factors of a day.
        pub factors: Vec<u32> = Vec::new(),
        /// What comes before it does not count.
        pub warm_up_ms: i64 = 0,
        /// How long calls are followed after the end.
        pub drain_ms: i64 = 0,
        /// Length of an interval of the day.
        pub interval_ms: i64 = 1_800_000,
        /// How many there are.
        pub interval_count: u32 = 48,
        /// How often factors are drawn anew.
        pub day_ms: i64 = 86_400_000,
        /// Of the service level.
        pub thresholds_ms: Vec<i64> = vec![20_000],
        /// Calls that can be connected at once.
        pub lines: Option<u64> = None,
        /// Agents with manual log-in log in at the start.
        pub log_in: bool = true,
        /// Until a leg is gone.
        pub release_ms: i64 = 0,
        /// Length of a message.
        pub message_ms: i64 = 20_000,
        /// Length of a conversation with an outside number.
        pub forwarded_ms: i64 = 180_000,
    }
}
