//! The overlay: what was changed while running, on top of the plan (rule 15.1).
//!
//! `Site::base_plan` is the plan as it was compiled, with what is kept of former ones,
//! `Site::plan` the same with the overlay
//! laid over it: whoever asks what an agent holds, or who serves a queue, sees what holds
//! now. The indexes (`staff.rs`, `line.rs`) are told of each change. The overlay is state,
//! so it is part of a snapshot.

use std::sync::Arc;

use crate::ids::{AgentNumber, QueueNumber};
use crate::mutants::broken;
use crate::plan::Plan;
use crate::site::Site;
use crate::state::{MemberOverlay, TagsOverlay};

impl Site {
    /// Change what an agent holds; `None`: what the plan says.
    pub(crate) fn set_tags(&mut self, agent: AgentNumber, held: Option<TagsOverlay>) {
        self.overlay.tags.retain(|other| other.agent != agent);
        if let Some(held) = held {
            let place = self.overlay.tags.partition_point(|other| other.agent < agent);
            self.overlay.tags.insert(place, held);
        }
        self.change_agent(agent, |site| site.lay_tags_over(agent));
    }

    /// Put an agent into a queue, or take them out; `None`: as the plan says.
    pub(crate) fn set_member(
        &mut self,
        queue: QueueNumber,
        agent: AgentNumber,
        member: Option<bool>,
    ) {
        let key = |one: &MemberOverlay| (one.queue, one.agent);
        self.overlay.members.retain(|one| key(one) != (queue, agent));
        if let Some(member) = member {
            let place = self.overlay.members.partition_point(|one| key(one) < (queue, agent));
            self.overlay.members.insert(place, MemberOverlay { queue, agent, member });
        }
        self.change_agent(agent, |site| {
            for version in site.versions_of(queue) {
                site.lay_members_over(version, agent);
                site.tell_staff_of_member(version, agent);
            }
        });
    }

    /// Let an agent serve the queues that the plan says.
    pub(crate) fn reset_members(&mut self, agent: AgentNumber) {
        let members = self.overlay.members.iter().filter(|one| one.agent == agent);
        let queues: Vec<_> = members.map(|one| one.queue).collect();
        for queue in queues {
            self.set_member(queue, agent, None);
        }
    }

    /// Let the overlay of a snapshot hold; no call has entered a queue yet.
    pub(crate) fn lay_over(&mut self) {
        let holders: Vec<_> = self.overlay.tags.iter().map(|held| held.agent).collect();
        for agent in holders {
            self.lay_tags_over(agent);
        }
        let pairs: Vec<_> = self.overlay.members.iter().map(|one| (one.queue, one.agent)).collect();
        for (queue, agent) in pairs {
            for version in self.versions_of(queue) {
                self.lay_members_over(version, agent);
            }
        }
    }

    /// List the queues of one name: that of the plan, and those with rules of former ones.
    fn versions_of(&self, number: QueueNumber) -> Vec<QueueNumber> {
        let name = &self.plan.queues[number.index()].name;
        let queues = (0..).map(QueueNumber).zip(&self.plan.queues);
        let kept = queues.skip(self.own_plan.queues.len());
        let others = kept.filter(|(other, queue)| *other != number && queue.name == *name);
        [number].into_iter().chain(others.map(|(other, _)| other)).collect()
    }

    /// Let an agent hold other tags or serve other queues, and have a look at all that may
    /// follow from it: calls that they fitted, those that they fit, and places in line.
    fn change_agent(&mut self, agent: AgentNumber, change: impl FnOnce(&mut Self)) {
        self.look_at_calls_for(agent);
        self.look_at_lines_of(agent);
        let is_rostered = self.staff.is_rostered(agent);
        if is_rostered {
            self.count_again(agent, false);
        }
        change(self);
        if is_rostered {
            self.count_again(agent, true);
        }
        self.touched.push(agent);
    }

    /// Look again at the waiting calls that an agent fits: their rounds may be over.
    fn look_at_calls_for(&mut self, agent: AgentNumber) {
        let profiles = self.line.busy_for(self.staff.held(agent));
        let fitting: Vec<_> = profiles.filter(|number| self.staff.fits(*number, agent)).collect();
        for number in fitting {
            let calls: Vec<_> = self.line.waiting(number).collect();
            self.line.changed.extend(calls);
        }
    }

    fn lay_tags_over(&mut self, agent: AgentNumber) {
        let held = self.overlay.tags.iter().find(|held| held.agent == agent);
        let (tags, wildcard) = match held {
            Some(held) => (held.tags.clone(), broken!(90, held.wildcard, false)),
            None => {
                let base = &self.base_plan.agents[agent.index()];
                (base.tags.clone(), base.wildcard)
            }
        };
        let changed = &mut Arc::make_mut(&mut self.plan).agents[agent.index()];
        (changed.tags, changed.wildcard) = (tags, wildcard);
        self.staff.retag(agent, &self.plan, &self.tags);
    }

    /// Let an agent serve a queue or not, in all its steps.
    fn lay_members_over(&mut self, number: QueueNumber, agent: AgentNumber) {
        let name = |queue: QueueNumber| &self.base_plan.queues[queue.index()].name;
        let mut members = self.overlay.members.iter();
        let is_it = |one: &&MemberOverlay| one.agent == agent && name(one.queue) == name(number);
        let found = members.find(is_it);
        let member = broken!(91, found.map(|one| one.member), None);
        let base = &self.base_plan.queues[number.index()];
        let is_member = |step| member.unwrap_or_else(|| base.is_member_at(step, agent));
        let Plan { queues, agents, .. } = Arc::make_mut(&mut self.plan);
        let changed = &mut queues[number.index()];
        put(&mut changed.members, agents.len(), agent, is_member(0));
        for (step, changed) in (1..).zip(&mut changed.steps) {
            put(&mut changed.members, agents.len(), agent, is_member(step));
        }
    }

    /// Tell the staff who serves a queue; where it was everybody, all that is asked of the
    /// queue's members is told anew.
    fn tell_staff_of_member(&mut self, number: QueueNumber, agent: AgentNumber) {
        let queue = &self.plan.queues[number.index()];
        if self.staff.put_member(number, queue, agent) {
            for (profile, rule, asked) in self.line.profiles_of(number) {
                self.staff.register(profile, rule, queue, asked);
            }
        }
    }
}

/// Put an agent among members or take them out; `None` is everybody, and so many there are.
fn put(members: &mut Option<Vec<AgentNumber>>, count: usize, agent: AgentNumber, is_member: bool) {
    if members.is_none() && is_member {
        return;
    }
    let members = members.get_or_insert_with(|| (0..count).map(AgentNumber::of).collect());
    match (members.binary_search(&agent), is_member) {
        (Ok(place), false) => {
            members.remove(place);
        }
        (Err(place), true) => members.insert(place, agent),
        (Ok(_), true) | (Err(_), false) => {}
    }
}
