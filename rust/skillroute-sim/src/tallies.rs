//! What one replication counts, as `skillroute/simulation/_tallies.py` defines it.

use std::sync::Arc;

use skillroute_core::record::record;

/// Outcomes of calls, in the order of their counts.
pub const OUTCOMES: [&str; 12] = [
    "answered",
    "abandoned",
    "voicemail",
    "forwarded",
    "rejected",
    "overflowed",
    "hung_up",
    "failed",
    "callback_done",
    "callback_expired",
    "blocked",
    "in_progress",
];

/// Bins of an octave of waiting time, as a power of two.
pub const BIN_BITS: u32 = 5;

record! {
    /// Sums of lengths of time.
    pub struct Moments {
        /// How many.
        pub count: u64,
        /// Their sum.
        pub sum_ms: u64,
        /// Sum of their squares: upper and lower 64 bits.
        pub squares: (u64, u64),
        /// The longest.
        pub max_ms: u64,
    }
}

record! {
    /// What became of some calls.
    pub struct CallTally {
        /// By outcome.
        pub outcomes: Vec<u64>,
        /// Further tries.
        pub again: u64,
        /// Offers made.
        pub offers: u64,
        /// Calls that waited at all.
        pub delayed: u64,
        /// Answered, by threshold.
        pub answered_within: Vec<u64>,
        /// Abandoned, by threshold.
        pub abandoned_within: Vec<u64>,
        /// Waits of the answered.
        pub answered_waits: Moments,
        /// Waits of those who left.
        pub abandoned_waits: Moments,
        /// Waits of others.
        pub other_waits: Moments,
        /// Conversations.
        pub handling: Moments,
    }
}

record! {
    /// Calls of a class or queue.
    pub struct GroupTally {
        /// Its name.
        pub name: Arc<str>,
        /// Its calls.
        pub calls: CallTally,
        /// Waits of the answered, by bin.
        pub answered_bins: Vec<u64>,
        /// Waits of those who left, by bin.
        pub abandoned_bins: Vec<u64>,
        /// Sum of the times in its line.
        pub line_ms: u64,
        /// Sum of the work after its calls.
        pub wrap_up_ms: u64,
    }
}

record! {
    /// One interval of the day.
    pub struct IntervalTally {
        /// Calls that came in it.
        pub calls: CallTally,
        /// In a line.
        pub line_ms: u64,
        /// Rung or being connected.
        pub ring_ms: u64,
        /// Talking.
        pub talk_ms: u64,
        /// Working after calls.
        pub wrap_up_ms: u64,
        /// Having a break.
        pub paused_ms: u64,
    }
}

record! {
    /// What one agent did.
    pub struct AgentTally {
        /// Id.
        pub agent: Arc<str>,
        /// Offers.
        pub offers: u64,
        /// Conversations.
        pub answered: u64,
        /// Refusals.
        pub declined: u64,
        /// Offers that rang in vain.
        pub missed: u64,
        /// Rung or being connected.
        pub ring_ms: u64,
        /// Talking.
        pub talk_ms: u64,
        /// Working after calls.
        pub wrap_up_ms: u64,
        /// Having a break.
        pub paused_ms: u64,
    }
}

record! {
    /// One call.
    #[derive(Copy)]
    pub struct PlayedCall {
        /// Its class.
        pub kind: u32,
        /// Its number in the class.
        pub number: u64,
        /// Which try it was.
        pub tries: u64,
        /// When it arrived.
        pub arrived_after_ms: i64,
        /// The first queue that it entered; -1: none.
        pub queue: i64,
        /// By number.
        pub outcome: u32,
        /// How long it waited.
        pub wait_ms: i64,
        /// How long the conversation was.
        pub handling_ms: i64,
        /// Who answered; -1: nobody.
        pub agent: i64,
        /// Offers made.
        pub offers: u64,
    }
}

record! {
    /// One replication.
    pub struct Tallies {
        /// Its number.
        pub replication: u64,
        /// Events that the engine handled.
        pub events: u64,
        /// By class.
        pub classes: Vec<GroupTally>,
        /// By queue.
        pub queues: Vec<GroupTally>,
        /// By interval of the day.
        pub intervals: Vec<IntervalTally>,
        /// By agent.
        pub agents: Vec<AgentTally>,
        /// Length of time counted.
        pub window_ms: i64,
        /// Calls, where asked for.
        pub calls: Vec<PlayedCall>,
    }
}

/// Return the bin of a wait.
#[must_use]
pub fn bin_of(wait_ms: u64) -> u64 {
    let shift = (u64::BITS - wait_ms.leading_zeros()).saturating_sub(1 + BIN_BITS);
    (u64::from(shift) << BIN_BITS) + (wait_ms >> shift)
}
