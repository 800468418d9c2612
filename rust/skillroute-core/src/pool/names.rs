//! Names: how tags are written by whoever uses the public pool, and their numbers.
//!
//! What is written is read and checked as a whole before anything gets a number: what is
//! refused leaves no trace.

use std::borrow::Cow;
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

/// Tags of an agent, as they were written: one may come twice.
#[derive(Debug)]
pub(super) struct HeldNames<'t> {
    levels: Vec<(Cow<'t, str>, u8)>,
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
    pub(super) fn number(&mut self, name: Cow<'_, str>, facts: &mut TagFacts) -> Tag {
        if let Some(number) = self.numbers.get(&*name) {
            return *number;
        }
        let number = Tag::try_from(self.numbers.len()).expect("names of 2^32 tags fit nowhere");
        let category = name.split_once(':').map_or(&*name, |(category, _)| category);
        let counts = broken!(32, !self.uncounted.contains(category), true);
        facts.set_counts(number, counts);
        self.numbers.insert(name.into_owned(), number);
        number
    }

    /// Number the tags of an agent; of two levels of one tag the later counts.
    pub(super) fn held(&mut self, names: HeldNames<'_>, facts: &mut TagFacts) -> HeldTags {
        let levels = names.levels.into_iter().rev();
        let mut held: Vec<_> =
            levels.map(|(name, level)| (self.number(name, facts), level)).collect();
        held.sort_by_key(|(tag, _)| *tag);
        held.dedup_by_key(|(tag, _)| *tag);
        HeldTags::new(held, names.wildcard, facts)
    }

    /// Number what is asked.
    pub(super) fn needs(&mut self, names: NeedsNames, facts: &mut TagFacts) -> Needs {
        let mut number = |name: String| self.number(name.into(), facts);
        let required = names.required.into_iter();
        let mut wanted = Wanted {
            granted: Vec::new(),
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

impl<'t> HeldNames<'t> {
    /// Read the tags of an agent.
    pub(super) fn read(tags: &'t [impl AsRef<str>]) -> Result<Self, Error> {
        let mut levels = Vec::with_capacity(tags.len());
        let mut wildcard = false;
        for text in tags {
            let text = text.as_ref();
            if text == "*" {
                wildcard = true;
                continue;
            }
            levels.push(match text.split_once('=') {
                Some((tag, level)) => (read_tag(tag)?, read_level(level)?),
                None => (read_tag(text)?, LEVEL_MAX),
            });
        }
        let names = Self { levels, wildcard };
        if names.are_too_many() {
            return Err(Error::Limit {
                limit: "tags_per_agent_max",
                value: limits::TAGS_PER_AGENT_MAX,
            });
        }
        Ok(names)
    }

    /// Return the only tag, if there is just one.
    pub(super) fn only(mut self) -> Result<Cow<'t, str>, BadArgument> {
        match (self.levels.pop(), self.levels.is_empty()) {
            (Some((name, _)), true) => Ok(name),
            _ => Err(BadArgument::MalformedTag),
        }
    }

    fn are_too_many(&self) -> bool {
        let most = limits::TAGS_PER_AGENT_MAX;
        let different = || self.levels.iter().map(|(name, _)| name).collect::<BTreeSet<_>>();
        self.levels.len() > most && different().len() > most
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
            let least = levels.entry(name.into_owned()).or_insert(level);
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
            let sum: &mut i64 = preferred.entry(read_tag(tag.as_ref())?.into_owned()).or_default();
            *sum = broken!(34, sum.saturating_add(*weight), *weight);
        }
        let forbidden = read_tags(forbidden)?;
        preferred.retain(|tag, _| broken!(35, !levels.contains_key(tag), true));
        Ok(Self { required: levels, any_of: groups, forbidden, preferred })
    }
}

fn read_tags(tags: &[impl AsRef<str>]) -> Result<BTreeSet<String>, BadArgument> {
    tags.iter().map(|tag| Ok(read_tag(tag.as_ref())?.into_owned())).collect()
}

/// Check a tag and return it with its category: `sales` means `skill:sales` (rule 5.4).
fn read_tag(text: &str) -> Result<Cow<'_, str>, BadArgument> {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"._:@+/-".contains(&byte);
    let has_length = (1..=limits::ID_LENGTH_MAX).contains(&text.len());
    if !has_length || !text.bytes().all(is_fine) {
        return Err(BadArgument::MalformedTag);
    }
    if text.contains(':') { Ok(text.into()) } else { Ok(format!("skill:{text}").into()) }
}

/// Read a level, 1 to 100, of at most three digits.
fn read_level(text: &str) -> Result<u8, BadArgument> {
    let has_length = (1..=3).contains(&text.len());
    let is_number = has_length && text.bytes().all(|byte| byte.is_ascii_digit());
    let level = text.parse::<u8>().ok().filter(|_| is_number);
    level.filter(|level| (1..=LEVEL_MAX).contains(level)).ok_or(BadArgument::LevelOutOfRange)
}
