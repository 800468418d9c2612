//! What a compiled plan says of a queue: whom it asks, in which order, when, how long.

use std::sync::Arc;

use crate::end::End;
use crate::ids::{AgentNumber, ScheduleNumber, TagNumber};
use crate::names::{Limit, LineOrder, Ringing, RoundEnd, Strategy, WrapUp};
use crate::plan::Need;
use crate::record::record;

record! {
    /// How one agent serves one queue, where that is not the default.
    #[derive(Copy)]
    pub struct Placement {
        /// The agent.
        pub agent: AgentNumber,
        /// Their priority for the queue, 1 first.
        pub priority: i64,
        /// They get only calls that have waited so long.
        pub delay_ms: i64,
    }
}

record! {
    /// One step of a queue, with all that the steps before it have changed.
    pub struct Step {
        /// When it begins, in waiting time.
        pub after_ms: i64,
        /// Tags that are no longer asked for, ascending.
        pub drop: Vec<TagNumber>,
        /// Categories of which no tag is asked for any more, ascending.
        pub drop_categories: Vec<Arc<str>>,
        /// The most that is still asked of a tag, ascending by tag.
        pub lower: Vec<(TagNumber, i64)>,
        /// Ascending; `None`: everybody.
        pub members: Option<Vec<AgentNumber>>,
        /// How the eligible agents are put in order.
        pub strategy: Strategy,
        /// Added to the call's priority.
        pub raise_priority: i64,
        /// Preferred beside what the call prefers, ascending by tag.
        pub prefer: Vec<(TagNumber, i64)>,
        /// How agents are rung.
        pub ringing: Ringing,
        /// Who passes where a tag is asked for, as if they held it; both ascending.
        pub grants: Vec<(TagNumber, Vec<AgentNumber>)> = Vec::new(),
    }
}

record! {
    /// How many agents one call of a queue rings at once, where it rings several.
    #[derive(Copy)]
    pub struct Parallel {
        /// The most.
        pub max_parallel: i64,
        /// How many more a progressive ring adds at a time.
        pub batch: i64,
        /// How often it does.
        pub every_ms: i64,
    }
}

record! {
    /// What callers in the line of a queue are told, and how often.
    #[derive(Copy)]
    pub struct Announcements {
        /// `None`: they are told nothing.
        pub every_ms: Option<i64> = None,
        /// Their place in line.
        pub position: bool = true,
        /// How long they may have to wait.
        pub wait: bool = true,
        /// How long a call takes an agent, as long as it is not known.
        pub expected_handling_ms: i64 = 180_000,
    }
}

impl Default for Announcements {
    fn default() -> Self {
        Self { every_ms: None, position: true, wait: true, expected_handling_ms: 180_000 }
    }
}

record! {
    /// One queue.
    pub struct Queue {
        /// Its name.
        pub name: Arc<str>,
        /// How the eligible agents are put in order.
        pub strategy: Strategy,
        /// In the order written.
        pub needs: Vec<Need>,
        /// Ascending; `None`: everybody.
        pub members: Option<Vec<AgentNumber>>,
        /// Added to the number's and the call's.
        pub priority: i64,
        /// How long an agent is rung.
        pub ring_ms: i64,
        /// Work after a call.
        pub wrap_up_ms: i64,
        /// What happens when nobody is left to be tried.
        pub on_round_end: RoundEnd,
        /// A round stays open for an untried agent who is only busy.
        pub round_counts_busy: bool,
        /// Pause between rounds.
        pub retry_after_ms: i64,
        /// How long an agent who could not be rung is spared.
        pub retry_unreachable_ms: i64,
        /// `None`: no limit.
        pub max_wait_ms: Option<i64>,
        /// Where a call goes that the queue gives up.
        pub overflow: End,
        /// With `NextStep`: what is done behind the last step, overflow or wait.
        pub next_step_overflows: bool,
        /// Ascending by agent.
        pub placements: Vec<Placement>,
        /// Which call goes first.
        pub line: LineOrder,
        /// How much priority a call gains a minute, in thousandths.
        pub aging_milli: i64,
        /// The most that it gains.
        pub aging_cap: i64,
        /// In the order in which they begin.
        pub steps: Vec<Step>,
        /// The step by which an agent became eligible does not matter.
        pub merge_steps: bool,
        /// The steps' clock goes on while an offer is out.
        pub relax_while_ringing: bool,
        /// How the time after a call ends.
        pub wrap_up: WrapUp,
        /// How long a decline holds; `None`: for the whole visit.
        pub decline_for_ms: Option<i64>,
        /// How agents are rung.
        pub ringing: Ringing,
        /// How many are, if several.
        pub parallel: Parallel,
        /// What else makes it give up a call.
        pub limits: Limits = Limits::default(),
        /// One agent's own: its calls ask for nothing.
        pub is_direct: bool = false,
        /// Agents who get no call of the queue, ascending.
        pub exclude: Vec<AgentNumber> = Vec::new(),
        /// What callers are told.
        pub announcements: Announcements = Announcements::default(),
    }
}

record! {
    /// What makes a queue give up a call, and where it goes then.
    pub struct Limits {
        /// Where a limit sends a call, if not to the queue's overflow; ascending.
        pub overflow_on: Vec<(Limit, End)> = Vec::new(),
        /// In another queue a call that overflows counts as waiting since before.
        pub keeps_place: bool = true,
        /// An agent who is being rung at the limit is rung no longer.
        pub max_wait_cuts_ring: bool = false,
        /// When it takes calls; `None`: always.
        pub hours: Option<ScheduleNumber> = None,
        /// How many calls of one caller may be in the line.
        pub size_per_caller: Option<u32> = None,
        /// How many calls may be in the line.
        pub size: Option<u32> = None,
        /// Where a caller goes who presses a digit in the line; ascending.
        pub digits: Vec<(Arc<str>, End)> = Vec::new(),
        /// It takes no call while nobody who could serve it is on shift.
        pub refuse_nobody_on_shift: bool = false,
        /// Nor while nobody of those on shift is logged in.
        pub refuse_nobody_logged_in: bool = false,
        /// Both, and calls in its line leave it then.
        pub leave_when_empty: bool = false,
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            overflow_on: Vec::new(),
            keeps_place: true,
            max_wait_cuts_ring: false,
            hours: None,
            size_per_caller: None,
            size: None,
            digits: Vec::new(),
            refuse_nobody_on_shift: false,
            refuse_nobody_logged_in: false,
            leave_when_empty: false,
        }
    }
}

impl Limits {
    /// Tell whether it matters who is on shift, and who is logged in.
    pub(crate) fn ask_who_is_there(&self) -> (bool, bool) {
        let leave = self.leave_when_empty;
        (self.refuse_nobody_on_shift || leave, self.refuse_nobody_logged_in || leave)
    }
}

impl Queue {
    /// Return where a limit sends a call.
    #[must_use]
    pub fn end_of(&self, limit: Limit) -> &End {
        let place = self.limits.overflow_on.binary_search_by_key(&limit, |(at, _)| *at);
        place.map_or(&self.overflow, |place| &self.limits.overflow_on[place].1)
    }
}
