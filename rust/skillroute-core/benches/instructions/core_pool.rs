//! The core's pool as the scenarios see it: the one file that names its API.

use std::hint::black_box;

use skillroute_core::pool::{Asked, PublicPool, Told};

use crate::scenario::{Chooser, WaitingCall};
use crate::site::{Agent, LEVEL_MAX, Needs, Site, Strategy, Tags, each};

/// In a slowed pool one selection of so many is made twice: it is 20 % slower.
const SLOWED_EVERY: u32 = 5;

const NO_DRAW: [i128; 2] = [0, 0];

/// The pool; if *SLOWED*, with the slow-down that a gate must see.
#[derive(Debug)]
pub struct CorePool<const SLOWED: bool> {
    pool: PublicPool,
    selected: u32,
}

impl<const SLOWED: bool> CorePool<SLOWED> {
    /// Make the pool of a site, and let it choose once through each of its needs.
    pub fn new(site: &Site, waiting: &[WaitingCall]) -> Self {
        let mut pool = PublicPool::new([].into(), 0).expect("the seed is in range");
        for agent in &site.agents {
            add(&mut pool, agent);
        }
        for needs in &site.needs {
            pool.needs(&asked(needs)).expect("the needs are in order");
        }
        for call in waiting {
            let (priority, since_ms) = (call.priority.into(), call.since_ms.into());
            pool.wait(call.needs.into(), priority, since_ms).expect("there is room");
        }
        let mut made = Self { pool, selected: 0 };
        for needs in 0..site.needs_count() {
            black_box(made.choose(needs, &[]));
        }
        made
    }

    #[inline(never)]
    fn choose(&mut self, needs: u32, exclude: &[i64]) -> Option<u32> {
        let chosen = if exclude.is_empty() {
            self.pool.select(needs.into())
        } else {
            self.pool.select_but(needs.into(), exclude, NO_DRAW)
        };
        chosen.expect("there are such needs")
    }
}

impl<const SLOWED: bool> Chooser for CorePool<SLOWED> {
    fn select(&mut self, needs: u32, exclude: &[i64]) -> Option<u32> {
        if SLOWED {
            self.selected += 1;
            if self.selected % SLOWED_EVERY == 0 {
                black_box(self.choose(needs, exclude));
            }
        }
        self.choose(needs, exclude)
    }

    fn reserve(&mut self, needs: u32) -> Option<u32> {
        self.pool.reserve(needs.into()).expect("there are such needs")
    }

    fn release(&mut self, agent: u32, idle_since_ms: i64) {
        self.pool.release(agent.into(), idle_since_ms).expect("there is such an agent");
    }

    fn retag(&mut self, agent: u32, _: &Tags, written: &[String]) {
        self.pool.retag(agent.into(), written).expect("the tags are in order");
    }

    fn best_waiting(&mut self, agent: u32) -> Option<u64> {
        self.pool.best_waiting(agent.into()).expect("there is such an agent")
    }
}

/// Write tags as the pool reads them.
pub fn written(tags: &Tags) -> Vec<String> {
    let one = |tag| {
        let (mut text, level) = (name(tag), tags.levels[tag as usize]);
        if level < LEVEL_MAX {
            text.push('=');
            text.push_str(&level.to_string());
        }
        text
    };
    tags.each().map(one).collect()
}

fn add(pool: &mut PublicPool, agent: &Agent) {
    let tags = written(&agent.tags);
    let handle = pool.add(&tags, agent.is_free, agent.idle_since_ms);
    let handle = handle.expect("there is room");
    let told = Told { calls: Some(agent.calls.into()), ..Told::default() };
    pool.tell(handle.into(), &told).expect("the number is in range");
}

fn asked(needs: &Needs) -> Asked<String> {
    let strategy = match needs.strategy {
        Strategy::MostSpecific => "most_specific",
        Strategy::LongestIdle => "longest_idle",
        Strategy::FewestCalls => "fewest_calls",
    };
    let required = |tag| format!("{}>={}", name(tag), needs.level);
    let members = needs.members.as_ref();
    Asked {
        required: each(needs.required).map(required).collect(),
        any_of: Vec::new(),
        forbidden: each(needs.forbidden).map(name).collect(),
        prefer: needs
            .preferred
            .iter()
            .map(|(tag, weight)| (name(*tag), (*weight).into()))
            .collect(),
        strategy: strategy.into(),
        members: members.map(|named| named.iter().map(|agent| (*agent).into()).collect()),
    }
}

/// Without `format!`: most of the time that valgrind takes would be spent there.
fn name(tag: u32) -> String {
    let digit = |number| char::from_digit(number, 10).expect("it is less than ten");
    let mut text = String::with_capacity(16);
    text.push_str("skill:t");
    text.push(digit(tag / 10));
    text.push(digit(tag % 10));
    text
}
