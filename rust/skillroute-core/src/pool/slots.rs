//! Slots: the free agents in the order of `most_specific`, found by rows of bits.
//!
//! Where there are only a few different sets of tags, each is a level (`classes.rs`) whose
//! first agent is kept at hand, and rows are not needed. Else agents of one level hold
//! equally many tags that count, and wildcards have levels of their own, after all others.
//! Each level is a sequence of chunks (`chunk.rs`).

use std::ops::ControlFlow::{self, Break};

use super::agents::{Agents, PoolAgent};
use super::chunk::{CHUNK_FILL, Chunk, Key, Room, Sought};
use super::needs::{COMBINED_MAX, Combination, Needs, ROWS_MAX};
use super::rows::{InChunk, Row, Rows};
use super::table::WORD;
use super::tags::Tag;
use crate::mutants::broken;

/// Agents who hold equally many tags.
#[derive(Clone, Debug)]
struct Level {
    /// Wildcard, and how many tags count.
    key: (bool, u16),
    count: usize,
    /// In order; never empty.
    chunks: Vec<u32>,
    /// No agent who is or was in it comes later.
    last: Key,
    /// How often somebody came in before another.
    upsets: u64,
}

/// Up to where a level was searched for needs in vain, or to the one who was found.
///
/// Who comes in later stands behind, as a rule: then nothing before the bound needs
/// another look.
#[derive(Clone, Copy, Debug, Default)]
struct Cursor {
    /// Of the level, when it was searched; with more, the bound is worth nothing.
    upsets: u64,
    /// It is the key of somebody who fits.
    is_found: bool,
    bound: Key,
}

/// Of some needs, a cursor in each level.
#[derive(Clone, Debug, Default)]
pub(super) struct Cursors {
    of_levels: Vec<Option<Cursor>>,
}

/// All free agents.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    /// Tags have rows. Without, levels are classes, each asked for by itself.
    has_rows: bool,
    levels: Vec<Level>,
    /// Without rows: of each level the first agent, or `NOBODY`.
    heads: Vec<Key>,
    /// With rows: all levels but those of wildcards, by their keys.
    named: Vec<u32>,
    /// And those.
    wildcards: Vec<u32>,
    chunks: Vec<Chunk>,
    /// Chunks that belong to no level now.
    spare: Vec<u32>,
    /// Who is there at all.
    everybody: Row,
    rows: Rows,
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
struct Query<'a> {
    /// Tags and badges that must be held; `required` only by name.
    required: &'a [Tag],
    with: &'a [Tag],
    /// Tags that must not be held.
    without: &'a [Tag],
    /// Groups, of each of which one must be held.
    any_of: &'a [Vec<Tag>],
}

/// The key of nobody, behind all others.
pub(super) const NOBODY: Key = (i64::MAX, u32::MAX);

/// Rows that one search looks at: required tags, preferred ones, and a badge.
const ROWS_ALL_MAX: usize = ROWS_MAX + COMBINED_MAX + 1;

/// Neighbouring chunks that hold no more than this become one: less than is laid out at
/// once, so that they do not come apart again at the next agent.
const MERGED_MAX: usize = CHUNK_FILL * 3 / 4;

impl Slots {
    /// Make slots whose tags have rows.
    pub(super) fn with_rows() -> Self {
        Self { has_rows: true, ..Self::default() }
    }

    /// Add a level that is asked for by itself.
    pub(super) fn add_level(&mut self) -> u32 {
        let level = index(self.levels.len());
        let first = self.new_chunk(Chunk::with_room(level, 0));
        let (key, last) = ((false, 0), (i64::MIN, 0));
        self.levels.push(Level { key, count: 0, chunks: vec![first], last, upsets: 0 });
        self.heads.push(NOBODY);
        level
    }

    /// Return the level of agents with a key.
    pub(super) fn level(&mut self, key: (bool, u16)) -> u32 {
        let key = (broken!(42, key.0, false), key.1);
        let levels = &self.levels;
        let order = if key.0 { &mut self.wildcards } else { &mut self.named };
        let place = match order.binary_search_by_key(&key, |level| levels[*level as usize].key) {
            Ok(place) => return order[place],
            Err(place) => place,
        };
        order.insert(place, index(levels.len()));
        let level = self.add_level();
        self.levels[level as usize].key = key;
        level
    }

    /// Put an agent in who is not in.
    pub(super) fn insert(&mut self, agent: u32, agents: &mut Agents) {
        let Some(level) = agents.get(agent).map(|state| state.level) else {
            return;
        };
        let key = agents.key(agent);
        let state = &mut self.levels[level as usize];
        state.count += 1;
        if key > state.last {
            state.last = key;
        } else {
            state.upsets += broken!(53, 1, 0);
        }
        if !self.has_rows {
            let head = &mut self.heads[level as usize];
            *head = key.min(*head);
        }
        loop {
            let place = self.chunk_for(&self.levels[level as usize].chunks, key);
            let chunk = self.levels[level as usize].chunks[place];
            match self.chunks[chunk as usize].room(key, agents) {
                Room::Slot(slot) => {
                    self.put(agent, chunk, slot, agents);
                    return;
                }
                Room::Divide(word) => self.divide(chunk, word, agents),
                Room::Behind => self.begin_chunk(chunk, key, agents),
                Room::None => self.make_room(chunk, place, agents),
            }
        }
    }

    /// Take an agent out who is in.
    pub(super) fn remove(&mut self, agent: u32, agents: &mut Agents) {
        let Some(state) = agents.get(agent) else {
            return;
        };
        self.pull(state);
        let (chunk, number) = (state.chunk, state.level);
        let level = &mut self.levels[number as usize];
        level.count -= 1;
        // The last one stays, or one agent who comes and goes would make and drop it.
        if self.chunks[chunk as usize].count == 0 && level.chunks.last() != Some(&chunk) {
            level.chunks.retain(|one| *one != chunk);
            self.drop_chunk(chunk);
        } else if self.has_rows && self.chunks[chunk as usize].is_sparse() {
            let listed = self.chunks[chunk as usize].listed(agents);
            self.lay_out(chunk, &listed, agents);
        }
        if !self.has_rows && self.heads[number as usize].1 == agent {
            let next = self.first_of(number, agents, |_| true);
            self.heads[number as usize] = next.map_or(NOBODY, |next| agents.key(next));
        }
    }

    /// Return the key of the first agent of a level, where there are no rows.
    pub(super) fn head(&self, level: u32) -> Key {
        self.heads[level as usize]
    }

    /// Return the first free agent in order who fits needs and whom *accept* takes.
    ///
    /// Cost: some steps for each level and chunk; one for each agent whom the rows let
    /// through and *accept* does not.
    pub(super) fn first(
        &self,
        needs: &Needs,
        combination: &Combination,
        agents: &Agents,
        accept: impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        let mut first = None;
        self.firsts(needs, combination, agents, accept, |agent| {
            first = Some(agent);
            Break(())
        });
        first
    }

    /// Do the same for needs of which rows say all and that prefer nobody, from where the
    /// cursors stand.
    pub(super) fn first_from(
        &self,
        needs: &Needs,
        agents: &Agents,
        cursors: &mut Cursors,
    ) -> Option<u32> {
        let query = || queries(needs, &needs.combinations[0][0]);
        let found = self.first_from_of(&self.named, || query()[0], agents, cursors);
        if found.is_some() || self.wildcards.is_empty() {
            return found;
        }
        self.first_from_of(&self.wildcards, || query()[1], agents, cursors)
    }

    #[inline]
    fn first_from_of<'q>(
        &self,
        levels: &[u32],
        query: impl Fn() -> Query<'q>,
        agents: &Agents,
        cursors: &mut Cursors,
    ) -> Option<u32> {
        for number in levels {
            let level = &self.levels[*number as usize];
            if level.count == 0 {
                continue;
            }
            let cursor = cursors.of(*number);
            let known = cursor.filter(|cursor| cursor.upsets == level.upsets);
            let found = known.filter(|cursor| cursor.is_found);
            let found = found.and_then(|cursor| still_there(agents, *number, cursor.bound));
            if found.is_some() {
                return found;
            }
            if known.is_some_and(|cursor| !cursor.is_found && cursor.bound == level.last) {
                continue;
            }
            let from = known.map(|cursor| cursor.bound);
            let first = self.first_of_level(level, query(), from, agents, &mut |_| true);
            let bound = first.map_or(level.last, |agent| agents.key(agent));
            let (upsets, is_found) = (level.upsets, first.is_some());
            *cursor = Some(Cursor { upsets, is_found, bound });
            if first.is_some() {
                return first;
            }
        }
        None
    }

    /// Go through the first of each level, likewise, for as long as *visit* wants more.
    pub(super) fn firsts(
        &self,
        needs: &Needs,
        combination: &Combination,
        agents: &Agents,
        mut accept: impl FnMut(u32) -> bool,
        mut visit: impl FnMut(u32) -> ControlFlow<()>,
    ) {
        let [named, wildcards] = queries(needs, combination);
        for (levels, query) in [(&self.named, named), (&self.wildcards, wildcards)] {
            let levels = levels.iter().map(|level| &self.levels[*level as usize]);
            for level in levels.filter(|level| level.count > 0) {
                let first = self.first_of_level(level, query, None, agents, &mut accept);
                if first.is_some_and(|first| visit(first).is_break()) {
                    return;
                }
            }
        }
    }

    /// Return the first agent of a level whom *accept* takes.
    pub(super) fn first_of(
        &self,
        level: u32,
        agents: &Agents,
        mut accept: impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        let level = &self.levels[level as usize];
        if level.count == 0 {
            return None;
        }
        level.chunks.iter().find_map(|chunk| {
            let words = self.everybody.summary(*chunk);
            let sought = Sought { words, all: &[], without: &[], any_of: &[] };
            self.chunks[*chunk as usize].first(sought, None, agents, &mut accept)
        })
    }

    /// Search a level; nobody who fits comes before *from*.
    fn first_of_level(
        &self,
        level: &Level,
        query: Query<'_>,
        from: Option<Key>,
        agents: &Agents,
        accept: &mut impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        let first = from.map_or(0, |from| self.chunk_for(&level.chunks, from));
        let mut rows = [InChunk::default(); ROWS_ALL_MAX];
        for (number, chunk) in level.chunks[first..].iter().enumerate() {
            let (mut words, mut count) = (self.everybody.summary(*chunk), 0);
            let tags = query.required.iter().chain(query.with);
            for (row, tag) in rows.iter_mut().zip(tags) {
                *row = self.rows.in_chunk(*tag, *chunk);
                words &= row.summary;
                if words == 0 {
                    break;
                }
                count += 1;
            }
            if words == 0 {
                continue;
            }
            let known = |tags: &[Tag]| -> Vec<InChunk> {
                tags.iter().map(|tag| self.rows.in_chunk(*tag, *chunk)).collect()
            };
            let any_of: Vec<_> = query.any_of.iter().map(|group| known(group)).collect();
            let without = known(query.without);
            let all = &rows[..count];
            let sought = Sought { words, all, without: &without, any_of: &any_of };
            let from = from.filter(|_| number == 0);
            let found = self.chunks[*chunk as usize].first(sought, from, agents, accept);
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// Put an agent into a slot.
    fn put(&mut self, agent: u32, chunk: u32, slot: usize, agents: &mut Agents) {
        let bit_of_word = 1 << (slot / WORD);
        let place = &mut self.chunks[chunk as usize];
        place.take(slot, agent);
        self.everybody.in_chunk(chunk).summary |= bit_of_word;
        let Some(state) = agents.get_mut(agent) else {
            return;
        };
        state.chunk = chunk;
        state.slot = u16::try_from(slot).expect("a chunk has at most 4096 slots");
        if !self.has_rows {
            return;
        }
        for tag in state.tags.rows() {
            let row = self.rows.get_mut(*tag).in_chunk(chunk);
            place.table.set(row, *tag, state.slot);
        }
    }

    /// Take an agent out of their slot.
    fn pull(&mut self, state: &PoolAgent) {
        let (chunk, slot) = (state.chunk, usize::from(state.slot));
        let bit_of_word = 1 << (slot / WORD);
        let place = &mut self.chunks[chunk as usize];
        if !place.leave(slot) {
            self.everybody.in_chunk(chunk).summary &= !bit_of_word;
        }
        if !self.has_rows {
            return;
        }
        for tag in state.tags.rows() {
            let row = self.rows.get_mut(*tag).in_chunk(chunk);
            place.table.unset(row, state.slot);
        }
    }

    /// Move the later half of a full word into a word after it.
    fn divide(&mut self, chunk: u32, word: usize, agents: &mut Agents) {
        let (later, first) = self.chunks[chunk as usize].divide(word, agents);
        for (number, agent) in later.into_iter().enumerate() {
            if let Some(state) = agents.get(agent) {
                self.pull(state);
            }
            self.put(agent, chunk, first + number, agents);
        }
    }

    /// Return the place among the chunks of a level of the one that a key belongs into.
    fn chunk_for(&self, chunks: &[u32], key: Key) -> usize {
        let low = |chunk: &u32| self.chunks[*chunk as usize].low();
        let last = chunks.len() - 1;
        if low(&chunks[last]).is_none_or(|low| low <= key) {
            return last;
        }
        chunks.partition_point(|chunk| low(chunk).is_none_or(|low| low <= key)).saturating_sub(1)
    }

    /// Begin a chunk after another with a key that comes after all in there.
    fn begin_chunk(&mut self, chunk: u32, key: Key, agents: &mut Agents) {
        let level = self.chunks[chunk as usize].level;
        self.merge_sparse(level, agents);
        let mut next = Chunk::with_room(level, CHUNK_FILL);
        // So that the key finds its way to this chunk.
        let _ = next.room(key, agents);
        let next = self.new_chunk(next);
        let chunks = &mut self.levels[level as usize].chunks;
        let place = chunks.iter().position(|one| *one == chunk);
        chunks.insert(place.map_or(chunks.len(), |place| place + 1), next);
    }

    /// Lay a chunk out anew, as two if it holds too many.
    fn make_room(&mut self, chunk: u32, place: usize, agents: &mut Agents) {
        let listed = self.chunks[chunk as usize].listed(agents);
        if listed.len() <= CHUNK_FILL {
            self.lay_out(chunk, &listed, agents);
            return;
        }
        let level = self.chunks[chunk as usize].level;
        let (earlier, later) = listed.split_at(listed.len() / 2);
        let next = self.new_chunk(Chunk::with_room(level, 0));
        self.levels[level as usize].chunks.insert(place + 1, next);
        self.lay_out(chunk, earlier, agents);
        self.lay_out(next, later, agents);
    }

    /// Make one of neighbouring chunks that hold few.
    fn merge_sparse(&mut self, level: u32, agents: &mut Agents) {
        let mut place = 0;
        while place + 1 < self.levels[level as usize].chunks.len() {
            let chunks = &self.levels[level as usize].chunks;
            let (one, two) = (chunks[place], chunks[place + 1]);
            let (first, second) = (&self.chunks[one as usize], &self.chunks[two as usize]);
            if first.count + second.count > MERGED_MAX {
                place += 1;
                continue;
            }
            let mut listed = first.listed(agents);
            listed.extend(second.listed(agents));
            self.levels[level as usize].chunks.remove(place + 1);
            self.drop_chunk(two);
            self.lay_out(one, &listed, agents);
        }
    }

    /// Fill a chunk anew with agents in order: most of those who were in it.
    fn lay_out(&mut self, chunk: u32, listed: &[u32], agents: &mut Agents) {
        let level = self.chunks[chunk as usize].level;
        let fresh = Chunk::with_room(level, listed.len());
        let former = std::mem::replace(&mut self.chunks[chunk as usize], fresh);
        self.everybody.clear(chunk);
        let table = &mut self.chunks[chunk as usize].table;
        for tag in former.table.tags() {
            let row = self.rows.get_mut(*tag).in_chunk(chunk);
            *row = table.begin_like(*row, *tag);
        }
        for agent in listed {
            let key = agents.key(*agent);
            let slot = self.chunks[chunk as usize].next_slot(key);
            self.put(*agent, chunk, slot, agents);
        }
    }

    fn new_chunk(&mut self, chunk: Chunk) -> u32 {
        if let Some(spare) = self.spare.pop() {
            self.chunks[spare as usize] = chunk;
            return spare;
        }
        self.chunks.push(chunk);
        let number = index(self.chunks.len() - 1);
        self.everybody.in_chunk(number);
        number
    }

    fn drop_chunk(&mut self, chunk: u32) {
        let empty = Chunk::with_room(0, 0);
        let former = std::mem::replace(&mut self.chunks[chunk as usize], empty);
        self.everybody.clear(chunk);
        for tag in former.table.tags() {
            self.rows.get_mut(*tag).clear(chunk);
        }
        self.spare.push(chunk);
    }
}

impl Cursors {
    fn of(&mut self, level: u32) -> &mut Option<Cursor> {
        let place = level as usize;
        if self.of_levels.len() <= place {
            self.of_levels.resize(place + 1, None);
        }
        &mut self.of_levels[place]
    }
}

/// Return what is looked for among those with names for what they can do, and among
/// wildcards.
fn queries<'a>(needs: &'a Needs, combination: &'a Combination) -> [Query<'a>; 2] {
    let (with, without) = (&combination.with, &combination.without);
    let (required, any_of) = (needs.required_rows(), needs.any_of());
    [Query { required, with, without, any_of }, Query { required: &[], with, without, any_of: &[] }]
}

/// Return the agent whom a cursor has found, if they still stand there.
fn still_there(agents: &Agents, level: u32, key: Key) -> Option<u32> {
    let state = agents.get(key.1)?;
    let is_there = state.is_free && state.level == level && agents.key(key.1) == key;
    broken!(54, is_there, state.level == level).then_some(key.1)
}

/// Return a number of something there is at most one of per agent.
fn index(place: usize) -> u32 {
    u32::try_from(place).expect("there are at most 2^32 agents")
}
