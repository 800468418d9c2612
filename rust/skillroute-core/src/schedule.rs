//! Weekly schedules in a zone: is it open, when does that change, since when.
//!
//! An interval is the set of instants whose local wall time lies in [start, end): an hour
//! that a clock change repeats is inside twice, one that it skips does not exist (rule
//! 3.1). So the question is always asked of local time, and a change can come from the
//! week or from the zone. Instants are wall-clock milliseconds since the Unix epoch.

use crate::plan::{Schedule, Zone};

pub(crate) const DAY_MS: i64 = 86_400_000;

/// Local times are told in milliseconds since Monday 00:00.
pub const WEEK_MS: i64 = 7 * DAY_MS;

/// 1970-01-01 was a Thursday: three days after Monday 00:00.
const EPOCH_IN_WEEK_MS: i64 = 3 * DAY_MS;

/// A schedule and its zone.
#[derive(Clone, Copy, Debug)]
pub struct Hours<'a> {
    schedule: &'a Schedule,
    zone: &'a Zone,
}

impl<'a> Hours<'a> {
    /// Read a schedule in a zone.
    #[must_use]
    pub fn new(schedule: &'a Schedule, zone: &'a Zone) -> Self {
        Self { schedule, zone }
    }

    /// Tell whether the local time at an instant lies in one of the intervals.
    #[must_use]
    pub fn is_open(&self, at_ms: i64) -> bool {
        self.covers(self.in_week(at_ms, self.segment(at_ms)))
    }

    /// Return the first instant after another at which it opens or closes.
    ///
    /// `None`: it never will. Cost: a search per clock change until then.
    #[must_use]
    pub fn next_change_ms(&self, at_ms: i64) -> Option<i64> {
        if self.never_changes() {
            return None;
        }
        let was_open = self.is_open(at_ms);
        let mut from_ms = at_ms;
        for segment in self.segment(at_ms)..=self.zone.transitions_ms.len() {
            let end_ms = self.zone.transitions_ms.get(segment).copied();
            // Three edges, for two of them may be where the week closes upon itself.
            for instant_ms in self.edges_after(from_ms, segment) {
                let is_inside = end_ms.is_none_or(|end_ms| instant_ms < end_ms);
                if is_inside && self.is_open(instant_ms) != was_open {
                    return Some(instant_ms);
                }
            }
            from_ms = end_ms?;
            if self.is_open(from_ms) != was_open {
                return Some(from_ms);
            }
        }
        None
    }

    /// Return the instant at which the present opening began.
    ///
    /// `None`: it is closed, or has always been open. Cost: as for the next change.
    #[must_use]
    pub fn opened_at_ms(&self, at_ms: i64) -> Option<i64> {
        if self.never_changes() || !self.is_open(at_ms) {
            return None;
        }
        let mut until_ms = at_ms;
        for segment in (0..=self.segment(at_ms)).rev() {
            let start_ms = segment.checked_sub(1).map(|before| self.zone.transitions_ms[before]);
            for instant_ms in self.starts_until(until_ms, segment).into_iter().flatten() {
                let is_inside = start_ms.is_none_or(|start_ms| start_ms <= instant_ms);
                if is_inside && !self.is_open(instant_ms - 1) {
                    return Some(instant_ms);
                }
            }
            let start_ms = start_ms?;
            if !self.is_open(start_ms - 1) {
                return Some(start_ms);
            }
            until_ms = start_ms - 1;
        }
        None
    }

    /// Return the three first edges of intervals after an instant, by one segment's clock.
    fn edges_after(&self, at_ms: i64, segment: usize) -> [i64; 3] {
        let week_ms = self.in_week(at_ms, segment);
        let weekly = &self.schedule.weekly_ms;
        let monday_ms = at_ms - week_ms;
        let edge = |number: usize| {
            let (week, interval) = (number / 2 / weekly.len(), number / 2 % weekly.len());
            let (start_ms, end_ms) = weekly[interval];
            let edge_ms = if number % 2 == 0 { start_ms } else { end_ms };
            (0..week).fold(monday_ms, |monday_ms, _| monday_ms + WEEK_MS) + edge_ms
        };
        let passed = weekly.partition_point(|(_, end_ms)| *end_ms <= week_ms);
        let is_inside = weekly.get(passed).is_some_and(|(start_ms, _)| *start_ms <= week_ms);
        let first = 2 * passed + usize::from(is_inside);
        [edge(first), edge(first + 1), edge(first + 2)]
    }

    /// Return the two last starts of intervals until an instant, by one segment's clock.
    fn starts_until(&self, at_ms: i64, segment: usize) -> [Option<i64>; 2] {
        let week_ms = self.in_week(at_ms, segment);
        let weekly = &self.schedule.weekly_ms;
        let begun = weekly.partition_point(|(start_ms, _)| *start_ms <= week_ms);
        let start = |back: usize| match begun.checked_sub(back) {
            Some(number) => Some(at_ms - week_ms + weekly[number].0),
            // The same week before: there are at most as many as intervals.
            None => {
                let number = (begun + weekly.len()).checked_sub(back)?;
                Some(at_ms - week_ms - WEEK_MS + weekly[number].0)
            }
        };
        [start(1), start(2)]
    }

    /// Tell whether it is the same at all times.
    fn never_changes(&self) -> bool {
        matches!(self.schedule.weekly_ms.as_slice(), [] | [(0, WEEK_MS)])
    }

    fn covers(&self, week_ms: i64) -> bool {
        let weekly = &self.schedule.weekly_ms;
        let passed = weekly.partition_point(|(_, end_ms)| *end_ms <= week_ms);
        weekly.get(passed).is_some_and(|(start_ms, _)| *start_ms <= week_ms)
    }

    fn in_week(&self, at_ms: i64, segment: usize) -> i64 {
        (at_ms + self.zone.offsets_ms[segment] + EPOCH_IN_WEEK_MS).rem_euclid(WEEK_MS)
    }

    /// Return the index of the offset in force: the clock changes until an instant.
    fn segment(&self, at_ms: i64) -> usize {
        self.zone.transitions_ms.partition_point(|transition_ms| *transition_ms <= at_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;
    /// Monday, 2026-03-23 00:00 UTC.
    const MONDAY_MS: i64 = 1_774_224_000_000;
    /// Sunday, 2026-03-29 01:00 UTC: clocks in Berlin go from 02:00 to 03:00.
    const SPRING_MS: i64 = 1_774_746_000_000;
    /// Sunday, 2026-10-25 01:00 UTC: clocks in Berlin go from 03:00 to 02:00.
    const AUTUMN_MS: i64 = 1_792_890_000_000;

    fn berlin() -> Zone {
        Zone {
            name: "Europe/Berlin".into(),
            transitions_ms: vec![SPRING_MS, AUTUMN_MS],
            offsets_ms: vec![HOUR_MS, 2 * HOUR_MS, HOUR_MS],
        }
    }

    fn schedule(weekly_ms: &[(i64, i64)]) -> Schedule {
        Schedule { name: "s".into(), zone: 0, weekly_ms: weekly_ms.to_vec() }
    }

    fn day(number: i64, from: i64, to: i64) -> (i64, i64) {
        let day_ms = number * DAY_MS;
        (day_ms + from * HOUR_MS, day_ms + to * HOUR_MS)
    }

    /// Compare with a walk over every quarter of an hour in three weeks.
    fn check_by_walking(schedule: &Schedule, zone: &Zone, from_ms: i64) {
        let hours = Hours::new(schedule, zone);
        let step_ms = HOUR_MS / 4;
        let instants: Vec<i64> = (0..3 * 7 * 96).map(|n| from_ms + n * step_ms).collect();
        let open: Vec<bool> = instants.iter().map(|at_ms| hours.is_open(*at_ms)).collect();
        let (mut changes, mut opening) = (0, None);
        for here in 1..instants.len() {
            if open[here] != open[here - 1] {
                changes += 1;
                opening = open[here].then_some(instants[here]);
            }
            let next = (here + 1..instants.len()).find(|there| open[*there] != open[here]);
            if let Some(next) = next {
                assert_eq!(Some(instants[next]), hours.next_change_ms(instants[here]));
                assert_eq!(Some(instants[next]), hours.next_change_ms(instants[next] - 1));
            }
            if open[here] && opening.is_some() {
                assert_eq!(opening, hours.opened_at_ms(instants[here]));
            }
            if !open[here] {
                assert_eq!(None, hours.opened_at_ms(instants[here]));
            }
        }
        assert!(changes > 2);
    }

    #[test]
    fn changes_are_where_a_walk_finds_them() {
        let office: Vec<_> = (0..5).map(|number| day(number, 9, 18)).collect();
        let nights: Vec<_> = (0..6).map(|number| day(number, 22, 30)).collect();
        let around_the_weekend = vec![(0, 6 * HOUR_MS), (6 * DAY_MS, WEEK_MS)];
        let sunday_at_two = vec![day(6, 2, 3)];
        let all_but_sunday_at_two = vec![(0, day(6, 2, 3).0), (day(6, 2, 3).1, WEEK_MS)];
        let zone = berlin();
        for weekly in [office, nights, around_the_weekend, sunday_at_two, all_but_sunday_at_two] {
            for change_ms in [SPRING_MS, AUTUMN_MS, MONDAY_MS + 50 * WEEK_MS] {
                check_by_walking(&schedule(&weekly), &zone, change_ms - WEEK_MS);
            }
        }
    }

    #[test]
    fn a_skipped_hour_does_not_exist() {
        let (zone, shop) = (berlin(), schedule(&[day(6, 2, 3)]));
        let hours = Hours::new(&shop, &zone);
        assert!(!hours.is_open(SPRING_MS - 1) && !hours.is_open(SPRING_MS));
        let a_week_later_ms = SPRING_MS + WEEK_MS - HOUR_MS;
        assert_eq!(Some(a_week_later_ms), hours.next_change_ms(SPRING_MS - DAY_MS));
    }

    #[test]
    fn a_repeated_hour_is_inside_twice() {
        let (zone, shop) = (berlin(), schedule(&[day(6, 2, 3)]));
        let hours = Hours::new(&shop, &zone);
        let opening_ms = AUTUMN_MS - HOUR_MS;
        assert_eq!(Some(opening_ms), hours.next_change_ms(opening_ms - 1));
        assert_eq!(Some(AUTUMN_MS + HOUR_MS), hours.next_change_ms(opening_ms));
        assert_eq!(Some(opening_ms), hours.opened_at_ms(AUTUMN_MS + HOUR_MS - 1));
    }

    #[test]
    fn an_hour_begun_before_the_clocks_go_back_is_opened_again() {
        let (zone, shop) = (berlin(), schedule(&[(day(6, 2, 3).0 + HOUR_MS / 2, day(6, 2, 3).1)]));
        let hours = Hours::new(&shop, &zone);
        let first_ms = AUTUMN_MS - HOUR_MS / 2;
        assert_eq!(Some(AUTUMN_MS), hours.next_change_ms(first_ms));
        assert_eq!(Some(AUTUMN_MS + HOUR_MS / 2), hours.next_change_ms(AUTUMN_MS));
        assert_eq!(Some(AUTUMN_MS + HOUR_MS / 2), hours.opened_at_ms(AUTUMN_MS + HOUR_MS / 2));
    }

    #[test]
    fn what_is_always_the_same_never_changes() {
        let zone = berlin();
        for (weekly, open) in [(vec![], false), (vec![(0, WEEK_MS)], true)] {
            let schedule = schedule(&weekly);
            let hours = Hours::new(&schedule, &zone);
            assert_eq!(open, hours.is_open(MONDAY_MS));
            assert_eq!(None, hours.next_change_ms(MONDAY_MS));
            assert_eq!(None, hours.opened_at_ms(MONDAY_MS));
        }
    }
}
