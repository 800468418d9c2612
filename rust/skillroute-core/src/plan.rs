//! The compiled plan, as `skillroute/plan/compiled.py` writes it.
//!
//! Names are dense integers, times are milliseconds, zones are tables. What is read is
//! checked once, so the rest of the crate may index with every number of a plan.

use std::sync::Arc;

pub use crate::end::End;
use crate::error::Error;
use crate::ids::{AgentNumber, QueueNumber, ScheduleNumber, TagNumber};
pub use crate::names::{Limit, LineOrder, Login, NeedKind, Ringing, RoundEnd, Strategy, WrapUp};
pub use crate::queue::{Announcements, Limits, Parallel, Placement, Queue, Step};
use crate::record::record;
use crate::wire::{Decode, Reader};

/// The layout that this crate reads.
pub const FORMAT: i128 = 1;

record! {
    /// One IANA zone as a table.
    pub struct Zone {
        /// Its IANA name.
        pub name: Arc<str>,
        /// Instants at which the offset changes, ascending.
        pub transitions_ms: Vec<i64>,
        /// Local minus UTC before the first of them, after it, and so on.
        pub offsets_ms: Vec<i64>,
    }
}

record! {
    /// Weekly opening intervals in one zone.
    pub struct Schedule {
        /// Its name.
        pub name: Arc<str>,
        /// Index into the zones.
        pub zone: u32,
        /// [start, end) in local milliseconds since Monday 00:00, ascending, not touching.
        pub weekly_ms: Vec<(i64, i64)>,
    }
}

record! {
    /// One agent.
    pub struct Agent {
        /// Its id.
        pub id: Arc<str>,
        /// Name for people.
        pub name: Arc<str>,
        /// Tags and levels, ascending by tag.
        pub tags: Vec<(TagNumber, i64)>,
        /// Can do everything.
        pub wildcard: bool,
        /// `None`: always on shift.
        pub schedule: Option<ScheduleNumber>,
        /// How the agent comes to be there.
        pub login: Login,
        /// How many calls at once.
        pub units: u32,
        /// `None`: the queue's.
        pub wrap_up_ms: Option<i64>,
        /// Devices, in the order in which they ring.
        pub endpoints: Arc<[Arc<str>]>,
        /// `None`: the queue's.
        pub wrap_up: Option<WrapUp>,
        /// By endpoint: what whoever answers must press; empty: nothing.
        pub confirm_digits: Vec<Arc<str>>,
        /// By endpoint: a call that it redirects rings on there.
        pub follows: Vec<bool>,
        /// All endpoints that can be reached ring together, else the first.
        pub rings_all: bool,
        /// The switch through which the agent is reached; empty: any.
        pub host: String,
        /// For drawing by weight.
        pub weight: i64 = 1,
    }
}

record! {
    /// One thing that a queue or number asks of an agent.
    pub struct Need {
        /// What is asked.
        pub kind: NeedKind,
        /// One tag, or for any-of one or more.
        pub tags: Vec<TagNumber>,
        /// Least level if required, weight if preferred, else 0.
        pub value: i64,
        /// No step drops or lowers it.
        pub never_relax: bool,
    }
}

record! {
    /// One voicemail box.
    pub struct MessageBox {
        /// Its name.
        pub name: Arc<str>,
        /// What the caller hears.
        pub greeting: Arc<str>,
        /// Whom to tell of a message.
        pub recipients: Arc<[Arc<str>]>,
        /// A shorter message counts as none.
        pub message_ms_min: i64,
    }
}

record! {
    /// One number of ours.
    pub struct Number {
        /// As the dialled party has it.
        pub number: Arc<str>,
        /// What the agent sees and hears.
        pub label: Arc<str>,
        /// The queue it leads to.
        pub queue: QueueNumber,
        /// Added to the queue's and the call's.
        pub priority: i64,
        /// In the order written.
        pub needs: Vec<Need>,
        /// Agents whom its calls try first, in order, distinct.
        pub prefer_agents: Vec<AgentNumber>,
        /// How long a call is held for each of them.
        pub prefer_for_ms: i64,
    }
}

record! {
    /// What holds for the whole site.
    pub struct Settings {
        /// Seed of everything random.
        pub seed: i64,
        /// How long a withdrawn leg is waited for.
        pub cancel_grace_ms: i64,
        /// How long joining may take, without the whisper.
        pub connect_timeout_ms: i64,
        /// How long a whisper takes.
        pub whisper_ms: i64,
        /// What a caller hears before the last resort hangs up.
        pub last_resort_message: Arc<str>,
        /// Tags that no step drops or lowers, ascending.
        pub never_relax: Vec<TagNumber>,
        /// Misses in a row that pause an agent; `None`: none do.
        pub auto_pause_after: Option<u32>,
        /// How long such a pause lasts.
        pub auto_pause_for_ms: i64,
        /// It also takes the last available agent of a queue.
        pub auto_pause_last: bool,
        /// What is tried before it.
        pub last_resort: End = End::LastResort,
        /// How often one call may enter one queue.
        pub max_visits: u32 = 5,
        /// Index into the zones: at whose midnight a day begins; `None`: at that of UTC.
        pub zone: Option<u32> = None,
    }
}

record! {
    /// One site.
    pub struct Plan {
        /// [`FORMAT`].
        pub format: i128,
        /// Name of the site.
        pub name: Arc<str>,
        /// What holds for all of it.
        pub settings: Settings,
        /// Names `category:value`, ascending.
        pub tags: Vec<Arc<str>>,
        /// Categories of which a call needs only the last one asked for.
        pub single: Vec<Arc<str>>,
        /// Categories whose tags do not count.
        pub uncounted: Vec<Arc<str>>,
        /// Only those in use.
        pub zones: Vec<Zone>,
        /// By name.
        pub schedules: Vec<Schedule>,
        /// In the order of the plan.
        pub agents: Vec<Agent>,
        /// By name.
        pub queues: Vec<Queue>,
        /// By name.
        pub boxes: Vec<MessageBox>,
        /// By number.
        pub numbers: Vec<Number>,
    }
}

impl Plan {
    /// Read a compiled plan.
    ///
    /// # Errors
    ///
    /// [`Error::PlanFormat`]: it has another layout. [`Error::PlanMalformed`]: it is no
    /// compiled plan.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        match format(bytes) {
            None => return Err(Error::PlanMalformed),
            Some(FORMAT) => {}
            Some(found) => return Err(Error::PlanFormat { found }),
        }
        let mut reader = Reader::new(bytes);
        let plan = Self::decode(&mut reader).map_err(|_| Error::PlanMalformed)?;
        if reader.is_at_end() && plan.is_sound() { Ok(plan) } else { Err(Error::PlanMalformed) }
    }
}

/// Read only the format; `None`: this is no array that begins with an integer.
fn format(bytes: &[u8]) -> Option<i128> {
    let mut reader = Reader::new(bytes);
    match reader.array() {
        Ok(0) | Err(_) => None,
        Ok(_) => reader.integer().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::BoxNumber;
    use crate::wire::{Encode, Writer};

    fn sample_queue() -> Queue {
        let need = Need {
            kind: NeedKind::Required,
            tags: vec![TagNumber(1)],
            value: 40,
            never_relax: false,
        };
        let step = Step {
            after_ms: 20_000,
            drop: vec![TagNumber(1)],
            drop_categories: vec!["lang".into()],
            lower: vec![(TagNumber(1), 30)],
            members: Some(vec![AgentNumber(0)]),
            strategy: Strategy::LongestIdle,
            raise_priority: 1,
            prefer: vec![(TagNumber(0), 3)],
            grants: vec![(TagNumber(0), vec![AgentNumber(0)])],
            ringing: Ringing::All,
        };
        Queue {
            name: "sales".into(),
            strategy: Strategy::MostSpecific,
            needs: vec![need],
            members: Some(vec![AgentNumber(0)]),
            priority: 0,
            ring_ms: 15_000,
            wrap_up_ms: 10_000,
            on_round_end: RoundEnd::Wait,
            round_counts_busy: true,
            retry_after_ms: 10_000,
            retry_unreachable_ms: 30_000,
            max_wait_ms: None,
            overflow: End::Voicemail(BoxNumber(0)),
            next_step_overflows: true,
            placements: vec![Placement { agent: AgentNumber(0), priority: 2, delay_ms: 5 }],
            line: LineOrder::HardestFirst,
            aging_milli: 500,
            aging_cap: 10,
            steps: vec![step],
            merge_steps: false,
            relax_while_ringing: true,
            wrap_up: WrapUp::Capped,
            decline_for_ms: None,
            ringing: Ringing::Progressively,
            parallel: Parallel { max_parallel: 3, batch: 1, every_ms: 5_000 },
            limits: Limits::default(),
            is_direct: false,
            exclude: vec![AgentNumber(0)],
            announcements: Announcements { every_ms: Some(20_000), ..Announcements::default() },
        }
    }

    fn sample() -> Plan {
        let zone = Zone { name: "UTC".into(), transitions_ms: vec![], offsets_ms: vec![0] };
        Plan {
            format: FORMAT,
            name: "site".into(),
            settings: Settings {
                seed: 7,
                cancel_grace_ms: 2_000,
                connect_timeout_ms: 15_000,
                whisper_ms: 5_000,
                last_resort_message: "".into(),
                never_relax: vec![TagNumber(0)],
                auto_pause_after: Some(3),
                auto_pause_for_ms: 600_000,
                auto_pause_last: false,
                last_resort: End::LastResort,
                max_visits: 5,
                zone: Some(0),
            },
            tags: vec!["lang:pl".into(), "skill:sales".into()],
            single: vec!["lang".into()],
            uncounted: vec![],
            zones: vec![zone],
            schedules: vec![Schedule { name: "day".into(), zone: 0, weekly_ms: vec![(0, 9)] }],
            agents: vec![Agent {
                id: "anna".into(),
                name: "Anna".into(),
                tags: vec![(TagNumber(0), 100)],
                wildcard: false,
                schedule: Some(ScheduleNumber(0)),
                login: Login::Auto,
                units: 1,
                wrap_up_ms: None,
                endpoints: Arc::from(vec![Arc::from("sip/1")]),
                wrap_up: Some(WrapUp::Manual),
                confirm_digits: vec!["1".into()],
                follows: vec![true],
                rings_all: false,
                host: String::new(),
                weight: 1,
            }],
            queues: vec![sample_queue()],
            boxes: vec![MessageBox {
                name: "box".into(),
                greeting: "hello".into(),
                recipients: Arc::from(vec![]),
                message_ms_min: 2_000,
            }],
            numbers: vec![],
        }
    }

    fn written(plan: &Plan) -> Vec<u8> {
        let mut writer = Writer::new();
        plan.encode(&mut writer);
        writer.into_bytes()
    }

    #[test]
    fn a_plan_comes_back_from_its_bytes() {
        let plan = sample();
        assert_eq!(Ok(plan.clone()), Plan::read(&written(&plan)));
    }

    #[test]
    fn another_format_is_named_and_no_plan_is_malformed() {
        let mut plan = sample();
        plan.format = 2;
        assert_eq!(Err(Error::PlanFormat { found: 2 }), Plan::read(&written(&plan)));
        let bytes = written(&sample());
        for bad in [&[][..], &[0x90], &[0x91, 0xc0], b"text", &bytes[..bytes.len() - 1]] {
            assert_eq!(Err(Error::PlanMalformed), Plan::read(bad));
        }
        let longer = [bytes.as_slice(), &[0xc0]].concat();
        assert_eq!(Err(Error::PlanMalformed), Plan::read(&longer));
    }

    #[test]
    fn a_number_that_points_nowhere_is_malformed() {
        let breaks: [fn(&mut Plan); 27] = [
            |plan| plan.zones[0].offsets_ms.push(1),
            |plan| plan.schedules[0].zone = 1,
            |plan| plan.schedules[0].weekly_ms[0] = (9, 9),
            |plan| plan.agents[0].tags[0].0 = TagNumber(2),
            |plan| plan.agents[0].schedule = Some(ScheduleNumber(1)),
            |plan| plan.queues[0].overflow = End::Voicemail(BoxNumber(1)),
            |plan| plan.queues[0].overflow = End::Number("".into()),
            |plan| plan.settings.last_resort = End::Queue(QueueNumber(0)),
            |plan| plan.settings.max_visits = 0,
            |plan| plan.settings.zone = Some(1),
            |plan| plan.settings.seed = -1,
            |plan| plan.agents[0].weight = 0,
            |plan| plan.queues[0].members = Some(vec![AgentNumber(1)]),
            |plan| plan.queues[0].ring_ms = -1,
            |plan| plan.queues[0].needs[0].value = i64::MAX,
            |plan| plan.agents[0].units = 0,
            |plan| plan.agents[0].follows.clear(),
            |plan| plan.tags.reverse(),
            |plan| plan.settings.never_relax.push(TagNumber(0)),
            |plan| plan.queues[0].placements[0].priority = 0,
            |plan| plan.queues[0].steps[0].after_ms = 0,
            |plan| plan.queues[0].steps[0].drop[0] = TagNumber(2),
            |plan| plan.queues[0].steps[0].members = Some(vec![AgentNumber(1)]),
            |plan| plan.queues[0].steps[0].grants[0].1 = vec![AgentNumber(1)],
            |plan| plan.queues[0].aging_cap = -1,
            |plan| plan.queues[0].announcements.every_ms = Some(0),
            |plan| plan.settings.auto_pause_after = Some(0),
        ];
        for break_it in breaks {
            let mut plan = sample();
            break_it(&mut plan);
            assert_eq!(Err(Error::PlanMalformed), Plan::read(&written(&plan)));
        }
    }
}
