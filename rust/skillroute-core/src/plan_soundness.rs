//! Soundness of a compiled plan: whether every number in it points to something.
//!
//! Compiled plans are bytes that may come from a journal or another machine, so they are
//! checked before they are believed.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::end::End;
use crate::ids::{AgentNumber, TagNumber};
use crate::limits::{
    AGENTS_PER_CALL_MAX, ENDPOINTS_MAX, LEVEL_MAX, PREFER_FOR_MS_MAX, TAGS_PER_AGENT_MAX,
    TIME_MS_MAX, WEIGHT_MAX,
};
use crate::plan::{Agent, Limits, Need, NeedKind, Number, Parallel, Plan, Queue, Step, Zone};
use crate::schedule::WEEK_MS;

/// The greatest priority of an agent for a queue, as a number: the last.
const PLACE_MAX: i64 = 1000;

/// The most that aging may be set to, a minute or in all: far beyond all priorities.
const AGING_MAX: i64 = 1_000_000_000;

/// The most that all steps together may raise a priority or a weight.
const RAISE_MAX: i64 = 1_000_000;

/// The most agents that one call may ring: far more than anybody would want.
const PARALLEL_MAX: i64 = 1000;

/// Steps of a queue; nobody has been seen to use more than ten.
const STEPS_MAX: usize = 100;

impl Plan {
    /// Tell whether every number points to something, and is of a size to reckon with.
    pub(crate) fn is_sound(&self) -> bool {
        let settings = &self.settings;
        let times = [
            settings.cancel_grace_ms,
            settings.connect_timeout_ms,
            settings.whisper_ms,
            settings.auto_pause_for_ms,
        ];
        let schedules = self.schedules.iter().all(|schedule| {
            (schedule.zone as usize) < self.zones.len() && is_weekly(&schedule.weekly_ms)
        });
        let last_resort = match &settings.last_resort {
            End::Queue(_) | End::HangUp(_) => false,
            end @ (End::LastResort | End::Voicemail(_) | End::Number(_)) => self.is_end(end),
        };
        times.into_iter().all(is_length)
            && self.are_tags(&settings.never_relax)
            && settings.auto_pause_after != Some(0)
            && last_resort
            && settings.max_visits >= 1
            && settings.zone.is_none_or(|zone| (zone as usize) < self.zones.len())
            && settings.seed >= 0
            && self.tags.is_sorted_by(|before, after| before < after)
            && self.zones.iter().all(is_table)
            && schedules
            && self.agents.iter().all(|agent| self.is_agent(agent))
            && self.queues.iter().all(|queue| self.is_queue(queue))
            && self.numbers.iter().all(|number| self.is_number(number))
    }

    pub(crate) fn is_number(&self, number: &Number) -> bool {
        let agents: BTreeSet<_> = number.prefer_agents.iter().collect();
        number.queue.index() < self.queues.len()
            && self.are_needs(&number.needs)
            && agents.iter().all(|agent| agent.index() < self.agents.len())
            && agents.len() == number.prefer_agents.len()
            && agents.len() <= AGENTS_PER_CALL_MAX
            && (0..=PREFER_FOR_MS_MAX).contains(&number.prefer_for_ms)
    }

    pub(crate) fn is_agent(&self, agent: &Agent) -> bool {
        let is_level = |level: &i64| (1..=LEVEL_MAX).contains(level);
        agent.tags.iter().all(|(tag, level)| tag.index() < self.tags.len() && is_level(level))
            && agent.tags.len() <= TAGS_PER_AGENT_MAX
            && agent.tags.is_sorted_by(|before, after| before.0 < after.0)
            && agent.schedule.is_none_or(|number| number.index() < self.schedules.len())
            && agent.wrap_up_ms.is_none_or(is_length)
            && agent.units >= 1
            && agent.endpoints.len() <= ENDPOINTS_MAX
            && agent.confirm_digits.len() == agent.endpoints.len()
            && agent.follows.len() == agent.endpoints.len()
            && (1..=WEIGHT_MAX).contains(&agent.weight)
    }

    pub(crate) fn is_queue(&self, queue: &Queue) -> bool {
        let overflow_on = &queue.limits.overflow_on;
        let Limits { digits, hours, size_per_caller, size, .. } = &queue.limits;
        let ends = overflow_on.iter().map(|(_, end)| end).chain([&queue.overflow]);
        let mut ends = ends.chain(digits.iter().map(|(_, end)| end));
        let lengths = [
            queue.ring_ms,
            queue.wrap_up_ms,
            queue.retry_after_ms,
            queue.retry_unreachable_ms,
            queue.max_wait_ms.unwrap_or(0),
            queue.decline_for_ms.unwrap_or(0),
        ];
        // Else one round could follow the other in the same instant for ever.
        let takes_time = queue.ring_ms > 0 && queue.retry_after_ms > 0;
        let mut members = queue.members.iter().flatten();
        members.all(|agent| agent.index() < self.agents.len())
            && self.are_needs(&queue.needs)
            && lengths.into_iter().all(is_length)
            && takes_time
            && is_parallel(&queue.parallel)
            && (1..=TIME_MS_MAX).contains(&queue.announcements.every_ms.unwrap_or(1))
            && is_length(queue.announcements.expected_handling_ms)
            && ends.all(|end| self.is_end(end))
            && overflow_on.is_sorted_by(|before, after| before.0 < after.0)
            && digits.is_sorted_by(|before, after| before.0 < after.0)
            && hours.is_none_or(|number| number.index() < self.schedules.len())
            && *size_per_caller != Some(0)
            && *size != Some(0)
            && queue.exclude.iter().all(|agent| agent.index() < self.agents.len())
            && queue.exclude.is_sorted_by(|before, after| before < after)
            && self.is_ordered(queue)
            && queue.steps.iter().all(|step| self.is_step(step))
    }

    /// Tell whether who stands where, and when, is said in numbers to reckon with.
    fn is_ordered(&self, queue: &Queue) -> bool {
        let are_placements = queue.placements.iter().all(|place| {
            place.agent.index() < self.agents.len()
                && (1..=PLACE_MAX).contains(&place.priority)
                && is_length(place.delay_ms)
        });
        let mut begins = queue.steps.iter().map(|step| step.after_ms);
        are_placements
            && queue.placements.is_sorted_by(|before, after| before.agent < after.agent)
            && (0..=AGING_MAX).contains(&queue.aging_milli)
            && (0..=AGING_MAX).contains(&queue.aging_cap)
            && begins.all(|after_ms| after_ms > 0 && is_length(after_ms))
            && queue.steps.is_sorted_by(|before, after| before.after_ms < after.after_ms)
            && queue.steps.len() <= STEPS_MAX
    }

    fn is_step(&self, step: &Step) -> bool {
        let tags = |pairs: &[(TagNumber, i64)]| -> Vec<TagNumber> {
            pairs.iter().map(|(tag, _)| *tag).collect()
        };
        let mut members = step.members.iter().flatten();
        let mut levels = step.lower.iter().map(|(_, level)| *level);
        let mut weights = step.prefer.iter().map(|(_, weight)| *weight);
        self.are_tags(&step.drop)
            && step.drop_categories.is_sorted_by(|before, after| before < after)
            && self.are_tags(&tags(&step.lower))
            && levels.all(|level| (1..=LEVEL_MAX).contains(&level))
            && members.all(|agent| agent.index() < self.agents.len())
            && (0..=RAISE_MAX).contains(&step.raise_priority)
            && self.are_tags(&tags(&step.prefer))
            && weights.all(|weight| (1..=RAISE_MAX).contains(&weight))
            && self.are_tags(&step.grants.iter().map(|(tag, _)| *tag).collect::<Vec<_>>())
            && step.grants.iter().all(|(_, agents)| self.are_granted(agents))
    }

    fn are_granted(&self, agents: &[AgentNumber]) -> bool {
        agents.iter().all(|agent| agent.index() < self.agents.len())
            && agents.is_sorted_by(|before, after| before < after)
    }

    /// Tell whether these are tags of the plan, ascending.
    fn are_tags(&self, tags: &[TagNumber]) -> bool {
        tags.iter().all(|tag| tag.index() < self.tags.len())
            && tags.is_sorted_by(|before, after| before < after)
    }

    /// Tell whether a call can be sent there.
    pub(crate) fn is_end(&self, end: &End) -> bool {
        match end {
            End::LastResort | End::HangUp(_) => true,
            End::Voicemail(number) => number.index() < self.boxes.len(),
            End::Queue(number) => number.index() < self.queues.len(),
            End::Number(number) => !number.is_empty(),
        }
    }

    fn are_needs(&self, needs: &[Need]) -> bool {
        needs.iter().all(|need| {
            let are_known = need.tags.iter().all(|tag| tag.index() < self.tags.len());
            !need.tags.is_empty() && are_known && need.kind.values().contains(&need.value)
        })
    }
}

impl NeedKind {
    /// Return which values such a need may have.
    pub(crate) fn values(self) -> RangeInclusive<i64> {
        match self {
            Self::Required => 1..=LEVEL_MAX,
            Self::Preferred => 1..=WEIGHT_MAX,
            Self::AnyOf | Self::Forbidden => 0..=0,
        }
    }
}

/// Tell whether a call could ring so many agents.
fn is_parallel(parallel: &Parallel) -> bool {
    (1..=PARALLEL_MAX).contains(&parallel.max_parallel)
        && (1..=PARALLEL_MAX).contains(&parallel.batch)
        && (1..=TIME_MS_MAX).contains(&parallel.every_ms)
}

/// Tell whether an amount is one to reckon with.
fn is_length(value: i64) -> bool {
    (0..=TIME_MS_MAX).contains(&value)
}

fn is_table(zone: &Zone) -> bool {
    zone.offsets_ms.len() == zone.transitions_ms.len() + 1
        && zone.transitions_ms.is_sorted_by(|before, after| before < after)
        && zone.transitions_ms.iter().all(|at_ms| is_length(at_ms.saturating_abs()))
        && zone.offsets_ms.iter().all(|offset_ms| offset_ms.saturating_abs() <= WEEK_MS)
}

fn is_weekly(weekly_ms: &[(i64, i64)]) -> bool {
    weekly_ms.iter().all(|(start, end)| 0 <= *start && start < end && *end <= WEEK_MS)
        && weekly_ms.is_sorted_by(|before, after| before.1 < after.0)
}
