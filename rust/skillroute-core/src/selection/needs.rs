//! Needs: what a kind of call asks, and whether an agent meets it.

use std::collections::{BTreeMap, BTreeSet};

use super::argument::BadArgument;
use super::tags::{HeldTags, Tag, TagTable, read_level, read_tag};
use crate::limits;
use crate::mutants::broken;

/// Required tags that are looked up in rows of bits; of longer needs the others are
/// tested on the agents that are found. Three are usual.
pub(super) const ROWS_MAX: usize = 8;

/// Preferred tags of which every combination is searched by itself, from the heaviest
/// down: at most sixteen searches. With more, all eligible agents are compared.
pub(super) const COMBINED_MAX: usize = 4;

/// What is asked, as it was written, and checked.
#[derive(Debug)]
pub(super) struct NeedsNames {
    required: BTreeMap<String, u8>,
    any_of: Vec<BTreeSet<String>>,
    forbidden: BTreeSet<String>,
    preferred: BTreeMap<String, i64>,
}

/// What is asked.
#[derive(Debug)]
pub(super) struct Needs {
    /// Tag and least level, ascending by tag.
    required: Vec<(Tag, u8)>,
    /// The first of the required tags.
    pub(super) required_rows: Vec<Tag>,
    pub(super) any_of: Vec<Vec<Tag>>,
    pub(super) forbidden: Vec<Tag>,
    /// Tag and weight; never a required one.
    preferred: Vec<(Tag, i64)>,
    /// All that is required, preferred or in a group, ascending.
    asked_for: Vec<Tag>,
    /// A forbidden tag is required: even a wildcard must not be chosen (rule 5.1).
    pub(super) is_impossible: bool,
    /// Rows of bits say all there is to say about tags.
    pub(super) is_in_rows: bool,
    /// Combinations of preferred tags, the heaviest first; those of equal weight are
    /// together. Empty: there are too many.
    pub(super) combinations: Vec<Vec<Combination>>,
}

/// Agents who hold just these of the preferred tags.
#[derive(Clone, Debug)]
pub(super) struct Combination {
    pub(super) with: Vec<Tag>,
    /// The other preferred tags, and the forbidden ones.
    pub(super) without: Vec<Tag>,
}

impl NeedsNames {
    /// Read what is asked.
    pub(super) fn read<S: AsRef<str>>(
        required: &[S],
        any_of: &[Vec<S>],
        forbidden: &[S],
        prefer: &[(S, i128)],
    ) -> Result<Self, BadArgument> {
        let mut levels = BTreeMap::new();
        for text in required {
            let (name, level) = match text.as_ref().split_once(">=") {
                Some((tag, level)) => (read_tag(tag)?, read_level(level)?),
                None => (read_tag(text.as_ref())?, 1),
            };
            let least = levels.entry(name).or_insert(level);
            *least = broken!(33, level.max(*least), level.min(*least));
        }
        let mut groups = Vec::new();
        for group in any_of {
            groups.push(read_tags(group)?);
        }
        if groups.iter().any(BTreeSet::is_empty) {
            return Err(BadArgument::EmptyGroup);
        }
        let mut preferred = BTreeMap::new();
        for (tag, weight) in prefer {
            let weight = i64::try_from(*weight).unwrap_or(0);
            if !(1..=limits::WEIGHT_MAX).contains(&weight) {
                return Err(BadArgument::WeightOutOfRange);
            }
            let sum: &mut i64 = preferred.entry(read_tag(tag.as_ref())?).or_default();
            *sum = broken!(34, sum.saturating_add(weight), weight);
        }
        let forbidden = read_tags(forbidden)?;
        preferred.retain(|tag, _| broken!(35, !levels.contains_key(tag), true));
        Ok(Self { required: levels, any_of: groups, forbidden, preferred })
    }
}

fn read_tags(tags: &[impl AsRef<str>]) -> Result<BTreeSet<String>, BadArgument> {
    tags.iter().map(|tag| read_tag(tag.as_ref())).collect()
}

impl Needs {
    /// Number what is asked.
    pub(super) fn new(names: NeedsNames, tags: &mut TagTable) -> Self {
        let mut required: Vec<_> = Vec::new();
        for (name, level) in names.required {
            required.push((tags.number(name), level));
        }
        required.sort_unstable();
        let numbered = |tags: &mut TagTable, names: BTreeSet<String>| -> Vec<Tag> {
            names.into_iter().map(|name| tags.number(name)).collect()
        };
        let groups = names.any_of.into_iter();
        let any_of: Vec<_> = groups.map(|group| numbered(tags, group)).collect();
        let forbidden = numbered(tags, names.forbidden);
        let weights = names.preferred.into_iter();
        let preferred: Vec<_> = weights.map(|(name, weight)| (tags.number(name), weight)).collect();
        let mut asked_for: Vec<_> = required.iter().map(|(tag, _)| *tag).collect();
        asked_for.extend(preferred.iter().map(|(tag, _)| *tag));
        asked_for.extend(any_of.iter().flatten());
        asked_for.sort_unstable();
        asked_for.dedup();
        let asks = |tag: &Tag| required.iter().any(|(asked, _)| asked == tag);
        let combinations = combinations(&preferred, &forbidden);
        Self {
            required_rows: required.iter().map(|(tag, _)| *tag).take(ROWS_MAX).collect(),
            is_impossible: broken!(36, forbidden.iter().any(asks), false),
            is_in_rows: required.len() <= ROWS_MAX && required.iter().all(|(_, least)| *least == 1),
            required,
            any_of,
            forbidden,
            preferred,
            asked_for,
            combinations,
        }
    }

    /// Tell whether an agent with these tags may be chosen (rule 5.3).
    pub(super) fn are_met_by(&self, held: &HeldTags) -> bool {
        let is_forbidden = self.is_impossible || self.forbidden.iter().any(|tag| held.holds(*tag));
        if held.wildcard {
            return broken!(37, !is_forbidden, true);
        }
        let has = |group: &Vec<Tag>| group.iter().any(|tag| held.holds(*tag));
        !is_forbidden && self.levels_are_met_by(held) && self.any_of.iter().all(has)
    }

    /// Tell whether an agent has every required tag at its least level.
    pub(super) fn levels_are_met_by(&self, held: &HeldTags) -> bool {
        let has = |(tag, least): &(Tag, u8)| {
            let level = held.level(*tag).unwrap_or(0);
            broken!(38, level >= *least, level > 0)
        };
        held.wildcard || self.required.iter().all(has)
    }

    /// Return the required tags.
    pub(super) fn required(&self) -> impl Iterator<Item = Tag> {
        self.required.iter().map(|(tag, _)| *tag)
    }

    /// Return the summed weight of the preferred tags that are held by name.
    pub(super) fn preference(&self, held: &HeldTags) -> i64 {
        let weight = |(tag, weight): &(Tag, i64)| if held.holds(*tag) { *weight } else { 0 };
        self.preferred.iter().map(weight).sum()
    }

    /// Tell whether no tag is preferred.
    pub(super) fn prefer_nobody(&self) -> bool {
        self.preferred.is_empty()
    }

    /// Return the combination that says nothing of preferred tags.
    pub(super) fn everybody(&self) -> Combination {
        Combination { with: Vec::new(), without: self.forbidden.clone() }
    }

    /// Tell whether a tag is required, preferred or in a group.
    pub(super) fn ask_for(&self, tag: Tag) -> bool {
        self.asked_for.binary_search(&tag).is_ok()
    }
}

/// List every combination of a few preferred tags, the heaviest first.
fn combinations(preferred: &[(Tag, i64)], forbidden: &[Tag]) -> Vec<Vec<Combination>> {
    if preferred.len() > COMBINED_MAX {
        return Vec::new();
    }
    let mut by_weight: BTreeMap<i64, Vec<Combination>> = BTreeMap::new();
    for chosen in 0..1_u32 << preferred.len() {
        let mut weight = 0;
        let mut combination = Combination { with: Vec::new(), without: forbidden.to_vec() };
        for (place, (tag, more)) in preferred.iter().enumerate() {
            if chosen & (1 << place) != 0 {
                weight += more;
                combination.with.push(*tag);
            } else {
                combination.without.push(*tag);
            }
        }
        by_weight.entry(-weight).or_default().push(combination);
    }
    by_weight.into_values().collect()
}
