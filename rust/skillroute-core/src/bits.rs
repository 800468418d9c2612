//! Sets of small numbers, a bit each.

/// A set of places in a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// Make an empty set with room for so many places.
    pub(crate) fn with_room(places: usize) -> Self {
        Self { words: vec![0; places.div_ceil(64)] }
    }

    /// Put a place in or take it out.
    pub(crate) fn set(&mut self, place: usize, is_in: bool) {
        let bit = 1 << (place % 64);
        if is_in {
            self.words[place / 64] |= bit;
        } else {
            self.words[place / 64] &= !bit;
        }
    }

    /// Tell whether a place is in the set.
    pub(crate) fn contains(&self, place: usize) -> bool {
        self.words[place / 64] & (1 << (place % 64)) != 0
    }

    /// Go through the places that are in both sets, ascending.
    ///
    /// Cost: a step for every 64 places, and one for every place found.
    pub(crate) fn in_both<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = usize> + 'a {
        let pairs = self.words.iter().zip(&other.words).enumerate();
        pairs.flat_map(|(number, (one, two))| places(number * 64, one & two))
    }

    /// Return how many words it takes.
    pub(crate) fn size(&self) -> usize {
        self.words.len()
    }
}

/// Go through the places of one word, the lowest first.
fn places(first: usize, word: u64) -> impl Iterator<Item = usize> {
    let next = |word: &u64| Some(word & (word - 1)).filter(|rest| *rest != 0);
    std::iter::successors((word != 0).then_some(word), next)
        .map(move |word| first + word.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sets_are_gone_through_in_order() {
        let (mut evens, mut threes) = (Bits::with_room(200), Bits::with_room(200));
        for place in 0..200 {
            evens.set(place, place % 2 == 0);
            threes.set(place, place % 3 == 0);
        }
        let expected: Vec<_> = (0..200).step_by(6).collect();
        assert_eq!(expected, evens.in_both(&threes).collect::<Vec<_>>());
        evens.set(6, false);
        assert!(!evens.contains(6) && evens.contains(8));
    }
}
