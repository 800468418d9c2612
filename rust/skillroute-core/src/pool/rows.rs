//! Rows: of each tag, in which chunks and words of slots its holders stand.
//!
//! A chunk's own table (`chunk.rs`) has the bits themselves. Here is what a search reads
//! first, one chunk after another without a gap: bit *w* of a chunk's summary is set if
//! its word *w* has a holder.

use super::tags::{BADGES, Tag};

/// Of one tag, or of everybody.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// Of each chunk; beyond the end 0.
    summary: Vec<u64>,
    /// Of each chunk, which row of its table is this one, from 1; 0: none, and nobody there
    /// holds it.
    place: Vec<u32>,
}

/// Of all tags and badges.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    of_tags: Vec<Row>,
    of_badges: Vec<Row>,
}

impl Row {
    /// Return which words of a chunk have a holder.
    pub(super) fn summary(&self, chunk: u32) -> u64 {
        self.summary.get(chunk as usize).copied().unwrap_or(0)
    }

    /// Return which row of a chunk's table this is, if it is one.
    pub(super) fn place(&self, chunk: u32) -> Option<usize> {
        let place = self.place.get(chunk as usize).copied().unwrap_or(0);
        (place as usize).checked_sub(1)
    }

    /// Learn that a word of a chunk has a holder.
    pub(super) fn set_word(&mut self, chunk: u32, word: usize) {
        self.summary[chunk as usize] |= 1 << word;
    }

    /// Learn that a word of a chunk has no holder any more.
    pub(super) fn unset_word(&mut self, chunk: u32, word: usize) {
        self.summary[chunk as usize] &= !(1 << word);
    }

    /// Be a row of a chunk's table.
    pub(super) fn set_place(&mut self, chunk: u32, place: usize) {
        self.make_room(chunk);
        self.place[chunk as usize] =
            u32::try_from(place + 1).expect("a chunk has fewer than 2^32 rows");
    }

    /// Forget a chunk.
    pub(super) fn clear(&mut self, chunk: u32) {
        if let Some(summary) = self.summary.get_mut(chunk as usize) {
            *summary = 0;
            self.place[chunk as usize] = 0;
        }
    }

    /// Have room for a chunk.
    pub(super) fn make_room(&mut self, chunk: u32) {
        let room = chunk as usize + 1;
        if self.summary.len() < room {
            self.summary.resize(room, 0);
            self.place.resize(room, 0);
        }
    }
}

impl Rows {
    /// Return the row of a tag, if anybody ever held it.
    pub(super) fn get(&self, tag: Tag) -> Option<&Row> {
        match tag.checked_sub(BADGES) {
            None => self.of_tags.get(tag as usize),
            Some(badge) => self.of_badges.get(badge as usize),
        }
    }

    /// Return the row of a tag, to be changed.
    pub(super) fn get_mut(&mut self, tag: Tag) -> &mut Row {
        let (rows, place) = match tag.checked_sub(BADGES) {
            None => (&mut self.of_tags, tag as usize),
            Some(badge) => (&mut self.of_badges, badge as usize),
        };
        if rows.len() <= place {
            rows.resize_with(place + 1, Row::default);
        }
        &mut rows[place]
    }
}
