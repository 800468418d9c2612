//! What a site remembers: agents, offers and calls, in the shape of a snapshot.
//!
//! Who may change a record is said in the file of its machine: `agent.rs`, `offer.rs`,
//! `call.rs`. Everything written here is logical state: indexes are rebuilt, never kept.

use std::sync::Arc;

use crate::contract::Party;
use crate::ids::{
    AgentNumber, BoxNumber, CallNumber, DialledNumber, OfferNumber, QueueNumber, TagNumber,
};
use crate::kept::Kept;
use crate::line::{ProfileNumber, Stands};
use crate::plan::{self, End, Limit};
use crate::record::{choice, record, words};
use crate::timer::Timer;

choice! {
    /// What an agent says of themselves.
    pub enum Presence {
        /// There to take calls.
        Available = 0,
        /// Not there.
        LoggedOut = 1,
        /// On a break.
        Paused = 2,
    }

    /// How far one attempt to have one agent take one call has come.
    ///
    /// An offer takes one unit of its agent in every phase but `Over`; offers that are
    /// over are not kept, an old number is enough to know them.
    pub enum OfferPhase {
        /// The agent is being rung.
        Ringing = 0,
        /// The agent has accepted.
        Connecting = 1,
        /// Caller and agent hear each other.
        Connected = 2,
        /// The agent works after the call.
        WrapUp = 3,
        /// Ended by us, not yet confirmed by the host.
        Withdrawn = 4,
        /// It is past.
        Over = 5,
    }

    /// Where a call is; calls that have ended keep only their id, for a while.
    pub enum CallPhase {
        /// In line, nobody is being rung.
        Waiting = 0,
        /// In line, one agent or more are being rung.
        Ringing = 1,
        /// In line still, an agent has accepted.
        Connecting = 2,
        /// Caller and agent hear each other.
        Connected = 3,
        /// The caller may leave a message.
        Voicemail = 4,
        /// An outside number is being rung.
        Forwarding = 5,
        /// Connected with an outside number; the host says when it is over.
        Forwarded = 6,
    }

    /// Where needs come from, in the order in which they apply.
    pub enum Source {
        /// The queue.
        Queue = 0,
        /// The number dialled.
        Number = 1,
        /// The call's own event.
        Call = 2,
        /// A supervisor.
        SetNeeds = 3,
    }

    /// What is overridden.
    pub enum OverrideKind {
        /// A schedule.
        Schedule = 0,
        /// A queue.
        Queue = 1,
        /// A number.
        Number = 2,
    }

    /// What an override makes of it.
    pub enum OverrideWay {
        /// It is open.
        Open = 0,
        /// It is closed.
        Closed = 1,
        /// It plays a message.
        Play = 2,
    }
}

words! {
    /// How the visit of a queue ended.
    pub enum VisitResult {
        /// It has not.
        Unfinished = "",
        /// Caller and agent heard each other.
        Answered = "answered",
        /// The caller left.
        Abandoned = "abandoned",
        /// The queue's hours were over.
        OverflowedClosed = "overflowed:closed",
        /// Nobody had a shift.
        OverflowedNobodyOnShift = "overflowed:nobody_on_shift",
        /// Nobody was logged in.
        OverflowedNobodyLoggedIn = "overflowed:nobody_logged_in",
        /// The caller had too many calls in the line.
        OverflowedSizePerCaller = "overflowed:size_per_caller",
        /// Too many calls were in the line.
        OverflowedSize = "overflowed:size",
        /// The call waited as long as it may.
        OverflowedMaxWait = "overflowed:max_wait",
        /// Nobody was left to be tried.
        OverflowedRoundEnd = "overflowed:round_end",
        /// A supervisor moved the call.
        Transferred = "transferred",
        /// The caller chose to leave the line, a supervisor ended the call, or the switch
        /// lost it.
        Ended = "ended",
    }
}

impl VisitResult {
    /// Return how a limit ends a visit.
    #[must_use]
    pub fn overflowed(limit: Limit) -> Self {
        match limit {
            Limit::Closed => Self::OverflowedClosed,
            Limit::NobodyOnShift => Self::OverflowedNobodyOnShift,
            Limit::NobodyLoggedIn => Self::OverflowedNobodyLoggedIn,
            Limit::SizePerCaller => Self::OverflowedSizePerCaller,
            Limit::Size => Self::OverflowedSize,
            Limit::MaxWait => Self::OverflowedMaxWait,
            Limit::RoundEnd => Self::OverflowedRoundEnd,
        }
    }
}

impl Presence {
    /// Return its name in an error text.
    #[must_use]
    pub fn state(self) -> &'static str {
        match self {
            Self::Available => "agent available",
            Self::LoggedOut => "agent logged_out",
            Self::Paused => "agent paused",
        }
    }
}

impl OfferPhase {
    /// Return its name in an error text.
    #[must_use]
    pub fn state(self) -> &'static str {
        match self {
            Self::Ringing => "offer ringing",
            Self::Connecting => "offer connecting",
            Self::Connected => "offer connected",
            Self::WrapUp => "offer wrap_up",
            Self::Withdrawn => "offer withdrawn",
            Self::Over => "offer over",
        }
    }

    /// Tell whether its leg may still ring: its agent counts as tried (rule 18.5).
    #[must_use]
    pub fn is_unconfirmed(self) -> bool {
        match self {
            Self::Ringing | Self::Connecting | Self::Withdrawn => true,
            Self::Connected | Self::WrapUp | Self::Over => false,
        }
    }
}

impl CallPhase {
    /// Return its name in an error text.
    #[must_use]
    pub fn state(self) -> &'static str {
        match self {
            Self::Waiting => "call waiting",
            Self::Ringing => "call ringing",
            Self::Connecting => "call connecting",
            Self::Connected => "call connected",
            Self::Voicemail => "call voicemail",
            Self::Forwarding => "call forwarding",
            Self::Forwarded => "call forwarded",
        }
    }

    /// Tell whether the call has a place in line.
    #[must_use]
    pub fn is_in_line(self) -> bool {
        match self {
            Self::Waiting | Self::Ringing | Self::Connecting => true,
            Self::Connected | Self::Voicemail | Self::Forwarding | Self::Forwarded => false,
        }
    }
}

record! {
    /// What an agent has done in a day, up to an instant; see `tallies.rs`.
    #[derive(Copy, Default)]
    pub struct Tally {
        /// Up to when it was counted: the day is that of this instant.
        pub counted_ms: i64,
        /// How many calls were connected.
        pub calls: i64,
        /// Connected; two calls at once count twice.
        pub talk_ms: i64,
        /// In wrap-up.
        pub wrap_up_ms: i64,
        /// Logged in and on shift, also on a break.
        pub logged_in_ms: i64,
    }
}

record! {
    /// One agent; the index is the order in the plan.
    pub struct AgentState {
        /// What they say of themselves.
        pub presence: Presence,
        /// Empty unless paused with a reason.
        pub pause_reason: String,
        /// Since when there; meaningless while logged out.
        pub login_ms: i64,
        /// End of the last handled call, wrap-up included; `None`: there was none.
        pub handled_ms: Option<i64>,
        /// Offers that take a unit, ascending.
        pub offers: Vec<OfferNumber>,
        /// Units that other use of the devices takes.
        pub occupied: i64,
        /// How many cases are open.
        pub open_cases: i64,
        /// Calls missed in a row, since the last accept or auto-pause.
        pub missed: u64,
        /// Endpoints that cannot be reached, as a set: bit n is endpoint n of the plan.
        pub lost: u32,
        /// What they have done today.
        pub tally: Tally,
        /// The last offer from each queue that goes round, ascending by queue.
        pub last_offers: Vec<(QueueNumber, OfferNumber)>,
    }
}

record! {
    /// One offer that is not over.
    #[derive(Copy)]
    pub struct Offer {
        /// Its number.
        pub id: OfferNumber,
        /// The call.
        pub call: CallNumber,
        /// The agent.
        pub agent: AgentNumber,
        /// The queue that the call was in.
        pub queue: QueueNumber,
        /// How far it has come.
        pub phase: OfferPhase,
        /// No other agent was rung for the call beside this one.
        pub alone: bool,
        /// A supervisor gave the call to this agent: it leaves no tried mark.
        pub assigned: bool,
        /// Endpoints that ring, as a set; as long as the offer rings.
        pub devices: u32,
        /// Those of them that have answered and must still confirm, as a set.
        pub answered: u32,
        /// It was redirected to an outside number, so whoever answers must confirm.
        pub outside: bool,
        /// Since when caller and agent heard each other; `None`: they have not.
        pub connected_ms: Option<i64>,
    }
}

record! {
    /// One need in force: tags, a number, and the source that decided it.
    #[derive(PartialOrd, Ord)]
    pub struct Sourced {
        /// One tag, or those of an any-of group in order of their names.
        pub tags: Vec<TagNumber>,
        /// Least level if required, weight if preferred, else 0.
        pub value: i64,
        /// Where it comes from.
        pub source: Source,
        /// No step drops or lowers it.
        pub never_relax: bool,
    }
}

record! {
    /// What a call asks of an agent, after rule 5.1; each part in order of names.
    #[derive(Default, PartialOrd, Ord)]
    pub struct Needs {
        /// Tags to hold, at least at a level.
        pub required: Vec<Sourced>,
        /// Groups of which to hold one tag.
        pub any_of: Vec<Sourced>,
        /// Tags not to hold.
        pub forbidden: Vec<Sourced>,
        /// Tags to hold, rather.
        pub preferred: Vec<Sourced>,
    }
}

record! {
    /// One visit of a queue that is over, and where the call went then.
    pub struct Visit {
        /// The queue.
        pub queue: QueueNumber,
        /// How the visit ended.
        pub result: VisitResult,
        /// Where the call went.
        pub end: End,
    }
}

record! {
    /// One call in progress.
    pub struct Call {
        /// Arrival sequence: the engine's own number of the call.
        pub sequence: CallNumber,
        /// Id of the call, chosen by the host.
        pub id: Arc<str>,
        /// Name of the host that has the call.
        pub host: Arc<str>,
        /// Who calls.
        pub caller: Arc<Party>,
        /// The number of ours that was dialled.
        pub dialled: Arc<Party>,
        /// The same, in the plan; `None`: no such number, so no queue either.
        pub number: Option<DialledNumber>,
        /// The queue it is in, or was in last; the first one without a number.
        pub queue: QueueNumber,
        /// What it asks of an agent.
        pub needs: Arc<Needs>,
        /// Higher goes first.
        pub priority: i64,
        /// When it came.
        pub arrived_ms: i64,
        /// Decides the order (rule 8.1).
        pub line_since_ms: i64,
        /// Decides steps, delays and limits (rule 8.1).
        pub queue_since_ms: i64,
        /// Where it is.
        pub phase: CallPhase,
        /// The offers that ring, or the one that connects or is connected; ascending.
        pub offers: Vec<OfferNumber>,
        /// Agents who missed, declined or failed it in this round, ascending.
        pub tried: Vec<AgentNumber>,
        /// Agents who declined it in this queue visit, ascending.
        pub declined: Vec<AgentNumber>,
        /// The round has ended and the call waits for the next.
        pub round_ended: bool,
        /// The limit was reached while an agent was being rung.
        pub max_wait_passed: bool,
        /// The voicemail box it was sent to.
        pub r#box: Option<BoxNumber>,
        /// Result of the last queue visit.
        pub last_result: VisitResult,
        /// The step of the queue that is in force; 0: the queue's own rules.
        pub step: u32,
        /// How long the steps' clock has stood still in this visit.
        pub stopped_ms: i64,
        /// Since when it stands still; `None`: it goes.
        pub stopped_since_ms: Option<i64>,
        /// Of those who declined it, for whom that ends: when, and who; ascending.
        pub declines: Vec<(i64, AgentNumber)>,
        /// What it asked itself when it came, or when it was moved.
        pub own_needs: Vec<plan::Need>,
        /// What a supervisor asked for it; empty: nothing.
        pub set_needs: Vec<plan::Need>,
        /// Its own part, to which those of its queue and number are added.
        pub own_priority: i64,
        /// What a supervisor set in place of the sum; `None`: nothing.
        pub set_priority: Option<i64>,
        /// When the first offer of this round was made; `None`: none was.
        pub round_since_ms: Option<i64>,
        /// Visits that led somewhere else, in their order.
        pub visits: Vec<Visit>,
        /// Sent to the site's last resort: a failure of that ends it.
        pub in_last_resort: bool,
        /// Agents to try first, and how long to hold the call for each; each agent once.
        pub preferred: Vec<(AgentNumber, i64)>,
        /// Whose turn it is of them; their number: nobody's.
        pub turn: u32,
        /// Agents who never get it, ascending.
        pub excluded: Vec<AgentNumber>,
        /// How many offers were made for it.
        pub offers_made: u64,
        /// It was counted among those who ask for tags.
        pub in_demand: bool,
        /// The place in line that the caller was told last; `None`: none was told.
        pub announced_position: Option<i64>,
        /// The expected wait that the caller was told last; `None`: none was told.
        pub announced_wait_ms: Option<i64>,
    }
    not written {
        /// Its queue, step and needs, in the index of the line.
        pub profile: ProfileNumber = ProfileNumber::UNKNOWN,
        /// What the last step of its queue asks, where it matters who is there at all.
        pub roll_profile: ProfileNumber = ProfileNumber::UNKNOWN,
        /// What it counts for in line, but for what it gains by waiting.
        pub line_priority: i64 = 0,
        /// Where it stands in line.
        pub stands: Stands = Stands::Nowhere,
    }
}

impl Call {
    /// Return the number by which a call came that has entered a queue.
    ///
    /// # Panics
    ///
    /// It came by no number of the plan.
    #[must_use]
    pub fn dialled_number(&self) -> DialledNumber {
        self.number.expect("a call without a number enters no queue")
    }
}

record! {
    /// What an agent holds in place of what the plan says.
    pub struct TagsOverlay {
        /// The agent.
        pub agent: AgentNumber,
        /// Can do everything.
        pub wildcard: bool,
        /// Tags and levels, ascending by tag.
        pub tags: Vec<(TagNumber, i64)>,
    }
}

record! {
    /// Whether an agent serves a queue, whatever the plan says.
    #[derive(Copy)]
    pub struct MemberOverlay {
        /// The queue.
        pub queue: QueueNumber,
        /// The agent.
        pub agent: AgentNumber,
        /// They serve it.
        pub member: bool,
    }
}

record! {
    /// A schedule, queue or number that is opened, closed, or plays a message.
    pub struct Override {
        /// What sort of thing.
        pub kind: OverrideKind,
        /// Its number.
        pub subject: u32,
        /// What it is from then on.
        pub to: OverrideWay,
        /// What is played; empty unless it plays.
        pub prompt: Arc<str>,
        /// `None`: until it is taken back.
        pub until_ms: Option<i64>,
    }
}

record! {
    /// What was changed while running, on top of the plan.
    #[derive(Default)]
    pub struct Overlay {
        /// Ascending by agent, each once.
        pub tags: Vec<TagsOverlay>,
        /// Ascending by queue and agent, each pair once.
        pub members: Vec<MemberOverlay>,
        /// Ascending by kind and subject, each pair once.
        pub overrides: Vec<Override>,
    }
}

record! {
    /// What is known of a host.
    pub struct HostState {
        /// Its name.
        pub name: Arc<str>,
        /// What the site knows of its calls is so.
        pub in_sync: bool,
        /// While it is not: ids of the calls that it has told of, ascending.
        pub told: Vec<Arc<str>>,
    }
}

record! {
    /// How much tags were asked for lately; see `demand.rs`.
    #[derive(Default)]
    pub struct Demand {
        /// By minute's start and tag, ascending: how many calls asked for it.
        pub asked: Vec<(i64, TagNumber, i64)>,
        /// What each tag costs as of the last full minute, ascending; others nothing.
        pub costs: Vec<(TagNumber, i64)>,
    }
}

record! {
    /// All logical state of a site.
    pub struct Snapshot {
        /// [`SNAPSHOT_VERSION`].
        pub version: u32,
        /// `None`: the site has not started.
        pub clock_ms: Option<i64>,
        /// Wall clock minus engine clock.
        pub wall_offset_ms: i64,
        /// How many events were counted.
        pub event_sequence: u64,
        /// How many timers fired since the last event.
        pub timer_ordinal: u64,
        /// How many timers were ever set.
        pub timer_sequence: u64,
        /// How many calls have arrived.
        pub call_sequence: u64,
        /// How many offers were made.
        pub offer_sequence: u64,
        /// Tags that only events or former plans have mentioned, in the order in which
        /// they came.
        pub extra_tags: Vec<Arc<str>>,
        /// For each schedule.
        pub schedules_open: Vec<bool>,
        /// In the order of the plan.
        pub agents: Vec<AgentState>,
        /// Ascending by id.
        pub offers: Vec<Offer>,
        /// Ascending by sequence.
        pub calls: Vec<Call>,
        /// Ids of the calls that ended last, oldest first.
        pub ended: Vec<Arc<str>>,
        /// In the order in which they fire.
        pub timers: Vec<Timer>,
        /// What was changed while running.
        pub overlay: Overlay,
        /// Ascending by name.
        pub hosts: Vec<HostState>,
        /// How much tags were asked for lately.
        pub demand: Demand,
        /// What calls and offers still use of former plans.
        pub kept: Kept,
        /// By queue, ascending: how long the calls of its line took that were handled last,
        /// wrap-up included, the oldest first.
        pub handled: Vec<(QueueNumber, Vec<i64>)>,
    }
}

/// The layout of [`Snapshot`].
pub const SNAPSHOT_VERSION: u32 = 1;
