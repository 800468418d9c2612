//! What is kept of former plans while calls and offers still use it (rule 15.1).
//!
//! A call keeps the rules of the queue that it is in, an agent who was removed their number
//! until their last unit is free. So agents, queues, boxes and numbers of former plans
//! stand behind those of the plan, and whoever follows a number finds what it meant.

use std::sync::Arc;

use crate::needs::Tags;
use crate::plan::{Agent, MessageBox, Number, Plan, Queue};
use crate::record::record;

record! {
    /// What calls and offers still use of former plans; its numbers go on behind those of
    /// the plan, and its tags are also those that only events have mentioned.
    #[derive(Default)]
    pub struct Kept {
        /// Removed ones whose last units are not free yet: logged out for good.
        pub agents: Vec<Agent> = Vec::new(),
        /// Rules of removed and of changed queues; the name may be there again.
        pub queues: Vec<Queue> = Vec::new(),
        /// Removed ones to which calls were sent, or may be.
        pub boxes: Vec<MessageBox> = Vec::new(),
        /// Removed ones by which calls have come.
        pub numbers: Vec<Number> = Vec::new(),
    }
}

impl Kept {
    /// Return a plan with this behind its own.
    pub(crate) fn joined(&self, plan: &Arc<Plan>) -> Arc<Plan> {
        if *self == Self::default() {
            return Arc::clone(plan);
        }
        let mut joined = Plan::clone(plan);
        joined.agents.extend_from_slice(&self.agents);
        joined.queues.extend_from_slice(&self.queues);
        joined.boxes.extend_from_slice(&self.boxes);
        joined.numbers.extend_from_slice(&self.numbers);
        Arc::new(joined)
    }

    /// Take off a joined plan what stands behind its own; that has as many of everything as
    /// another.
    pub(crate) fn parted(plan: &mut Plan, own: &Plan) -> Self {
        Self {
            agents: plan.agents.split_off(own.agents.len()),
            queues: plan.queues.split_off(own.queues.len()),
            boxes: plan.boxes.split_off(own.boxes.len()),
            numbers: plan.numbers.split_off(own.numbers.len()),
        }
    }

    /// Tell whether this could stand behind a plan, with so many tags known beside.
    pub(crate) fn is_sound(&self, plan: &Arc<Plan>, extra_tags: &[Arc<str>]) -> bool {
        if *self == Self::default() {
            return true;
        }
        let mut tags = Tags::new(plan);
        for name in extra_tags {
            tags.add(name);
        }
        let mut joined = Arc::unwrap_or_clone(self.joined(plan));
        joined.tags = tags.names().to_vec();
        joined.agents.iter().all(|agent| joined.is_agent(agent))
            && joined.queues.iter().all(|queue| joined.is_queue(queue))
            && joined.numbers.iter().all(|number| joined.is_number(number))
    }
}
