//! Draws: every random number of a run follows from what it is for.
//!
//! A number is a hash of (seed, replication, what it is for, index, number, part), not the
//! next one of a stream. So the k-th call of a class has the same patience under every
//! plan, whoever was asked before, and every backend draws the same.

use crate::scenario::{Distribution, Scenario};

/// What a number is drawn for; the index is that of the class unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Time to the next Poisson arrival; by its number in the class.
    Gap = 1,
    /// Place of a call in its interval; by the interval's number, and the call's.
    Place = 2,
    /// Factor of a day; index of the factor, by the day's number.
    Factor = 3,
    /// Who calls; by the call's number.
    Caller = 4,
    /// Length of the menu; by the call's number and try.
    Menu = 5,
    /// By the call's number and try.
    Patience = 6,
    /// By the call's number.
    Handling = 7,
    /// Whether an agent answers; by the call's number, and the offer's.
    Answer = 8,
    /// How long it rings; as for `Answer`.
    Ring = 9,
    /// How long joining takes; as for `Answer`.
    Connect = 10,
    /// By the call's number.
    WrapUp = 11,
    /// Whether the caller tries again; by the call's number and try.
    Retry = 12,
    /// After how long; likewise.
    RetryDelay = 13,
}

const PURPOSES: usize = 14;

/// What a number is drawn for, about what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// The class, or factor.
    pub(crate) index: u32,
    /// Which call of it, interval or day.
    pub(crate) number: u64,
    /// Which of several draws.
    pub(crate) part: u64,
}

/// The numbers of one replication.
#[derive(Debug)]
pub(crate) struct Draws<'a> {
    tables: &'a [Distribution],
    /// Hashes of all but the last two parts of a key, by purpose and index.
    bases: Vec<Vec<u64>>,
}

impl<'a> Draws<'a> {
    /// Begin a replication.
    pub(crate) fn new(scenario: &'a Scenario, replication: u64) -> Self {
        let root = hashed(hashed(0, scenario.seed), replication);
        let indexes = scenario.classes.len().max(scenario.factors.len()) as u64;
        let base = |purpose: u64| (0..indexes).map(|i| hashed(root, (purpose << 32) + i)).collect();
        let bases = (0..PURPOSES as u64).map(base).collect();
        Self { tables: &scenario.distributions, bases }
    }

    /// Draw 64 bits.
    pub(crate) fn word(&self, purpose: Purpose, key: Key) -> u64 {
        let base = self.bases[purpose as usize][key.index as usize];
        hashed(hashed(base, key.number), key.part)
    }

    /// Draw from a distribution of the scenario.
    pub(crate) fn value(&self, table: u32, purpose: Purpose, key: Key) -> i64 {
        let table = &self.tables[table as usize];
        // Many lengths are constant, and nobody sees a draw that changes nothing.
        match table.values.as_slice() {
            [value] => *value,
            _ => quantile(table, self.word(purpose, key)),
        }
    }

    /// Draw a length of time, which is never negative.
    pub(crate) fn length(&self, table: u32, purpose: Purpose, key: Key) -> i64 {
        self.value(table, purpose, key).max(0)
    }
}

/// Return the value of a distribution for a uniform number: the larger, the larger.
pub(crate) fn quantile(table: &Distribution, word: u64) -> i64 {
    let values = table.values.as_slice();
    let last = values.len() - 1;
    let bits = table.cell_bits;
    if bits == 0 {
        return values[index(share_of(values.len() as u64, word))];
    }
    let above = !word;
    let octave = above.leading_zeros();
    let first = (octave as usize) << bits;
    if first >= last {
        return values[last];
    }
    // What follows the leading bit, as a fraction of the octave that ascends.
    let inside = !(above << (octave + 1));
    let cell = first + index(inside >> (u64::BITS - bits));
    let rest = inside << bits;
    let (low, high) = (values[cell], values[cell + 1]);
    let part = (u128::from(high.abs_diff(low)) * u128::from(rest) + (1 << 63)) >> 64;
    low + i64::try_from(part).expect("the values ascend, below 2^53")
}

/// Return a whole number of [0, total) for a uniform number.
pub(crate) fn share_of(total: u64, word: u64) -> u64 {
    let share = (u128::from(total) * u128::from(word)) >> 64;
    u64::try_from(share).expect("it is less than the total")
}

fn index(value: u64) -> usize {
    usize::try_from(value).expect("tables are in memory")
}

/// Take one more number into a hash.
///
/// Source: SplitMix64, as in rule 1.4.
fn hashed(state: u64, value: u64) -> u64 {
    let mut state = (state ^ value).wrapping_add(0x9E37_79B9_7F4A_7C15);
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(values: &[i64], cell_bits: u32) -> Distribution {
        Distribution { values: values.to_vec(), cell_bits }
    }

    #[test]
    fn a_larger_number_draws_a_larger_value() {
        let table = table(&[0, 10, 20, 40, 80], 1);
        let words = (0..16).map(|n| n << 60).chain([u64::MAX]);
        let drawn: Vec<_> = words.map(|word| quantile(&table, word)).collect();
        assert_eq!((0, 20, 80), (drawn[0], drawn[8], drawn[16]));
        assert!(drawn.is_sorted());
    }

    #[test]
    fn every_value_of_a_sample_is_equally_likely() {
        let table = table(&[1, 2, 4], 0);
        let drawn: Vec<_> = (0..6).map(|n| quantile(&table, n * (u64::MAX / 6) + 7)).collect();
        assert_eq!(vec![1, 1, 2, 2, 4, 4], drawn);
    }
}
