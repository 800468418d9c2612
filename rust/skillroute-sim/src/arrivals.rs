//! Arrivals: when the calls of a class are dialled, one after another.
//!
//! A Poisson process of changing rate is one of rate 1 whose clock runs as fast as the rate
//! says: each millisecond does so much *work*, and the next call comes when an exponential
//! amount of it is done. Work is counted in whole 2^-48ths, and what a call leaves of its
//! millisecond goes to the next, so rounding never adds up.

use crate::draws::{Draws, Key, Purpose, share_of};
use crate::scenario::{Class, Scenario};

const UNIT_BITS: u32 = 48;
const MILLION: u64 = 1_000_000;
const HOUR_MS: u64 = 3_600_000;
const FACTOR_MAX: u64 = 100 * MILLION;
const WORK_MAX: u128 = 1000 << UNIT_BITS;

/// The calls of a class that are still to come.
#[derive(Debug)]
pub(crate) struct Arrivals {
    by_rate: Poisson,
    by_count: Placed,
    next_by_rate: Option<i64>,
    next_by_count: Option<i64>,
}

impl Arrivals {
    /// Begin before the first call.
    pub(crate) fn new(scenario: &Scenario, index: u32, draws: &Draws<'_>) -> Self {
        let by_rate = Poisson::new(scenario, index, draws);
        let by_count = Placed { spans: Spans::default(), index, number: 0, calls: Vec::new() };
        let mut new = Self { by_rate, by_count, next_by_rate: None, next_by_count: None };
        new.next_by_rate = new.by_rate.next(scenario, draws);
        new.next_by_count = new.by_count.next(scenario, draws);
        new
    }

    /// Return when the next call is dialled; `None`: no further one comes.
    pub(crate) fn next(&mut self, scenario: &Scenario, draws: &Draws<'_>) -> Option<i64> {
        let count_first = match (self.next_by_rate, self.next_by_count) {
            (Some(rate_ms), Some(count_ms)) => count_ms < rate_ms,
            (None, Some(_)) => true,
            (Some(_) | None, None) => false,
        };
        if count_first {
            let next = self.by_count.next(scenario, draws);
            return std::mem::replace(&mut self.next_by_count, next);
        }
        let taken = self.next_by_rate?;
        self.next_by_rate = self.by_rate.next(scenario, draws);
        Some(taken)
    }
}

/// Calls that come at a rate.
#[derive(Debug)]
struct Poisson {
    spans: Spans,
    index: u32,
    /// How many calls have come.
    number: u64,
    /// Work until the next call.
    needed: u64,
    /// The piece of time of one rate that is being gone through.
    at_ms: i64,
    until_ms: i64,
    /// Work of each of its milliseconds.
    work: u64,
    /// Work that the millisecond before `at_ms` has left.
    left: u64,
    /// The span that pieces are cut off.
    span: (i64, i64, u64),
}

impl Poisson {
    fn new(scenario: &Scenario, index: u32, draws: &Draws<'_>) -> Self {
        let mut new = Self {
            spans: Spans::default(),
            index,
            number: 0,
            needed: 0,
            at_ms: 0,
            until_ms: 0,
            work: 0,
            left: 0,
            span: (0, 0, 0),
        };
        new.needed = new.gap(scenario, draws);
        new
    }

    fn next(&mut self, scenario: &Scenario, draws: &Draws<'_>) -> Option<i64> {
        while !self.comes() {
            self.next_piece(scenario, draws)?;
        }
        self.number += 1;
        self.needed = self.gap(scenario, draws);
        Some(self.at_ms - 1)
    }

    /// Go to the next call within this piece; tell whether there is one.
    fn comes(&mut self) -> bool {
        if self.work == 0 {
            return false;
        }
        if self.needed <= self.left {
            self.left -= self.needed;
            return true;
        }
        self.needed -= self.left;
        self.left = 0;
        let steps = self.needed.div_ceil(self.work);
        let room = self.until_ms.abs_diff(self.at_ms);
        if steps > room {
            self.needed -= room * self.work;
            // Nothing is left of the piece, should it be asked again.
            self.work = 0;
            return false;
        }
        self.at_ms += i64::try_from(steps).expect("a piece is shorter than a year");
        self.left = steps * self.work - self.needed;
        true
    }

    /// Begin the next piece; `None`: there is none.
    fn next_piece(&mut self, scenario: &Scenario, draws: &Draws<'_>) -> Option<()> {
        let class = &scenario.classes[self.index as usize];
        if self.span.0 >= self.span.1 {
            self.span = self.spans.next(&class.rates, class, scenario)?;
        }
        let (from_ms, until_ms, rate) = self.span;
        let Some(factor) = class.factor else {
            self.span.0 = until_ms;
            self.begin(from_ms, until_ms, work(rate, MILLION));
            return Some(());
        };
        let day = from_ms / scenario.day_ms;
        let end_ms = until_ms.min((day + 1) * scenario.day_ms);
        let key = Key { index: factor, number: day.unsigned_abs(), part: 0 };
        let drawn = draws.length(scenario.factors[factor as usize], Purpose::Factor, key);
        self.span.0 = end_ms;
        self.begin(from_ms, end_ms, work(rate, drawn.unsigned_abs()));
        Some(())
    }

    fn begin(&mut self, from_ms: i64, until_ms: i64, work: u64) {
        (self.at_ms, self.until_ms, self.work, self.left) = (from_ms, until_ms, work, 0);
    }

    /// Draw the work until the next call, at least 1.
    fn gap(&self, scenario: &Scenario, draws: &Draws<'_>) -> u64 {
        let key = Key { index: self.index, number: self.number, part: 0 };
        draws.value(scenario.unit_exponential, Purpose::Gap, key).max(1).unsigned_abs()
    }
}

/// Return the work of a millisecond, from millionths of a call an hour and a factor.
///
/// The factor is at most a hundred, the work at most a thousand calls' worth.
fn work(rate: u64, factor: u64) -> u64 {
    let scaled = (u128::from(rate) * u128::from(factor.min(FACTOR_MAX))) << UNIT_BITS;
    let work = scaled / u128::from(MILLION * MILLION * HOUR_MS);
    u64::try_from(work.min(WORK_MAX)).expect("it was bounded")
}

/// Calls of intervals that say how many.
#[derive(Debug)]
struct Placed {
    spans: Spans,
    index: u32,
    /// How many intervals were begun.
    number: u64,
    /// Calls of the interval that are to come, the last first.
    calls: Vec<i64>,
}

impl Placed {
    fn next(&mut self, scenario: &Scenario, draws: &Draws<'_>) -> Option<i64> {
        let class = &scenario.classes[self.index as usize];
        while self.calls.is_empty() {
            let (from_ms, until_ms, count) = self.spans.next(&class.counts, class, scenario)?;
            let length = until_ms.abs_diff(from_ms);
            let place = |part| {
                let key = Key { index: self.index, number: self.number, part };
                let after = share_of(length, draws.word(Purpose::Place, key));
                from_ms + i64::try_from(after).expect("it is less than the length")
            };
            self.calls.extend((0..count).map(place));
            self.calls.sort_unstable_by(|one, other| other.cmp(one));
            self.number += 1;
        }
        self.calls.pop()
    }
}

/// Where in the spans of a class its calls have come to.
#[derive(Debug, Default)]
struct Spans {
    base_ms: i64,
    next: usize,
}

impl Spans {
    /// Return the next span, repeated if they repeat, cut at the end of the run.
    fn next(
        &mut self,
        spans: &[(i64, i64, u64)],
        class: &Class,
        scenario: &Scenario,
    ) -> Option<(i64, i64, u64)> {
        let end_ms = scenario.length_ms;
        let repeat_ms = if class.repeat_ms == 0 { end_ms } else { class.repeat_ms };
        if self.next == spans.len() {
            self.next = 0;
            self.base_ms += repeat_ms;
        }
        let (from_ms, until_ms, value) = *spans.get(self.next)?;
        self.next += 1;
        let from_ms = self.base_ms + from_ms;
        (from_ms < end_ms).then(|| (from_ms, end_ms.min(self.base_ms + until_ms), value))
    }
}
