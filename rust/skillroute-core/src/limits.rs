//! Every bound of the engine, with the reason for its number.

/// Calls in progress: ten times the largest site that this is built for.
pub const CALLS_MAX: usize = 1_000_000;

/// Needs that one event may bring: agents hold about that many tags.
pub const NEEDS_PER_CALL_MAX: usize = 64;

/// Agents whom one event may prefer, or exclude, for a call: more than any team that knows
/// one caller.
pub const AGENTS_PER_CALL_MAX: usize = 64;

/// How long a call may be held for a preferred agent: a day.
pub const PREFER_FOR_MS_MAX: i64 = 86_400_000;

/// Tags of one any-of group, for the same reason.
pub const TAGS_PER_GROUP_MAX: usize = 64;

/// Tags that events mention and the plan does not: as many as a large plan has.
pub const EXTRA_TAGS_MAX: usize = 10_000;

/// Ended calls whose late events are stale, not unknown: ten seconds at 100 calls/s, far
/// longer than a switch takes to say that a leg is gone.
pub const ENDED_CALLS_REMEMBERED: usize = 1_024;

/// Characters of an id: twice the longest that common switches make.
pub const ID_LENGTH_MAX: usize = 128;

/// Characters of a display name or another free text.
pub const TEXT_LENGTH_MAX: usize = 1_024;

/// Instants and lengths: what a double, and so every JSON reader, holds exactly.
pub const TIME_MS_MAX: i64 = (1 << 53) - 1;

/// Hosts that events name: far more switches than a site has.
pub const HOSTS_MAX: usize = 1_000;

/// How far the wall clock may be from the engine's: about thirty years.
pub const OFFSET_MS_MAX: i64 = 1_000_000_000_000;

/// Priorities are -1000 to 1000 (rule 8.2).
pub const PRIORITY_MAX: i64 = 1_000;

/// Levels are 1 to 100 (rule 5.2).
pub const LEVEL_MAX: i64 = 100;

/// Weights of a preferred tag are 1 to 1000.
pub const WEIGHT_MAX: i64 = 1_000;

/// Units that a host may say other use takes: ten times what a plan gives anybody.
pub const OCCUPIED_UNITS_MAX: i64 = 1_000;

/// Endpoints of one agent: more than anybody carries, and a set of them is one word.
pub const ENDPOINTS_MAX: usize = 32;

/// Open cases of one agent: more than anybody could have.
pub const OPEN_CASES_MAX: i64 = 1_000_000;

/// Calls that ask for one tag in one minute: more than any site takes.
pub const DEMAND_MAX: i64 = 1_000_000_000;

/// A manual wrap-up ends after half an hour: it was forgotten (rule 4.5).
pub const MANUAL_WRAP_UP_MS_MAX: i64 = 1_800_000;

/// How long an outside number is rung: about six rings, after which most mailboxes of
/// carriers answer.
pub const FORWARD_RING_MS: i64 = 30_000;

/// Handled calls of a queue of which the mean length is known (rule 8.5).
pub const HANDLED_REMEMBERED: usize = 50;

/// After a gap the numbers of events and offers go on at so many for each millisecond of the
/// time: more than any site uses, so no number of a time of which no record is left is used again.
pub const NUMBERS_PER_MS: u64 = 1_000;

/// Agents of one pool: ten times the largest site.
pub const POOL_AGENTS_MAX: usize = 1_000_000;

/// Registered needs of one pool: a site has thousands of queues, each with a few.
pub const POOL_NEEDS_MAX: usize = 1_000_000;

/// Waiting calls of one pool, as `CALLS_MAX`.
pub const POOL_WAITING_MAX: usize = 1_000_000;

/// Tags of one agent: sixty times what large centres give to one person.
pub const TAGS_PER_AGENT_MAX: usize = 4_096;

/// Waiting calls that are compared with an explained one: the first in line are those that
/// take its agents.
pub const COMPETING_CALLS_MAX: usize = 200;

/// Agents of whom each of these calls is asked: enough to find one who fits both.
pub const COMPETING_AGENTS_MAX: usize = 100;

/// Competing calls of one explanation: a screen.
pub const COMPETING_LISTED_MAX: usize = 20;

/// Waiting calls listed one by one where an agent is explained; all are counted.
pub const WAITING_LISTED_MAX: usize = 100;
