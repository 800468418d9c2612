//! Tags: what an agent holds, and what is known of each tag.

/// Number of a tag.
///
/// From `BADGES` on they are badges: an agent who is a member of something wears its badge
/// beside their tags. Nobody asks for one by name, and none is ever counted.
pub(crate) type Tag = u32;

/// The first badge.
pub(super) const BADGES: Tag = 1 << 31;

/// The highest level, which a tag has that is held without one (rule 5.2).
pub(crate) const LEVEL_MAX: u8 = 100;

/// What one agent holds: tags and badges ascending and, unless all levels are the highest, the
/// levels, four to a word. Two agents hold the same if and only if these are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HeldTags {
    words: Box<[u32]>,
    count: u32,
    /// How many of them count.
    pub(super) counted: u16,
    /// Meets every required tag, level and group.
    pub(super) wildcard: bool,
}

/// What the strategies ask about tags.
#[derive(Clone, Debug, Default)]
pub(crate) struct TagFacts {
    /// Of each tag, what it costs to take an agent who holds it unasked. Tags beyond the
    /// end cost nothing, and count.
    costs: Vec<i128>,
    /// Of each tag, whether its category is left out where tags are counted.
    uncounted: Vec<bool>,
}

const LEVELS_IN_WORD: usize = 4;

impl HeldTags {
    /// Put tags and levels together; no tag comes twice.
    pub(crate) fn new(mut held: Vec<(Tag, u8)>, wildcard: bool, facts: &TagFacts) -> Self {
        held.sort_unstable();
        let counts = |(tag, _): &&(Tag, u8)| *tag < BADGES && facts.counts(*tag);
        let counted = held.iter().filter(counts).count();
        let mut words: Vec<u32> = held.iter().map(|(tag, _)| *tag).collect();
        if held.iter().any(|(_, level)| *level != LEVEL_MAX) {
            for four in held.chunks(LEVELS_IN_WORD) {
                let mut levels = [0; LEVELS_IN_WORD];
                for (place, (_, level)) in levels.iter_mut().zip(four) {
                    *place = *level;
                }
                words.push(u32::from_le_bytes(levels));
            }
        }
        Self {
            words: words.into_boxed_slice(),
            count: u32::try_from(held.len()).expect("there are fewer tags and badges than 2^32"),
            counted: u16::try_from(counted).expect("an agent has at most 4096 tags"),
            wildcard,
        }
    }

    /// Return the tags and badges, ascending.
    pub(super) fn rows(&self) -> &[Tag] {
        &self.words[..self.count as usize]
    }

    /// Return the tags, ascending.
    pub(super) fn tags(&self) -> &[Tag] {
        let rows = self.rows();
        &rows[..rows.partition_point(|tag| *tag < BADGES)]
    }

    /// Return the badges, ascending.
    pub(super) fn badges(&self) -> &[Tag] {
        &self.rows()[self.tags().len()..]
    }

    /// Return the same tags with other badges.
    pub(super) fn with_badges(&self, badges: &[Tag], facts: &TagFacts) -> Self {
        let level = |tag: &Tag| self.level(*tag).map(|level| (*tag, level));
        let mut held: Vec<_> = self.tags().iter().filter_map(level).collect();
        held.extend(badges.iter().map(|badge| (*badge, LEVEL_MAX)));
        Self::new(held, self.wildcard, facts)
    }

    /// Return the level of a tag, if it is held by name.
    pub(super) fn level(&self, tag: Tag) -> Option<u8> {
        let place = self.rows().binary_search(&tag).ok()?;
        let levels = &self.words[self.count as usize..];
        let four = levels.get(place / LEVELS_IN_WORD);
        Some(four.map_or(LEVEL_MAX, |four| four.to_le_bytes()[place % LEVELS_IN_WORD]))
    }

    /// Tell whether a tag is held by name, or a badge worn.
    pub(super) fn holds(&self, tag: Tag) -> bool {
        self.rows().binary_search(&tag).is_ok()
    }
}

impl TagFacts {
    /// Learn whether a tag counts in the strategies that count tags.
    pub(crate) fn set_counts(&mut self, tag: Tag, counts: bool) {
        let place = tag as usize;
        if self.uncounted.len() <= place {
            self.uncounted.resize(place + 1, false);
        }
        self.uncounted[place] = !counts;
    }

    /// Learn what a tag costs that was not asked for.
    pub(crate) fn set_cost(&mut self, tag: Tag, cost: i128) {
        let place = tag as usize;
        if self.costs.len() <= place {
            self.costs.resize(place + 1, 0);
        }
        self.costs[place] = cost;
    }

    /// Tell whether a tag counts in the strategies that count tags.
    pub(super) fn counts(&self, tag: Tag) -> bool {
        !self.uncounted.get(tag as usize).copied().unwrap_or(false)
    }

    /// Return what a tag costs that was not asked for.
    pub(super) fn cost(&self, tag: Tag) -> i128 {
        self.costs.get(tag as usize).copied().unwrap_or(0)
    }
}
