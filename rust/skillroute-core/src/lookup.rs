//! Things by the texts that name them: ids of calls and agents, numbers dialled.
//!
//! A text is looked for at a few places that follow from its bytes. Where those are taken
//! by others, it stands in a map beside them, so that texts which somebody has chosen to
//! meet at one place cost a search and no more. In which order they stand says nothing, so
//! nobody can ask.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Places where a text may stand, one behind the other.
const PLACES: usize = 8;

/// Times so many places as texts, at least. In checked builds texts meet often.
const PLACES_PER_TEXT: usize = if cfg!(debug_assertions) { 1 } else { 2 };

/// The mark of a place where nothing stands.
const NOTHING: u64 = 0;

/// Things by texts.
#[derive(Clone, Debug)]
pub(crate) struct Lookup<T> {
    /// Of each place the mark of the text that stands there; a power of two, and some.
    marks: Vec<u64>,
    entries: Vec<Option<(Arc<str>, T)>>,
    /// How many texts have a place.
    placed: usize,
    others: BTreeMap<Arc<str>, T>,
}

impl<T> Default for Lookup<T> {
    fn default() -> Self {
        let (marks, entries) = (Vec::new(), Vec::new());
        Self { marks, entries, placed: 0, others: BTreeMap::new() }
    }
}

impl<T> Lookup<T> {
    /// Return what a text names.
    pub(crate) fn get(&self, text: &str) -> Option<&T> {
        match self.place(mark(text), text) {
            Some(place) => self.entries[place].as_ref().map(|(_, thing)| thing),
            None if self.others.is_empty() => None,
            None => self.others.get(text),
        }
    }

    /// Return what a text names, to be changed.
    pub(crate) fn get_mut(&mut self, text: &str) -> Option<&mut T> {
        match self.place(mark(text), text) {
            Some(place) => self.entries[place].as_mut().map(|(_, thing)| thing),
            None if self.others.is_empty() => None,
            None => self.others.get_mut(text),
        }
    }

    /// Tell whether a text names something.
    pub(crate) fn contains(&self, text: &str) -> bool {
        self.get(text).is_some()
    }

    /// Let a text name something, in place of what it named.
    pub(crate) fn insert(&mut self, text: Arc<str>, thing: T) {
        let mark = mark(&text);
        if let Some(place) = self.place(mark, &text) {
            self.entries[place] = Some((text, thing));
            return;
        }
        if !self.others.is_empty() {
            self.others.remove(&text);
        }
        if (self.placed + 1) * PLACES_PER_TEXT > self.homes() {
            self.grow();
        }
        self.put(mark, text, thing);
    }

    /// Let a text name nothing; return what it named.
    pub(crate) fn remove(&mut self, text: &str) -> Option<T> {
        let Some(place) = self.place(mark(text), text) else {
            return if self.others.is_empty() { None } else { self.others.remove(text) };
        };
        self.marks[place] = NOTHING;
        self.placed -= 1;
        self.entries[place].take().map(|(_, thing)| thing)
    }

    /// Find where a text stands.
    #[inline]
    fn place(&self, mark: u64, text: &str) -> Option<usize> {
        let first = self.home(mark)?;
        let marks = self.marks.get(first..first + PLACES)?;
        for (place, other) in marks.iter().enumerate() {
            if *other == mark && self.is_at(first + place, text) {
                return Some(first + place);
            }
        }
        None
    }

    fn is_at(&self, place: usize, text: &str) -> bool {
        self.entries[place].as_ref().is_some_and(|(own, _)| **own == *text)
    }

    fn put(&mut self, mark: u64, text: Arc<str>, thing: T) {
        let first = self.home(mark).expect("it has grown");
        let mut marks = self.marks[first..first + PLACES].iter();
        let Some(free) = marks.position(|other| *other == NOTHING) else {
            self.others.insert(text, thing);
            return;
        };
        self.marks[first + free] = mark;
        self.entries[first + free] = Some((text, thing));
        self.placed += 1;
    }

    /// Have twice as many places.
    fn grow(&mut self) {
        let size = 2 * self.homes().max(PLACES / 2) + PLACES - 1;
        let marks = std::mem::replace(&mut self.marks, vec![NOTHING; size]);
        let empty = std::iter::repeat_with(|| None).take(size).collect();
        let entries = std::mem::replace(&mut self.entries, empty);
        self.placed = 0;
        for (mark, entry) in marks.into_iter().zip(entries) {
            if let Some((text, thing)) = entry {
                self.put(mark, text, thing);
            }
        }
        for (text, thing) in std::mem::take(&mut self.others) {
            self.put(mark(&text), text, thing);
        }
    }

    /// Return how many places may be a text's first one.
    fn homes(&self) -> usize {
        self.marks.len().saturating_sub(PLACES - 1)
    }

    /// Return the first place of a text.
    fn home(&self, mark: u64) -> Option<usize> {
        let last = self.homes().checked_sub(1)?;
        Some(usize::try_from(mark >> 32).expect("it is half of a number") & last)
    }
}

impl<T> FromIterator<(Arc<str>, T)> for Lookup<T> {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, T)>>(pairs: I) -> Self {
        let mut made = Self::default();
        for (text, thing) in pairs {
            made.insert(text, thing);
        }
        made
    }
}

/// Return a number that follows from a text; rarely that of another one, and never nothing.
fn mark(text: &str) -> u64 {
    let mut mark = text.len() as u64;
    let eights = text.as_bytes().chunks_exact(8);
    let rest = eights.remainder().iter().fold(0, |rest, byte| rest << 8 | u64::from(*byte));
    for eight in eights {
        let eight = eight.try_into().map_or(0, u64::from_le_bytes);
        mark = mixed(mark ^ eight);
    }
    mixed(mark ^ rest) | 1
}

/// Let each bit of a number change about half of them.
fn mixed(number: u64) -> u64 {
    let product = (number ^ number >> 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    product ^ product >> 29
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_a_map_is() {
        let (mut lookup, mut map) = (Lookup::default(), BTreeMap::new());
        let mut drawn = 1_u64;
        for step in 0..5_000 {
            drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let text: Arc<str> = format!("call-{}", (drawn >> 32) % 300).into();
            if (drawn >> 20) % 3 == 0 {
                assert_eq!(map.remove(&text), lookup.remove(&text));
            } else {
                map.insert(Arc::clone(&text), step);
                lookup.insert(Arc::clone(&text), step);
            }
            let probe = format!("call-{}", drawn % 300);
            assert_eq!(map.get(&*probe), lookup.get(&probe));
            assert_eq!(map.contains_key(&text), lookup.contains(&text));
        }
    }

    #[test]
    fn texts_that_meet_are_told_apart() {
        let mut lookup = Lookup::default();
        for number in 0..100_u32 {
            // All at one place: as if somebody had looked for such texts.
            lookup.others.insert(format!("{number}").into(), number);
        }
        assert_eq!(Some(&7), lookup.get("7"));
        lookup.insert("7".into(), 8);
        assert_eq!((Some(&8), Some(&9)), (lookup.get("7"), lookup.get("9")));
        assert_eq!((Some(8), None), (lookup.remove("7"), lookup.remove("7")));
    }

    #[test]
    fn it_stays_small() {
        let mut lookup = Lookup::default();
        for number in 0..10_000 {
            lookup.insert(format!("c{number}").into(), ());
            lookup.remove(&format!("c{}", number - 50));
        }
        assert!(lookup.marks.len() < 300);
        assert!(lookup.others.len() < 50);
    }
}
