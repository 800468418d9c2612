//! Order in a pool: every strategy, as keys that are compared one after another.
//!
//! First comes the summed weight of the preferred tags held, more first; then the keys of
//! the strategy; agent order last. In the strategies that count tags, wildcards come last
//! (rules 6.1 to 6.3, 18.11). Ratios are compared by multiplying crosswise.

use std::cmp::Ordering;

use super::agents::Counters;
use super::chunk::Key;
use super::needs::Needs;
use super::split_mix::split_mix;
use super::tags::{HeldTags, Tag, TagFacts};
use crate::mutants::broken;
pub(crate) use crate::plan::Strategy;

impl Strategy {
    /// Names of all strategies.
    pub(super) const ALL: [(&'static str, Self); 13] = [
        ("most_specific", Self::MostSpecific),
        ("fewest_extra_tags", Self::FewestExtraTags),
        ("opportunity_cost", Self::OpportunityCost),
        ("longest_idle", Self::LongestIdle),
        ("fewest_calls", Self::FewestCalls),
        ("least_talk", Self::LeastTalk),
        ("least_occupied", Self::LeastOccupied),
        ("round_robin", Self::RoundRobin),
        ("in_order", Self::InOrder),
        ("highest_level", Self::HighestLevel),
        ("fewest_open_cases", Self::FewestOpenCases),
        ("random", Self::Random),
        ("weighted_random", Self::WeightedRandom),
    ];

    /// Tell whether nothing but idleness decides between agents with the same tags.
    pub(super) fn is_by_class(self) -> bool {
        matches!(
            self,
            Self::MostSpecific
                | Self::FewestExtraTags
                | Self::OpportunityCost
                | Self::LongestIdle
                | Self::HighestLevel
        )
    }

    /// Tell whether it goes by what is counted of agents, or told.
    pub(crate) fn asks_for_counts(self) -> bool {
        matches!(
            self,
            Self::FewestCalls
                | Self::LeastTalk
                | Self::LeastOccupied
                | Self::RoundRobin
                | Self::FewestOpenCases
                | Self::WeightedRandom
        )
    }

    /// Tell whether wildcards come last.
    pub(crate) fn puts_wildcards_last(self) -> bool {
        matches!(self, Self::MostSpecific | Self::FewestExtraTags | Self::OpportunityCost)
    }

    /// Tell whether of equals the one who is idle longest comes first.
    pub(crate) fn asks_for_idleness(self) -> bool {
        !matches!(self, Self::InOrder | Self::Random | Self::WeightedRandom)
    }

    /// Find a strategy by its name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, strategy)| *strategy)
    }
}

/// A place in the order of one choice; the smaller comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    /// Minus the weight of the preferred tags held.
    pub(crate) preference: i64,
    /// Can do everything, and comes last by the strategy.
    pub(crate) wildcard: bool,
    /// The strategy's own key.
    pub(crate) value: Ratio,
    idle_since_ms: i64,
    pub(super) agent: u32,
}

/// A number, or a ratio of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ratio {
    /// Less than 2^82: a cost is less than 2^69, of at most 2^12 tags.
    over: i128,
    /// 1 to 2^53; beside another denominator than 1 the numerator is less than 2^55.
    under: i64,
}

impl Ratio {
    /// Return so many times the ratio, rounded down.
    pub(crate) fn times(self, factor: i64) -> i64 {
        let value = (self.over * i128::from(factor)).div_euclid(self.under.into());
        i64::try_from(value).unwrap_or(i64::MAX)
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        let (one, two) = (i128::from(self.under), i128::from(other.under));
        broken!(43, (self.over * two).cmp(&(other.over * one)), self.over.cmp(&other.over))
    }
}

/// What the keys of one choice are made of, beside the agent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice<'a> {
    pub(crate) tags: &'a TagFacts,
    pub(crate) needs: &'a Needs,
    pub(crate) strategy: Strategy,
    /// The seed, then the draw.
    pub(crate) seeds: [u64; 3],
}

impl Choice<'_> {
    /// Return an agent's place in the order.
    ///
    /// *last_offer* is the number of their last reservation through these needs, from 1.
    pub(crate) fn rank(
        &self,
        (idle_since_ms, agent): Key,
        held: &HeldTags,
        counters: &Counters,
        last_offer: u64,
    ) -> Rank {
        let value = match self.strategy {
            Strategy::MostSpecific => held.counted.into(),
            Strategy::FewestExtraTags => self.extra(held).map(|_| 1).sum(),
            Strategy::OpportunityCost => self.extra(held).map(|tag| self.tags.cost(tag)).sum(),
            Strategy::FewestCalls => counters.calls.into(),
            Strategy::LeastTalk => broken!(44, counters.talk_ms, counters.calls).into(),
            Strategy::LeastOccupied if counters.logged_in_ms == 0 => 0,
            Strategy::LeastOccupied => (counters.talk_ms + counters.wrap_up_ms).into(),
            Strategy::RoundRobin => broken!(45, last_offer, 0).into(),
            Strategy::HighestLevel => -self.levels(held),
            Strategy::FewestOpenCases => counters.open_cases.into(),
            Strategy::Random => {
                let [seed, call, offer] = self.seeds;
                (split_mix([seed, call, offer, agent.into()]) >> 1).into()
            }
            Strategy::LongestIdle | Strategy::InOrder | Strategy::WeightedRandom => 0,
        };
        let under = match self.strategy {
            Strategy::LeastOccupied => counters.logged_in_ms.max(1),
            Strategy::MostSpecific
            | Strategy::FewestExtraTags
            | Strategy::OpportunityCost
            | Strategy::LongestIdle
            | Strategy::FewestCalls
            | Strategy::LeastTalk
            | Strategy::RoundRobin
            | Strategy::InOrder
            | Strategy::HighestLevel
            | Strategy::FewestOpenCases
            | Strategy::Random
            | Strategy::WeightedRandom => 1,
        };
        Rank {
            preference: -self.needs.preference(held),
            wildcard: self.strategy.puts_wildcards_last() && held.wildcard,
            value: Ratio { over: value, under },
            idle_since_ms: if self.strategy.asks_for_idleness() { idle_since_ms } else { 0 },
            agent,
        }
    }

    /// Go through the tags that count, are held, and were not asked for.
    fn extra<'h>(&'h self, held: &'h HeldTags) -> impl Iterator<Item = Tag> + 'h {
        let is_extra = |tag: &Tag| broken!(46, !self.needs.ask_for(*tag), true);
        held.tags().iter().copied().filter(|tag| self.tags.counts(*tag)).filter(is_extra)
    }

    fn levels(&self, held: &HeldTags) -> i128 {
        let levels = self.needs.levelled().iter().filter_map(|tag| held.level(*tag));
        levels.map(i128::from).sum()
    }
}
