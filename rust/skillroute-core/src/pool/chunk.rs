//! A chunk: up to 4096 free agents in order, and a row of bits for each of their tags.
//!
//! A chunk has up to 64 words of 64 slots. Between words the order is kept: each has a
//! lower bound, and `order` says which comes when, so that a word is put between two
//! others without moving any. Within a word agents stand in order as long as they come in
//! order, which a bit says; else the least of the few that fit is looked for. So equal
//! and late idle times are nothing special, and no change moves more than one chunk.
//!
//! Which words have a holder of a tag is kept outside, for all chunks together
//! (`rows.rs`).

use super::agents::Agents;
use super::rows::InChunk;
use super::table::{BLOCK, Table, WORD};
use crate::mutants::broken;

/// Place in the order within a level: idle since, then agent.
pub(super) type Key = (i64, u32);

/// A chunk.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    /// The level that it belongs to.
    pub(super) level: u32,
    /// How many agents are in it.
    pub(super) count: usize,
    /// Words in `order`, and in each row.
    words: usize,
    /// Words in use, in their order.
    order: Vec<u8>,
    /// Of each word in use, in their order: no key in it is less.
    low: Vec<Key>,
    /// Words whose bits ascend as their keys do.
    ascending: u64,
    /// The order of words is that of their numbers.
    is_straight: bool,
    /// Of each slot; of an empty one anything.
    agents: Vec<u32>,
    /// Of each word, which slots are taken.
    taken: Vec<u64>,
    /// Of each tag, where its holders stand.
    pub(super) table: Table,
}

/// Where an agent was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// In this slot.
    Slot(usize),
    /// Nowhere before the word at this place is divided.
    Divide(usize),
    /// After all others, who are too many to lay them out anew.
    Behind,
    /// Nowhere before the chunk is laid out anew.
    None,
}

/// What is looked for in one chunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sought<'a> {
    /// Words in which every row of `all` has somebody.
    pub(super) words: u64,
    /// Rows that all must be in.
    pub(super) all: &'a [InChunk],
    /// Rows that nobody may be in.
    pub(super) without: &'a [InChunk],
    /// Groups of rows, of each of which they must be in one.
    pub(super) any_of: &'a [Vec<InChunk>],
}

const BLOCK_MASK: u64 = (1 << BLOCK) - 1;
/// Rows that are laid over each other before it is asked whether anybody is left.
const ROWS_AT_ONCE: usize = 4;
const WORDS_MAX: usize = if cfg!(debug_assertions) { 4 } else { 64 };
/// Agents of a word when a chunk is laid out: some room for those who come in between.
/// Checked builds, here and above, keep small so that small tests go every way.
const WORD_FILL: usize = if cfg!(debug_assertions) { 2 } else { 44 };
/// Agents of a chunk that is laid out; above, it is divided. Half of what it can hold, so
/// that as many come as were moved before it is moved again.
pub(super) const CHUNK_FILL: usize = if cfg!(debug_assertions) { 4 } else { 2048 };
/// Agents of a word, on the average, below which a chunk is laid out anew.
const SPARSE_FILL: usize = if cfg!(debug_assertions) { 1 } else { 16 };
/// But not for the sake of fewer words.
const SPARSE_WORDS_MIN: usize = if cfg!(debug_assertions) { 3 } else { 8 };
/// If more than so many are left in a chunk that is full to its end, the next one comes into
/// a new chunk: nobody is moved, and those who are left become fewer by and by.
const LAID_OUT_AT_THE_END_MAX: usize = CHUNK_FILL / 4;
/// Slots of a word that are used.
const SLOTS: usize = if cfg!(debug_assertions) { 3 } else { WORD };
const FULL: u64 = u64::MAX >> (WORD - SLOTS);

impl Chunk {
    /// Make a chunk with room for so many agents and as many again.
    pub(super) fn with_room(level: u32, agents: usize) -> Self {
        let filled = agents.div_ceil(WORD_FILL).max(1);
        let words = (2 * filled).next_power_of_two().min(WORDS_MAX);
        Self {
            level,
            count: 0,
            words,
            order: Vec::with_capacity(words),
            low: Vec::with_capacity(words),
            ascending: u64::MAX,
            is_straight: true,
            agents: vec![0; words * WORD],
            taken: vec![0; words],
            table: Table::new(words),
        }
    }

    /// Return a key that is not greater than any in here, if there ever was one.
    pub(super) fn low(&self) -> Option<Key> {
        self.low.first().copied()
    }

    /// Tell whether so few are left that a search looks at mostly empty words.
    ///
    /// It was laid out with far more, so that laying it out anew is paid for by those who
    /// left since.
    pub(super) fn is_sparse(&self) -> bool {
        let words = self.order.len();
        words >= SPARSE_WORDS_MIN && (1..words * SPARSE_FILL).contains(&self.count)
    }

    /// Return the next slot of a chunk that is laid out, for a key that comes after all
    /// others.
    pub(super) fn next_slot(&mut self, key: Key) -> usize {
        let last = self.order.last().map(|word| usize::from(*word));
        let used = |word: usize| self.taken[word].count_ones() as usize;
        if let Some(word) = last.filter(|word| used(*word) < WORD_FILL) {
            return word * WORD + used(word);
        }
        self.add_word(self.order.len(), key);
        (self.order.len() - 1) * WORD
    }

    /// Find a slot for a key.
    pub(super) fn room(&mut self, key: Key, agents: &Agents) -> Room {
        if self.count == 0 {
            self.order.clear();
            self.low.clear();
            self.is_straight = true;
            self.add_word(0, key);
            return Room::Slot(0);
        }
        let place = self.place(key);
        let word = usize::from(self.order[place]);
        let bits = self.taken[word];
        self.low[place] = self.low[place].min(key);
        if bits == 0 {
            self.ascending |= 1 << word;
            return Room::Slot(word * WORD);
        }
        let top = WORD - 1 - bits.leading_zeros() as usize;
        if self.is_ascending(word) && key > agents.key(self.agents[word * WORD + top]) {
            if top + 1 < SLOTS {
                return Room::Slot(word * WORD + top + 1);
            }
            if place + 1 == self.order.len() {
                if self.order.len() == self.words {
                    let are_many = self.count > LAID_OUT_AT_THE_END_MAX;
                    return if are_many { Room::Behind } else { Room::None };
                }
                self.add_word(place + 1, key);
                return Room::Slot(usize::from(self.order[place + 1]) * WORD);
            }
        }
        if bits != FULL {
            self.ascending &= broken!(39, !(1 << word), u64::MAX);
            return Room::Slot(word * WORD + bits.trailing_ones() as usize);
        }
        if self.order.len() == self.words {
            return Room::None;
        }
        Room::Divide(place)
    }

    /// Begin a word after a full one; return the agents of its later half, in order, and
    /// the slot of the first of them in the new word.
    pub(super) fn divide(&mut self, place: usize, agents: &Agents) -> (Vec<u32>, usize) {
        let word = usize::from(self.order[place]);
        let mut all = self.agents[word * WORD..word * WORD + SLOTS].to_vec();
        all.sort_unstable_by_key(|agent| agents.key(*agent));
        let later = all.split_off(SLOTS / 2);
        self.add_word(place + 1, agents.key(later[0]));
        (later, usize::from(self.order[place + 1]) * WORD)
    }

    /// Set an agent's bit in the row of everybody, and remember them.
    pub(super) fn take(&mut self, slot: usize, agent: u32) {
        self.agents[slot] = agent;
        self.count += 1;
        self.taken[slot / WORD] |= 1 << (slot % WORD);
    }

    /// Take an agent's bit away there; tell whether the word has anybody left.
    pub(super) fn leave(&mut self, slot: usize) -> bool {
        self.count -= 1;
        self.taken[slot / WORD] &= !(1 << (slot % WORD));
        self.taken[slot / WORD] != 0
    }

    /// List all agents in order.
    pub(super) fn listed(&self, agents: &Agents) -> Vec<u32> {
        let mut listed = Vec::with_capacity(self.count);
        for word in &self.order {
            let word = usize::from(*word);
            let first = listed.len();
            let mut bits = self.taken[word];
            while bits != 0 {
                listed.push(self.agents[word * WORD + bits.trailing_zeros() as usize]);
                bits &= bits - 1;
            }
            listed[first..].sort_unstable_by_key(|agent| agents.key(*agent));
        }
        listed
    }

    /// Return the first agent in order whose rows fit and whom *accept* takes; no such one
    /// comes before *from*.
    pub(super) fn first(
        &self,
        mut sought: Sought<'_>,
        from: Option<Key>,
        agents: &Agents,
        accept: &mut impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        let place = from.filter(|_| self.count > 0).map_or(0, |from| self.place(from));
        if self.is_straight {
            sought.words &= u64::MAX << place;
        }
        if sought.all.iter().any(InChunk::is_list) {
            return self.first_of_lists(sought, place, agents, accept);
        }
        if self.is_straight {
            return self.first_of_blocks(sought, agents, accept);
        }
        let words = sought.words;
        self.words_in_order(place).filter(|word| words & (1 << word) != 0).find_map(|word| {
            let bits = self.in_all(word, sought.all);
            self.first_of_bits(word, bits, sought, agents, accept)
        })
    }

    /// Do it where a row is a list: gone through once, for all words.
    fn first_of_lists(
        &self,
        sought: Sought<'_>,
        place: usize,
        agents: &Agents,
        accept: &mut impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        let mut bits = [0; WORD];
        bits[..self.words].copy_from_slice(&self.taken);
        let mut words = sought.words;
        for row in sought.all {
            words = self.table.keep(*row, words, &mut bits);
        }
        if words == 0 {
            return None;
        }
        self.words_in_order(place)
            .filter(|word| words & (1 << word) != 0)
            .find_map(|word| self.first_of_bits(word, bits[word], sought, agents, accept))
    }

    fn words_in_order(&self, place: usize) -> impl Iterator<Item = usize> {
        self.order[place..].iter().map(|word| usize::from(*word))
    }

    /// Do it where the order of words is that of their numbers: where many words of a block
    /// are to be looked at, the rows of all of them are laid over each other at once.
    fn first_of_blocks(
        &self,
        sought: Sought<'_>,
        agents: &Agents,
        accept: &mut impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        let mut words = sought.words;
        while words != 0 {
            let first = words.trailing_zeros() as usize / BLOCK * BLOCK;
            let in_block = words & (BLOCK_MASK << first);
            words &= !in_block;
            let mut bits = [0; BLOCK];
            let is_whole =
                is_more_than_two(in_block) && self.lay_over(first, sought.all, &mut bits);
            let mut left = in_block;
            while left != 0 {
                let word = left.trailing_zeros() as usize;
                left &= left - 1;
                let bits =
                    if is_whole { bits[word - first] } else { self.in_all(word, sought.all) };
                if bits == 0 {
                    continue;
                }
                let found = self.first_of_bits(word, bits, sought, agents, accept);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    /// Lay rows over each other, in a block of words; false: one is a list, or there is no
    /// whole block.
    #[inline]
    fn lay_over(&self, first: usize, all: &[InChunk], bits: &mut [u64; BLOCK]) -> bool {
        let Some(taken) = block(&self.taken, first) else {
            return false;
        };
        *bits = *taken;
        for rows in all.chunks(ROWS_AT_ONCE) {
            for row in rows {
                let Some(more) = self.table.block(*row, first) else {
                    return false;
                };
                for (bits, more) in bits.iter_mut().zip(more) {
                    *bits &= more;
                }
            }
            if bits.iter().fold(0, |any, bits| any | bits) == 0 {
                break;
            }
        }
        true
    }

    /// Return those of a word who are in all rows.
    #[inline]
    fn in_all(&self, word: usize, all: &[InChunk]) -> u64 {
        let bits = self.taken[word];
        all.iter().fold(bits, |bits, row| bits & self.table.word(*row, word))
    }

    /// Find one among those of a word who are in all rows.
    fn first_of_bits(
        &self,
        word: usize,
        mut bits: u64,
        sought: Sought<'_>,
        agents: &Agents,
        accept: &mut impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        let bits_of = |row: &InChunk| self.table.word(*row, word);
        for row in sought.without {
            bits &= broken!(40, !bits_of(row), u64::MAX);
        }
        for group in sought.any_of {
            bits &= group.iter().map(bits_of).fold(0, |bits, more| bits | more);
        }
        while bits != 0 {
            let bit = self.first_bit(word, bits, agents);
            let agent = self.agents[word * WORD + bit];
            if accept(agent) {
                return Some(agent);
            }
            bits &= !(1 << bit);
        }
        None
    }

    /// Return the bit of the least key.
    fn first_bit(&self, word: usize, bits: u64, agents: &Agents) -> usize {
        let first = bits.trailing_zeros() as usize;
        let mut rest = bits & (bits - 1);
        if rest == 0 || self.is_ascending(word) {
            return first;
        }
        let key = |bit: usize| agents.key(self.agents[word * WORD + bit]);
        let mut least = (key(first), first);
        while rest != 0 {
            let bit = rest.trailing_zeros() as usize;
            least = least.min((key(bit), bit));
            rest &= rest - 1;
        }
        least.1
    }

    /// Return the place in the order of the word that a key belongs into.
    fn place(&self, key: Key) -> usize {
        let last = self.low.len() - 1;
        if self.low[last] <= key {
            return last;
        }
        let after = self.low.partition_point(|low| *low <= key);
        after.saturating_sub(1)
    }

    fn add_word(&mut self, place: usize, low: Key) {
        let word = self.order.len();
        self.is_straight &= broken!(41, place == word, true);
        self.ascending |= 1 << word;
        self.order.insert(place, u8::try_from(word).expect("a chunk has at most 64 words"));
        self.low.insert(place, low);
    }

    fn is_ascending(&self, word: usize) -> bool {
        self.ascending & (1 << word) != 0
    }
}

/// Return the words of a block.
#[inline]
fn block(words: &[u64], start: usize) -> Option<&[u64; BLOCK]> {
    words.get(start..start + BLOCK)?.try_into().ok()
}

/// Tell whether more than two bits are set.
#[inline]
fn is_more_than_two(bits: u64) -> bool {
    let all_but_one = bits & bits.wrapping_sub(1);
    all_but_one & all_but_one.wrapping_sub(1) != 0
}
