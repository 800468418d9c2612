//! Tags: how they are written, their numbers, and what an agent holds.

use std::collections::{BTreeMap, BTreeSet};

use super::argument::BadArgument;
use crate::error::Error;
use crate::limits;
use crate::mutants::broken;

/// Number of a tag, and of its row of bits.
pub(super) type Tag = u32;

/// Names of all tags that agents, needs or demands have mentioned.
#[derive(Debug, Default)]
pub(super) struct TagTable {
    numbers: BTreeMap<String, Tag>,
    /// Of each tag, whether its category counts in the strategies that count tags.
    counts: Vec<bool>,
    /// Of each tag, what it costs to take an agent who holds it unasked.
    costs: Vec<i128>,
    uncounted: BTreeSet<String>,
}

/// A tag that somebody holds, and how well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Held {
    pub(super) tag: Tag,
    pub(super) level: u8,
}

/// Tags as they were written, checked but not yet numbered: what is refused later leaves
/// no trace in the table.
#[derive(Debug)]
pub(super) struct HeldNames {
    levels: BTreeMap<String, u8>,
    wildcard: bool,
}

/// What one agent holds.
#[derive(Clone, Debug, Default)]
pub(super) struct HeldTags {
    /// Ascending by tag.
    pub(super) levels: Box<[Held]>,
    pub(super) wildcard: bool,
    /// How many of them count.
    pub(super) counted: u32,
}

impl HeldTags {
    /// Return the level of a tag, if it is held by name.
    pub(super) fn level(&self, tag: Tag) -> Option<u8> {
        let found = self.levels.binary_search_by_key(&tag, |held| held.tag);
        found.ok().map(|place| self.levels[place].level)
    }

    /// Tell whether a tag is held by name.
    pub(super) fn holds(&self, tag: Tag) -> bool {
        self.level(tag).is_some()
    }
}

impl TagTable {
    /// Make an empty table.
    pub(super) fn new(uncounted: BTreeSet<String>) -> Self {
        Self { uncounted, ..Self::default() }
    }

    /// Return the number of a tag, a new one if need be.
    pub(super) fn number(&mut self, name: String) -> Tag {
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        let number = Tag::try_from(self.counts.len()).expect("names of 2^32 tags fit nowhere");
        let category = name.split_once(':').map_or(&*name, |(category, _)| category);
        let counts = broken!(32, !self.uncounted.contains(category), true);
        self.counts.push(counts);
        self.costs.push(0);
        self.numbers.insert(name, number);
        number
    }

    /// Number the tags of an agent.
    pub(super) fn numbered(&mut self, names: HeldNames) -> HeldTags {
        let level = |(name, level)| Held { tag: self.number(name), level };
        let mut levels: Vec<_> = names.levels.into_iter().map(level).collect();
        levels.sort_unstable_by_key(|held| held.tag);
        let counted = levels.iter().filter(|held| self.counts(held.tag)).count();
        HeldTags {
            levels: levels.into_boxed_slice(),
            wildcard: names.wildcard,
            counted: u32::try_from(counted).unwrap_or(u32::MAX),
        }
    }

    /// Tell whether a tag counts in the strategies that count tags.
    pub(super) fn counts(&self, tag: Tag) -> bool {
        self.counts[tag as usize]
    }

    /// Return what a tag costs that was not asked for.
    pub(super) fn cost(&self, tag: Tag) -> i128 {
        self.costs[tag as usize]
    }

    /// Learn how much a tag is asked for.
    pub(super) fn tell(&mut self, name: String, demand: i64, supply: i64) {
        let number = self.number(name);
        let scaled = 65536 * i128::from(demand);
        self.costs[number as usize] = scaled / i128::from(supply.max(1));
    }
}

impl HeldNames {
    /// Read the tags of an agent; of two levels of one tag the later counts.
    pub(super) fn read(tags: &[impl AsRef<str>]) -> Result<Self, Error> {
        let mut levels = BTreeMap::new();
        let mut wildcard = false;
        for text in tags {
            let text = text.as_ref();
            if text == "*" {
                wildcard = true;
                continue;
            }
            let (tag, level) = match text.split_once('=') {
                Some((tag, level)) => (read_tag(tag)?, read_level(level)?),
                None => (read_tag(text)?, LEVEL_MAX),
            };
            levels.insert(tag, level);
        }
        if levels.len() > limits::TAGS_PER_AGENT_MAX {
            return Err(Error::Limit {
                limit: "tags_per_agent_max",
                value: limits::TAGS_PER_AGENT_MAX,
            });
        }
        Ok(Self { levels, wildcard })
    }

    /// Return the only tag, if there is just one.
    pub(super) fn only(self) -> Result<String, BadArgument> {
        let mut names = self.levels.into_keys();
        match (names.next(), names.next()) {
            (Some(name), None) => Ok(name),
            _ => Err(BadArgument::MalformedTag),
        }
    }
}

/// The highest level, in the type in which levels are kept.
const LEVEL_MAX: u8 = 100;
const _: () = assert!(LEVEL_MAX as i64 == limits::LEVEL_MAX);

/// Check a tag and return it with its category: `sales` means `skill:sales` (rule 5.4).
pub(super) fn read_tag(text: &str) -> Result<String, BadArgument> {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"._:@+/-".contains(&byte);
    let has_length = (1..=limits::ID_LENGTH_MAX).contains(&text.len());
    if !has_length || !text.bytes().all(is_fine) {
        return Err(BadArgument::MalformedTag);
    }
    if text.contains(':') { Ok(text.to_owned()) } else { Ok(format!("skill:{text}")) }
}

/// Read a level, 1 to 100, of at most three digits.
pub(super) fn read_level(text: &str) -> Result<u8, BadArgument> {
    let has_length = (1..=3).contains(&text.len());
    let is_number = has_length && text.bytes().all(|byte| byte.is_ascii_digit());
    let level = text.parse::<u8>().ok().filter(|_| is_number);
    level.filter(|level| (1..=LEVEL_MAX).contains(level)).ok_or(BadArgument::LevelOutOfRange)
}
