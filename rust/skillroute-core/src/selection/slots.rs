//! Slots: the free agents in the order of `most_specific`, found by rows of bits.
//!
//! Where there are only a few different sets of tags, each is a level (`classes.rs`), and
//! rows are not needed. Else agents of one level hold equally many tags that count, and
//! wildcards have levels of their own, after all others. Each level is a sequence of
//! chunks (`chunk.rs`).

use super::agent::Agents;
use super::chunk::{CHUNK_FILL, Chunk, Key, Room, Rows};
use super::needs::{Combination, Needs};
use super::tags::{Held, HeldTags};
use crate::mutants::broken;

/// Where a free agent stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    chunk: u32,
    slot: u32,
}

/// Agents who hold equally many tags.
#[derive(Debug)]
struct Level {
    /// Wildcard, and how many tags count.
    key: (bool, u32),
    count: usize,
    /// In order; never empty.
    chunks: Vec<u32>,
}

/// All free agents.
#[derive(Debug, Default)]
pub(super) struct Slots {
    /// Tags have rows. Without, levels are classes, each asked for by itself.
    has_rows: bool,
    levels: Vec<Level>,
    /// All levels, by their keys.
    order: Vec<u32>,
    chunks: Vec<Chunk>,
    /// Chunks that belong to no level now.
    spare: Vec<u32>,
    /// Of each agent; of those who are not free anything.
    places: Vec<Place>,
}

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
        self.levels.push(Level { key: (false, 0), count: 0, chunks: vec![first] });
        level
    }

    /// Return the level of agents with a key.
    pub(super) fn level(&mut self, key: (bool, u32)) -> u32 {
        let key = (broken!(42, key.0, false), key.1);
        let found = self.order.binary_search_by_key(&key, |level| self.levels[*level as usize].key);
        let place = match found {
            Ok(place) => return self.order[place],
            Err(place) => place,
        };
        let level = self.add_level();
        self.levels[level as usize].key = key;
        self.order.insert(place, level);
        level
    }

    /// Put an agent in who is not in.
    pub(super) fn insert(&mut self, agent: u32, agents: &Agents) {
        let Some(state) = agents.get(agent) else {
            return;
        };
        let key = (state.idle_since_ms, agent);
        let tags = self.rows_of(&state.tags);
        if self.places.len() <= agent as usize {
            self.places.resize(agent as usize + 1, Place { chunk: 0, slot: 0 });
        }
        self.levels[state.level as usize].count += 1;
        loop {
            let place = self.chunk_for(state.level, key);
            let chunk = self.levels[state.level as usize].chunks[place];
            match self.chunks[chunk as usize].room(key) {
                Room::Slot(slot) => {
                    self.chunks[chunk as usize].fill(slot, key, tags);
                    self.places[agent as usize] = Place { chunk, slot: index(slot) };
                    return;
                }
                Room::Divide(word) => {
                    let has_rows = self.has_rows;
                    let moved =
                        self.chunks[chunk as usize].divide(word, |one| rows(has_rows, agents, one));
                    for (one, slot) in moved {
                        self.places[one as usize].slot = index(slot);
                    }
                }
                Room::Behind => self.begin_chunk(chunk, key, agents),
                Room::None => self.make_room(chunk, place, agents),
            }
        }
    }

    /// Take an agent out who is in.
    pub(super) fn remove(&mut self, agent: u32, agents: &Agents) {
        let Some(state) = agents.get(agent) else {
            return;
        };
        let place = self.places[agent as usize];
        let tags = self.rows_of(&state.tags);
        let chunk = &mut self.chunks[place.chunk as usize];
        chunk.clear(place.slot as usize, tags);
        let level = &mut self.levels[state.level as usize];
        level.count -= 1;
        // The last one stays, or one agent who comes and goes would make and drop it.
        if chunk.count == 0 && level.chunks.last() != Some(&place.chunk) {
            level.chunks.retain(|one| *one != place.chunk);
            self.drop_chunk(place.chunk);
        }
    }

    /// Return the first free agent in order who fits needs and whom *accept* takes.
    ///
    /// Cost: some steps for each level and chunk; one for each agent whom the rows let
    /// through and *accept* does not.
    pub(super) fn first(
        &self,
        needs: &Needs,
        combination: &Combination,
        accept: impl FnMut(u32) -> bool,
    ) -> Option<Key> {
        self.firsts(needs, combination, accept).next()
    }

    /// Go through the first of each level, likewise.
    pub(super) fn firsts<'a>(
        &'a self,
        needs: &'a Needs,
        combination: &'a Combination,
        mut accept: impl FnMut(u32) -> bool + 'a,
    ) -> impl Iterator<Item = Key> + 'a {
        let named = Rows {
            all: &needs.required_rows,
            with: &combination.with,
            without: &combination.without,
            any_of: &needs.any_of,
        };
        let wildcard = Rows { all: &[], any_of: &[], ..named };
        self.order.iter().filter_map(move |level| {
            let level = &self.levels[*level as usize];
            if level.count == 0 {
                return None;
            }
            let rows = if level.key.0 { wildcard } else { named };
            let mut chunks = level.chunks.iter().map(|chunk| &self.chunks[*chunk as usize]);
            chunks.find_map(|chunk| chunk.first(rows, &mut accept))
        })
    }

    /// Return the first agent of a level whom *accept* takes.
    pub(super) fn first_of(&self, level: u32, mut accept: impl FnMut(u32) -> bool) -> Option<Key> {
        let level = &self.levels[level as usize];
        if level.count == 0 {
            return None;
        }
        let chunks = level.chunks.iter().map(|chunk| &self.chunks[*chunk as usize]);
        chunks.into_iter().find_map(|chunk| chunk.first(Rows::ALL, &mut accept))
    }

    /// Return the tags that rows speak of.
    fn rows_of<'t>(&self, tags: &'t HeldTags) -> &'t [Held] {
        if self.has_rows { &tags.levels } else { &[] }
    }

    /// Return the place in its level of the chunk that a key belongs into.
    fn chunk_for(&self, level: u32, key: Key) -> usize {
        let chunks = &self.levels[level as usize].chunks;
        let low = |chunk: &u32| self.chunks[*chunk as usize].low();
        let last = chunks.len() - 1;
        if low(&chunks[last]).is_none_or(|low| low <= key) {
            return last;
        }
        chunks.partition_point(|chunk| low(chunk).is_none_or(|low| low <= key)).saturating_sub(1)
    }

    /// Begin a chunk after another with a key that comes after all in there.
    fn begin_chunk(&mut self, chunk: u32, key: Key, agents: &Agents) {
        let level = self.chunks[chunk as usize].level;
        self.merge_sparse(level, agents);
        let mut next = Chunk::with_room(level, CHUNK_FILL);
        // So that the key finds its way to this chunk.
        let _ = next.room(key);
        let next = self.new_chunk(next);
        let chunks = &mut self.levels[level as usize].chunks;
        let place = chunks.iter().position(|one| *one == chunk);
        chunks.insert(place.map_or(chunks.len(), |place| place + 1), next);
    }

    /// Lay a chunk out anew, as two if it holds too many.
    fn make_room(&mut self, chunk: u32, place: usize, agents: &Agents) {
        let keys = self.chunks[chunk as usize].keys();
        if keys.len() <= CHUNK_FILL {
            self.lay_out(chunk, &keys, agents);
            return;
        }
        let level = self.chunks[chunk as usize].level;
        let (earlier, later) = keys.split_at(keys.len() / 2);
        let next = self.new_chunk(Chunk::with_room(level, 0));
        self.levels[level as usize].chunks.insert(place + 1, next);
        self.lay_out(chunk, earlier, agents);
        self.lay_out(next, later, agents);
    }

    /// Make one of neighbouring chunks that hold few.
    fn merge_sparse(&mut self, level: u32, agents: &Agents) {
        let mut place = 0;
        while place + 1 < self.levels[level as usize].chunks.len() {
            let chunks = &self.levels[level as usize].chunks;
            let (one, two) = (chunks[place], chunks[place + 1]);
            let (first, second) = (&self.chunks[one as usize], &self.chunks[two as usize]);
            if first.count + second.count > MERGED_MAX {
                place += 1;
                continue;
            }
            let mut keys = first.keys();
            keys.extend(second.keys());
            self.levels[level as usize].chunks.remove(place + 1);
            self.drop_chunk(two);
            self.lay_out(one, &keys, agents);
        }
    }

    /// Fill a chunk anew with agents in order.
    fn lay_out(&mut self, chunk: u32, keys: &[Key], agents: &Agents) {
        let level = self.chunks[chunk as usize].level;
        let mut fresh = Chunk::with_room(level, keys.len());
        for key in keys {
            let slot = fresh.append(*key, rows(self.has_rows, agents, key.1));
            self.places[key.1 as usize] = Place { chunk, slot: index(slot) };
        }
        self.chunks[chunk as usize] = fresh;
    }

    fn new_chunk(&mut self, chunk: Chunk) -> u32 {
        if let Some(spare) = self.spare.pop() {
            self.chunks[spare as usize] = chunk;
            return spare;
        }
        self.chunks.push(chunk);
        index(self.chunks.len() - 1)
    }

    fn drop_chunk(&mut self, chunk: u32) {
        self.chunks[chunk as usize] = Chunk::with_room(0, 0);
        self.spare.push(chunk);
    }
}

fn rows(has_rows: bool, agents: &Agents, agent: u32) -> &[Held] {
    if has_rows { agents.tags(agent) } else { &[] }
}

/// Return a number of something there is at most one of per agent.
fn index(place: usize) -> u32 {
    u32::try_from(place).expect("there are at most 2^32 agents")
}
