//! Things by numbers that count up: calls, offers, and timers by what they are about.
//!
//! Pages of a table say where the thing of each number lies, so finding one takes a few
//! steps however many there are, and it does not move before it is taken out. A page is
//! forgotten when nothing of it is left, so old numbers take no room.

use std::marker::PhantomData;
use std::ops::Index;

use crate::ids::{CallNumber, OfferNumber};

/// Numbers in a page. Few in checked builds, so that small tests turn pages.
const PAGE: usize = if cfg!(debug_assertions) { 4 } else { 512 };

/// A place where nothing is.
const NOWHERE: u32 = u32::MAX;

/// A number that counts up.
pub(crate) trait Number: Copy {
    /// Return it.
    fn count(self) -> u64;
    /// Return the number that is so much.
    fn of_count(count: u64) -> Self;
}

/// Let a type be such a number.
macro_rules! number {
    ($($name:ident),*) => {$(
        impl Number for $name {
            fn count(self) -> u64 {
                self.0
            }

            fn of_count(count: u64) -> Self {
                Self(count)
            }
        }
    )*};
}

number!(CallNumber, OfferNumber);

/// The subjects of timers of one kind.
impl Number for u64 {
    fn count(self) -> u64 {
        self
    }

    fn of_count(count: u64) -> Self {
        count
    }
}

/// Things by their numbers.
#[derive(Clone, Debug)]
pub(crate) struct Numbered<N, T> {
    /// Ascending. Only the last one may be empty.
    pages: Vec<Page>,
    things: Vec<Option<T>>,
    /// Places in `things` where nothing is.
    vacant: Vec<u32>,
    count: usize,
    numbers: PhantomData<N>,
}

#[derive(Clone, Debug)]
struct Page {
    /// How many pages of numbers are before it.
    number: u64,
    count: usize,
    places: Box<[u32; PAGE]>,
}

impl<N, T> Default for Numbered<N, T> {
    fn default() -> Self {
        let (pages, things, vacant) = (Vec::new(), Vec::new(), Vec::new());
        Self { pages, things, vacant, count: 0, numbers: PhantomData }
    }
}

impl<N: Number, T> Numbered<N, T> {
    /// Return how many there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Tell whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Return the thing of a number.
    #[inline]
    pub(crate) fn get(&self, number: &N) -> Option<&T> {
        self.things.get(self.place(*number)? as usize)?.as_ref()
    }

    /// Return the thing of a number, to be changed.
    #[inline]
    pub(crate) fn get_mut(&mut self, number: &N) -> Option<&mut T> {
        let place = self.place(*number)?;
        self.things.get_mut(place as usize)?.as_mut()
    }

    /// Tell whether there is a thing of a number.
    pub(crate) fn contains_key(&self, number: &N) -> bool {
        self.get(number).is_some()
    }

    /// Put a thing under a number, in place of another; tell whether there was one.
    pub(crate) fn insert(&mut self, number: N, thing: T) -> bool {
        if let Some(known) = self.get_mut(&number) {
            *known = thing;
            return true;
        }
        let place = self.vacant.pop().unwrap_or_else(|| {
            self.things.push(None);
            u32::try_from(self.things.len() - 1).expect("there are fewer calls and offers")
        });
        self.things[place as usize] = Some(thing);
        let page = self.page_for(page_number(number));
        page.places[within(number)] = place;
        page.count += 1;
        self.count += 1;
        false
    }

    /// Take out the thing of a number.
    pub(crate) fn remove(&mut self, number: &N) -> Option<T> {
        let place = self.vacate(*number)?;
        self.things[place].take()
    }

    /// Drop the thing of a number, where it lies; tell whether there was one.
    pub(crate) fn forget(&mut self, number: &N) -> bool {
        let place = self.vacate(*number);
        if let Some(place) = place {
            self.things[place] = None;
        }
        place.is_some()
    }

    /// Free the place of a number; return it.
    fn vacate(&mut self, number: N) -> Option<usize> {
        let found = self.page_of(page_number(number))?;
        let is_last = found + 1 == self.pages.len();
        let page = &mut self.pages[found];
        let place = std::mem::replace(&mut page.places[within(number)], NOWHERE);
        if place == NOWHERE {
            return None;
        }
        page.count -= 1;
        if page.count == 0 && !is_last {
            self.pages.remove(found);
        }
        self.vacant.push(place);
        self.count -= 1;
        Some(place as usize)
    }

    /// Go through all of them, by their numbers.
    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        let places = self.pages.iter().flat_map(|page| &*page.places);
        places.filter_map(|place| self.things.get(*place as usize)?.as_ref())
    }

    /// Go through the numbers for which there is something, ascending.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = N> {
        self.pages.iter().flat_map(|page| {
            let used = (0..).zip(&*page.places).filter(|(_, place)| **place != NOWHERE);
            used.map(|(within, _)| N::of_count(page.number * PAGE as u64 + within))
        })
    }

    /// Return where the thing of a number lies, or nowhere.
    #[inline]
    fn place(&self, number: N) -> Option<u32> {
        let page = &self.pages[self.page_of(page_number(number))?];
        Some(page.places[within(number)])
    }

    /// Find a page; mostly it is the last.
    #[inline]
    fn page_of(&self, number: u64) -> Option<usize> {
        let last = self.pages.len().checked_sub(1)?;
        if self.pages[last].number == number {
            return Some(last);
        }
        self.pages.binary_search_by_key(&number, |page| page.number).ok()
    }

    /// Return a page, which may be new.
    fn page_for(&mut self, number: u64) -> &mut Page {
        if let Some(found) = self.page_of(number) {
            return &mut self.pages[found];
        }
        // The empty page of former numbers is the next one.
        let last = self.pages.last_mut().filter(|page| page.count == 0 && page.number < number);
        if let Some(last) = last {
            last.number = number;
        }
        let found = self.pages.binary_search_by_key(&number, |page| page.number);
        let place = found.unwrap_or_else(|place| {
            let places = Box::new([NOWHERE; PAGE]);
            self.pages.insert(place, Page { number, count: 0, places });
            place
        });
        &mut self.pages[place]
    }
}

impl<N: Number, T> Index<&N> for Numbered<N, T> {
    type Output = T;

    fn index(&self, number: &N) -> &T {
        self.get(number).expect("it is asked for what there is")
    }
}

impl<N: Number, T> FromIterator<(N, T)> for Numbered<N, T> {
    fn from_iter<I: IntoIterator<Item = (N, T)>>(pairs: I) -> Self {
        let mut made = Self::default();
        for (number, thing) in pairs {
            made.insert(number, thing);
        }
        made
    }
}

/// Return the place of a number in its page.
fn within(number: impl Number) -> usize {
    usize::try_from(number.count() % PAGE as u64).expect("a page is small")
}

/// Return how many pages of numbers are before that of a number.
fn page_number(number: impl Number) -> u64 {
    number.count() / PAGE as u64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn it_is_what_a_map_is() {
        let (mut numbered, mut map) = (Numbered::default(), BTreeMap::new());
        let mut drawn = 1_u64;
        for step in 0..2_000_u64 {
            drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // Mostly near the present, now and then far away.
            let near = step.saturating_sub(drawn >> 60);
            let number = OfferNumber(if drawn % 50 == 0 { drawn } else { near });
            if (drawn >> 40) % 3 == 0 {
                assert_eq!(map.get(&number), numbered.get(&number));
                if drawn >> 39 & 1 == 0 {
                    assert_eq!(map.remove(&number), numbered.remove(&number));
                } else {
                    assert_eq!(map.remove(&number).is_some(), numbered.forget(&number));
                }
            } else {
                map.insert(number, step);
                numbered.insert(number, step);
            }
            let probe = OfferNumber(near / 2);
            assert_eq!(map.get(&probe), numbered.get(&probe));
            assert_eq!(map.contains_key(&number), numbered.contains_key(&number));
            assert_eq!((map.len(), map.is_empty()), (numbered.len(), numbered.is_empty()));
        }
        assert!(map.values().eq(numbered.values()));
        assert!(map.into_keys().eq(numbered.numbers()));
    }

    #[test]
    fn old_numbers_take_no_room() {
        let mut numbered = Numbered::default();
        for number in 1..=1_000 * PAGE as u64 {
            numbered.insert(CallNumber(number), ());
            numbered.remove(&CallNumber(number - 1));
        }
        assert!(numbered.pages.len() <= 2);
        assert!(numbered.things.len() <= 2);
    }
}
