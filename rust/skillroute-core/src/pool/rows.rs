//! Rows: of each tag, in which chunks and words of slots its holders stand.
//!
//! A chunk's own table (`table.rs`) says in which slots. Here is what a search reads first,
//! one chunk after another without a gap: bit *w* of a chunk's summary is set if its word
//! *w* has a holder.

use super::table::BITS;
use super::tags::{BADGES, Tag};

/// Of one tag, or of everybody.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// Of each chunk; beyond the end nobody is there.
    in_chunks: Vec<InChunk>,
}

/// Of one tag in one chunk: which words have a holder, and its row in the chunk's table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct InChunk {
    pub(super) summary: u64,
    /// Where the row begins.
    pub(super) start: u32,
    /// How many slots its list has room for; 0: there is none; the most: it is of bits.
    pub(super) room: u8,
    /// How many are in the list.
    pub(super) count: u8,
}

impl InChunk {
    /// Tell whether the row is a list.
    pub(super) fn is_list(&self) -> bool {
        self.room != BITS
    }
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
        self.in_chunks.get(chunk as usize).map_or(0, |there| there.summary)
    }

    /// Return what is known of a chunk, to be changed.
    pub(super) fn in_chunk(&mut self, chunk: u32) -> &mut InChunk {
        let place = chunk as usize;
        if self.in_chunks.len() <= place {
            self.in_chunks.resize(place + 1, InChunk::default());
        }
        &mut self.in_chunks[place]
    }

    /// Forget a chunk.
    pub(super) fn clear(&mut self, chunk: u32) {
        if let Some(there) = self.in_chunks.get_mut(chunk as usize) {
            *there = InChunk::default();
        }
    }
}

impl Rows {
    /// Return what is known of a tag in a chunk.
    #[inline]
    pub(super) fn in_chunk(&self, tag: Tag, chunk: u32) -> InChunk {
        let row = match tag.checked_sub(BADGES) {
            None => self.of_tags.get(tag as usize),
            Some(badge) => self.of_badges.get(badge as usize),
        };
        row.and_then(|row| row.in_chunks.get(chunk as usize)).copied().unwrap_or_default()
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
