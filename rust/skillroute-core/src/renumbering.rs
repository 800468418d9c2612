//! Renumbering: what the numbers of one plan are in the next.
//!
//! Agents are found again by their ids, everything else by its name. What the next plan has
//! no more is kept behind its own if a call or an offer still uses it, else it is gone.
//! Queues are told apart by their rules, too: a number that calls and offers have stands
//! for one version of a queue, and goes on if the next plan's queue of that name has the
//! same rules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ids::{AgentNumber, BoxNumber, DialledNumber, QueueNumber, ScheduleNumber, TagNumber};
use crate::kept::Kept;
use crate::mutants::broken;
use crate::plan::{Agent, End, Limits, Need, Number, Plan, Queue, Step};
use crate::site::Site;
use crate::state::{Call, Demand, Needs, Sourced};

/// A tag that no plan has: what asks for it is equal to nothing of the next plan.
const NO_TAG: TagNumber = TagNumber(u32::MAX);

/// A box that no plan has, likewise.
const NO_BOX: BoxNumber = BoxNumber(u32::MAX);

/// New numbers by former ones; `None`: it is gone.
type Moved<T> = Vec<Option<T>>;

/// The new number of everything that is not gone, by its former one.
#[derive(Debug)]
pub(crate) struct Numbering {
    pub(crate) plan: Arc<Plan>,
    old: Arc<Plan>,
    tags: Moved<TagNumber>,
    agents: Moved<AgentNumber>,
    /// By name: where a call that is sent to a queue of this name goes.
    queues: Moved<QueueNumber>,
    /// By rules: which version of a queue a call or an offer is in.
    versions: Moved<QueueNumber>,
    boxes: Moved<BoxNumber>,
    numbers: Moved<DialledNumber>,
    schedules: Moved<ScheduleNumber>,
    pub(crate) extra_tags: Vec<Arc<str>>,
    pub(crate) kept: Kept,
}

impl Numbering {
    /// Number everything of a site anew.
    pub(crate) fn new(site: &Site, plan: Arc<Plan>) -> Self {
        let old = Arc::clone(&site.base_plan);
        let mut numbering = Self {
            tags: by_name(site.tags.names().iter(), plan.tags.iter(), TagNumber::of),
            agents: by_name(
                old.agents.iter().map(|agent| &agent.id),
                plan.agents.iter().map(|agent| &agent.id),
                AgentNumber::of,
            ),
            queues: by_name(
                old.queues.iter().map(|queue| &queue.name),
                plan.queues.iter().map(|queue| &queue.name),
                QueueNumber::of,
            ),
            versions: vec![None; old.queues.len()],
            boxes: by_name(
                old.boxes.iter().map(|one| &one.name),
                plan.boxes.iter().map(|one| &one.name),
                BoxNumber::of,
            ),
            numbers: by_name(
                old.numbers.iter().map(|number| &number.number),
                plan.numbers.iter().map(|number| &number.number),
                DialledNumber::of,
            ),
            schedules: by_name(
                old.schedules.iter().map(|schedule| &schedule.name),
                plan.schedules.iter().map(|schedule| &schedule.name),
                ScheduleNumber::of,
            ),
            extra_tags: Vec::new(),
            kept: Kept::default(),
            plan,
            old,
        };
        numbering.keep(site);
        numbering
    }

    /// Give numbers to all that is used and not in the next plan.
    fn keep(&mut self, site: &Site) {
        let old = Arc::clone(&self.old);
        let working = site.agents.iter().map(|state| !state.offers.is_empty());
        let working = places(working);
        let agents = append(&mut self.agents, working, self.plan.agents.len(), AgentNumber::of);
        let queues = self.keep_versions(site);
        let visits = || site.calls.values().flat_map(|call| &call.visits);
        let ends = visits().map(|visit| &visit.end);
        let ends = ends.chain(queues.iter().flat_map(|queue| ends_of(&old.queues[*queue])));
        let mut boxes: BTreeSet<_> = ends.filter_map(box_of).collect();
        boxes.extend(site.calls.values().filter_map(|call| call.r#box).map(BoxNumber::index));
        let boxes = append(&mut self.boxes, boxes, self.plan.boxes.len(), BoxNumber::of);
        let numbers = site.calls.values().filter_map(|call| call.number);
        let numbers = numbers.map(DialledNumber::index).collect();
        let count = self.plan.numbers.len();
        let numbers = append(&mut self.numbers, numbers, count, DialledNumber::of);
        self.keep_tags(site, &queues, &numbers);
        self.kept = Kept {
            agents: agents.into_iter().map(|place| stripped(&old.agents[place])).collect(),
            queues: queues.into_iter().map(|place| self.version(place)).collect(),
            boxes: boxes.into_iter().map(|place| old.boxes[place].clone()).collect(),
            numbers: numbers.into_iter().map(|n| self.number(&old.numbers[n])).collect(),
        };
    }

    /// Find out which versions of queues go on, and which must be kept.
    fn keep_versions(&mut self, site: &Site) -> Vec<usize> {
        let in_queues = site.calls.values().filter(|call| call.number.is_some());
        let mut used: BTreeSet<_> = in_queues.map(|call| call.queue.index()).collect();
        used.extend(site.offers.values().map(|offer| offer.queue.index()));
        let mut queues = BTreeSet::new();
        for number in used {
            let same = self.queues[number];
            let goes_on =
                same.is_some_and(|same| self.version(number) == self.plan.queues[same.index()]);
            if broken!(102, goes_on, same.is_some()) {
                self.versions[number] = same;
            } else {
                queues.insert(number);
            }
        }
        let old = Arc::clone(&self.old);
        let mut names: BTreeSet<_> = queues.iter().map(|queue| &old.queues[*queue].name).collect();
        let visits = site.calls.values().flat_map(|call| &call.visits);
        let visited = visits.flat_map(|visit| [Some(visit.queue), queue_of(&visit.end)]);
        let visited: BTreeSet<_> = visited.flatten().map(QueueNumber::index).collect();
        for number in visited {
            if self.queues[number].is_none() && names.insert(&old.queues[number].name) {
                queues.insert(number);
            }
        }
        self.number_kept(&queues);
        queues.into_iter().collect()
    }

    /// Give numbers to the versions of queues that are kept; the first of a name that the
    /// next plan does not have stands for it.
    fn number_kept(&mut self, queues: &BTreeSet<usize>) {
        let old = Arc::clone(&self.old);
        let mut first = BTreeMap::new();
        for (place, number) in (self.plan.queues.len()..).zip(queues) {
            let place = QueueNumber::of(place);
            self.versions[*number] = Some(place);
            first.entry(&old.queues[*number].name).or_insert(place);
        }
        for (moved, queue) in self.queues.iter_mut().zip(&old.queues) {
            *moved = moved.or_else(|| first.get(&queue.name).copied());
        }
    }

    /// Go on with those tags of which the next plan knows nothing, and somebody does.
    fn keep_tags(&mut self, site: &Site, queues: &[usize], numbers: &[usize]) {
        let mut used = BTreeSet::new();
        for queue in queues {
            use_tags_of_queue(&mut used, &self.old.queues[*queue]);
        }
        for number in numbers {
            use_tags_of_needs(&mut used, &self.old.numbers[*number].needs);
        }
        for call in site.calls.values() {
            use_tags_of_needs(&mut used, &call.own_needs);
            use_tags_of_needs(&mut used, &call.set_needs);
            used.extend(parts(&call.needs).into_iter().flatten().flat_map(|need| &need.tags));
        }
        for held in &site.overlay.tags {
            used.extend(held.tags.iter().map(|(tag, _)| tag));
        }
        used.extend(site.demand.asked.iter().map(|(_, tag, _)| tag));
        used.extend(site.demand.costs.iter().map(|(tag, _)| tag));
        let used = used.into_iter().map(|tag| tag.index()).collect();
        let extra = append(&mut self.tags, used, self.plan.tags.len(), TagNumber::of);
        let names = extra.into_iter().map(|tag| Arc::clone(&site.tags.names()[tag]));
        self.extra_tags = names.collect();
    }
}

// Parts of a plan

impl Numbering {
    /// Return the rules of a queue in the numbers of the next plan.
    ///
    /// Who serves it is said by the next plan, if that has the queue; from which step on and
    /// after which delay, it says of those who did not serve it before.
    fn version(&self, number: usize) -> Queue {
        let mut rules = self.queue(&self.old.queues[number]);
        if let Some(queue) = self.queues[number].and_then(|same| self.plan.queues.get(same.index()))
        {
            if broken!(103, true, false) {
                take_members(&mut rules, queue, self.plan.agents.len());
            }
        }
        rules
    }

    fn queue(&self, queue: &Queue) -> Queue {
        let placements = queue.placements.iter().filter_map(|place| {
            let agent = self.agent_in_plan(place.agent)?;
            Some(crate::plan::Placement { agent, ..*place })
        });
        let mut placements: Vec<_> = placements.collect();
        placements.sort_by_key(|place| place.agent);
        let limits = &queue.limits;
        let on = limits.overflow_on.iter().map(|(limit, end)| (*limit, self.way(end)));
        let digits = limits.digits.iter().map(|(key, end)| (Arc::clone(key), self.way(end)));
        Queue {
            needs: self.needs(&queue.needs),
            members: self.members(queue.members.as_deref()),
            exclude: self.members(Some(&queue.exclude)).unwrap_or_default(),
            overflow: self.way(&queue.overflow),
            placements,
            steps: queue.steps.iter().map(|step| self.step(step)).collect(),
            limits: Limits {
                overflow_on: on.collect(),
                digits: digits.collect(),
                // Hours that are gone close nothing any more.
                hours: limits.hours.and_then(|hours| self.schedule(hours)),
                ..limits.clone()
            },
            ..queue.clone()
        }
    }

    fn step(&self, step: &Step) -> Step {
        let mut drop: Vec<_> = step.drop.iter().map(|tag| self.tag(*tag)).collect();
        drop.sort_unstable();
        let granted = |agents: &[AgentNumber]| self.members(Some(agents)).unwrap_or_default();
        let grants = step.grants.iter().map(|(tag, agents)| (self.tag(*tag), granted(agents)));
        let mut grants: Vec<_> = grants.collect();
        grants.sort_unstable();
        Step {
            drop,
            lower: self.pairs(&step.lower),
            members: self.members(step.members.as_deref()),
            prefer: self.pairs(&step.prefer),
            grants,
            ..step.clone()
        }
    }

    fn number(&self, number: &Number) -> Number {
        let preferred = number.prefer_agents.iter();
        Number {
            queue: self.queue_named(number.queue).unwrap_or(QueueNumber(0)),
            needs: self.needs(&number.needs),
            prefer_agents: preferred.filter_map(|agent| self.agent_in_plan(*agent)).collect(),
            ..number.clone()
        }
    }

    fn members(&self, members: Option<&[AgentNumber]>) -> Option<Vec<AgentNumber>> {
        let there = members?.iter().filter_map(|agent| self.agent_in_plan(*agent));
        let mut there: Vec<_> = there.collect();
        there.sort_unstable();
        Some(there)
    }

    /// Return where an overflow leads; a removed queue takes no new call.
    fn way(&self, end: &End) -> End {
        match queue_of(end) {
            Some(queue) if self.queue_in_plan(queue).is_none() => End::LastResort,
            Some(_) | None => self.end(end),
        }
    }
}

// Numbers, and parts of calls

impl Numbering {
    /// Return the number of an agent; `None`: they are gone.
    pub(crate) fn agent(&self, agent: AgentNumber) -> Option<AgentNumber> {
        self.agents[agent.index()]
    }

    /// Return the number of an agent; `None`: the next plan does not have them.
    pub(crate) fn agent_in_plan(&self, agent: AgentNumber) -> Option<AgentNumber> {
        self.agent(agent).filter(|agent| agent.index() < self.plan.agents.len())
    }

    /// Return what the next plan, or else what is kept, says of an agent who is not gone.
    pub(crate) fn agent_plan(&self, agent: AgentNumber) -> &Agent {
        let place = self.agents[agent.index()].expect("they are not gone").index();
        match place.checked_sub(self.plan.agents.len()) {
            None => &self.plan.agents[place],
            Some(place) => &self.kept.agents[place],
        }
    }

    /// Return the number of the version of a queue that is used.
    pub(crate) fn version_of(&self, queue: QueueNumber) -> QueueNumber {
        self.versions[queue.index()].expect("what is used is kept")
    }

    /// Return the number of a queue of the same name; `None`: it is gone.
    pub(crate) fn queue_named(&self, queue: QueueNumber) -> Option<QueueNumber> {
        self.queues[queue.index()]
    }

    /// Return the number of a queue of the same name; `None`: the next plan has none.
    pub(crate) fn queue_in_plan(&self, queue: QueueNumber) -> Option<QueueNumber> {
        self.queue_named(queue).filter(|queue| queue.index() < self.plan.queues.len())
    }

    /// Return the number of a schedule; `None`: it is gone.
    pub(crate) fn schedule(&self, schedule: ScheduleNumber) -> Option<ScheduleNumber> {
        self.schedules[schedule.index()]
    }

    /// Return the new number of a number of ours; `None`: it is gone.
    pub(crate) fn dialled(&self, number: DialledNumber) -> Option<DialledNumber> {
        self.numbers[number.index()]
    }

    /// Return the number of a box; of one that is gone, that of none.
    pub(crate) fn message_box(&self, number: BoxNumber) -> BoxNumber {
        self.boxes[number.index()].unwrap_or(NO_BOX)
    }

    /// Return a destination.
    pub(crate) fn end(&self, end: &End) -> End {
        match end {
            End::Voicemail(number) => End::Voicemail(self.message_box(*number)),
            End::Queue(number) => End::Queue(self.queue_named(*number).unwrap_or(*number)),
            End::LastResort | End::Number(_) | End::HangUp(_) => end.clone(),
        }
    }

    /// Return needs; the tags of a group stay in the order of their names.
    pub(crate) fn needs(&self, needs: &[Need]) -> Vec<Need> {
        let moved = |need: &Need| Need { tags: self.each(&need.tags), ..need.clone() };
        needs.iter().map(moved).collect()
    }

    /// Return the needs that are in force for a call.
    pub(crate) fn in_force(&self, needs: &Needs) -> Needs {
        let moved = |part: &[Sourced]| -> Vec<Sourced> {
            let moved = |need: &Sourced| Sourced { tags: self.each(&need.tags), ..need.clone() };
            part.iter().map(moved).collect()
        };
        Needs {
            required: moved(&needs.required),
            any_of: moved(&needs.any_of),
            forbidden: moved(&needs.forbidden),
            preferred: moved(&needs.preferred),
        }
    }

    /// Return pairs of a tag and a number, ascending.
    pub(crate) fn pairs(&self, pairs: &[(TagNumber, i64)]) -> Vec<(TagNumber, i64)> {
        let mut moved: Vec<_> = pairs.iter().map(|(tag, value)| (self.tag(*tag), *value)).collect();
        moved.sort_unstable();
        moved
    }

    /// Return how much tags were asked for.
    pub(crate) fn demand(&self, demand: &Demand) -> Demand {
        let asked = demand.asked.iter();
        let mut asked: Vec<_> =
            asked.map(|(at_ms, tag, calls)| (*at_ms, self.tag(*tag), *calls)).collect();
        asked.sort_unstable();
        Demand { asked, costs: self.pairs(&demand.costs) }
    }

    /// Return those of agents who are not gone, ascending.
    pub(crate) fn present(&self, agents: &[AgentNumber]) -> Vec<AgentNumber> {
        let mut present: Vec<_> = agents.iter().filter_map(|agent| self.agent(*agent)).collect();
        present.sort_unstable();
        present
    }

    fn each(&self, tags: &[TagNumber]) -> Vec<TagNumber> {
        tags.iter().map(|tag| self.tag(*tag)).collect()
    }

    fn tag(&self, tag: TagNumber) -> TagNumber {
        self.tags[tag.index()].unwrap_or(NO_TAG)
    }
}

/// Give the rules of a queue those who serve another version of it.
fn take_members(rules: &mut Queue, queue: &Queue, agents: usize) {
    rules.exclude.clone_from(&queue.exclude);
    if serving(rules).is_none() && serving(queue).is_none() {
        return;
    }
    let everybody: Vec<_> = (0..agents).map(AgentNumber::of).collect();
    let before = serving(rules).unwrap_or(&everybody).to_vec();
    let after = serving(queue).unwrap_or(&everybody);
    let is_in = |agents: &[AgentNumber], agent| agents.binary_search(&agent).is_ok();
    let has_come = |agent: &AgentNumber| !is_in(&before, *agent) && is_in(after, *agent);
    let has_gone = |agent: &AgentNumber| is_in(&before, *agent) && !is_in(after, *agent);
    let come: Vec<_> = after.iter().copied().filter(has_come).collect();
    if come.is_empty() && !before.iter().any(has_gone) {
        return;
    }
    let change = |members: &mut Option<Vec<AgentNumber>>| {
        let members = members.get_or_insert_with(|| everybody.clone());
        members.retain(|agent| !has_gone(agent));
        members.extend(&come);
        members.sort_unstable();
        members.dedup();
    };
    rules.placements.retain(|place| !has_gone(&place.agent));
    rules.placements.extend(queue.placements.iter().filter(|place| has_come(&place.agent)));
    rules.placements.sort_by_key(|place| place.agent);
    change(&mut rules.members);
    rules.steps.iter_mut().for_each(|step| change(&mut step.members));
}

/// Return who serves a queue at its last step: whoever does at any; `None`: everybody.
fn serving(queue: &Queue) -> Option<&[AgentNumber]> {
    queue.members_at(queue.last_step())
}

fn by_name<'a, T>(
    old: impl Iterator<Item = &'a Arc<str>>,
    new: impl Iterator<Item = &'a Arc<str>>,
    number: impl Fn(usize) -> T,
) -> Moved<T> {
    let places: BTreeMap<_, _> = new.zip(0..).collect();
    old.map(|name| places.get(name).copied().map(&number)).collect()
}

/// Give what is used and has no number those behind *count*; return it, ascending.
fn append<T>(
    numbers: &mut Moved<T>,
    used: BTreeSet<usize>,
    count: usize,
    number: impl Fn(usize) -> T,
) -> Vec<usize> {
    let kept: Vec<_> = used.into_iter().filter(|place| numbers[*place].is_none()).collect();
    for (place, former) in (count..).zip(&kept) {
        numbers[*former] = Some(number(place));
    }
    kept
}

fn places(flags: impl Iterator<Item = bool>) -> BTreeSet<usize> {
    (0..).zip(flags).filter_map(|(place, flag)| flag.then_some(place)).collect()
}

/// Return what counts of an agent who gets no call any more.
fn stripped(agent: &Agent) -> Agent {
    Agent { tags: Vec::new(), wildcard: false, schedule: None, ..agent.clone() }
}

fn ends_of(queue: &Queue) -> impl Iterator<Item = &End> {
    let on = queue.limits.overflow_on.iter().map(|(_, end)| end);
    let digits = queue.limits.digits.iter().map(|(_, end)| end);
    on.chain(digits).chain([&queue.overflow])
}

fn box_of(end: &End) -> Option<usize> {
    match end {
        End::Voicemail(number) => Some(number.index()),
        End::LastResort | End::Queue(_) | End::Number(_) | End::HangUp(_) => None,
    }
}

fn queue_of(end: &End) -> Option<QueueNumber> {
    match end {
        End::Queue(number) => Some(*number),
        End::LastResort | End::Voicemail(_) | End::Number(_) | End::HangUp(_) => None,
    }
}

fn use_tags_of_queue<'a>(used: &mut BTreeSet<&'a TagNumber>, queue: &'a Queue) {
    use_tags_of_needs(used, &queue.needs);
    for step in &queue.steps {
        used.extend(&step.drop);
        used.extend(step.lower.iter().chain(&step.prefer).map(|(tag, _)| tag));
        used.extend(step.grants.iter().map(|(tag, _)| tag));
    }
}

fn use_tags_of_needs<'a>(used: &mut BTreeSet<&'a TagNumber>, needs: &'a [Need]) {
    used.extend(needs.iter().flat_map(|need| &need.tags));
}

fn parts(needs: &Needs) -> [&Vec<Sourced>; 4] {
    [&needs.required, &needs.any_of, &needs.forbidden, &needs.preferred]
}

/// Return a call in the numbers of the next plan.
pub(crate) fn moved_call(numbering: &Numbering, call: &Call) -> Call {
    let number = call.number.and_then(|number| numbering.dialled(number));
    let declines = call.declines.iter();
    let declines =
        declines.filter_map(|(ends_ms, agent)| Some((*ends_ms, numbering.agent(*agent)?)));
    let mut declines: Vec<_> = declines.collect();
    declines.sort_unstable();
    let mut moved = call.clone();
    moved.number = number;
    moved.queue = number.map_or(QueueNumber(0), |_| numbering.version_of(call.queue));
    moved.needs = Arc::new(numbering.in_force(&call.needs));
    moved.tried = numbering.present(&call.tried);
    moved.declined = numbering.present(&call.declined);
    moved.r#box = call.r#box.map(|number| numbering.message_box(number));
    moved.declines = declines;
    let is_there = |(agent, _): &&(AgentNumber, i64)| numbering.agent_in_plan(*agent).is_some();
    let had_turns = call.preferred.iter().take(call.turn as usize).filter(is_there).count();
    moved.turn = u32::try_from(had_turns).expect("an event names few agents");
    let there = call.preferred.iter();
    let there = there.filter_map(|(agent, ms)| Some((numbering.agent_in_plan(*agent)?, *ms)));
    moved.preferred = there.collect();
    moved.excluded = numbering.present(&call.excluded);
    moved.own_needs = numbering.needs(&call.own_needs);
    moved.set_needs = numbering.needs(&call.set_needs);
    for visit in &mut moved.visits {
        visit.queue = numbering.queue_named(visit.queue).expect("what was visited is kept");
        visit.end = numbering.end(&visit.end);
    }
    moved
}
