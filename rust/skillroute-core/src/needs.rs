//! Needs: what a call asks of an agent, gathered from its sources.
//!
//! Sources apply in their order (rule 5.1). Required tags add up, but of a category
//! declared `single` the last one asked for replaces the others. Of two levels the higher
//! counts; required beats preferred.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::contract;
use crate::ids::TagNumber;
use crate::mutants::broken;
use crate::plan::{Need, NeedKind, Plan};
use crate::staff::category;
use crate::state::{Needs, Source, Sourced};

/// Names of tags: the plan's, then those that only events have mentioned.
#[derive(Clone, Debug)]
pub(crate) struct Tags {
    names: Vec<Arc<str>>,
    numbers: BTreeMap<Arc<str>, TagNumber>,
    planned: usize,
}

impl Tags {
    /// Begin with those of a plan.
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut tags = Self { names: Vec::new(), numbers: BTreeMap::new(), planned: 0 };
        for name in &plan.tags {
            tags.add(name);
        }
        tags.planned = tags.names.len();
        tags
    }

    /// Return the number of a tag, a new one if it was never mentioned.
    pub(crate) fn add(&mut self, name: &str) -> TagNumber {
        if let Some(number) = self.number(name) {
            return number;
        }
        let (name, number) = (Arc::from(name), TagNumber::of(self.names.len()));
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, number);
        number
    }

    /// Return the number of a tag that was mentioned.
    pub(crate) fn number(&self, name: &str) -> Option<TagNumber> {
        self.numbers.get(name).copied()
    }

    /// Return all names, by number.
    pub(crate) fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// Return the name of a tag.
    pub(crate) fn name(&self, tag: TagNumber) -> &str {
        &self.names[tag.index()]
    }

    /// Return how many there are.
    pub(crate) fn count(&self) -> usize {
        self.names.len()
    }

    /// Return those that only events have mentioned, in the order in which they came.
    pub(crate) fn extra(&self) -> &[Arc<str>] {
        &self.names[self.planned..]
    }

    /// Turn a need of an event into one of numbers.
    pub(crate) fn compile(&mut self, need: &contract::Need) -> Need {
        let (kind, tags, value) = match need {
            contract::Need::Required(need) => {
                (NeedKind::Required, vec![self.add(&canonical(&need.tag))], need.level)
            }
            contract::Need::AnyOf(need) => {
                let mut tags: Vec<_> =
                    need.tags.iter().map(|tag| self.add(&canonical(tag))).collect();
                tags.sort_by(|one, two| self.name(*one).cmp(self.name(*two)));
                tags.dedup();
                (NeedKind::AnyOf, tags, 0)
            }
            contract::Need::Forbidden(need) => {
                (NeedKind::Forbidden, vec![self.add(&canonical(&need.tag))], 0)
            }
            contract::Need::Preferred(need) => {
                (NeedKind::Preferred, vec![self.add(&canonical(&need.tag))], need.weight)
            }
        };
        Need { kind, tags, value, never_relax: false }
    }
}

/// Return a tag with its category: `sales` means `skill:sales`.
pub(crate) fn canonical(tag: &str) -> String {
    if tag.contains(':') { tag.to_owned() } else { format!("skill:{tag}") }
}

/// Bring the needs of all sources together.
pub(crate) fn gather(plan: &Plan, tags: &Tags, sources: [&[Need]; 4]) -> Needs {
    let mut gathered = Gathered::default();
    let names = [Source::Queue, Source::Number, Source::Call, Source::SetNeeds];
    for (source, needs) in names.into_iter().zip(sources) {
        for need in needs {
            gathered.add(plan, tags, need, source);
        }
    }
    if broken!(15, true, false) {
        gathered.preferred.retain(|tag, _| !gathered.required.contains_key(tag));
    }
    let mut required = by_name(tags, gathered.required);
    for need in &mut required {
        need.never_relax = gathered.fixed.contains(&need.tags[0]);
    }
    Needs {
        required,
        any_of: groups_by_name(tags, gathered.any_of),
        forbidden: by_name(tags, gathered.forbidden),
        preferred: by_name(tags, gathered.preferred),
    }
}

/// Needs while they are being gathered: numbers and sources.
#[derive(Default)]
struct Gathered {
    required: BTreeMap<TagNumber, (i64, Source)>,
    /// Required tags that no step drops or lowers.
    fixed: BTreeSet<TagNumber>,
    any_of: BTreeMap<Vec<TagNumber>, Source>,
    forbidden: BTreeMap<TagNumber, (i64, Source)>,
    preferred: BTreeMap<TagNumber, (i64, Source)>,
}

impl Gathered {
    fn add(&mut self, plan: &Plan, tags: &Tags, need: &Need, source: Source) {
        let tag = need.tags[0];
        match need.kind {
            NeedKind::Required => {
                if need.never_relax {
                    self.fixed.insert(tag);
                }
                self.require(plan, tags, tag, (need.value, source));
            }
            NeedKind::AnyOf => {
                self.any_of.entry(need.tags.clone()).or_insert(source);
            }
            NeedKind::Forbidden => {
                self.forbidden.entry(tag).or_insert((0, source));
            }
            NeedKind::Preferred => {
                let (weight, _) = self.preferred.entry(tag).or_insert((0, source));
                *weight = weight.saturating_add(need.value);
            }
        }
    }

    fn require(&mut self, plan: &Plan, tags: &Tags, tag: TagNumber, asked: (i64, Source)) {
        let category = category(tags.name(tag));
        let is_single = plan.single.iter().any(|name| **name == *category);
        if broken!(16, is_single, false) {
            let is_same = |other: TagNumber| self::category(tags.name(other)) == category;
            self.required.retain(|other, _| *other == tag || !is_same(*other));
        }
        match self.required.entry(tag) {
            Entry::Vacant(entry) => {
                entry.insert(asked);
            }
            Entry::Occupied(mut entry) => {
                if broken!(17, asked.0 > entry.get().0, true) {
                    entry.insert(asked);
                }
            }
        }
    }
}

fn by_name(tags: &Tags, gathered: BTreeMap<TagNumber, (i64, Source)>) -> Vec<Sourced> {
    let mut needs: Vec<_> = gathered
        .into_iter()
        .map(|(tag, (value, source))| Sourced {
            tags: vec![tag],
            value,
            source,
            never_relax: false,
        })
        .collect();
    needs.sort_by(|one, two| tags.name(one.tags[0]).cmp(tags.name(two.tags[0])));
    needs
}

fn groups_by_name(tags: &Tags, gathered: BTreeMap<Vec<TagNumber>, Source>) -> Vec<Sourced> {
    let mut needs: Vec<_> = gathered
        .into_iter()
        .map(|(tags, source)| Sourced { tags, value: 0, source, never_relax: false })
        .collect();
    needs.sort_by_key(|need| need.tags.iter().map(|tag| tags.name(*tag)).collect::<Vec<_>>());
    needs
}
