//! The bare loop of M/M/100, as somebody would write it for this one question: a limit.
//!
//! It depends on nothing, so `benches/simulation.py` compiles it alone. Prints one line of
//! JSON.

#![allow(clippy::print_stdout, reason = "its result is what it prints")]
#![allow(clippy::disallowed_methods, reason = "it measures time")]
#![allow(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the bare loop is a peer, and written as one would write it"
)]

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Instant;

const CALLS: u64 = 3_000_000;
const AGENTS: usize = 100;
/// Mean conversation in microseconds, and mean time between calls at a load of 0.95.
const TALK: f64 = 180_000_000.0;
const GAP: f64 = TALK / (100.0 * 0.95);

fn main() {
    let begun = Instant::now();
    let waited = bare_loop();
    let ns = begun.elapsed().as_nanos();
    println!("{{\"ns\": {ns}, \"calls\": {CALLS}, \"wait_us_mean\": {}}}", waited / CALLS);
}

/// Play M/M/c: a heap of ends of conversations, a line, and nothing else; return the sum
/// of waits in microseconds.
fn bare_loop() -> u64 {
    let mut draws = Draws(1);
    let mut ends = BinaryHeap::with_capacity(AGENTS);
    let mut line = VecDeque::new();
    let (mut next, mut waited, mut calls) = (draws.exponential(GAP), 0, 0);
    while calls < CALLS || !line.is_empty() {
        match ends.peek() {
            Some(Reverse(end)) if *end <= next || calls == CALLS => {
                let now: u64 = *end;
                ends.pop();
                if let Some(since) = line.pop_front() {
                    waited += now - since;
                    ends.push(Reverse(now + draws.exponential(TALK)));
                }
            }
            Some(_) | None => {
                calls += 1;
                if ends.len() < AGENTS {
                    ends.push(Reverse(next + draws.exponential(TALK)));
                } else {
                    line.push_back(next);
                }
                next += draws.exponential(GAP);
            }
        }
    }
    waited
}

/// The state of SplitMix64.
struct Draws(u64);

impl Draws {
    fn exponential(&mut self, mean: f64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^= word >> 31;
        let uniform = (((word >> 11) + 1) as f64) / 9_007_199_254_740_992.0;
        (-uniform.ln() * mean) as u64
    }
}
