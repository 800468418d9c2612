//! Tallies: what each agent has done since the site's midnight, and when they were
//! offered calls last.
//!
//! Some strategies order by it (rule 6.3). A tally says up to when it was counted, and is
//! brought up to date before anything changes that it counts: a log-in or log-out, a shift,
//! a call that is connected or over, a wrap-up that ends. In between it follows from the time
//! that has passed, so nothing needs to happen at midnight, and the agents who are compared
//! are asked for theirs at the choice.
//!
//! A day begins at the latest instant since which the local date has not changed.

use crate::ids::{AgentNumber, OfferNumber, QueueNumber, ScheduleNumber};
use crate::mutants::broken;
use crate::numbered::Numbered;
use crate::plan::{Agent, Plan, Queue, Strategy, Zone};
use crate::pool::{Counters, Counting};
use crate::schedule::DAY_MS;
use crate::site::Site;
use crate::staff::Staff;
use crate::state::{AgentState, Offer, OfferPhase, Presence, Tally};

/// What is counted of the agents of a site, for the calls of one queue.
#[derive(Debug)]
pub(crate) struct Counts<'a> {
    agents: &'a [AgentState],
    plan: &'a Plan,
    queue: QueueNumber,
    time: Time<'a>,
}

/// What a tally is brought up to date by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time<'a> {
    now_ms: i64,
    /// When the present day began.
    began_ms: i64,
    offers: &'a Numbered<OfferNumber, Offer>,
    schedules_open: &'a [bool],
}

impl Counting for Counts<'_> {
    fn counters(&self, agent: u32) -> Counters {
        let (state, plan) = (&self.agents[agent as usize], &self.plan.agents[agent as usize]);
        let tally = self.time.tally(state, plan);
        Counters {
            calls: tally.calls,
            talk_ms: tally.talk_ms,
            wrap_up_ms: tally.wrap_up_ms,
            logged_in_ms: tally.logged_in_ms,
            open_cases: broken!(106, state.open_cases, 0),
            weight: plan.weight,
        }
    }

    fn last_offer(&self, agent: u32) -> u64 {
        let offers = &self.agents[agent as usize].last_offers;
        let place = offers.binary_search_by_key(&self.queue, |(queue, _)| *queue);
        place.map_or(0, |place| offers[place].1.0)
    }
}

impl Time<'_> {
    /// Return what an agent has done today, up to now.
    fn tally(&self, state: &AgentState, plan: &Agent) -> Tally {
        let known = if broken!(107, state.tally.counted_ms < self.began_ms, false) {
            Tally { counted_ms: self.began_ms, ..Tally::default() }
        } else {
            state.tally
        };
        let passed_ms = self.now_ms - known.counted_ms;
        let (mut talks, mut wrap_ups) = (0, 0);
        for offer in state.offers.iter().filter_map(|id| self.offers.get(id)) {
            talks += i64::from(offer.phase == OfferPhase::Connected);
            wrap_ups += i64::from(offer.phase == OfferPhase::WrapUp);
        }
        let is_open = |number: ScheduleNumber| self.schedules_open[number.index()];
        let is_there = state.presence != Presence::LoggedOut && plan.schedule.is_none_or(is_open);
        Tally {
            counted_ms: self.now_ms,
            calls: known.calls,
            talk_ms: known.talk_ms.saturating_add(passed_ms.saturating_mul(talks)),
            wrap_up_ms: known.wrap_up_ms.saturating_add(passed_ms.saturating_mul(wrap_ups)),
            logged_in_ms: known.logged_in_ms + if is_there { passed_ms } else { 0 },
        }
    }
}

impl Site {
    /// Bring a tally up to date, before something changes that it counts.
    pub(crate) fn count(&mut self, agent: AgentNumber) {
        let (state, plan) = (&self.agents[agent.index()], &self.plan.agents[agent.index()]);
        if state.tally.counted_ms == self.now_ms() {
            return;
        }
        let tally = self.time().tally(state, plan);
        self.agents[agent.index()].tally = tally;
    }

    /// Count one more handled call: it is connected (rule 18.12).
    pub(crate) fn count_call(&mut self, agent: AgentNumber) {
        self.count(agent);
        self.agents[agent.index()].tally.calls += 1;
    }

    /// Remember an agent's last offer from a queue that goes round, in some step.
    pub(crate) fn note_offer(&mut self, number: QueueNumber, agent: AgentNumber, id: OfferNumber) {
        if !self.plan.queues[number.index()].uses(Strategy::RoundRobin) {
            return;
        }
        let number = self.line_of(number);
        let offers = &mut self.agents[agent.index()].last_offers;
        match offers.binary_search_by_key(&number, |(queue, _)| *queue) {
            Ok(place) => offers[place].1 = broken!(108, id, offers[place].1),
            Err(place) => offers.insert(place, (number, id)),
        }
    }

    /// Return what there is to count, for the calls of a queue.
    pub(crate) fn counts(&self, queue: QueueNumber) -> Counts<'_> {
        let queue = self.line_of(queue);
        Counts { agents: &self.agents, plan: &self.plan, queue, time: self.time() }
    }

    /// Return the same, and the staff to be asked.
    pub(crate) fn staff_and_counts(&mut self, queue: QueueNumber) -> (&mut Staff, Counts<'_>) {
        let queue = self.line_of(queue);
        let time = Time {
            now_ms: self.now_ms(),
            began_ms: self.day_began_ms(),
            offers: &self.offers,
            schedules_open: &self.schedules_open,
        };
        (&mut self.staff, Counts { agents: &self.agents, plan: &self.plan, queue, time })
    }

    fn time(&self) -> Time<'_> {
        Time {
            now_ms: self.now_ms(),
            began_ms: self.day_began_ms(),
            offers: &self.offers,
            schedules_open: &self.schedules_open,
        }
    }

    /// Return when the present day began, by the engine's clock.
    fn day_began_ms(&self) -> i64 {
        let wall_ms = self.now_ms() + self.wall_offset_ms;
        let zone = self.plan.settings.zone.map(|number| &self.plan.zones[number as usize]);
        day_began_ms(zone, wall_ms) - self.wall_offset_ms
    }
}

impl Queue {
    /// Tell whether a strategy is in force from the start, or from some step on.
    pub(crate) fn uses(&self, strategy: Strategy) -> bool {
        let of_steps = self.steps.iter().map(|step| step.strategy);
        of_steps.chain([self.strategy]).any(|used| used == strategy)
    }
}

/// Return the first instant from which on the local date was that of another; `None`: UTC.
fn day_began_ms(zone: Option<&Zone>, at_ms: i64) -> i64 {
    let Some(zone) = zone else {
        return at_ms - at_ms.rem_euclid(DAY_MS);
    };
    let mut segment = zone.transitions_ms.partition_point(|changes_ms| *changes_ms <= at_ms);
    let day = (at_ms + zone.offsets_ms[segment]).div_euclid(DAY_MS);
    loop {
        let midnight_ms = day * DAY_MS - zone.offsets_ms[segment];
        let Some(before) = segment.checked_sub(1) else {
            return midnight_ms;
        };
        let changes_ms = zone.transitions_ms[before];
        if midnight_ms > changes_ms {
            return midnight_ms;
        }
        if (changes_ms - 1 + zone.offsets_ms[before]).div_euclid(DAY_MS) != day {
            return changes_ms;
        }
        segment = before;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;

    fn zone(changes_ms: i64, before_h: i64, after_h: i64) -> Zone {
        Zone {
            name: "Test/Zone".into(),
            transitions_ms: vec![changes_ms],
            offsets_ms: vec![before_h * HOUR_MS, after_h * HOUR_MS],
        }
    }

    #[test]
    fn a_day_begins_at_midnight() {
        assert_eq!(0, day_began_ms(None, DAY_MS - 1));
        assert_eq!(DAY_MS, day_began_ms(None, DAY_MS));
        let berlin = zone(i64::MIN / 2, 1, 1);
        assert_eq!(DAY_MS - HOUR_MS, day_began_ms(Some(&berlin), DAY_MS + 1));
        assert_eq!(2 * DAY_MS - HOUR_MS, day_began_ms(Some(&berlin), 2 * DAY_MS - HOUR_MS));
    }

    #[test]
    fn a_midnight_that_is_skipped_is_when_clocks_change() {
        let spring = zone(DAY_MS, 0, 1);
        assert_eq!(DAY_MS, day_began_ms(Some(&spring), DAY_MS + 5 * HOUR_MS));
        assert_eq!(0, day_began_ms(Some(&spring), DAY_MS - 1));
    }

    #[test]
    fn of_a_midnight_that_comes_twice_the_first_counts() {
        let autumn = zone(DAY_MS + HOUR_MS, 0, -1);
        assert_eq!(DAY_MS, day_began_ms(Some(&autumn), DAY_MS + HOUR_MS));
        assert_eq!(DAY_MS, day_began_ms(Some(&autumn), DAY_MS + 3 * HOUR_MS));
    }

    #[test]
    fn a_day_that_clocks_leave_again_begins_anew() {
        let autumn = zone(DAY_MS + HOUR_MS / 2, 0, -1);
        assert_eq!(DAY_MS, day_began_ms(Some(&autumn), DAY_MS + 1));
        assert_eq!(DAY_MS + HOUR_MS / 2, day_began_ms(Some(&autumn), DAY_MS + HOUR_MS / 2));
        assert_eq!(DAY_MS + HOUR_MS, day_began_ms(Some(&autumn), DAY_MS + HOUR_MS));
    }
}
