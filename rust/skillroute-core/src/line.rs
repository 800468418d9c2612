//! The line: which calls wait, in which order, and what they ask for.
//!
//! Calls of the same queue, step and needs are served by the same agents. They share a
//! *profile*, by whose number the staff (`staff.rs`) knows what they ask. So an agent who
//! becomes free finds the first call by looking at profiles, not at calls. Who was let in by
//! an earlier step comes first (rule 6.1), so a profile of a later step knows those of the
//! steps before it.
//!
//! The line is an index: it is rebuilt, never kept.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use crate::few::Few;
use crate::held::Held;
use crate::ids::{AgentNumber, CallNumber, QueueNumber};
use crate::mutants::broken;
use crate::needs::Tags;
use crate::plan::Plan;
use crate::pool::{HeldTags, Waiting};
use crate::roll::Roll;
use crate::staff::Staff;
use crate::state::{Call, Needs};
use crate::steps::relaxed;

/// Profiles that no call has any more, kept since the next call may well have one of them:
/// about as many as a large site has. Beyond that they are forgotten. The bound decides
/// nothing; checked builds have a lower one, so that small tests reach it.
const IDLE_PROFILES_MAX: usize = if cfg!(debug_assertions) { 2 } else { 20_000 };

/// The number of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProfileNumber(pub(crate) u32);

impl ProfileNumber {
    /// A call that has not been entered yet.
    pub(crate) const UNKNOWN: Self = Self(u32::MAX);
}

/// What puts calls in order that gain nothing by waiting: priority, waiting time, arrival
/// (rule 8.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LineKey {
    /// Minus the priority.
    priority: i64,
    since_ms: i64,
    /// The call.
    pub(crate) call: CallNumber,
}

impl LineKey {
    /// Return the place of a call in line.
    pub(crate) fn of(call: &Call) -> Self {
        Self {
            priority: broken!(6, -call.line_priority, call.line_priority),
            since_ms: broken!(7, call.line_since_ms, -call.line_since_ms),
            call: call.sequence,
        }
    }
}

/// Where a waiting call stands in the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stands {
    /// It does not wait.
    #[default]
    Nowhere,
    /// It has just come: it may be among the others by now.
    Fresh,
    /// Among the others of its profile.
    AmongOthers,
    /// It waits for one agent alone.
    Held,
}

/// The part of the line that begins behind a call, or all of it.
pub(crate) type Place = (Bound<LineKey>, Bound<LineKey>);

/// How far the rules of a queue have changed for a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stage {
    /// The step in force: its strategy, and whom it prefers.
    pub(crate) step: u32,
    /// The step, at most that one, whose members and needs count.
    pub(crate) by: u32,
    /// How many of the queue's delays have passed.
    pub(crate) delays: u32,
}

/// What calls have in common between which only the order of the line decides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rule {
    pub(crate) queue: QueueNumber,
    pub(crate) stage: Stage,
    /// The priority, where it changes with waiting: else the place in line has it.
    pub(crate) priority: Option<i64>,
    /// What the calls asked when they came.
    pub(crate) needs: Arc<Needs>,
}

impl Rule {
    /// Tell whether it is the same as another at first sight.
    fn is_plainly(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.needs, &other.needs)
            && (self.queue, self.stage, self.priority) == (other.queue, other.stage, other.priority)
    }
}

/// What the calls of a profile ask of an agent.
#[derive(Clone, Debug)]
pub(crate) struct AskedBy {
    /// By the step whose members and needs count.
    pub(crate) by: Arc<Needs>,
    /// By the step in force, which puts agents in order.
    pub(crate) in_force: Arc<Needs>,
}

/// Calls between which only the order of the line decides.
#[derive(Clone, Debug)]
struct Profile {
    rule: Rule,
    /// What its calls ask at their stage.
    asked: AskedBy,
    /// Profiles of the earlier steps, the first first.
    earlier: Arc<[ProfileNumber]>,
    /// How many calls in progress have it, and later steps.
    uses: usize,
}

/// What must be known to make a profile.
pub(crate) struct Known<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) tags: &'a Tags,
    pub(crate) staff: &'a mut Staff,
}

/// All calls in progress, by profile.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    /// A place is empty if and only if it is in `vacant`.
    profiles: Vec<Option<Profile>>,
    vacant: Vec<ProfileNumber>,
    numbers: BTreeMap<Rule, ProfileNumber>,
    /// Of each queue the rule that was asked for last: mostly it is the next one, too.
    recent: Vec<Option<(Rule, ProfileNumber)>>,
    /// How many profiles no call has.
    idle: usize,
    /// How many could serve the calls of profiles that are ordered by that, if counted.
    hardness: BTreeMap<ProfileNumber, i64>,
    none: Arc<[ProfileNumber]>,
    /// The waiting calls of all profiles.
    waiting: BTreeMap<LineKey, ProfileNumber>,
    /// The same, by profile.
    by_profile: Waiting<LineKey>,
    /// Those that are for one agent now: they are not among the others.
    held: Held,
    /// The call that has just come, as long as it is not among the others.
    fresh: Option<(LineKey, ProfileNumber)>,
    /// The waiting calls of queues that ask who is there.
    pub(crate) roll: Roll,
    /// Waiting calls that may have become eligible for somebody, or at the end of a round.
    pub(crate) changed: Few<LineKey>,
}

impl Line {
    /// Give a call its profile, and one by what the last step asks, if that matters.
    pub(crate) fn admit(
        &mut self,
        call: &mut Call,
        rule: Rule,
        last: Option<Rule>,
        known: &mut Known<'_>,
    ) {
        let number = self.number(rule, known);
        self.use_once_more(number);
        call.roll_profile = ProfileNumber::UNKNOWN;
        if let Some(last) = last {
            call.roll_profile = self.number(last, known);
            self.use_once_more(call.roll_profile);
        }
        let shared = &self.profile(number).rule.needs;
        if !Arc::ptr_eq(shared, &call.needs) {
            call.needs = Arc::clone(shared);
        }
        call.profile = number;
        call.stands = Stands::Nowhere;
    }

    /// Forget a call that has ended, or leaves a queue for another, by its profile and what
    /// the last step asks.
    pub(crate) fn dismiss(&mut self, profile: ProfileNumber, by_last_step: ProfileNumber) {
        if profile == ProfileNumber::UNKNOWN {
            return;
        }
        self.use_once_less(profile);
        if by_last_step != ProfileNumber::UNKNOWN {
            self.use_once_less(by_last_step);
        }
        if self.idle > IDLE_PROFILES_MAX {
            self.forget_idle();
        }
    }

    /// Let a call wait that has just come; most such calls find somebody before they need a
    /// place among the others.
    pub(crate) fn enter_fresh(&mut self, call: &mut Call, staff: &Staff) {
        self.file_fresh(staff);
        self.roll.enter(call, staff);
        let key = LineKey::of(call);
        self.changed.insert(key);
        self.fresh = Some((key, call.profile));
        call.stands = Stands::Fresh;
    }

    /// Give the call that has just come its place among the others, if it still waits.
    pub(crate) fn file_fresh(&mut self, staff: &Staff) {
        if let Some((key, profile)) = self.fresh.take() {
            self.by_profile.add(profile.0, staff.needs(profile), key);
            self.waiting.insert(key, profile);
        }
    }

    /// Let a call wait, or look at one again that does.
    pub(crate) fn enter(&mut self, call: &mut Call, staff: &Staff) {
        let key = LineKey::of(call);
        if let Some(agent) = call.holder() {
            self.leave(call);
            self.held.put(agent, key);
            call.stands = Stands::Held;
        } else if call.stands != Stands::AmongOthers {
            self.leave(call);
            self.by_profile.add(call.profile.0, staff.needs(call.profile), key);
            self.waiting.insert(key, call.profile);
            call.stands = Stands::AmongOthers;
        }
        self.roll.enter(call, staff);
        self.changed.insert(key);
    }

    /// Let a call wait no more, if it does.
    pub(crate) fn leave(&mut self, call: &mut Call) {
        self.roll.leave(call);
        let key = LineKey::of(call);
        match std::mem::take(&mut call.stands) {
            Stands::Nowhere => return,
            Stands::Held => {
                self.held.remove(call.sequence);
            }
            Stands::Fresh if self.fresh.take_if(|(fresh, _)| *fresh == key).is_some() => {}
            Stands::Fresh | Stands::AmongOthers => {
                self.waiting.remove(&key);
                self.by_profile.remove(call.profile.0, key);
            }
        }
        // In another queue it has another place.
        self.changed.remove(&key);
    }

    /// Tell whether a call waits for one agent alone.
    pub(crate) fn is_held(&self, call: CallNumber) -> bool {
        self.held.contains(call)
    }

    /// Go through the calls that are for one agent, the first first.
    pub(crate) fn held_for(&self, agent: AgentNumber) -> impl Iterator<Item = LineKey> {
        self.held.calls_for(agent)
    }

    /// Look again at the calls that are for one agent, who has changed.
    pub(crate) fn change_held(&mut self, agent: AgentNumber) {
        self.changed.extend(self.held.calls_for(agent));
    }

    /// Look at all waiting calls again.
    pub(crate) fn change_all(&mut self) {
        self.changed.extend(self.waiting.keys().copied());
        self.changed.extend(self.held.listed());
    }

    /// Tell whether no call waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.held.is_empty() && self.fresh.is_none()
    }

    /// Go through all waiting calls, the first first where all queues order theirs alike.
    pub(crate) fn all_waiting(&self) -> impl Iterator<Item = LineKey> {
        let mut held = self.held.listed().into_iter().peekable();
        let mut others = self.waiting.keys().copied().peekable();
        std::iter::from_fn(move || match (held.peek(), others.peek()) {
            (Some(one), Some(other)) if one > other => others.next(),
            (Some(_), _) => held.next(),
            (None, _) => others.next(),
        })
    }

    /// Go through the profiles with waiting calls.
    pub(crate) fn busy(&self) -> impl Iterator<Item = ProfileNumber> {
        self.by_profile.busy().map(ProfileNumber)
    }

    /// Go through the profiles with waiting calls that somebody may fit who holds such tags.
    pub(crate) fn busy_for(&self, held: &HeldTags) -> impl Iterator<Item = ProfileNumber> {
        self.by_profile.filed_for(held).map(ProfileNumber)
    }

    /// Go through the waiting calls of a profile, the first first.
    pub(crate) fn waiting(&self, number: ProfileNumber) -> impl Iterator<Item = LineKey> {
        self.by_profile.calls(number.0).iter().copied()
    }

    /// Return the first waiting call behind a place in line, and its profile.
    pub(crate) fn first_behind(&self, place: Place) -> Option<(LineKey, ProfileNumber)> {
        self.waiting.range(place).next().map(|(key, number)| (*key, *number))
    }

    /// Return the first waiting call of a profile behind a place in line.
    pub(crate) fn first_of(&self, number: ProfileNumber, place: Place) -> Option<LineKey> {
        self.by_profile.calls(number.0).range(place).next().copied()
    }

    /// Return the profiles of the steps before that of a profile, the first first.
    pub(crate) fn earlier(&self, number: ProfileNumber) -> Arc<[ProfileNumber]> {
        Arc::clone(&self.profile(number).earlier)
    }

    /// Tell whether there are such profiles.
    pub(crate) fn has_earlier(&self, number: ProfileNumber) -> bool {
        !self.profile(number).earlier.is_empty()
    }

    /// Return whose members and needs the calls of a profile ask.
    pub(crate) fn asks(&self, number: ProfileNumber) -> (QueueNumber, u32, &Needs) {
        let profile = self.profile(number);
        (profile.rule.queue, profile.rule.stage.by, &profile.asked.by)
    }

    /// Go through the profiles of a queue: their rules, and what they ask of an agent.
    pub(crate) fn profiles_of(
        &self,
        queue: QueueNumber,
    ) -> impl Iterator<Item = (ProfileNumber, &Rule, &AskedBy)> {
        let profiles = (0..).map(ProfileNumber).zip(&self.profiles);
        profiles.filter_map(move |(number, profile)| {
            let profile = profile.as_ref().filter(|profile| profile.rule.queue == queue)?;
            Some((number, &profile.rule, &profile.asked))
        })
    }

    /// Return the queue of a profile, and the step in force.
    pub(crate) fn place(&self, number: ProfileNumber) -> (QueueNumber, u32) {
        let rule = &self.profile(number).rule;
        (rule.queue, rule.stage.step)
    }

    /// Return the queue of a profile.
    pub(crate) fn queue(&self, number: ProfileNumber) -> QueueNumber {
        self.profile(number).rule.queue
    }

    /// Return how many agents could serve the calls of a profile, as counted last.
    pub(crate) fn hardness(&self, number: ProfileNumber) -> i64 {
        self.hardness.get(&number).copied().unwrap_or(0)
    }

    /// Go through the profiles whose hardness was counted.
    pub(crate) fn counted(&self) -> impl Iterator<Item = ProfileNumber> {
        self.hardness.keys().copied()
    }

    /// Remember how many could serve the calls of a profile.
    pub(crate) fn set_hardness(&mut self, number: ProfileNumber, count: i64) {
        self.hardness.insert(number, count);
    }

    fn number(&mut self, rule: Rule, known: &mut Known<'_>) -> ProfileNumber {
        let queue = rule.queue.index();
        let recent = self.recent.get(queue).and_then(Option::as_ref);
        if let Some((_, number)) = recent.filter(|(other, _)| other.is_plainly(&rule)) {
            return *number;
        }
        let number = match self.numbers.get(&rule) {
            Some(number) => *number,
            None => self.add(rule.clone(), known),
        };
        if self.recent.len() <= queue {
            self.recent.resize(queue + 1, None);
        }
        self.recent[queue] = Some((rule, number));
        number
    }

    fn add(&mut self, rule: Rule, known: &mut Known<'_>) -> ProfileNumber {
        let earlier = self.earlier_of(&rule, known);
        let number = self.vacant.pop().unwrap_or_else(|| {
            let next = u32::try_from(self.profiles.len());
            self.profiles.push(None);
            ProfileNumber(next.expect("there are fewer profiles than calls"))
        });
        let queue = &known.plan.queues[rule.queue.index()];
        let Stage { step, by, .. } = rule.stage;
        let relaxed_by = |by| match step {
            0 => Arc::clone(&rule.needs),
            _ => Arc::new(relaxed(known.plan, known.tags, queue, &rule.needs, (by, step))),
        };
        let by = relaxed_by(by);
        let in_force = if rule.stage.by == step { Arc::clone(&by) } else { relaxed_by(step) };
        let asked = AskedBy { by, in_force };
        known.staff.register(number, &rule, queue, &asked);
        for number in earlier.iter() {
            self.use_once_more(*number);
        }
        self.numbers.insert(rule.clone(), number);
        self.profiles[number.0 as usize] = Some(Profile { rule, asked, earlier, uses: 0 });
        self.idle += 1;
        number
    }

    /// Make the profiles of the steps before that of a profile.
    fn earlier_of(&mut self, rule: &Rule, known: &mut Known<'_>) -> Arc<[ProfileNumber]> {
        let Stage { step, by, .. } = rule.stage;
        if by == 0 || by < step || known.plan.queues[rule.queue.index()].merge_steps {
            return Arc::clone(&self.none);
        }
        let stage = |by| Rule { stage: Stage { by, ..rule.stage }, ..rule.clone() };
        let earlier: Vec<_> = (0..by).map(|by| self.number(stage(by), known)).collect();
        Arc::from(earlier)
    }

    fn use_once_more(&mut self, number: ProfileNumber) {
        let profile = self.profile_mut(number);
        profile.uses += 1;
        let is_first = profile.uses == 1;
        self.idle -= usize::from(is_first);
    }

    fn use_once_less(&mut self, number: ProfileNumber) {
        let profile = self.profile_mut(number);
        profile.uses -= 1;
        let was_last = profile.uses == 0;
        self.idle += usize::from(was_last);
    }

    fn forget_idle(&mut self) {
        self.idle = 0;
        self.recent.clear();
        let mut released = Vec::new();
        for (number, entry) in (0..).map(ProfileNumber).zip(&mut self.profiles) {
            if let Some(profile) = entry.take_if(|profile| profile.uses == 0) {
                self.numbers.remove(&profile.rule);
                self.hardness.remove(&number);
                self.vacant.push(number);
                released.extend(profile.earlier.iter().copied());
            }
        }
        for number in released {
            self.use_once_less(number);
        }
    }

    fn profile(&self, number: ProfileNumber) -> &Profile {
        let profile = self.profiles.get(number.0 as usize).and_then(Option::as_ref);
        profile.expect("a call in progress keeps its profile")
    }

    fn profile_mut(&mut self, number: ProfileNumber) -> &mut Profile {
        let profile = self.profiles.get_mut(number.0 as usize).and_then(Option::as_mut);
        profile.expect("a call in progress keeps its profile")
    }
}
