//! Admission: whether a queue takes a call that has just come to it (rule 9.3).
//!
//! The tests stand in the order of the rule; the first limit that is reached decides.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{CallNumber, QueueNumber};
use crate::mutants::broken;
use crate::plan::{Limit, Plan};
use crate::site::Site;
use crate::state::Call;

/// The calls in the line of each queue, an index: it is rebuilt, never kept.
#[derive(Clone, Debug)]
pub(crate) struct Crowd {
    /// Of each queue, the first of its name: those with rules of former plans have the
    /// same line.
    lines: Vec<QueueNumber>,
    calls: Vec<BTreeSet<CallNumber>>,
    /// Of queues that limit it: the calls of each caller who is known.
    by_caller: BTreeMap<(QueueNumber, String), u32>,
}

impl Crowd {
    /// Begin with empty lines.
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut first = BTreeMap::new();
        let queues = (0..).map(QueueNumber).zip(&plan.queues);
        let lines = queues.map(|(number, queue)| *first.entry(&queue.name).or_insert(number));
        let lines: Vec<_> = lines.collect();
        Self { calls: vec![BTreeSet::new(); lines.len()], lines, by_caller: BTreeMap::new() }
    }

    /// Count a call that has come into a line.
    pub(crate) fn enter(&mut self, call: &Call, plan: &Plan) {
        let line = self.line(call);
        self.calls[line.index()].insert(call.sequence);
        if let Some(key) = self.key(call, plan) {
            *self.by_caller.entry(key).or_insert(0) += 1;
        }
    }

    /// Count a call no more that leaves a line.
    pub(crate) fn leave(&mut self, call: &Call, plan: &Plan) {
        let line = self.line(call);
        self.calls[line.index()].remove(&call.sequence);
        if let Some(key) = self.key(call, plan) {
            let calls = self.by_caller.get_mut(&key).expect("it was counted when it came");
            *calls -= 1;
            if *calls == 0 {
                self.by_caller.remove(&key);
            }
        }
    }

    /// Go through the calls in the line of a call, by their sequence.
    pub(crate) fn in_line_of(&self, call: &Call) -> impl Iterator<Item = CallNumber> {
        self.calls[self.line(call).index()].iter().copied()
    }

    fn line(&self, call: &Call) -> QueueNumber {
        self.lines[call.queue.index()]
    }

    fn key(&self, call: &Call, plan: &Plan) -> Option<(QueueNumber, String)> {
        let line = self.line(call);
        let is_limited = plan.queues[line.index()].limits.size_per_caller.is_some();
        let number = &call.caller.number;
        (is_limited && !number.is_empty()).then(|| (line, number.clone()))
    }
}

impl Site {
    /// Return the first queue of the name of another: those with former rules have its line.
    pub(crate) fn line_of(&self, queue: QueueNumber) -> QueueNumber {
        self.crowd.lines[queue.index()]
    }

    /// Return the limit for which a queue does not take a call that has come to its line.
    pub(crate) fn refusal(&mut self, number: CallNumber) -> Option<Limit> {
        if !self.is_queue_open(self.call(number).queue) {
            return Some(Limit::Closed);
        }
        if let Some(limit) = self.nobody_there(number) {
            return Some(limit);
        }
        let call = self.call(number);
        let limits = &self.queue_of(call).limits;
        let of_caller =
            self.crowd.key(call, &self.plan).and_then(|key| self.crowd.by_caller.get(&key));
        if let (Some(most), Some(calls)) = (limits.size_per_caller, of_caller)
            && broken!(83, *calls > most, *calls > most + 1)
        {
            return Some(Limit::SizePerCaller);
        }
        let calls = self.crowd.calls[self.crowd.line(call).index()].len();
        let size = limits.size.filter(|most| broken!(84, calls > *most as usize, false));
        size.map(|_| Limit::Size)
    }

    /// Tell whether a queue takes calls now: an override beats its hours (rule 3.2).
    fn is_queue_open(&self, number: QueueNumber) -> bool {
        if let Some(is_open) = self.override_of_queue(number) {
            return is_open;
        }
        let hours = self.plan.queues[number.index()].limits.hours;
        hours.is_none_or(|hours| self.schedules_open[hours.index()])
    }
}
