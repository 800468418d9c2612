//! Needs: what a kind of call asks, and whether an agent meets it.

use std::collections::BTreeMap;

use super::tags::{HeldTags, Tag};
use crate::mutants::broken;

/// Required tags that are looked up in rows of bits; of longer needs the others are
/// tested on the agents that are found. Three are usual. Checked builds go both ways.
pub(super) const ROWS_MAX: usize = if cfg!(debug_assertions) { 3 } else { 16 };

/// Preferred tags of which every combination is searched by itself, from the heaviest
/// down: at most sixteen searches. With more, all eligible agents are compared.
pub(super) const COMBINED_MAX: usize = 4;

/// What is asked; no tag comes twice in a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Tag and least level.
    pub(crate) required: Vec<(Tag, u8)>,
    /// Groups, of each of which one tag must be held.
    pub(crate) any_of: Vec<Vec<Tag>>,
    /// Tags that must not be held.
    pub(crate) forbidden: Vec<Tag>,
    /// Tag and weight; never a required one.
    pub(crate) preferred: Vec<(Tag, i64)>,
    /// Tags of all these, and the membership whose members pass without holding them.
    pub(crate) granted: Vec<(Tag, usize)>,
}

/// What is asked, and what follows from it.
#[derive(Clone, Debug)]
pub(crate) struct Needs {
    /// Ascending.
    wanted: Wanted,
    /// The first of the required tags.
    required_rows: Vec<Tag>,
    /// What its members wear, if they are told by that.
    badge: Option<Tag>,
    /// Required tags that are granted to those who wear a badge: tag, least level, badge.
    granted: Vec<(Tag, u8, Tag)>,
    /// All that is required, preferred or in a group, ascending.
    asked_for: Vec<Tag>,
    /// The required tags whose levels the order may ask for, ascending.
    levelled: Vec<Tag>,
    /// A forbidden tag is required: even a wildcard must not be chosen (rule 5.1).
    bars_wildcards: bool,
    /// One of those is granted to nobody.
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

impl Wanted {
    /// List all that is required, preferred or in a group, ascending.
    fn asked_for(&self) -> Vec<Tag> {
        let mut asked_for: Vec<_> = self.required.iter().map(|(tag, _)| *tag).collect();
        asked_for.extend(self.preferred.iter().map(|(tag, _)| *tag));
        asked_for.extend(self.any_of.iter().flatten());
        asked_for.sort_unstable();
        asked_for.dedup();
        asked_for
    }
}

impl Needs {
    /// Draw the conclusions.
    pub(crate) fn new(mut wanted: Wanted) -> Self {
        wanted.required.sort_unstable();
        let required = || wanted.required.iter().map(|(tag, _)| *tag);
        let asks = |tag: &Tag| required().any(|asked| asked == *tag);
        let are_low = wanted.required.iter().all(|(_, least)| *least == 1);
        let is_contradicted = broken!(36, wanted.forbidden.iter().any(asks), false);
        Self {
            required_rows: required().take(ROWS_MAX).collect(),
            bars_wildcards: is_contradicted,
            is_impossible: is_contradicted,
            is_in_rows: are_low && wanted.required.len() <= ROWS_MAX,
            badge: None,
            granted: Vec::new(),
            asked_for: wanted.asked_for(),
            levelled: required().collect(),
            combinations: combinations(&wanted.preferred, &wanted.forbidden),
            wanted,
        }
    }

    /// Let agents be put in order by what others ask than decides who may be chosen.
    pub(crate) fn ordered_by(self, in_force: &Wanted) -> Self {
        let levelled = in_force.required.iter().map(|(tag, _)| *tag).collect();
        Self { asked_for: in_force.asked_for(), levelled, ..self }
    }

    /// Return the tags that members of something pass without holding them.
    pub(super) fn grants(&self) -> &[(Tag, usize)] {
        &self.wanted.granted
    }

    /// Let a badge stand for a tag, at every level, where the tag must be held.
    pub(super) fn grant(&mut self, tag: Tag, badge: Tag) {
        for group in self.wanted.any_of.iter_mut().filter(|group| group.contains(&tag)) {
            group.push(badge);
        }
        let required = &mut self.wanted.required;
        if let Some(place) = required.iter().position(|(one, _)| *one == tag) {
            let (_, least) = required.remove(place);
            self.granted.push((tag, least, badge));
            self.required_rows = required.iter().map(|(tag, _)| *tag).take(ROWS_MAX).collect();
            self.is_in_rows = false;
            // Whoever has a tag of a step does not hold it: it is not forbidden to them.
            let is_forbidden = |(tag, _): &(Tag, u8)| self.wanted.forbidden.contains(tag);
            self.is_impossible &= self.wanted.required.iter().any(is_forbidden);
        }
    }

    /// Ask of everybody, wildcards too, that they wear a badge.
    pub(super) fn ask_for_badge(&mut self, badge: Tag) {
        self.badge = Some(badge);
        for combination in self.combinations.iter_mut().flatten() {
            combination.with.push(badge);
        }
    }

    /// Tell whether an agent with these tags may be chosen (rule 5.3).
    pub(super) fn are_met_by(&self, held: &HeldTags) -> bool {
        if self.badge.is_some_and(|badge| !held.holds(badge)) {
            return false;
        }
        let mut forbidden = self.wanted.forbidden.iter();
        let is_forbidden = self.is_impossible || forbidden.any(|tag| held.holds(*tag));
        if held.wildcard {
            return broken!(37, !is_forbidden && !self.bars_wildcards, true);
        }
        let has = |group: &Vec<Tag>| group.iter().any(|tag| held.holds(*tag));
        !is_forbidden && self.levels_are_met_by(held) && self.wanted.any_of.iter().all(has)
    }

    /// Tell whether an agent has every required tag at its least level.
    pub(super) fn levels_are_met_by(&self, held: &HeldTags) -> bool {
        let has = |(tag, least): &(Tag, u8)| {
            let level = held.level(*tag).unwrap_or(0);
            broken!(38, level >= *least, level > 0)
        };
        let passes = |(tag, least, badge): &(Tag, u8, Tag)| {
            held.holds(*badge) || held.level(*tag).is_some_and(|level| level >= *least)
        };
        let is_granted = || self.granted.iter().all(passes);
        if held.wildcard {
            return !self.bars_wildcards;
        }
        self.wanted.required.iter().all(has) && is_granted()
    }

    /// Return the required tags that are looked up in rows.
    pub(super) fn required_rows(&self) -> &[Tag] {
        &self.required_rows
    }

    /// Return the required tags whose levels the order may ask for.
    pub(super) fn levelled(&self) -> &[Tag] {
        &self.levelled
    }

    /// Return the required tags.
    pub(super) fn required(&self) -> impl Iterator<Item = Tag> {
        self.wanted.required.iter().map(|(tag, _)| *tag)
    }

    /// Return the groups, of each of which one tag must be held.
    pub(super) fn any_of(&self) -> &[Vec<Tag>] {
        &self.wanted.any_of
    }

    /// Return the summed weight of the preferred tags that are held by name.
    pub(super) fn preference(&self, held: &HeldTags) -> i64 {
        let weight = |(tag, weight): &(Tag, i64)| if held.holds(*tag) { *weight } else { 0 };
        self.wanted.preferred.iter().map(weight).fold(0, i64::saturating_add)
    }

    /// Tell whether rows say all, and one search is enough.
    pub(super) fn is_plain(&self) -> bool {
        self.is_in_rows && !self.is_impossible && self.wanted.preferred.is_empty()
    }

    /// Return the combination that says nothing of preferred tags.
    pub(super) fn everybody(&self) -> Combination {
        let with = self.badge.into_iter().collect();
        Combination { with, without: self.wanted.forbidden.clone() }
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
        let mut weight: i64 = 0;
        let mut combination = Combination { with: Vec::new(), without: forbidden.to_vec() };
        for (place, (tag, more)) in preferred.iter().enumerate() {
            if chosen & (1 << place) != 0 {
                weight = weight.saturating_add(*more);
                combination.with.push(*tag);
            } else {
                combination.without.push(*tag);
            }
        }
        by_weight.entry(-weight).or_default().push(combination);
    }
    by_weight.into_values().collect()
}
