//! The staff: who of a site's agents is free, and who is there at all.
//!
//! Both are pools (`pool/`), and they are asked alike: which of the free gets a call, and
//! whether anybody who is there is left to be tried. Agents have the same handles there as
//! numbers in the plan, and needs the same as profiles in the line (`line.rs`).
//!
//! The staff is an index: what it says of an agent follows from the site's state, and is
//! told to it by `matching.rs`, before it is asked.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{AgentNumber, QueueNumber, TagNumber};
use crate::line::{AskedBy, ProfileNumber, Rule};
use crate::mutants::broken;
use crate::needs::Tags;
use crate::plan::{self, Plan};
use crate::pool::{
    Counting, Draw, HeldTags, NO_DRAW, Needs, Pool, Strategy, Tag, TagFacts, Wanted,
};
use crate::state;

/// Whether an agent may take calls, and could now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// On shift, logged in or not.
    pub(crate) is_on_shift: bool,
    /// Logged in and on shift, also on a break.
    pub(crate) is_rostered: bool,
    /// Logged in, not paused, on shift, reachable.
    pub(crate) is_present: bool,
    /// Present and with a unit left: since when they are idle, by `order::idle_since_ms`.
    pub(crate) free_since_ms: Option<i64>,
}

/// All agents of a site.
#[derive(Clone, Debug)]
pub(crate) struct Staff {
    free: Pool,
    present: Pool,
    /// Those on shift, and those of them who are logged in; where some queue asks.
    on_shift: Option<Pool>,
    logged_in: Option<Pool>,
    standings: Vec<Standing>,
    /// Of each queue that names its members, the number of their membership at the stages
    /// that were asked for, by the step whose members count and the delays passed.
    memberships: BTreeMap<(QueueNumber, u32, u32), Option<usize>>,
    /// Of each queue, step and tag that the step grants, the number of those who have it so.
    grants: BTreeMap<(QueueNumber, u32, TagNumber), usize>,
    /// How often somebody came: the order among those who are present, which nobody asks
    /// for, then is that in which they came, and no search begins anew for it.
    came: i64,
    /// Tags that cost anything.
    priced: Vec<TagNumber>,
}

impl Staff {
    /// Take the agents of a plan in; nobody is there.
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut free = Pool::new(plan.settings.seed.unsigned_abs());
        for (tag, name) in (0..).zip(&plan.tags) {
            free.facts.set_counts(tag, counts(plan, name));
        }
        let mut present = Pool::new(0);
        for agent in &plan.agents {
            let tags = held_tags(agent, &free.facts);
            present.add(tags.clone(), false, 0);
            free.add(tags, false, 0);
        }
        let asks = |queue: &plan::Queue| queue.limits.ask_who_is_there() != (false, false);
        let roll = plan.queues.iter().any(asks).then(|| present.clone());
        Self {
            free,
            present,
            on_shift: roll.clone(),
            logged_in: roll,
            standings: vec![Standing::default(); plan.agents.len()],
            memberships: BTreeMap::new(),
            grants: BTreeMap::new(),
            came: 0,
            priced: Vec::new(),
        }
    }

    /// Learn how an agent stands; return how they stood before.
    pub(crate) fn update(&mut self, agent: AgentNumber, standing: Standing) -> Standing {
        let before = self.standings[agent.index()];
        if before == standing {
            return before;
        }
        self.note_roll(agent, standing.is_on_shift, standing.is_rostered);
        self.standings[agent.index()] = standing;
        if before.free_since_ms != standing.free_since_ms {
            match standing.free_since_ms {
                Some(since_ms) => self.free.release(agent.0, since_ms),
                None => self.free.take(agent.0),
            }
        }
        if before.is_present != standing.is_present {
            self.came += 1;
            put(&mut self.present, agent, standing.is_present, self.came);
        }
        before
    }

    /// Learn whether an agent is on shift, and logged in, and nothing else of them; tell
    /// whether they were logged in, as far as was known.
    pub(crate) fn note_roll(
        &mut self,
        agent: AgentNumber,
        is_on_shift: bool,
        is_rostered: bool,
    ) -> bool {
        let known = &mut self.standings[agent.index()];
        let before = *known;
        (known.is_on_shift, known.is_rostered) = (is_on_shift, is_rostered);
        if let Some(pool) = self.on_shift.as_mut().filter(|_| before.is_on_shift != is_on_shift) {
            self.came += 1;
            put(pool, agent, is_on_shift, self.came);
        }
        if let Some(pool) = self.logged_in.as_mut().filter(|_| before.is_rostered != is_rostered) {
            self.came += 1;
            put(pool, agent, is_rostered, self.came);
        }
        before.is_rostered
    }

    /// Learn what an agent holds.
    pub(crate) fn retag(&mut self, agent: AgentNumber, plan: &Plan, names: &Tags) {
        let held = &plan.agents[agent.index()];
        for (tag, _) in &held.tags {
            self.free.facts.set_counts(tag.0, counts(plan, names.name(*tag)));
        }
        let tags = held_tags(held, &self.free.facts);
        for pool in self.rolls() {
            pool.retag(agent.0, tags.clone());
        }
        self.free.retag(agent.0, tags);
    }

    /// Learn whether an agent serves a queue; tell whether some of its profiles must be
    /// registered anew, since they were for everybody.
    pub(crate) fn put_member(
        &mut self,
        number: QueueNumber,
        queue: &plan::Queue,
        agent: AgentNumber,
    ) -> bool {
        let of_queue = (number, 0, 0)..=(number, u32::MAX, u32::MAX);
        let known: Vec<_> = self.memberships.range(of_queue).map(|(key, it)| (*key, *it)).collect();
        let mut are_new = false;
        for (key, membership) in known {
            let (_, by, delays) = key;
            if let Some(membership) = membership {
                let is_there = queue.delay_ms(agent) <= passed_ms(queue, delays);
                let is_member = is_there && queue.is_member_at(by, agent);
                for pool in self.rolls() {
                    pool.put_member(membership, agent.0, is_member);
                }
                self.free.put_member(membership, agent.0, is_member);
            } else if queue.members_at(by).is_some() {
                self.memberships.remove(&key);
                are_new = true;
            }
        }
        are_new
    }

    /// Tell whether an agent was logged in and on shift when the staff last learned of them.
    pub(crate) fn is_rostered(&self, agent: AgentNumber) -> bool {
        self.standings[agent.index()].is_rostered
    }

    /// Let a profile mean what calls of a queue ask; it is the next one, or one that was
    /// forgotten.
    pub(crate) fn register(
        &mut self,
        profile: ProfileNumber,
        rule: &Rule,
        queue: &plan::Queue,
        asked: &AskedBy,
    ) {
        let members = self.members(rule, queue);
        let strategy = queue.strategy_at(rule.stage.step);
        let granted = self.granted(rule, queue, &asked.by);
        let wanted_by = Wanted { granted, ..wanted(&asked.by) };
        let needs = Needs::new(wanted_by).ordered_by(&wanted(&asked.in_force));
        for pool in self.rolls() {
            pool.register_as(profile.0, needs.clone(), Strategy::MostSpecific, members);
        }
        self.free.register_as(profile.0, needs, strategy, members);
    }

    /// Return what the calls of a profile ask.
    pub(crate) fn needs(&self, profile: ProfileNumber) -> &Needs {
        self.free.needs_of(profile.0)
    }

    /// Return what an agent holds.
    pub(crate) fn held(&self, agent: AgentNumber) -> &HeldTags {
        self.free.held_by(agent.0)
    }

    /// Tell whether an agent passes the tests of membership and tags.
    pub(crate) fn fits(&self, profile: ProfileNumber, agent: AgentNumber) -> bool {
        self.free.may_take(profile.0, agent.0)
    }

    /// Return the free agent who gets a call, unless it spares them; ascending.
    pub(crate) fn choose(
        &mut self,
        profile: ProfileNumber,
        spared: &[AgentNumber],
        draw: Draw,
        counting: Option<&dyn Counting>,
    ) -> Option<AgentNumber> {
        let chosen = if spared.is_empty() {
            self.free.select_counting(profile.0, &[], draw, counting)
        } else {
            self.free.select_counting(profile.0, &handles(spared), draw, counting)
        };
        chosen.map(AgentNumber)
    }

    /// List the free agents who may get a call, the first choice first.
    pub(crate) fn ranked(
        &mut self,
        profile: ProfileNumber,
        spared: &[AgentNumber],
        draw: Draw,
        counting: Option<&dyn Counting>,
    ) -> Vec<AgentNumber> {
        let spared = handles(spared);
        let ranked = self.free.rank_counting(profile.0, usize::MAX, &spared, draw, counting);
        ranked.into_iter().map(AgentNumber).collect()
    }

    /// Tell whether somebody is free who may get a call, unless it spares them; ascending.
    pub(crate) fn is_anybody_free(
        &mut self,
        profile: ProfileNumber,
        spared: &[AgentNumber],
    ) -> bool {
        self.free.has_any(profile.0, &handles(spared))
    }

    /// Return what the strategies ask about tags.
    pub(crate) fn facts(&self) -> &TagFacts {
        &self.free.facts
    }

    /// Return what random keys are made of.
    pub(crate) fn seeds(&self, draw: Draw) -> [u64; 3] {
        self.free.seeds(draw)
    }

    /// Learn what tags cost; others cost nothing.
    pub(crate) fn set_costs(&mut self, costs: &[(TagNumber, i64)]) {
        for tag in self.priced.drain(..) {
            self.free.facts.set_cost(tag.0, 0);
        }
        for (tag, cost) in costs {
            self.free.facts.set_cost(tag.0, i128::from(*cost));
        }
        self.priced.extend(costs.iter().map(|(tag, _)| *tag));
    }

    /// Tell whether somebody is there, whatever they do now, whom a call does not spare.
    pub(crate) fn is_anybody_left(
        &mut self,
        profile: ProfileNumber,
        spared: &[AgentNumber],
    ) -> bool {
        let spared = handles(spared);
        self.present.select_counting(profile.0, &spared, NO_DRAW, None).is_some()
    }

    /// Tell whether somebody who could serve the calls of a profile is on shift, unless it
    /// excludes them; ascending.
    pub(crate) fn is_anybody_on_shift(
        &mut self,
        profile: ProfileNumber,
        excluded: &[AgentNumber],
    ) -> bool {
        let pool = self.on_shift.as_mut();
        pool.is_some_and(|pool| pool.has_any(profile.0, &handles(excluded)))
    }

    /// Tell the same of those who are logged in, too.
    pub(crate) fn is_anybody_logged_in(
        &mut self,
        profile: ProfileNumber,
        excluded: &[AgentNumber],
    ) -> bool {
        let pool = self.logged_in.as_mut();
        pool.is_some_and(|pool| pool.has_any(profile.0, &handles(excluded)))
    }

    /// Go through the pools of those who are there, whatever they do now.
    fn rolls(&mut self) -> impl Iterator<Item = &mut Pool> {
        [Some(&mut self.present), self.on_shift.as_mut(), self.logged_in.as_mut()]
            .into_iter()
            .flatten()
    }

    /// Return of each tag that is asked, and granted to some, the number of those.
    fn granted(
        &mut self,
        rule: &Rule,
        queue: &plan::Queue,
        asked: &state::Needs,
    ) -> Vec<(Tag, usize)> {
        let step = rule.stage.by;
        let asked = asked.required.iter().chain(&asked.any_of).flat_map(|need| &need.tags);
        let tags: BTreeSet<_> = asked.copied().collect();
        let mut found = Vec::new();
        for tag in tags.into_iter().filter(|tag| !queue.granted_at(step, *tag).is_empty()) {
            let key = (rule.queue, step, tag);
            let number = self.grants.get(&key).copied().unwrap_or_else(|| {
                let agents = queue.granted_at(step, tag).iter().map(|agent| agent.0);
                let agents: BTreeSet<_> = broken!(124, agents.collect(), BTreeSet::new());
                for pool in self.rolls() {
                    pool.add_granted(agents.clone());
                }
                self.free.add_granted(agents)
            });
            self.grants.insert(key, number);
            found.push((tag.0, number));
        }
        found
    }

    /// Return the number of who serves a queue at a stage; `None`: everybody.
    fn members(&mut self, rule: &Rule, queue: &plan::Queue) -> Option<usize> {
        let key = (rule.queue, rule.stage.by, rule.stage.delays);
        if let Some(number) = self.memberships.get(&key) {
            return *number;
        }
        let members = queue.members_at(rule.stage.by).map(|members| {
            let passed_ms = passed_ms(queue, rule.stage.delays);
            let is_there =
                |agent: &&AgentNumber| broken!(60, queue.delay_ms(**agent) <= passed_ms, true);
            let members = members.iter().filter(is_there).map(|agent| agent.0);
            let members: BTreeSet<_> = members.collect();
            for pool in self.rolls() {
                pool.add_members(members.clone());
            }
            self.free.add_members(members)
        });
        self.memberships.insert(key, members);
        members
    }
}

/// Let an agent be in a pool or not; the order of those who come matters to nobody.
fn put(pool: &mut Pool, agent: AgentNumber, is_there: bool, came: i64) {
    if is_there {
        pool.release(agent.0, came);
    } else {
        pool.take(agent.0);
    }
}

/// Return the longest of a queue's delays that a call has waited for, of so many.
fn passed_ms(queue: &plan::Queue, delays: u32) -> i64 {
    let passed = (delays as usize).checked_sub(1);
    passed.map_or(0, |place| queue.delays_ms()[place])
}

/// Tell whether a tag counts in the strategies that count tags.
fn counts(plan: &Plan, tag: &str) -> bool {
    let is_left_out = plan.uncounted.iter().any(|left_out| **left_out == *category(tag));
    broken!(1, !is_left_out, true)
}

fn handles(agents: &[AgentNumber]) -> Vec<u32> {
    agents.iter().map(|agent| agent.0).collect()
}

fn held_tags(agent: &plan::Agent, facts: &TagFacts) -> HeldTags {
    let held = agent.tags.iter().map(|(tag, level)| (tag.0, low(*level)));
    HeldTags::new(held.collect(), agent.wildcard, facts)
}

/// Say in the pool's words what a call asks.
pub(crate) fn wanted(needs: &state::Needs) -> Wanted {
    let number = |tags: &[TagNumber]| tags[0].0;
    let required = needs.required.iter();
    let preferred = needs.preferred.iter();
    Wanted {
        required: required.map(|need| (number(&need.tags), low(need.value))).collect(),
        any_of: needs.any_of.iter().map(|need| numbers(&need.tags)).collect(),
        forbidden: needs.forbidden.iter().map(|need| number(&need.tags)).collect(),
        preferred: preferred.map(|need| (number(&need.tags), need.value)).collect(),
        granted: Vec::new(),
    }
}

fn numbers(tags: &[TagNumber]) -> Vec<u32> {
    tags.iter().map(|tag| tag.0).collect()
}

/// Return a level as pools keep it.
fn low(level: i64) -> u8 {
    u8::try_from(level).expect("a level is 1 to 100")
}

/// Return the part of a tag's name before its colon.
pub(crate) fn category(tag: &str) -> &str {
    tag.split_once(':').map_or(tag, |(category, _)| category)
}
