//! Plans by hand: every part as it is where nothing is written, for tests and benches.

use std::sync::Arc;

use crate::ids::{QueueNumber, TagNumber};
use crate::plan::{
    Agent, Announcements, End, FORMAT, Limits, LineOrder, Login, Need, NeedKind, Number, Parallel,
    Plan, Queue, Ringing, RoundEnd, Settings, Strategy, WrapUp,
};

impl Plan {
    /// Make a site of nothing but a name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            format: FORMAT,
            name: name.into(),
            settings: Settings::plain(),
            tags: vec![],
            single: vec![],
            uncounted: vec![],
            zones: vec![],
            schedules: vec![],
            agents: vec![],
            queues: vec![],
            boxes: vec![],
            numbers: vec![],
        }
    }
}

impl Settings {
    /// Make the settings of a site that says nothing.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            seed: 0,
            cancel_grace_ms: 2_000,
            connect_timeout_ms: 15_000,
            whisper_ms: 5_000,
            last_resort_message: "sorry".into(),
            never_relax: vec![],
            auto_pause_after: None,
            auto_pause_for_ms: 600_000,
            auto_pause_last: false,
            last_resort: End::LastResort,
            max_visits: 5,
            zone: None,
        }
    }
}

impl Agent {
    /// Make an agent without a tag.
    #[must_use]
    pub fn named(id: &str) -> Self {
        Self {
            id: id.into(),
            name: id.into(),
            tags: vec![],
            wildcard: false,
            schedule: None,
            login: Login::Auto,
            units: 1,
            wrap_up_ms: None,
            endpoints: Arc::from([]),
            wrap_up: None,
            confirm_digits: vec![],
            follows: vec![],
            rings_all: false,
            host: String::new(),
            weight: 1,
        }
    }
}

impl Need {
    /// Make a need of a tag at any level.
    #[must_use]
    pub fn required(tag: TagNumber) -> Self {
        Self { kind: NeedKind::Required, tags: vec![tag], value: 1, never_relax: false }
    }
}

impl Queue {
    /// Make a queue that everybody serves.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.into(),
            strategy: Strategy::MostSpecific,
            needs: vec![],
            members: None,
            priority: 0,
            ring_ms: 15_000,
            wrap_up_ms: 0,
            on_round_end: RoundEnd::Wait,
            round_counts_busy: true,
            retry_after_ms: 10_000,
            retry_unreachable_ms: 30_000,
            max_wait_ms: None,
            overflow: End::LastResort,
            next_step_overflows: false,
            placements: vec![],
            line: LineOrder::Priority,
            aging_milli: 0,
            aging_cap: 1_000,
            steps: vec![],
            merge_steps: false,
            relax_while_ringing: true,
            wrap_up: WrapUp::Capped,
            decline_for_ms: None,
            ringing: Ringing::One,
            parallel: Parallel { max_parallel: 10, batch: 1, every_ms: 5_000 },
            limits: Limits::default(),
            is_direct: false,
            exclude: vec![],
            announcements: Announcements::default(),
        }
    }
}

impl Number {
    /// Make a number that leads to a queue.
    #[must_use]
    pub fn leading_to(queue: QueueNumber, number: &str) -> Self {
        Self {
            number: number.into(),
            label: "".into(),
            queue,
            priority: 0,
            needs: vec![],
            prefer_agents: vec![],
            prefer_for_ms: 0,
        }
    }
}
