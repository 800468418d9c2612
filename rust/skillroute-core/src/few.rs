//! Sets that mostly have few elements: what one event has changed.
//!
//! A few stand in a row, ascending, more of them in a tree. The row's memory is kept when
//! the set is emptied, so a set that serves event after event asks for none.

use std::collections::BTreeSet;
use std::ops::RangeBounds;

/// So many stand in a row; fewer in checked builds, so that small tests go both ways.
const FEW: usize = if cfg!(debug_assertions) { 2 } else { 8 };

/// A set.
#[derive(Clone, Debug)]
pub(crate) struct Few<T> {
    /// Ascending; none if there are many.
    few: Vec<T>,
    many: BTreeSet<T>,
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self { few: Vec::new(), many: BTreeSet::new() }
    }
}

impl<T: Copy + Ord> Few<T> {
    /// Tell whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Take everything out.
    pub(crate) fn clear(&mut self) {
        self.few.clear();
        // A tree takes steps to clear even if it is empty.
        if !self.many.is_empty() {
            self.many.clear();
        }
    }

    /// Return how many are in it.
    pub(crate) fn len(&self) -> usize {
        self.few.len() + self.many.len()
    }

    /// Put something in.
    pub(crate) fn insert(&mut self, one: T) {
        if !self.many.is_empty() {
            self.many.insert(one);
            return;
        }
        let Err(place) = self.few.binary_search(&one) else {
            return;
        };
        if self.few.len() < FEW {
            self.few.insert(place, one);
            return;
        }
        self.many.extend(self.few.drain(..));
        self.many.insert(one);
    }

    /// Take something out, if it is in it.
    pub(crate) fn remove(&mut self, one: &T) {
        if !self.many.is_empty() {
            self.many.remove(one);
        } else if let Ok(place) = self.few.binary_search(one) {
            self.few.remove(place);
        }
    }

    /// Tell whether something is in it.
    pub(crate) fn contains(&self, one: &T) -> bool {
        self.few.binary_search(one).is_ok() || self.many.contains(one)
    }

    /// Go through all of it, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.few.iter().chain(&self.many)
    }

    /// Go through a part of it, ascending.
    pub(crate) fn range(&self, part: impl RangeBounds<T> + Clone) -> impl Iterator<Item = &T> {
        let many = self.many.range(part.clone());
        self.few.iter().filter(move |one| part.contains(one)).chain(many)
    }
}

impl<T: Copy + Ord> Extend<T> for Few<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, others: I) {
        others.into_iter().for_each(|one| self.insert(one));
    }
}

impl<T: Copy + Ord> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(others: I) -> Self {
        let mut made = Self::default();
        made.extend(others);
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_a_set_is() {
        let (mut few, mut set) = (Few::default(), BTreeSet::new());
        let mut drawn = 1_u64;
        for step in 0..2_000 {
            drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let one = (drawn >> 40) % 12;
            // It grows, and it shrinks.
            if (drawn >> 50) % 10 < 3 + step / 250 % 2 * 4 {
                few.insert(one);
                set.insert(one);
            } else {
                few.remove(&one);
                set.remove(&one);
            }
            assert!(set.iter().eq(few.iter()));
            assert!(set.range(3..=7).eq(few.range(3..=7)));
            assert_eq!((set.len(), set.is_empty()), (few.len(), few.is_empty()));
            assert_eq!(set.contains(&5), few.contains(&5));
        }
    }
}
