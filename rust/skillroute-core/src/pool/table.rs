//! A table: which slots of one chunk the holders of each tag stand in.
//!
//! A row of many holders is a bit for each slot. A row of few is a list of their slots, in
//! no order: where there are thousands of tags, most words of their bits would be empty.

use super::rows::InChunk;
use super::tags::Tag;
use crate::mutants::broken;

/// Slots of a word.
pub(super) const WORD: usize = 64;

/// Words that are looked at together: two vectors of the widest common machine.
pub(super) const BLOCK: usize = if cfg!(debug_assertions) { 2 } else { 8 };

/// Slots that the shortest list has room for.
const ROOM_MIN: u8 = if cfg!(debug_assertions) { 1 } else { 4 };
/// The longest list has room for a slot in every so many words: then it takes an eighth of
/// the room of bits.
const WORDS_PER_ROOM: usize = 2;
/// A row of bits.
pub(super) const BITS: u8 = u8::MAX;
/// Lists with room for 1, 2, 4 and so on, to 32.
const ROOMS: usize = 6;

/// All rows of a chunk.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// Of each row of bits.
    words: usize,
    /// Rows of bits, one behind the other.
    bits: Vec<u64>,
    /// Lists, each with its room.
    lists: Vec<u16>,
    /// Of each room, where lists began that are not used now.
    spare: [Vec<u32>; ROOMS],
    /// Whose rows there are.
    tags: Vec<Tag>,
}

impl Table {
    /// Make an empty table for so many words of slots.
    pub(super) fn new(words: usize) -> Self {
        let spare = [const { Vec::new() }; ROOMS];
        Self { words, bits: Vec::new(), lists: Vec::new(), spare, tags: Vec::new() }
    }

    /// Return whose rows there are.
    pub(super) fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// Begin the row of a tag as that of another table was, which had as many holders.
    pub(super) fn begin_like(&mut self, former: InChunk, tag: Tag) -> InChunk {
        let mut row = InChunk::default();
        if former.room == BITS {
            self.tags.push(tag);
            (row.room, row.start) = (BITS, self.new_bits());
        }
        row
    }

    /// Put a holder's slot into a tag's row.
    #[inline]
    pub(super) fn set(&mut self, row: &mut InChunk, tag: Tag, slot: u16) {
        row.summary |= 1 << (usize::from(slot) / WORD);
        if row.room == BITS {
            self.set_bit(row.start, slot);
        } else if row.count < row.room {
            self.lists[row.start as usize + usize::from(row.count)] = slot;
            row.count += 1;
        } else {
            self.grow(row, tag, slot);
        }
    }

    /// Take a holder's slot out of a row.
    #[inline]
    pub(super) fn unset(&mut self, row: &mut InChunk, slot: u16) {
        let word = usize::from(slot) / WORD;
        let is_left = if row.room == BITS {
            let bits = &mut self.bits[row.start as usize + word];
            *bits &= !(1 << (usize::from(slot) % WORD));
            *bits != 0
        } else {
            self.unlist(row, slot)
        };
        if !is_left {
            row.summary &= !(1 << word);
        }
    }

    /// Return the bits of a row in one word.
    #[inline]
    pub(super) fn word(&self, row: InChunk, word: usize) -> u64 {
        if row.room == BITS {
            return self.bits[row.start as usize + word];
        }
        let there = self.list(row).iter().map(|slot| usize::from(*slot));
        there.filter(|slot| slot / WORD == word).fold(0, |bits, slot| bits | 1 << (slot % WORD))
    }

    /// Keep of the bits of some words those of a row; return in which words any are left.
    pub(super) fn keep(&self, row: InChunk, words: u64, bits: &mut [u64; WORD]) -> u64 {
        let mut of_row = [0; WORD];
        if row.is_list() {
            for slot in self.list(row).iter().map(|slot| usize::from(*slot)) {
                of_row[slot / WORD] |= 1 << (slot % WORD);
            }
        } else {
            let start = row.start as usize;
            of_row[..self.words].copy_from_slice(&self.bits[start..start + self.words]);
        }
        let (mut left, mut kept) = (words, 0);
        while left != 0 {
            let word = left.trailing_zeros() as usize;
            left &= left - 1;
            bits[word] &= of_row[word];
            kept |= u64::from(bits[word] != 0) << word;
        }
        kept
    }

    /// Return the bits of a row in a block of words; None: it is a list, or too short.
    #[inline]
    pub(super) fn block(&self, row: InChunk, first: usize) -> Option<&[u64; BLOCK]> {
        if row.room != BITS || first + BLOCK > self.words {
            return None;
        }
        let start = row.start as usize + first;
        self.bits.get(start..start + BLOCK)?.try_into().ok()
    }

    fn list(&self, row: InChunk) -> &[u16] {
        let start = row.start as usize;
        &self.lists[start..start + usize::from(row.count)]
    }

    fn set_bit(&mut self, start: u32, slot: u16) {
        let slot = usize::from(slot);
        self.bits[start as usize + slot / WORD] |= 1 << (slot % WORD);
    }

    /// Take a slot out of a list; tell whether another of its word is left.
    fn unlist(&mut self, row: &mut InChunk, slot: u16) -> bool {
        let start = row.start as usize;
        let list = &mut self.lists[start..start + usize::from(row.count)];
        let (Some(place), [.., last]) = (list.iter().position(|one| *one == slot), &*list) else {
            return row.summary & (1 << (usize::from(slot) / WORD)) != 0;
        };
        list[place] = *last;
        row.count -= 1;
        let word = slot / 64;
        broken!(55, self.list(*row).iter().any(|one| one / 64 == word), false)
    }

    /// Put a slot into a row that has no room for it.
    #[cold]
    fn grow(&mut self, row: &mut InChunk, tag: Tag, slot: u16) {
        let former = *row;
        if former.room == 0 {
            self.tags.push(tag);
        }
        let room = (former.room * 2).max(ROOM_MIN);
        if usize::from(room) * WORDS_PER_ROOM <= self.words {
            row.room = room;
            row.start = self.new_list(row.room);
            let (from, to) = (former.start as usize, row.start as usize);
            self.lists.copy_within(from..from + usize::from(former.count), to);
            self.lists[to + usize::from(former.count)] = slot;
            row.count += 1;
        } else {
            (row.room, row.start) = (BITS, self.new_bits());
            for place in 0..usize::from(former.count) {
                self.set_bit(row.start, self.lists[former.start as usize + place]);
            }
            self.set_bit(row.start, slot);
        }
        if former.room > 0 {
            self.spare[room_number(former.room)].push(former.start);
        }
    }

    fn new_list(&mut self, room: u8) -> u32 {
        if let Some(start) = self.spare[room_number(room)].pop() {
            return start;
        }
        let start = self.lists.len();
        self.lists.resize(start + usize::from(room), 0);
        index(start)
    }

    fn new_bits(&mut self) -> u32 {
        let start = self.bits.len();
        let size = start + self.words;
        if size > self.bits.capacity() {
            // Doubling would leave half of the largest table of a pool empty.
            self.bits.reserve_exact((4 * self.words).max(self.bits.len() / 4));
        }
        self.bits.resize(size, 0);
        index(start)
    }
}

/// Return the number of a room, a power of two.
fn room_number(room: u8) -> usize {
    room.trailing_zeros() as usize
}

fn index(place: usize) -> u32 {
    u32::try_from(place).expect("4096 slots of a million tags have fewer words")
}
