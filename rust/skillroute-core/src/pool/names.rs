//! Names: how tags are written by whoever uses the public pool, and their numbers.
//!
//! What is written is read and checked as a whole before anything gets a number: what is
//! refused leaves no trace.

use std::collections::{BTreeMap, BTreeSet};

use super::argument::BadArgument;
use super::needs::{Needs, Wanted};
use super::tags::{HeldTags, LEVEL_MAX, Tag, TagFacts};
use crate::error::Error;
use crate::limits;
use crate::mutants::broken;

const _: () = assert!(LEVEL_MAX as i64 == limits::LEVEL_MAX);

/// Names of all tags that agents, needs or demands have mentioned.
#[derive(Clone, Debug, Default)]
pub(super) struct TagNames {
    numbers: BTreeMap<String, Tag>,
    uncounted: BTreeSet<String>,
}

/// Tags of an agent, as they were written.
#[derive(Debug)]
pub(super) struct HeldNames {
    levels: BTreeMap<String, u8>,
    wildcard: bool,
}

/// What is asked, as it was written.
#[derive(Debug)]
pub(super) struct NeedsNames {
    required: BTreeMap<String, u8>,
    any_of: Vec<BTreeSet<String>>,
    forbidden: BTreeSet<String>,
    preferred: BTreeMap<String, i64>,
}

impl TagNames {
    /// Begin with no names.
    pub(super) fn new(uncounted: BTreeSet<String>) -> Self {
        Self { numbers: BTreeMap::new(), uncounted }
    }

    /// Return the number of a tag, a new one if need be.
    pub(super) fn number(&mut self, name: String, facts: &mut TagFacts) -> Tag {
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        let number = Tag::try_from(self.numbers.len()).expect("names of 2^32 tags fit nowhere");
        let category = name.split_once(':').map_or(&*name, |(category, _)| category);
        let counts = broken!(32, !self.uncounted.contains(category), true);
        facts.set_counts(number, counts);
        self.numbers.insert(name, number);
        number
    }

    /// Number the tags of an agent.
    pub(super) fn held(&mut self, names: HeldNames, facts: &mut TagFacts) -> HeldTags {
        let levels = names.levels.into_iter();
        let held = levels.map(|(name, level)| (self.number(name, facts), level)).collect();
        HeldTags::new(held, names.wildcard, facts)
    }

    /// Number what is asked.
    pub(super) fn needs(&mut self, names: NeedsNames, facts: &mut TagFacts) -> Needs {
        let mut number = |name| self.number(name, facts);
        let required = names.required.into_iter();
        let mut wanted = Wanted {
            required: required.map(|(name, least)| (number(name), least)).collect(),
            ..Wanted::default()
        };
        for group in names.any_of {
            wanted.any_of.push(group.into_iter().map(&mut number).collect());
        }
        wanted.forbidden = names.forbidden.into_iter().map(&mut number).collect();
        let preferred = names.preferred.into_iter();
        wanted.preferred = preferred.map(|(name, weight)| (number(name), weight)).collect();
        Needs::new(wanted)
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

impl NeedsNames {
    /// Read what is asked.
    pub(super) fn read<S: AsRef<str>>(
        required: &[S],
        any_of: &[Vec<S>],
        forbidden: &[S],
        prefer: &[(S, i64)],
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
            if !(1..=limits::WEIGHT_MAX).contains(weight) {
                return Err(BadArgument::WeightOutOfRange);
            }
            let sum: &mut i64 = preferred.entry(read_tag(tag.as_ref())?).or_default();
            *sum = broken!(34, sum.saturating_add(*weight), *weight);
        }
        let forbidden = read_tags(forbidden)?;
        preferred.retain(|tag, _| broken!(35, !levels.contains_key(tag), true));
        Ok(Self { required: levels, any_of: groups, forbidden, preferred })
    }
}

fn read_tags(tags: &[impl AsRef<str>]) -> Result<BTreeSet<String>, BadArgument> {
    tags.iter().map(|tag| read_tag(tag.as_ref())).collect()
}

/// Check a tag and return it with its category: `sales` means `skill:sales` (rule 5.4).
fn read_tag(text: &str) -> Result<String, BadArgument> {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"._:@+/-".contains(&byte);
    let has_length = (1..=limits::ID_LENGTH_MAX).contains(&text.len());
    if !has_length || !text.bytes().all(is_fine) {
        return Err(BadArgument::MalformedTag);
    }
    if text.contains(':') { Ok(text.to_owned()) } else { Ok(format!("skill:{text}")) }
}

/// Read a level, 1 to 100, of at most three digits.
fn read_level(text: &str) -> Result<u8, BadArgument> {
    let has_length = (1..=3).contains(&text.len());
    let is_number = has_length && text.bytes().all(|byte| byte.is_ascii_digit());
    let level = text.parse::<u8>().ok().filter(|_| is_number);
    level.filter(|level| (1..=LEVEL_MAX).contains(level)).ok_or(BadArgument::LevelOutOfRange)
}
