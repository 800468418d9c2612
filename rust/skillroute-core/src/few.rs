//! Sets that mostly have few elements: what one event has changed.
//!
//! A few stand in the set itself, ascending, so that no memory is asked for; more of them
//! in a tree.

use std::collections::BTreeSet;
use std::ops::RangeBounds;

/// So many stand in the set itself.
const FEW: usize = 4;

/// A set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Few<T> {
    /// Ascending, as far as they count; none if there is a tree.
    first: [T; FEW],
    count: usize,
    many: Option<BTreeSet<T>>,
}

impl<T: Copy + Ord> Few<T> {
    /// Tell whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Return how many are in it.
    pub(crate) fn len(&self) -> usize {
        self.count + self.many.as_ref().map_or(0, BTreeSet::len)
    }

    /// Put something in.
    pub(crate) fn insert(&mut self, one: T) {
        if let Some(many) = &mut self.many {
            many.insert(one);
            return;
        }
        let Err(place) = self.few().binary_search(&one) else {
            return;
        };
        if self.count == FEW {
            let many = self.first.into_iter().chain([one]);
            self.many = Some(many.collect());
            self.count = 0;
            return;
        }
        self.first.copy_within(place..self.count, place + 1);
        self.first[place] = one;
        self.count += 1;
    }

    /// Take something out, if it is in it.
    pub(crate) fn remove(&mut self, one: &T) {
        if let Some(many) = &mut self.many {
            many.remove(one);
        } else if let Ok(place) = self.few().binary_search(one) {
            self.first.copy_within(place + 1..self.count, place);
            self.count -= 1;
        }
    }

    /// Tell whether something is in it.
    pub(crate) fn contains(&self, one: &T) -> bool {
        match &self.many {
            Some(many) => many.contains(one),
            None => self.few().binary_search(one).is_ok(),
        }
    }

    /// Go through all of it, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.few().iter().chain(self.many.iter().flatten())
    }

    /// Go through a part of it, ascending.
    pub(crate) fn range(&self, part: impl RangeBounds<T> + Clone) -> impl Iterator<Item = &T> {
        let many = self.many.as_ref().map(|many| many.range(part.clone()));
        let few = self.few().iter().filter(move |one| part.contains(one));
        few.chain(many.into_iter().flatten())
    }

    fn few(&self) -> &[T] {
        &self.first[..self.count]
    }
}

impl<T: Copy + Ord> Extend<T> for Few<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, others: I) {
        others.into_iter().for_each(|one| self.insert(one));
    }
}

impl<T: Copy + Ord + Default> FromIterator<T> for Few<T> {
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
