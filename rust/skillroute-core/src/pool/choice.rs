//! Choosing: which of the free and eligible agents comes first, and in what order.

use std::ops::ControlFlow::Continue;

use super::agents::{Counters, Counting, PoolAgent};
use super::chunk::Key;
use super::classes::Fitting;
use super::needs::Needs;
use super::order::{Choice, Rank, Strategy};
use super::slots::NOBODY;
use super::split_mix::split_mix;
use super::{Pool, Queue, Way};
use crate::mutants::broken;

/// What the random strategies draw by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Draw {
    /// The call's sequence.
    pub(crate) call: u64,
    /// The number of the offer.
    pub(crate) offer: u64,
    /// How many agents were drawn for it before, who are left out now.
    pub(crate) drawn: u64,
}

/// The first draw.
pub(crate) const NO_DRAW: Draw = Draw { call: 0, offer: 0, drawn: 0 };

/// Whom to look at where agents stand in classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OfEachClass {
    All,
    /// Idleness alone decides between them.
    First,
}

/// One choice to be made.
#[derive(Clone, Copy, Debug)]
struct Asking<'a> {
    queue: &'a Queue,
    /// Agents to leave out, ascending.
    exclude: &'a [u32],
    choice: Choice<'a>,
    /// How many were drawn before.
    drawn: u64,
    /// `None`: the pool was told what there is to count.
    counting: Option<&'a dyn Counting>,
}

impl Pool {
    /// Return the free agent who would get a call; None: nobody is free and eligible.
    pub(crate) fn select(&mut self, needs: u32) -> Option<u32> {
        let way = self.queues[needs as usize].way;
        if self.classes.is_some() && way != Way::Search {
            self.refresh(needs);
            return self.first_of_heads(&self.queues[needs as usize].memo.fitting);
        }
        if way == Way::HeadsOrCursors {
            let queue = &mut self.queues[needs as usize];
            return self.slots.first_from(&queue.needs, &self.agents, &mut queue.cursors);
        }
        self.search(needs, &[], NO_DRAW, None)
    }

    /// Return the free agent who would get a call if some were left out; ascending.
    pub(crate) fn select_but(&mut self, needs: u32, exclude: &[u32], draw: Draw) -> Option<u32> {
        self.search(needs, exclude, draw, None)
    }

    /// Tell whether anybody free is eligible, if some are left out; ascending.
    pub(crate) fn has_any(&mut self, needs: u32, exclude: &[u32]) -> bool {
        self.refresh(needs);
        let asking = self.asking(needs, exclude, NO_DRAW);
        let choice = Choice { strategy: Strategy::MostSpecific, ..asking.choice };
        self.most_specific(&Asking { choice, ..asking }).is_some()
    }

    /// Return the agent whom `select_but` returns, where somebody else counts.
    pub(crate) fn select_counting(
        &mut self,
        needs: u32,
        exclude: &[u32],
        draw: Draw,
        counting: Option<&dyn Counting>,
    ) -> Option<u32> {
        if exclude.is_empty() && self.queues[needs as usize].way != Way::Search {
            return self.select(needs);
        }
        self.search(needs, exclude, draw, counting)
    }

    fn search(
        &mut self,
        needs: u32,
        exclude: &[u32],
        draw: Draw,
        counting: Option<&dyn Counting>,
    ) -> Option<u32> {
        self.refresh(needs);
        let asking = Asking { counting, ..self.asking(needs, exclude, draw) };
        match asking.queue.strategy {
            Strategy::MostSpecific => self.most_specific(&asking),
            Strategy::WeightedRandom => self.drawn(&asking, 1).first().copied(),
            Strategy::FewestExtraTags
            | Strategy::OpportunityCost
            | Strategy::LongestIdle
            | Strategy::FewestCalls
            | Strategy::LeastTalk
            | Strategy::LeastOccupied
            | Strategy::RoundRobin
            | Strategy::InOrder
            | Strategy::HighestLevel
            | Strategy::FewestOpenCases
            | Strategy::Random => self.least(&asking),
        }
    }

    /// Return the first so many free and eligible agents, the first choice first.
    pub(crate) fn rank(
        &mut self,
        needs: u32,
        count: usize,
        exclude: &[u32],
        draw: Draw,
    ) -> Vec<u32> {
        self.rank_counting(needs, count, exclude, draw, None)
    }

    /// Return those whom `rank` returns, where somebody else counts.
    pub(crate) fn rank_counting(
        &mut self,
        needs: u32,
        count: usize,
        exclude: &[u32],
        draw: Draw,
        counting: Option<&dyn Counting>,
    ) -> Vec<u32> {
        self.refresh(needs);
        if count == 0 {
            return Vec::new();
        }
        let asking = Asking { counting, ..self.asking(needs, exclude, draw) };
        if asking.queue.strategy == Strategy::WeightedRandom {
            return self.drawn(&asking, count);
        }
        let mut ranks = Vec::new();
        self.each(&asking, OfEachClass::All, |rank| ranks.push(rank));
        if count < ranks.len() {
            ranks.select_nth_unstable(count);
            ranks.truncate(count);
        }
        ranks.sort_unstable();
        ranks.into_iter().map(|rank| rank.agent).collect()
    }

    /// Take an agent who was selected, and remember it where the strategy asks for it.
    pub(super) fn reserve(&mut self, needs: u32, chosen: Option<u32>) -> Option<u32> {
        let agent = chosen?;
        self.reservations += 1;
        let queue = &mut self.queues[needs as usize];
        if queue.strategy == Strategy::RoundRobin {
            queue.reserved.insert(agent, self.reservations);
        }
        self.take(agent);
        Some(agent)
    }

    /// Return what random keys are made of.
    pub(crate) fn seeds(&self, draw: Draw) -> [u64; 3] {
        [self.seed, draw.call, draw.offer]
    }

    /// Return what registered needs ask.
    pub(crate) fn needs_of(&self, needs: u32) -> &Needs {
        &self.queues[needs as usize].needs
    }

    fn asking<'a>(&'a self, needs: u32, exclude: &'a [u32], draw: Draw) -> Asking<'a> {
        let queue = &self.queues[needs as usize];
        let choice = Choice {
            tags: &self.facts,
            needs: &queue.needs,
            strategy: queue.strategy,
            seeds: self.seeds(draw),
        };
        Asking { queue, exclude, choice, drawn: draw.drawn, counting: None }
    }

    /// Learn which classes fit needs, if some came.
    #[inline]
    fn refresh(&mut self, needs: u32) {
        if let Some(classes) = &self.classes
            && !classes.are_in(&self.queues[needs as usize].memo)
        {
            let queue = &mut self.queues[needs as usize];
            classes.refresh(&mut queue.memo, &queue.needs);
        }
    }

    /// Choose by `most_specific` among classes, whose first agents are at hand: the first
    /// of those of equal keys.
    fn first_of_heads(&self, fitting: &[Fitting]) -> Option<u32> {
        let mut best: Option<(Fitting, Key)> = None;
        for class in fitting {
            if best.is_some_and(|(first, _)| first.key < class.key) {
                break;
            }
            let head = self.slots.head(class.level);
            let is_better = |(_, best): (Fitting, Key)| broken!(52, head < best, true);
            if head != NOBODY && best.is_none_or(is_better) {
                best = Some((*class, head));
            }
        }
        best.map(|(_, (_, agent))| agent)
    }

    /// Do the same among those whom *accept* takes.
    fn first_of_classes(
        &self,
        fitting: &[Fitting],
        mut accept: impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        let mut best: Option<(Fitting, Key)> = None;
        for class in fitting {
            if best.is_some_and(|(first, _)| first.key < class.key) {
                break;
            }
            let first = self.slots.first_of(class.level, &self.agents, &mut accept);
            let key = first.map(|agent| self.agents.key(agent));
            if let Some(key) = key
                && best.is_none_or(|(_, best)| key < best)
            {
                best = Some((*class, key));
            }
        }
        best.map(|(_, (_, agent))| agent)
    }

    /// Choose by `most_specific`: the slots stand in its order.
    fn most_specific(&self, asking: &Asking<'_>) -> Option<u32> {
        let queue = asking.queue;
        let needs = &queue.needs;
        if needs.is_impossible {
            return None;
        }
        if self.few_members(queue).is_some() {
            return self.least(asking);
        }
        if self.classes.is_some() {
            return self.first_of_classes(&queue.memo.fitting, |agent| self.accepts(asking, agent));
        }
        if needs.combinations.is_empty() {
            return self.least(asking);
        }
        needs.combinations.iter().find_map(|of_equal_weight| {
            let firsts = of_equal_weight.iter().filter_map(|combination| {
                let accept = |agent| self.accepts(asking, agent);
                self.slots.first(needs, combination, &self.agents, accept)
            });
            let ranks = firsts.filter_map(|agent| self.rank_of(asking, agent));
            ranks.min().map(|rank| rank.agent)
        })
    }

    /// Choose by looking at every eligible agent.
    fn least(&self, asking: &Asking<'_>) -> Option<u32> {
        let mut least: Option<Rank> = None;
        if asking.choice.strategy == Strategy::LongestIdle && self.is_in_slots(asking.queue) {
            return self.longest_idle(asking);
        }
        let of_each_class = if asking.choice.strategy.is_by_class() {
            OfEachClass::First
        } else {
            OfEachClass::All
        };
        self.each(asking, of_each_class, |rank| {
            if least.is_none_or(|least| rank < least) {
                least = Some(rank);
            }
        });
        least.map(|rank| rank.agent)
    }

    /// Choose by `longest_idle`: each level of the slots stands in its order.
    fn longest_idle(&self, asking: &Asking<'_>) -> Option<u32> {
        let needs = &asking.queue.needs;
        if needs.is_impossible {
            return None;
        }
        needs.combinations.iter().find_map(|of_equal_weight| {
            let mut first = NOBODY;
            for combination in of_equal_weight {
                let accept = |agent| self.accepts(asking, agent);
                self.slots.firsts(needs, combination, &self.agents, accept, |agent| {
                    first = first.min(self.agents.key(agent));
                    Continue(())
                });
            }
            Some(first.1).filter(|_| first != NOBODY)
        })
    }

    /// Draw agents without replacement, by weight, within each sum of preferred weights.
    ///
    /// The n-th draw of all, from 0, takes the hash of (seed, draw, n) modulo the weight
    /// that is left, and walks the agents in their order.
    fn drawn(&self, asking: &Asking<'_>, count: usize) -> Vec<u32> {
        let mut eligible = Vec::new();
        self.each(asking, OfEachClass::All, |rank| {
            let weight = self.counters(asking, rank.agent).weight;
            eligible.push((rank.preference, rank.agent, u64::try_from(weight).unwrap_or(1)));
        });
        eligible.sort_unstable();
        let [seed, call, offer] = asking.choice.seeds;
        let mut drawn = Vec::new();
        for group in eligible.chunk_by(|one, two| one.0 == two.0) {
            let mut left: Vec<_> =
                group.iter().map(|(_, agent, weight)| (*agent, *weight)).collect();
            while !left.is_empty() && drawn.len() < count {
                let total: u64 = left.iter().map(|(_, weight)| weight).sum();
                let number = asking.drawn + u64::try_from(drawn.len()).unwrap_or(u64::MAX);
                let mut point = split_mix([seed, call, offer, number]) % total.max(1);
                let is_there = |(_, weight): &(u32, u64)| {
                    let is_less = broken!(49, point < *weight, true);
                    point = point.saturating_sub(*weight);
                    is_less
                };
                let place = left.iter().position(is_there).unwrap_or(0);
                drawn.push(left.remove(place).0);
            }
        }
        drawn
    }

    /// Go through all free and eligible agents, in no particular order.
    fn each(&self, asking: &Asking<'_>, of_each_class: OfEachClass, mut visit: impl FnMut(Rank)) {
        let queue = asking.queue;
        if queue.needs.is_impossible {
            return;
        }
        let mut look = |agent| self.rank_of(asking, agent).into_iter().for_each(&mut visit);
        if let Some(members) = self.few_members(queue) {
            let is_eligible =
                |state: &PoolAgent| state.is_free && queue.needs.are_met_by(&state.tags);
            for agent in members.iter().copied() {
                let is_there = self.agents.get(agent).is_some_and(is_eligible);
                if is_there && !asking.leaves_out(agent) {
                    look(agent);
                }
            }
            return;
        }
        if self.classes.is_some() {
            for class in &queue.memo.fitting {
                self.slots.first_of(class.level, &self.agents, |agent| {
                    let accepted = self.accepts(asking, agent);
                    if accepted {
                        look(agent);
                    }
                    accepted && of_each_class == OfEachClass::First
                });
            }
            return;
        }
        let all = queue.needs.everybody();
        let refuse = |agent| {
            if self.accepts(asking, agent) {
                look(agent);
            }
            false
        };
        self.slots.first(&queue.needs, &all, &self.agents, refuse);
    }

    fn rank_of(&self, asking: &Asking<'_>, agent: u32) -> Option<Rank> {
        let state = self.agents.get(agent)?;
        let last_offer = match asking.counting {
            Some(counting) => counting.last_offer(agent),
            None => asking.queue.reserved.get(&agent).copied().unwrap_or(0),
        };
        let counters = self.counters(asking, agent);
        Some(asking.choice.rank(self.agents.key(agent), &state.tags, &counters, last_offer))
    }

    fn counters(&self, asking: &Asking<'_>, agent: u32) -> Counters {
        let told = || *self.agents.counters(agent);
        asking.counting.map_or_else(told, |counting| counting.counters(agent))
    }

    /// Test of an agent what rows and classes do not say.
    fn accepts(&self, asking: &Asking<'_>, agent: u32) -> bool {
        let needs = &asking.queue.needs;
        let is_met = self.classes.is_some() || needs.is_in_rows || {
            let state = self.agents.get(agent);
            state.is_some_and(|state| needs.levels_are_met_by(&state.tags))
        };
        is_met && !asking.leaves_out(agent)
    }

    /// Tell whether the order of the slots is to be used.
    fn is_in_slots(&self, queue: &Queue) -> bool {
        let are_few = !queue.needs.combinations.is_empty();
        self.classes.is_none() && are_few && self.few_members(queue).is_none()
    }
}

impl Asking<'_> {
    fn leaves_out(&self, agent: u32) -> bool {
        broken!(50, self.exclude.binary_search(&agent).is_ok(), false)
    }
}
