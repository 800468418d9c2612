//! The pool: who is there, who is free, and since when they are idle.
//!
//! Agents who hold the same tags, and are members of the same queues, pass the same tests
//! of tags and stand at the same place in every strategy, until idleness decides. They are
//! a *class*; a choice looks at classes, and takes the first of the best one.
//!
//! The pool is an index: what it says of an agent follows from the site's state, and is
//! told to it by `matching.rs`, before it is asked.

use std::collections::{BTreeMap, BTreeSet};

use crate::bits::Bits;
use crate::ids::{AgentNumber, QueueNumber, TagNumber};
use crate::mutants::broken;
use crate::order::{ClassKey, IdleKey};
use crate::plan::{Plan, Strategy};

/// Agents between whom only idleness decides.
#[derive(Clone, Debug)]
pub(crate) struct Class {
    /// Can do everything.
    pub(crate) wildcard: bool,
    /// Distinct tags of categories that count.
    pub(crate) counted_tags: i64,
    /// Tags and levels, ascending by tag.
    tags: Vec<(TagNumber, i64)>,
    /// Queues that name them as members, ascending.
    queues: Vec<QueueNumber>,
    /// How many are there: whatever they do, they may take calls.
    present: usize,
    /// Those who could take a call now, in the order of idleness.
    free: BTreeSet<IdleKey>,
}

/// What the pool knows of one agent.
#[derive(Clone, Copy, Debug)]
struct Place {
    class: usize,
    standing: Standing,
}

/// Whether an agent may take calls, and could now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Logged in, not paused, on shift, reachable.
    pub(crate) is_present: bool,
    /// Present and with a unit left: the place in the order of idleness.
    pub(crate) free: Option<IdleKey>,
}

/// The free agents of all classes in the order of one strategy, for calls that prefer no
/// tags.
///
/// Where classes are as many as agents, looking at each would be looking at everybody. If
/// many of them fit a call, one of the first in this order does; if few do, looking at
/// those classes is short. Trying a few steps of the one before the other bounds both.
#[derive(Clone, Debug)]
struct Ranking {
    strategy: Strategy,
    /// Of each class.
    keys: Vec<ClassKey>,
    free: BTreeSet<(ClassKey, IdleKey)>,
}

/// What a few steps through a ranking have found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walk {
    /// The first agent who fits.
    Found(AgentNumber),
    /// Nobody fits.
    Nobody,
    /// Nobody so far.
    Undecided,
}

/// All agents of a site.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    /// In the order of `most_specific`.
    classes: Vec<Class>,
    places: Vec<Place>,
    /// A class is in it if and only if somebody of it is present.
    present: Bits,
    /// A class is in it if and only if somebody of it is free.
    free: Bits,
    /// Of each strategy of the plan, where there are more than a few classes.
    rankings: Vec<Ranking>,
}

/// Keeping a ranking costs more than going through so many classes. The bound decides
/// nothing; checked builds have a lower one, so that small tests go both ways.
const CLASSES_UNRANKED_MAX: usize = if cfg!(debug_assertions) { 2 } else { 8 };

/// Steps through a ranking before the classes are looked at: of a hundred thousand classes
/// of which every 64th fits, both ways cost some microseconds. Lower in checked builds, too.
const WALK_STEPS: usize = if cfg!(debug_assertions) { 4 } else { 64 };

impl Class {
    /// Return the level of a tag, if it is held by name.
    pub(crate) fn level(&self, tag: TagNumber) -> Option<i64> {
        let found = self.tags.binary_search_by_key(&tag, |(held, _)| *held);
        found.ok().map(|place| self.tags[place].1)
    }

    /// Tell whether a queue that names its members names these.
    pub(crate) fn is_named_by(&self, queue: QueueNumber) -> bool {
        self.queues.binary_search(&queue).is_ok()
    }

    /// Go through those who could take a call now, the longest idle first.
    pub(crate) fn free(&self) -> impl Iterator<Item = &IdleKey> {
        self.free.iter()
    }
}

impl Pool {
    /// Put the agents of a plan into classes; nobody is there.
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut members = BTreeMap::new();
        let queues = queues_by_agent(plan);
        for (agent, queues) in queues.into_iter().enumerate() {
            let held = &plan.agents[agent];
            let counted = counted_tags(plan, &held.tags);
            let key = (held.wildcard, counted, held.tags.clone(), queues);
            members.entry(key).or_insert_with(Vec::new).push(agent);
        }
        let mut places = vec![Place { class: 0, standing: Standing::default() }; plan.agents.len()];
        let mut classes = Vec::with_capacity(members.len());
        for ((wildcard, counted_tags, tags, queues), agents) in members {
            for agent in agents {
                places[agent].class = classes.len();
            }
            let free = BTreeSet::new();
            classes.push(Class { wildcard, counted_tags, tags, queues, present: 0, free });
        }
        let empty = Bits::with_room(classes.len());
        let rankings = rankings(plan, &classes);
        Self { classes, places, present: empty.clone(), free: empty, rankings }
    }

    /// Learn how an agent stands; return how they stood before.
    pub(crate) fn update(&mut self, agent: AgentNumber, standing: Standing) -> Standing {
        let place = &mut self.places[agent.index()];
        let before = std::mem::replace(&mut place.standing, standing);
        let class = &mut self.classes[place.class];
        if before.free != standing.free {
            if let Some(key) = &before.free {
                class.free.remove(key);
            }
            class.free.extend(standing.free);
            self.free.set(place.class, !class.free.is_empty());
            for ranking in &mut self.rankings {
                ranking.update(place.class, before.free, standing.free);
            }
        }
        class.present += usize::from(standing.is_present);
        class.present -= usize::from(before.is_present);
        self.present.set(place.class, class.present > 0);
        before
    }

    /// Return all classes; their places are the numbers that the rest speaks of.
    pub(crate) fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// Return the class of an agent.
    pub(crate) fn class_of(&self, agent: AgentNumber) -> &Class {
        &self.classes[self.place_of(agent)]
    }

    /// Return the place of an agent's class.
    pub(crate) fn place_of(&self, agent: AgentNumber) -> usize {
        self.places[agent.index()].class
    }

    /// Tell whether an agent may take calls, whatever they do now.
    pub(crate) fn is_present(&self, agent: AgentNumber) -> bool {
        self.places[agent.index()].standing.is_present
    }

    /// Go through the classes of a set in which somebody is free, the most specific first.
    pub(crate) fn free_in<'a>(&'a self, set: &'a Bits) -> impl Iterator<Item = &'a Class> {
        self.free.in_both(set).map(|place| &self.classes[place])
    }

    /// Go a few steps through the free agents in the order of a strategy.
    pub(crate) fn walk(
        &self,
        strategy: Strategy,
        set: &Bits,
        fits: impl Fn(AgentNumber) -> bool,
    ) -> Walk {
        let found = self.rankings.iter().find(|ranking| ranking.strategy == strategy);
        let Some(ranking) = found else {
            return Walk::Undecided;
        };
        for (_, key) in ranking.free.iter().take(WALK_STEPS) {
            if set.contains(self.place_of(key.agent)) && fits(key.agent) {
                return Walk::Found(key.agent);
            }
        }
        if ranking.free.len() <= WALK_STEPS { Walk::Nobody } else { Walk::Undecided }
    }

    /// Tell whether more agents than this are present in a set of classes.
    ///
    /// Cost: as many classes as it takes to count beyond that number.
    pub(crate) fn are_more_present(&self, set: &Bits, than: usize) -> bool {
        let mut present = 0;
        for place in self.present.in_both(set) {
            present += self.classes[place].present;
            if present > than {
                return true;
            }
        }
        false
    }
}

impl Ranking {
    fn update(&mut self, class: usize, before: Option<IdleKey>, after: Option<IdleKey>) {
        let key = self.keys[class];
        if let Some(idle) = before {
            self.free.remove(&(key, idle));
        }
        self.free.extend(after.map(|idle| (key, idle)));
    }
}

fn rankings(plan: &Plan, classes: &[Class]) -> Vec<Ranking> {
    if classes.len() <= CLASSES_UNRANKED_MAX {
        return Vec::new();
    }
    let strategies = [Strategy::MostSpecific, Strategy::LongestIdle].into_iter();
    let used = strategies.filter(|one| plan.queues.iter().any(|queue| queue.strategy == *one));
    let ranking = |strategy| {
        let keys = classes.iter().map(|class| ClassKey::of(strategy, &[], class)).collect();
        Ranking { strategy, keys, free: BTreeSet::new() }
    };
    used.map(ranking).collect()
}

/// Count the tags of categories that count.
pub(crate) fn counted_tags(plan: &Plan, held: &[(TagNumber, i64)]) -> i64 {
    let counts = |tag: TagNumber| {
        let category = category(&plan.tags[tag.index()]);
        broken!(1, !plan.uncounted.iter().any(|name| **name == *category), true)
    };
    let counted = held.iter().filter(|(tag, _)| counts(*tag)).count();
    i64::try_from(counted).expect("a plan has fewer tags than 2^32")
}

/// Return the part of a tag's name before its colon.
pub(crate) fn category(tag: &str) -> &str {
    tag.split_once(':').map_or(tag, |(category, _)| category)
}

/// List the queues that name each agent as a member.
fn queues_by_agent(plan: &Plan) -> Vec<Vec<QueueNumber>> {
    let mut queues = vec![Vec::new(); plan.agents.len()];
    for (number, queue) in plan.queues.iter().enumerate() {
        for agent in queue.members.iter().flatten() {
            queues[agent.index()].push(QueueNumber::of(number));
        }
    }
    queues
}
