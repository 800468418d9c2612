//! Classes: agents who hold the same tags at the same levels, and wear the same badges,
//! while there are few.
//!
//! What needs ask of tags, they ask of a class. So each needs handle remembers which
//! classes fit and in which order (`Memo`), and a choice looks at the first agent of
//! each; the tags of the agents are not looked at again. With many classes this would be
//! slower than the rows of `slots.rs`, which then take over for good.

use std::collections::BTreeMap;

use super::needs::Needs;
use super::slots::Slots;
use super::tags::HeldTags;
use crate::mutants::broken;

/// All classes.
#[derive(Clone, Debug, Default)]
pub(super) struct Classes {
    by_tags: BTreeMap<HeldTags, u32>,
    /// By their level among the slots.
    classes: Vec<Class>,
    /// Levels in the order in which their classes came, since the last clearing.
    came: Vec<u32>,
    /// Levels without a class.
    spare: Vec<u32>,
    /// How often unused classes were cleared away; what memos know of earlier is wrong.
    clearings: u64,
}

#[derive(Clone, Debug)]
struct Class {
    tags: HeldTags,
    agents: usize,
}

/// Which classes fit needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Memo {
    clearings: u64,
    /// How many of those that came were looked at.
    seen: usize,
    /// In the order of `most_specific`.
    pub(super) fitting: Vec<Fitting>,
}

/// A class that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fitting {
    /// Minus the weight of preferred tags, wildcard, how many tags count.
    pub(super) key: (i64, bool, u16),
    pub(super) level: u32,
}

/// Beyond so many classes, going through those that fit takes longer than the rows of
/// bits do. Fewer in checked builds, so that small tests go both ways.
const CLASSES_MAX: usize = if cfg!(debug_assertions) { 5 } else { 256 };
/// If no more than this are left after clearing, classes go on being used.
const CLASSES_KEPT_MAX: usize = CLASSES_MAX / 2;

impl Classes {
    /// Let an agent with such tags in; return the level, or None if there are too many
    /// classes.
    pub(super) fn join(&mut self, tags: &HeldTags, slots: &mut Slots) -> Option<u32> {
        if let Some(level) = self.by_tags.get(tags) {
            self.classes[*level as usize].agents += 1;
            return Some(*level);
        }
        if self.by_tags.len() >= CLASSES_MAX {
            self.clear();
            if self.by_tags.len() > CLASSES_KEPT_MAX {
                return None;
            }
        }
        let class = Class { tags: tags.clone(), agents: 1 };
        let level = if let Some(level) = self.spare.pop() {
            self.classes[level as usize] = class;
            level
        } else {
            self.classes.push(class);
            slots.add_level()
        };
        self.by_tags.insert(tags.clone(), level);
        self.came.push(level);
        Some(level)
    }

    /// Let an agent out.
    pub(super) fn leave(&mut self, level: u32) {
        let agents = &mut self.classes[level as usize].agents;
        *agents = agents.saturating_sub(1);
    }

    /// Tell whether a memo has looked at all classes.
    #[inline]
    pub(super) fn are_in(&self, memo: &Memo) -> bool {
        memo.clearings == self.clearings && memo.seen == self.came.len()
    }

    /// Look at the classes that came since a memo was looked at.
    #[cold]
    pub(super) fn refresh(&self, memo: &mut Memo, needs: &Needs) {
        if broken!(51, memo.clearings != self.clearings, false) {
            *memo = Memo::default();
        }
        for level in &self.came[memo.seen.min(self.came.len())..] {
            let tags = &self.classes[*level as usize].tags;
            if needs.are_met_by(tags) {
                let key = (-needs.preference(tags), tags.wildcard, tags.counted);
                memo.fitting.push(Fitting { key, level: *level });
            }
        }
        memo.fitting.sort_unstable();
        memo.clearings = self.clearings;
        memo.seen = self.came.len();
    }

    /// Clear classes away that nobody is in.
    fn clear(&mut self) {
        let Self { by_tags, classes, came, spare, .. } = self;
        by_tags.retain(|_, level| {
            let is_used = classes[*level as usize].agents > 0;
            if !is_used {
                spare.push(*level);
            }
            is_used
        });
        *came = by_tags.values().copied().collect();
        self.clearings += 1;
    }
}
