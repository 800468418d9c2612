//! Counting: what a replication adds up while it is played.
//!
//! Times here count from the start of the run.

use std::sync::Arc;

use skillroute_core::plan::Plan;

use crate::scenario::Scenario;
use crate::tallies::{
    AgentTally, CallTally, GroupTally, IntervalTally, Moments, OUTCOMES, PlayedCall, Tallies,
    bin_of,
};

pub(crate) const ANSWERED: u32 = 0;
pub(crate) const ABANDONED: u32 = 1;
pub(crate) const BLOCKED: u32 = 10;
pub(crate) const IN_PROGRESS: u32 = 11;

/// Return the number of an outcome as the engine writes it.
pub(crate) fn outcome_number(outcome: &str) -> u32 {
    let is_it = |known: &str| {
        outcome.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    };
    let found = (0..).zip(OUTCOMES).find(|(_, known)| is_it(known));
    found.expect("outcomes are a closed set").0
}

/// What an agent does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Doing {
    Ringing,
    Talking,
    WrappingUp,
    Pausing,
}

/// All that one replication adds up.
#[derive(Debug)]
pub(crate) struct Counts<'a> {
    scenario: &'a Scenario,
    classes: Vec<GroupTally>,
    queues: Vec<GroupTally>,
    intervals: Vec<IntervalTally>,
    agents: Vec<AgentTally>,
    calls: Option<Vec<PlayedCall>>,
}

impl<'a> Counts<'a> {
    /// Begin with nothing.
    pub(crate) fn new(plan: &Plan, scenario: &'a Scenario, keep_calls: bool) -> Self {
        let group = |name: Arc<str>| GroupTally {
            name,
            calls: no_calls(scenario),
            answered_bins: Vec::new(),
            abandoned_bins: Vec::new(),
            line_ms: 0,
            wrap_up_ms: 0,
        };
        let interval = || IntervalTally {
            calls: no_calls(scenario),
            line_ms: 0,
            ring_ms: 0,
            talk_ms: 0,
            wrap_up_ms: 0,
            paused_ms: 0,
        };
        let classes = scenario.classes.iter().map(|class| group(class.name.as_str().into()));
        Self {
            scenario,
            classes: classes.collect(),
            queues: plan.queues.iter().map(|queue| group(Arc::clone(&queue.name))).collect(),
            intervals: (0..scenario.interval_count).map(|_| interval()).collect(),
            agents: plan.agents.iter().map(|agent| no_work(&agent.id)).collect(),
            calls: keep_calls.then(Vec::new),
        }
    }

    /// Count something that an agent did, unless this is no time to count.
    pub(crate) fn note(&mut self, agent: u32, at_ms: i64, add: impl FnOnce(&mut AgentTally)) {
        if (self.scenario.warm_up_ms..self.scenario.length_ms).contains(&at_ms) {
            add(&mut self.agents[agent as usize]);
        }
    }

    /// Count a call that has ended, or is in progress at the end.
    pub(crate) fn call_over(&mut self, call: &PlayedCall) {
        let scenario = self.scenario;
        if call.arrived_after_ms < scenario.warm_up_ms {
            return;
        }
        add_to_group(&mut self.classes[call.kind as usize], call, scenario);
        if let Ok(queue) = usize::try_from(call.queue) {
            add_to_group(&mut self.queues[queue], call, scenario);
        }
        let number = interval(scenario, call.arrived_after_ms / scenario.interval_ms);
        add(&mut self.intervals[number].calls, call, scenario);
        if let Some(calls) = &mut self.calls {
            calls.push(*call);
        }
    }

    /// Count how long a call stood in a line.
    pub(crate) fn in_line(&mut self, queue: u32, from_ms: i64, until_ms: i64) {
        let Self { scenario, queues, intervals, .. } = self;
        each_part(scenario, from_ms, until_ms, |interval, length_ms| {
            queues[queue as usize].line_ms += length_ms;
            intervals[interval].line_ms += length_ms;
        });
    }

    /// Count how long an agent works after a call of a queue.
    pub(crate) fn after_call(&mut self, queue: u32, from_ms: i64, until_ms: i64) {
        let Self { scenario, queues, .. } = self;
        each_part(scenario, from_ms, until_ms, |_, length_ms| {
            queues[queue as usize].wrap_up_ms += length_ms;
        });
    }

    /// Count how long an agent did something.
    pub(crate) fn did(&mut self, agent: u32, what: Doing, from_ms: i64, until_ms: i64) {
        let Self { scenario, agents, intervals, .. } = self;
        let agent = &mut agents[agent as usize];
        each_part(scenario, from_ms, until_ms, |interval, length_ms| {
            let interval = &mut intervals[interval];
            let (own, all) = match what {
                Doing::Ringing => (&mut agent.ring_ms, &mut interval.ring_ms),
                Doing::Talking => (&mut agent.talk_ms, &mut interval.talk_ms),
                Doing::WrappingUp => (&mut agent.wrap_up_ms, &mut interval.wrap_up_ms),
                Doing::Pausing => (&mut agent.paused_ms, &mut interval.paused_ms),
            };
            *own += length_ms;
            *all += length_ms;
        });
    }

    /// Return the sums.
    pub(crate) fn tallies(self, replication: u64, events: u64) -> Tallies {
        Tallies {
            replication,
            events,
            classes: self.classes,
            queues: self.queues,
            intervals: self.intervals,
            agents: self.agents,
            window_ms: self.scenario.length_ms - self.scenario.warm_up_ms,
            calls: self.calls.unwrap_or_default(),
        }
    }
}

/// Go through what of a span counts, by interval.
fn each_part(scenario: &Scenario, from_ms: i64, until_ms: i64, mut count: impl FnMut(usize, u64)) {
    let mut low_ms = from_ms.max(scenario.warm_up_ms);
    let until_ms = until_ms.min(scenario.length_ms);
    while low_ms < until_ms {
        let number = low_ms / scenario.interval_ms;
        let high_ms = until_ms.min((number + 1) * scenario.interval_ms);
        count(interval(scenario, number), low_ms.abs_diff(high_ms));
        low_ms = high_ms;
    }
}

fn interval(scenario: &Scenario, number: i64) -> usize {
    let number = number % i64::from(scenario.interval_count);
    usize::try_from(number).expect("what counts is after the start")
}

fn add_to_group(group: &mut GroupTally, call: &PlayedCall, scenario: &Scenario) {
    add(&mut group.calls, call, scenario);
    match call.outcome {
        ANSWERED => note_bin(&mut group.answered_bins, call.wait_ms),
        ABANDONED => note_bin(&mut group.abandoned_bins, call.wait_ms),
        _ => {}
    }
}

fn note_bin(bins: &mut Vec<u64>, wait_ms: i64) {
    let number = usize::try_from(bin_of(wait_ms.unsigned_abs())).expect("there are few bins");
    if number >= bins.len() {
        bins.resize(number + 1, 0);
    }
    bins[number] += 1;
}

fn add(tally: &mut CallTally, call: &PlayedCall, scenario: &Scenario) {
    tally.outcomes[call.outcome as usize] += 1;
    tally.again += u64::from(call.tries > 1);
    tally.offers += call.offers;
    if call.outcome == BLOCKED || call.outcome == IN_PROGRESS {
        return;
    }
    tally.delayed += u64::from(call.wait_ms > 0);
    if call.agent >= 0 {
        add_length(&mut tally.handling, call.handling_ms);
    }
    match call.outcome {
        ANSWERED => {
            add_length(&mut tally.answered_waits, call.wait_ms);
            note_within(&mut tally.answered_within, call.wait_ms, scenario);
        }
        ABANDONED => {
            add_length(&mut tally.abandoned_waits, call.wait_ms);
            note_within(&mut tally.abandoned_within, call.wait_ms, scenario);
        }
        _ => add_length(&mut tally.other_waits, call.wait_ms),
    }
}

fn note_within(within: &mut [u64], wait_ms: i64, scenario: &Scenario) {
    for (count, threshold_ms) in within.iter_mut().zip(&scenario.thresholds_ms) {
        *count += u64::from(wait_ms <= *threshold_ms);
    }
}

fn add_length(moments: &mut Moments, length_ms: i64) {
    let length = length_ms.unsigned_abs();
    moments.count += 1;
    moments.sum_ms += length;
    moments.max_ms = moments.max_ms.max(length);
    let square = u128::from(length) * u128::from(length);
    let low = u64::try_from(square & u128::from(u64::MAX)).expect("it was cut");
    let high = u64::try_from(square >> 64).expect("lengths are less than 2^53");
    let (low, carried) = moments.squares.1.overflowing_add(low);
    moments.squares = (moments.squares.0 + high + u64::from(carried), low);
}

fn no_calls(scenario: &Scenario) -> CallTally {
    let none = || Moments { count: 0, sum_ms: 0, squares: (0, 0), max_ms: 0 };
    CallTally {
        outcomes: vec![0; OUTCOMES.len()],
        again: 0,
        offers: 0,
        delayed: 0,
        answered_within: vec![0; scenario.thresholds_ms.len()],
        abandoned_within: vec![0; scenario.thresholds_ms.len()],
        answered_waits: none(),
        abandoned_waits: none(),
        other_waits: none(),
        handling: none(),
    }
}

fn no_work(agent: &Arc<str>) -> AgentTally {
    AgentTally {
        agent: Arc::clone(agent),
        offers: 0,
        answered: 0,
        declined: 0,
        missed: 0,
        ring_ms: 0,
        talk_ms: 0,
        wrap_up_ms: 0,
        paused_ms: 0,
    }
}
