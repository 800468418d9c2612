//! The site: its plan, its state, its timers, and the orders it gives.
//!
//! Everything else in this crate is a function of a site, or a rule that such a function
//! asks. `Site` itself only looks things up, keeps the books (units, ended calls, which
//! agents to look at again) and numbers the actions.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use crate::action::{Action, Order};
use crate::admission::Crowd;
use crate::ids::{
    AgentNumber, CallNumber, DialledNumber, OfferNumber, QueueNumber, ScheduleNumber,
};
use crate::kept::Kept;
use crate::limits::ENDED_CALLS_REMEMBERED;
use crate::line::Line;
use crate::lookup::Lookup;
use crate::matching::Settling;
use crate::mutants::broken;
use crate::needs::{Tags, gather};
use crate::numbered::Numbered;
use crate::plan::{Agent, LineOrder, Plan, Queue, Strategy};
use crate::schedule::Hours;
use crate::staff::Staff;
use crate::state::{
    AgentState, Call, Demand, HostState, Needs, Offer, OfferPhase, Overlay, OverrideWay, Presence,
    Tally,
};
use crate::timer::{TimerKind, Timers};

/// All that an engine knows.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// The plan as it was compiled.
    pub(crate) own_plan: Arc<Plan>,
    /// What is kept of former plans.
    pub(crate) kept: Arc<Kept>,
    /// Both together.
    pub(crate) base_plan: Arc<Plan>,
    /// The same, with the overlay laid over it.
    pub(crate) plan: Arc<Plan>,
    pub(crate) overlay: Overlay,
    pub(crate) demand: Demand,
    pub(crate) directory: Arc<Directory>,
    /// `None`: the site has not started.
    pub(crate) clock_ms: Option<i64>,
    pub(crate) wall_offset_ms: i64,
    pub(crate) event_sequence: u64,
    pub(crate) timer_ordinal: u64,
    pub(crate) call_sequence: u64,
    pub(crate) offer_sequence: u64,
    pub(crate) timers: Timers,
    pub(crate) schedules_open: Vec<bool>,
    pub(crate) agents: Vec<AgentState>,
    /// Those that an event has named.
    pub(crate) hosts: BTreeMap<Arc<str>, HostState>,
    /// Some of them are not in sync.
    pub(crate) is_host_down: bool,
    pub(crate) offers: Numbered<OfferNumber, Offer>,
    pub(crate) calls: Numbered<CallNumber, Call>,
    pub(crate) call_ids: CallIds,
    /// Of each line by its queue: how long its last handled calls took.
    pub(crate) handled: BTreeMap<QueueNumber, Vec<i64>>,
    pub(crate) tags: Tags,
    pub(crate) staff: Staff,
    pub(crate) line: Line,
    pub(crate) crowd: Crowd,
    /// Agents whose withdrawn leg for a call is not confirmed to be gone.
    pub(crate) withdrawn: BTreeSet<(CallNumber, AgentNumber)>,
    /// Agents of whom the staff may not know the latest.
    pub(crate) touched: Vec<AgentNumber>,
    /// The memory of the last settling; `None`: there was none, or it goes on.
    pub(crate) settling: Option<Box<Settling>>,
    /// On a copy made for explaining: the call that is explained.
    pub(crate) watched: Option<CallNumber>,
    /// What it was when it ended, if it did.
    pub(crate) watched_end: Option<Call>,
    /// Orders of the present firing or event.
    actions: Vec<Action>,
    action_index: u64,
}

impl AgentState {
    /// Return the state of an agent of whom nothing is known yet.
    pub(crate) fn absent() -> Self {
        Self {
            presence: Presence::LoggedOut,
            pause_reason: String::new(),
            login_ms: 0,
            handled_ms: None,
            offers: Vec::new(),
            occupied: 0,
            open_cases: 0,
            missed: 0,
            lost: 0,
            tally: Tally::default(),
            last_offers: Vec::new(),
        }
    }
}

/// What can be looked up in a plan.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(crate) agents: Lookup<AgentNumber>,
    /// Those whom only former plans had, and who are not done yet.
    pub(crate) removed: Lookup<AgentNumber>,
    pub(crate) numbers: Lookup<DialledNumber>,
    /// Of each number: what a call needs that brings no needs of its own.
    pub(crate) needs: Vec<Arc<Needs>>,
    /// What a call needs that asks for nothing.
    pub(crate) nothing: Arc<Needs>,
    /// Of each schedule: whose it is.
    pub(crate) on_schedule: Vec<Vec<AgentNumber>>,
    /// Of each queue: the delays of its agents, ascending.
    pub(crate) delays_ms: Vec<Vec<i64>>,
    /// Some agents may name another call than the first in the common order, or the order
    /// of the calls changes by itself.
    pub(crate) names_calls: bool,
    /// Any agent may name another call than the first in the common order.
    pub(crate) is_by_hardness: bool,
    /// What tags cost must be known, in some queue.
    pub(crate) is_by_demand: bool,
    /// Those who may since a queue of theirs goes first.
    pub(crate) placed: BTreeSet<AgentNumber>,
}

impl Directory {
    /// Look everything up in a plan, that has more than its own behind that.
    fn new(plan: &Plan, tags: &Tags, own: &Plan) -> Self {
        let agents = plan.agents.iter().enumerate();
        let mut on_schedule = vec![Vec::new(); plan.schedules.len()];
        for (number, agent) in agents {
            if let Some(schedule) = agent.schedule {
                on_schedule[schedule.index()].push(AgentNumber::of(number));
            }
        }
        let numbers = plan.numbers.iter().enumerate();
        let needs = plan.numbers.iter().map(|number| {
            let queue = &plan.queues[number.queue.index()];
            Arc::new(gather(plan, tags, [&queue.needs, &number.needs, &[], &[]]))
        });
        Self {
            agents: numbered(&plan.agents, 0..own.agents.len()),
            removed: numbered(&plan.agents, own.agents.len()..plan.agents.len()),
            numbers: numbers
                .take(own.numbers.len())
                .map(|(n, number)| (Arc::clone(&number.number), DialledNumber::of(n)))
                .collect(),
            needs: needs.collect(),
            nothing: Arc::default(),
            on_schedule,
            delays_ms: plan.queues.iter().map(Queue::delays_ms).collect(),
            names_calls: plan.queues.iter().any(names_calls),
            is_by_hardness: plan.queues.iter().any(is_by_hardness),
            is_by_demand: plan.queues.iter().any(|queue| queue.uses(Strategy::OpportunityCost)),
            placed: plan.queues.iter().flat_map(placed).collect(),
        }
    }
}

/// Number some of the agents of a plan by their ids.
fn numbered(agents: &[Agent], places: Range<usize>) -> Lookup<AgentNumber> {
    let number = |place: usize| (Arc::clone(&agents[place].id), AgentNumber::of(place));
    places.map(number).collect()
}

/// Tell whether the calls of a queue have other places for some than by priority, time and
/// arrival.
fn names_calls(queue: &Queue) -> bool {
    let ages = match queue.line {
        LineOrder::Priority => queue.aging_milli > 0,
        LineOrder::LongestWaiting | LineOrder::HardestFirst => false,
    };
    ages || is_by_hardness(queue) || placed(queue).next().is_some()
}

fn is_by_hardness(queue: &Queue) -> bool {
    queue.line == LineOrder::HardestFirst
}

/// List the agents for whom a queue goes before or behind others.
fn placed(queue: &Queue) -> impl Iterator<Item = AgentNumber> {
    let places = queue.placements.iter().filter(|place| place.priority != 1);
    places.map(|place| place.agent)
}

/// Ids of the calls in progress, and of those that ended last: what is still said of these is
/// stale, not unknown.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallIds {
    /// By id the call; `None`: it has ended.
    numbers: Lookup<Option<CallNumber>>,
    /// Of those that ended, oldest first.
    ended: VecDeque<Arc<str>>,
}

impl CallIds {
    /// Return the call that has an id, if it has not ended; `None`: none is known.
    pub(crate) fn get(&self, id: &str) -> Option<Option<CallNumber>> {
        self.numbers.get(id).copied()
    }

    /// Give an id to a call in progress.
    pub(crate) fn begin(&mut self, id: Arc<str>, number: CallNumber) {
        self.numbers.insert(id, Some(number));
    }

    /// Remember that a call has ended, and forget the oldest if there are too many.
    pub(crate) fn end(&mut self, id: &Arc<str>) {
        match self.numbers.get_mut(id) {
            Some(number) => *number = None,
            None => self.numbers.insert(Arc::clone(id), None),
        }
        self.ended.push_back(Arc::clone(id));
        if self.ended.len() > ENDED_CALLS_REMEMBERED
            && let Some(oldest) = self.ended.pop_front()
            && let Some(Some(number)) = self.numbers.remove(&oldest)
        {
            // Another call in progress has the id.
            self.begin(oldest, number);
        }
    }

    /// List the ids of those that ended, oldest first.
    pub(crate) fn ended(&self) -> Vec<Arc<str>> {
        self.ended.iter().map(Arc::clone).collect()
    }
}

impl Site {
    /// Make the site of a plan, not started yet.
    pub(crate) fn new(plan: Arc<Plan>) -> Self {
        Self::keeping(plan, Kept::default(), &[])
    }

    /// Make the site of a plan and of what is kept of former ones, with the tags of which
    /// the plan knows nothing.
    pub(crate) fn keeping(own_plan: Arc<Plan>, kept: Kept, extra_tags: &[Arc<str>]) -> Self {
        let mut tags = Tags::new(&own_plan);
        for name in extra_tags {
            tags.add(name);
        }
        let plan = kept.joined(&own_plan);
        Self {
            directory: Arc::new(Directory::new(&plan, &tags, &own_plan)),
            clock_ms: None,
            wall_offset_ms: 0,
            event_sequence: 0,
            timer_ordinal: 0,
            call_sequence: 0,
            offer_sequence: 0,
            timers: Timers::default(),
            schedules_open: vec![false; plan.schedules.len()],
            agents: vec![AgentState::absent(); plan.agents.len()],
            hosts: BTreeMap::new(),
            is_host_down: false,
            offers: Numbered::default(),
            calls: Numbered::default(),
            call_ids: CallIds::default(),
            handled: BTreeMap::new(),
            tags,
            staff: Staff::new(&plan),
            line: Line::default(),
            crowd: Crowd::new(&plan),
            withdrawn: BTreeSet::new(),
            touched: Vec::new(),
            settling: None,
            watched: None,
            watched_end: None,
            actions: Vec::new(),
            action_index: 0,
            own_plan,
            kept: Arc::new(kept),
            base_plan: Arc::clone(&plan),
            plan,
            overlay: Overlay::default(),
            demand: Demand::default(),
        }
    }

    // Orders

    /// Give an order; its id follows from the event or timer being handled.
    pub(crate) fn order(&mut self, order: Order) {
        let id = (self.event_sequence, self.timer_ordinal, self.action_index);
        self.action_index += 1;
        self.actions.push(Action { id, order });
    }

    /// Go on with the orders of another site, and with their ids.
    pub(crate) fn take_over_orders(&mut self, other: &mut Self) {
        self.actions = std::mem::take(&mut other.actions);
        self.action_index = other.action_index;
    }

    /// Return what holds the orders that are given.
    pub(crate) fn actions_mut(&mut self) -> &mut Vec<Action> {
        &mut self.actions
    }

    /// Count an event: the ids of its orders begin anew.
    pub(crate) fn begin_event(&mut self) {
        self.event_sequence += 1;
        self.timer_ordinal = 0;
        self.action_index = 0;
    }

    /// Count a timer's firing: the ids of its orders begin anew.
    pub(crate) fn begin_firing(&mut self) {
        self.timer_ordinal += 1;
        self.action_index = 0;
    }

    // Clocks and schedules

    /// Return the engine's clock; the site has started.
    pub(crate) fn now_ms(&self) -> i64 {
        self.clock_ms.expect("nothing happens before the site starts")
    }

    /// Ask a schedule about now.
    pub(crate) fn is_open_now(&self, number: ScheduleNumber) -> bool {
        if let Some(one) = self.override_of_schedule(number) {
            return one.to == OverrideWay::Open;
        }
        self.hours(number).is_open(self.now_ms() + self.wall_offset_ms)
    }

    /// Return when the present opening began; `None`: it has always been open.
    pub(crate) fn opened_at_ms(&self, number: ScheduleNumber) -> Option<i64> {
        let opened_ms = self.hours(number).opened_at_ms(self.now_ms() + self.wall_offset_ms);
        opened_ms.map(|wall_ms| wall_ms - self.wall_offset_ms)
    }

    /// Return the first instant at or after another at which a schedule is open.
    pub(crate) fn opens_ms(&self, number: ScheduleNumber, at_ms: i64) -> Option<i64> {
        let at_ms = match self.forced_until(number, at_ms) {
            None => at_ms,
            Some((OverrideWay::Open, _)) => return Some(at_ms),
            Some((OverrideWay::Closed | OverrideWay::Play, until_ms)) => until_ms?,
        };
        let hours = self.hours(number);
        let wall_ms = at_ms + self.wall_offset_ms;
        if hours.is_open(wall_ms) {
            return Some(at_ms);
        }
        hours.next_change_ms(wall_ms).map(|wall_ms| wall_ms - self.wall_offset_ms)
    }

    /// Return the first instant after another at which a schedule opens.
    pub(crate) fn starts_ms(&self, number: ScheduleNumber, at_ms: i64) -> Option<i64> {
        let hours = self.hours(number);
        let mut wall_ms = at_ms + self.wall_offset_ms;
        if let Some((to, until_ms)) = self.forced_until(number, at_ms) {
            wall_ms = until_ms? + self.wall_offset_ms;
            if to != OverrideWay::Open && hours.is_open(wall_ms) {
                return until_ms;
            }
        }
        if hours.is_open(wall_ms) {
            wall_ms = hours.next_change_ms(wall_ms)?;
        }
        hours.next_change_ms(wall_ms).map(|wall_ms| wall_ms - self.wall_offset_ms)
    }

    /// Set the timer of a schedule's next change.
    pub(crate) fn watch_schedule(&mut self, number: ScheduleNumber) {
        let wall_ms = self.now_ms() + self.wall_offset_ms;
        let subject = u64::from(number.0);
        match self.hours(number).next_change_ms(wall_ms) {
            None => self.timers.cancel(TimerKind::ShiftChanges, subject),
            Some(change_ms) => {
                let deadline_ms = change_ms - self.wall_offset_ms;
                self.timers.set(TimerKind::ShiftChanges, subject, deadline_ms);
            }
        }
    }

    /// List the schedules of the plan.
    pub(crate) fn schedules(&self) -> impl Iterator<Item = ScheduleNumber> + use<> {
        (0..self.plan.schedules.len()).map(ScheduleNumber::of)
    }

    fn hours(&self, number: ScheduleNumber) -> Hours<'_> {
        let schedule = &self.plan.schedules[number.index()];
        Hours::new(schedule, &self.plan.zones[schedule.zone as usize])
    }

    // Agents

    /// List the agents of the plan, without those whom only former ones had.
    pub(crate) fn agent_numbers(&self) -> impl Iterator<Item = AgentNumber> + use<> {
        (0..self.own_plan.agents.len()).map(AgentNumber::of)
    }

    /// Tell whether only former plans had an agent: no call reaches them any more.
    pub(crate) fn is_removed(&self, agent: AgentNumber) -> bool {
        agent.index() >= self.own_plan.agents.len()
    }

    /// Return the id of an agent.
    pub(crate) fn agent_id(&self, agent: AgentNumber) -> Arc<str> {
        Arc::clone(&self.plan.agents[agent.index()].id)
    }

    /// Return how many more calls an agent could take at once.
    pub(crate) fn units_left(&self, agent: AgentNumber) -> usize {
        let offers = self.agents[agent.index()].offers.iter();
        let taken = broken!(
            18,
            offers.count(),
            offers.filter(|offer| self.offer_phase(**offer) != OfferPhase::WrapUp).count(),
        );
        let occupied = usize::try_from(self.agents[agent.index()].occupied);
        let taken = taken + broken!(70, occupied.unwrap_or(0), 0);
        (self.plan.agents[agent.index()].units as usize).saturating_sub(taken)
    }

    /// Tell whether an agent's schedule is open.
    pub(crate) fn is_on_shift(&self, agent: AgentNumber) -> bool {
        let schedule = self.plan.agents[agent.index()].schedule;
        let is_open = schedule.is_none_or(|number| self.schedules_open[number.index()]);
        is_open && !self.is_removed(agent)
    }

    /// Change an agent; the staff learns of it before it is asked again.
    pub(crate) fn agent_mut(&mut self, agent: AgentNumber) -> &mut AgentState {
        self.touched.push(agent);
        &mut self.agents[agent.index()]
    }

    // Offers and calls

    /// Return the plan of the queue that a call is in.
    pub(crate) fn queue_of(&self, call: &Call) -> &Queue {
        &self.plan.queues[call.queue.index()]
    }

    /// Return an offer that takes a unit.
    pub(crate) fn offer(&self, number: OfferNumber) -> &Offer {
        self.offers.get(&number).expect("an offer is kept while it takes a unit")
    }

    /// Return how far an offer has come; an old number is over.
    pub(crate) fn offer_phase(&self, number: OfferNumber) -> OfferPhase {
        self.offers.get(&number).map_or(OfferPhase::Over, |offer| offer.phase)
    }

    /// Change the phase of an offer that takes a unit.
    pub(crate) fn set_offer_phase(&mut self, number: OfferNumber, phase: OfferPhase) {
        let offer = self.offers.get_mut(&number);
        offer.expect("an offer is kept while it takes a unit").phase = phase;
    }

    /// Return a call in progress.
    pub(crate) fn call(&self, number: CallNumber) -> &Call {
        self.calls.get(&number).expect("timers and open offers end with their call")
    }

    /// Change a call in progress.
    pub(crate) fn call_mut(&mut self, number: CallNumber) -> &mut Call {
        self.calls.get_mut(&number).expect("timers and open offers end with their call")
    }

    /// Return the id of a call in progress; empty: it has ended.
    pub(crate) fn call_id(&self, number: CallNumber) -> Arc<str> {
        self.calls.get(&number).map(|call| Arc::clone(&call.id)).unwrap_or_default()
    }
}
