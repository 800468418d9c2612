//! A chunk: up to 4096 free agents in order, and a row of bits for each of their tags.
//!
//! A chunk has up to 64 words of 64 slots. Between words the order is kept: each has a
//! lower bound, and `order` says which comes when, so that a word is put between two
//! others without moving any. Within a word agents stand in order as long as they come in
//! order, which a bit says; else the least of the few that fit is looked for. So equal
//! and late idle times are nothing special, and no change moves more than one chunk.
//!
//! Each row begins with a summary: bit *w* of it is set if word *w* is not zero. A row of
//! its own says who is there at all.

use super::tags::{Held, Tag};
use crate::mutants::broken;

/// Place in the order within a level: idle since, then agent.
pub(super) type Key = (i64, u32);

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'a> {
    /// Rows of which all must have the bit; no more than `ROWS_ALL_MAX` are looked at.
    pub(super) all: &'a [Tag],
    /// As `all`, but never left out: at most `COMBINED_MAX`.
    pub(super) with: &'a [Tag],
    /// Rows of which none may.
    pub(super) without: &'a [Tag],
    /// Groups of rows, of each of which one must.
    pub(super) any_of: &'a [Vec<Tag>],
}

impl Rows<'_> {
    /// Everybody.
    pub(super) const ALL: Self = Self { all: &[], with: &[], without: &[], any_of: &[] };
}

/// A chunk.
#[derive(Debug)]
pub(super) struct Chunk {
    /// The level that it belongs to.
    pub(super) level: u32,
    /// How many agents are in it.
    pub(super) count: usize,
    /// Words in `order`, and in each row beside the summary.
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
    keys: Vec<Key>,
    /// Of each tag, where its row begins; 0: nobody holds it, for row 0 is no tag's.
    starts: Vec<u32>,
    rows: Vec<u64>,
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

const WORD: usize = 64;
const WORDS_MAX: usize = if cfg!(debug_assertions) { 4 } else { 64 };
/// Rows that one search can look at.
const ROWS_ALL_MAX: usize = super::needs::ROWS_MAX + super::needs::COMBINED_MAX;
/// Agents of a word when a chunk is laid out: some room for those who come in between.
/// Checked builds, here and above, keep small so that small tests go every way.
const WORD_FILL: usize = if cfg!(debug_assertions) { 2 } else { 44 };
/// Agents of a chunk that is laid out; above, it is divided. Half of what it can hold, so
/// that as many come as were moved before it is moved again.
pub(super) const CHUNK_FILL: usize = if cfg!(debug_assertions) { 4 } else { 2048 };
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
            keys: vec![(0, 0); words * WORD],
            starts: Vec::new(),
            rows: vec![0; words + 1],
        }
    }

    /// Return a key that is not greater than any in here, if there ever was one.
    pub(super) fn low(&self) -> Option<Key> {
        self.low.first().copied()
    }

    /// Put an agent who comes after all others into the next slot of a chunk that is laid
    /// out.
    pub(super) fn append(&mut self, key: Key, tags: &[Held]) -> usize {
        let last = self.order.last().map(|word| usize::from(*word));
        let slot = match last {
            Some(word) if self.bits(0, word).count_ones() as usize >= WORD_FILL => None,
            Some(word) => Some(word * WORD + self.bits(0, word).count_ones() as usize),
            None => None,
        };
        let slot = slot.unwrap_or_else(|| {
            self.add_word(self.order.len(), key);
            (self.order.len() - 1) * WORD
        });
        self.fill(slot, key, tags);
        slot
    }

    /// Find a slot for a key.
    pub(super) fn room(&mut self, key: Key) -> Room {
        if self.count == 0 {
            self.order.clear();
            self.low.clear();
            self.is_straight = true;
            self.add_word(0, key);
            return Room::Slot(0);
        }
        let place = self.place(key);
        let word = usize::from(self.order[place]);
        let bits = self.bits(0, word);
        self.low[place] = self.low[place].min(key);
        if bits == 0 {
            self.ascending |= 1 << word;
            return Room::Slot(word * WORD);
        }
        let top = WORD - 1 - bits.leading_zeros() as usize;
        if self.is_ascending(word) && key > self.keys[word * WORD + top] {
            if top + 1 < SLOTS {
                return Room::Slot(word * WORD + top + 1);
            }
            if place + 1 == self.order.len() {
                if self.order.len() == self.words {
                    let are_many = self.count > CHUNK_FILL;
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

    /// Move the later half of a full word into a word after it; return who came where.
    pub(super) fn divide<'t>(
        &mut self,
        place: usize,
        tags_of: impl Fn(u32) -> &'t [Held],
    ) -> Vec<(u32, usize)> {
        let word = usize::from(self.order[place]);
        let mut slots: Vec<_> = (0..SLOTS).map(|slot| word * WORD + slot).collect();
        slots.sort_unstable_by_key(|slot| self.keys[*slot]);
        let later = slots.split_off(SLOTS / 2);
        self.add_word(place + 1, self.keys[later[0]]);
        let first = usize::from(self.order[place + 1]) * WORD;
        let mut moved = Vec::with_capacity(later.len());
        for (number, slot) in later.into_iter().enumerate() {
            let key = self.keys[slot];
            let tags = tags_of(key.1);
            self.clear(slot, tags);
            self.fill(first + number, key, tags);
            moved.push((key.1, first + number));
        }
        moved
    }

    /// Set the bits of an agent.
    pub(super) fn fill(&mut self, slot: usize, key: Key, tags: &[Held]) {
        let (word, bit) = (slot / WORD, 1 << (slot % WORD));
        self.keys[slot] = key;
        self.count += 1;
        self.set(0, word, bit);
        for held in tags {
            let start = self.start_of(held.tag);
            self.set(start, word, bit);
        }
    }

    /// Take the bits of an agent away.
    pub(super) fn clear(&mut self, slot: usize, tags: &[Held]) {
        let (word, bit) = (slot / WORD, 1 << (slot % WORD));
        self.count -= 1;
        self.unset(0, word, bit);
        for held in tags {
            self.unset(self.starts[held.tag as usize] as usize, word, bit);
        }
    }

    /// List all keys in order.
    pub(super) fn keys(&self) -> Vec<Key> {
        let mut keys = Vec::with_capacity(self.count);
        for word in &self.order {
            let word = usize::from(*word);
            let first = keys.len();
            let mut bits = self.bits(0, word);
            while bits != 0 {
                keys.push(self.keys[word * WORD + bits.trailing_zeros() as usize]);
                bits &= bits - 1;
            }
            keys[first..].sort_unstable();
        }
        keys
    }

    /// Return the first agent in order whose rows fit and whom *accept* takes.
    pub(super) fn first(
        &self,
        rows: Rows<'_>,
        accept: &mut impl FnMut(u32) -> bool,
    ) -> Option<Key> {
        // Row 0 is everybody.
        let (mut starts, mut count, mut words) = ([0; ROWS_ALL_MAX], 0, self.rows[0]);
        for tag in rows.with.iter().chain(rows.all).take(ROWS_ALL_MAX) {
            let start = self.known_start(*tag)?;
            words &= self.rows[start];
            starts[count] = start;
            count += 1;
        }
        let starts = &starts[..count.max(1)];
        if words == 0 {
            return None;
        }
        if self.is_straight {
            while words != 0 {
                let word = words.trailing_zeros() as usize;
                let found = self.first_of_word(word, starts, rows, accept);
                if found.is_some() {
                    return found;
                }
                words &= words - 1;
            }
            return None;
        }
        let in_order = self.order.iter().map(|word| usize::from(*word));
        in_order
            .filter(|word| words & (1 << word) != 0)
            .find_map(|word| self.first_of_word(word, starts, rows, accept))
    }

    fn first_of_word(
        &self,
        word: usize,
        starts: &[usize],
        rows: Rows<'_>,
        accept: &mut impl FnMut(u32) -> bool,
    ) -> Option<Key> {
        let both = |bits, start: &usize| bits & self.bits(*start, word);
        let mut bits = starts.iter().fold(u64::MAX, both);
        if bits == 0 {
            return None;
        }
        for tag in rows.without {
            let held = self.known_start(*tag).map_or(0, |start| self.bits(start, word));
            bits &= broken!(40, !held, u64::MAX);
        }
        for group in rows.any_of {
            let one = group.iter().filter_map(|tag| self.known_start(*tag));
            bits &= one.fold(0, |bits, start| bits | self.bits(start, word));
        }
        while bits != 0 {
            let bit = self.first_bit(word, bits);
            let key = self.keys[word * WORD + bit];
            if accept(key.1) {
                return Some(key);
            }
            bits &= !(1 << bit);
        }
        None
    }

    /// Return the bit of the least key.
    fn first_bit(&self, word: usize, bits: u64) -> usize {
        let mut first = bits.trailing_zeros() as usize;
        if self.is_ascending(word) {
            return first;
        }
        let mut rest = bits & (bits - 1);
        while rest != 0 {
            let bit = rest.trailing_zeros() as usize;
            if self.keys[word * WORD + bit] < self.keys[word * WORD + first] {
                first = bit;
            }
            rest &= rest - 1;
        }
        first
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

    fn bits(&self, start: usize, word: usize) -> u64 {
        self.rows[start + 1 + word]
    }

    fn set(&mut self, start: usize, word: usize, bit: u64) {
        self.rows[start + 1 + word] |= bit;
        self.rows[start] |= 1 << word;
    }

    fn unset(&mut self, start: usize, word: usize, bit: u64) {
        self.rows[start + 1 + word] &= !bit;
        if self.rows[start + 1 + word] == 0 {
            self.rows[start] &= !(1 << word);
        }
    }

    /// Return where the row of a tag begins that somebody holds, or once held.
    fn known_start(&self, tag: Tag) -> Option<usize> {
        let start = self.starts.get(tag as usize).copied().unwrap_or(0);
        (start != 0).then_some(start as usize)
    }

    fn start_of(&mut self, tag: Tag) -> usize {
        if let Some(start) = self.known_start(tag) {
            return start;
        }
        if self.starts.len() <= tag as usize {
            self.starts.resize(tag as usize + 1, 0);
        }
        let start = self.rows.len();
        if start + self.words + 1 > self.rows.capacity() {
            // Doubling would leave half of the largest table of a pool empty.
            self.rows.reserve_exact((4 * (self.words + 1)).max(start / 4));
        }
        self.rows.resize(start + self.words + 1, 0);
        let short = u32::try_from(start).expect("4096 agents of 4096 tags have fewer words");
        self.starts[tag as usize] = short;
        start
    }
}
