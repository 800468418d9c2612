//! Choosing: which of the free and eligible agents comes first, and in what order.

use super::agent::PoolAgent;
use super::argument::in_range;
use super::chunk::Key;
use super::classes::Fitting;
use super::order::{Choice, Rank, Strategy};
use super::split_mix::split_mix;
use super::{Pool, Queue};
use crate::error::Error;
use crate::mutants::broken;

/// Of needs with no more members each member is looked at: about as long as a search
/// through the rows of a large pool. Of needs with more, members are so dense among the
/// agents that the rows soon lead to one. Checked builds go both ways.
const MEMBERS_LOOKED_AT_MAX: usize = if cfg!(debug_assertions) { 3 } else { 256 };

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
}

impl Pool {
    /// Return the free agent who would get a call; None: nobody is free and eligible.
    ///
    /// # Errors
    /// There are no such needs, or the draw is out of range.
    pub fn select(
        &mut self,
        needs: i128,
        exclude: &[i128],
        draw: [i128; 2],
    ) -> Result<Option<u32>, Error> {
        let place = self.queue_place(needs)?;
        let draw = read_draw(draw)?;
        self.refresh(place);
        if exclude.is_empty() && self.is_plain(place) {
            let fitting = &self.queues[place].memo.fitting;
            return Ok(self.first_of_classes(fitting, |_| true));
        }
        let exclude = ascending(exclude);
        let asking = self.asking(place, &exclude, draw);
        Ok(match asking.queue.strategy {
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
        })
    }

    /// Return the first so many free and eligible agents, the first choice first.
    ///
    /// # Errors
    /// As `select`.
    pub fn rank(
        &mut self,
        needs: i128,
        count: i128,
        exclude: &[i128],
        draw: [i128; 2],
    ) -> Result<Vec<u32>, Error> {
        let place = self.queue_place(needs)?;
        let draw = read_draw(draw)?;
        self.refresh(place);
        let count = usize::try_from(count.max(0)).unwrap_or(usize::MAX);
        if count == 0 {
            return Ok(Vec::new());
        }
        let exclude = ascending(exclude);
        let asking = self.asking(place, &exclude, draw);
        if asking.queue.strategy == Strategy::WeightedRandom {
            return Ok(self.drawn(&asking, count));
        }
        let mut ranks = Vec::new();
        self.each(&asking, OfEachClass::All, |rank, _| ranks.push(rank));
        ranks.sort_unstable();
        let ranked = ranks.into_iter().map(|rank| rank.agent);
        Ok(ranked.take(count).collect())
    }

    /// Select an agent and take them, in one step.
    ///
    /// # Errors
    /// As `select`.
    pub fn reserve(
        &mut self,
        needs: i128,
        exclude: &[i128],
        draw: [i128; 2],
    ) -> Result<Option<u32>, Error> {
        let chosen = self.select(needs, exclude, draw)?;
        if let Some(agent) = chosen {
            let place = self.queue_place(needs)?;
            self.reservations += 1;
            let queue = &mut self.queues[place];
            if queue.strategy == Strategy::RoundRobin {
                queue.reserved.insert(agent, self.reservations);
            }
            self.set_busy(agent);
        }
        Ok(chosen)
    }

    /// Reserve an agent for each of several calls, one after the other.
    ///
    /// # Errors
    /// There are no such needs; nobody was reserved.
    pub fn reserve_many(&mut self, needs: &[i128]) -> Result<Vec<Option<u32>>, Error> {
        for handle in needs {
            self.queue_place(*handle)?;
        }
        let handles = needs.iter();
        handles.map(|handle| self.reserve(*handle, &[], [0, 0])).collect()
    }

    fn asking<'a>(&'a self, place: usize, exclude: &'a [u32], draw: [u64; 2]) -> Asking<'a> {
        let queue = &self.queues[place];
        Asking {
            queue,
            exclude,
            choice: Choice {
                tags: &self.tags,
                needs: &queue.needs,
                strategy: queue.strategy,
                seeds: [self.seed, draw[0], draw[1]],
            },
        }
    }

    /// Tell whether the classes that fit needs say it all.
    fn is_plain(&self, place: usize) -> bool {
        let queue = &self.queues[place];
        let has_classes = self.classes.is_some() && queue.members.is_none();
        has_classes && queue.strategy == Strategy::MostSpecific
    }

    /// Choose by `most_specific` among classes: the first of those of equal keys.
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
            if let Some(key) = self.slots.first_of(class.level, &mut accept)
                && best.is_none_or(|(_, best)| broken!(52, key < best, true))
            {
                best = Some((*class, key));
            }
        }
        best.map(|(_, (_, agent))| agent)
    }

    /// Learn which classes fit needs, if some came.
    fn refresh(&mut self, place: usize) {
        if let Some(classes) = &self.classes {
            let queue = &mut self.queues[place];
            classes.refresh(&mut queue.memo, &queue.needs);
        }
    }

    /// Choose by `most_specific`: the slots stand in its order.
    fn most_specific(&self, asking: &Asking<'_>) -> Option<u32> {
        let queue = asking.queue;
        let needs = &queue.needs;
        if needs.is_impossible {
            return None;
        }
        if self.classes.is_some() && !self.has_few_members(queue) {
            let accept = |agent| self.accepts(asking, agent);
            return self.first_of_classes(&queue.memo.fitting, accept);
        }
        let is_simple = queue.members.is_none() && asking.exclude.is_empty() && needs.is_in_rows;
        if is_simple && needs.prefer_nobody() {
            let first = self.slots.first(needs, &needs.combinations[0][0], |_| true);
            return first.map(|(_, agent)| agent);
        }
        if !self.is_in_slots(queue) {
            return self.least(asking);
        }
        needs.combinations.iter().find_map(|of_equal_weight| {
            let firsts = of_equal_weight.iter().filter_map(|combination| {
                let accept = |agent| self.accepts(asking, agent);
                self.slots.first(needs, combination, accept)
            });
            let ranks = firsts.filter_map(|(_, agent)| {
                let state = self.agents.get(agent)?;
                Some(asking.choice.rank(agent, state, 0))
            });
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
        self.each(asking, of_each_class, |rank, _| {
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
            let firsts = of_equal_weight.iter().flat_map(|combination| {
                let accept = |agent| self.accepts(asking, agent);
                self.slots.firsts(needs, combination, accept)
            });
            firsts.min().map(|(_, agent)| agent)
        })
    }

    /// Draw agents without replacement, by weight, within each sum of preferred weights.
    ///
    /// The n-th draw of all, from 0, takes the hash of (seed, draw, n) modulo the weight
    /// that is left, and walks the agents in their order.
    fn drawn(&self, asking: &Asking<'_>, count: usize) -> Vec<u32> {
        let mut eligible = Vec::new();
        self.each(asking, OfEachClass::All, |rank, state| {
            let weight = state.counters().weight;
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
                let number = u64::try_from(drawn.len()).unwrap_or(u64::MAX);
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
    fn each<'a>(
        &'a self,
        asking: &Asking<'_>,
        of_each_class: OfEachClass,
        mut visit: impl FnMut(Rank, &'a PoolAgent),
    ) {
        let queue = asking.queue;
        if queue.needs.is_impossible {
            return;
        }
        let mut look = |agent| {
            if let Some(state) = self.agents.get(agent) {
                let reserved = queue.reserved.get(&agent).copied().unwrap_or(0);
                visit(asking.choice.rank(agent, state, reserved), state);
            }
        };
        if let Some(members) = queue.members.as_ref().filter(|_| self.has_few_members(queue)) {
            let is_free = |agent| self.agents.get(agent).is_some_and(|state| state.is_free);
            for agent in members.iter().copied() {
                if is_free(agent) && !asking.leaves_out(agent) && self.fits(queue, agent) {
                    look(agent);
                }
            }
            return;
        }
        if self.classes.is_some() {
            for class in &queue.memo.fitting {
                self.slots.first_of(class.level, |agent| {
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
        self.slots.first(&queue.needs, &all, |agent| {
            if self.accepts(asking, agent) {
                look(agent);
            }
            false
        });
    }

    /// Test of an agent what rows and classes do not say.
    fn accepts(&self, asking: &Asking<'_>, agent: u32) -> bool {
        let queue = asking.queue;
        let is_met = self.classes.is_some() || queue.needs.is_in_rows || {
            let state = self.agents.get(agent);
            state.is_some_and(|state| queue.needs.levels_are_met_by(&state.tags))
        };
        is_met && queue.has_member(agent) && !asking.leaves_out(agent)
    }

    fn fits(&self, queue: &Queue, agent: u32) -> bool {
        let state = self.agents.get(agent);
        state.is_some_and(|state| queue.needs.are_met_by(&state.tags))
    }

    /// Tell whether the order of the slots is to be used.
    fn is_in_slots(&self, queue: &Queue) -> bool {
        let are_few = !queue.needs.combinations.is_empty();
        self.classes.is_none() && are_few && !self.has_few_members(queue)
    }

    fn has_few_members(&self, queue: &Queue) -> bool {
        let members = queue.members.as_ref();
        members.is_some_and(|members| members.len() <= MEMBERS_LOOKED_AT_MAX)
    }
}

impl Asking<'_> {
    fn leaves_out(&self, agent: u32) -> bool {
        broken!(50, self.exclude.binary_search(&agent).is_ok(), false)
    }
}

fn read_draw(draw: [i128; 2]) -> Result<[u64; 2], Error> {
    let most = u64::MAX.into();
    Ok([in_range("draw", draw[0], 0, most)?, in_range("draw", draw[1], 0, most)?])
}

/// Sort the handles that may be somebody's.
fn ascending(handles: &[i128]) -> Vec<u32> {
    let known = handles.iter().filter_map(|handle| u32::try_from(*handle).ok());
    let mut ascending: Vec<_> = known.collect();
    ascending.sort_unstable();
    ascending
}
