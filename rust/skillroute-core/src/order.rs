//! Order: the sort keys that put the eligible agents of a call in order, for people.
//!
//! Who comes first is decided by the pool (`pool/order.rs`) alone, and its keys are shown
//! here; and how idleness becomes one number. Keys are compared one after another, the smaller
//! first; agent order comes last, so the order is total and depends on nothing but the
//! keys (rule 6.5).

use crate::ids::AgentNumber;
use crate::limits::TIME_MS_MAX;
use crate::mutants::broken;
use crate::plan::Strategy;
use crate::pool::{Choice, Counting, Draw, Needs, Rank};
use crate::site::Site;
use crate::staff::wanted;
use crate::state::{AgentState, Call};
use crate::steps::Asked;
use crate::tallies::Counts;

const MILLION: i64 = 1_000_000;

/// Return the place of an agent in the order of idleness: since the end of the last handled
/// call; those without one come first, by log-in (rule 4.6).
pub(crate) fn idle_since_ms(state: &AgentState) -> i64 {
    match state.handled_ms {
        Some(handled_ms) => handled_ms,
        None => broken!(5, state.login_ms - (TIME_MS_MAX + 1), state.login_ms),
    }
}

/// Name the keys of a strategy, in their order.
pub(crate) fn key_names(strategy: Strategy) -> Vec<&'static str> {
    let own: &[&'static str] = match strategy {
        Strategy::MostSpecific => &["wildcard", "tags"],
        Strategy::FewestExtraTags => &["wildcard", "extra_tags"],
        Strategy::OpportunityCost => &["wildcard", "cost"],
        Strategy::FewestCalls => &["calls"],
        Strategy::LeastTalk => &["talk_ms"],
        Strategy::LeastOccupied => &["occupied_ppm"],
        Strategy::RoundRobin => &["last_offer"],
        Strategy::HighestLevel => &["levels"],
        Strategy::FewestOpenCases => &["open_cases"],
        Strategy::Random => &["ticket"],
        Strategy::WeightedRandom => &["drawn"],
        Strategy::LongestIdle | Strategy::InOrder => &[],
    };
    let idle: &[&'static str] =
        if strategy.asks_for_idleness() { &["handled", "idle_since_ms"] } else { &[] };
    [&["step", "preferred"], own, idle, &["agent_order"]].concat()
}

/// What the keys of the agents of a call are made of.
pub(crate) struct Keys<'a> {
    site: &'a Site,
    call: &'a Call,
    asked: &'a Asked,
    needs: Needs,
    counts: Counts<'a>,
    strategy: Strategy,
}

impl<'a> Keys<'a> {
    /// Work it out for a call.
    pub(crate) fn of(site: &'a Site, call: &'a Call, asked: &'a Asked) -> Self {
        let needs = Needs::new(wanted(asked.at(call.step)));
        let (counts, strategy) = (site.counts(call.queue), site.strategy(call));
        Self { site, call, asked, needs, counts, strategy }
    }

    /// Return the keys of an agent, in the order of their names.
    ///
    /// A ratio is shown in millionths, rounded down; the number of a draw by weight is the
    /// agent's rank, 0 if they do not take part.
    pub(crate) fn shown(&self, agent: AgentNumber, place: Option<u32>) -> Vec<i64> {
        let state = &self.site.agents[agent.index()];
        let rank = self.rank(agent);
        let step = step_key(self.site, self.call, self.asked, agent);
        let mut keys = vec![step, broken!(2, rank.preference, -rank.preference)];
        if self.strategy.puts_wildcards_last() {
            keys.push(i64::from(broken!(3, rank.wildcard, false)));
        }
        keys.extend(match self.strategy {
            Strategy::LongestIdle | Strategy::InOrder => None,
            Strategy::WeightedRandom => Some(i64::from(place.unwrap_or(0))),
            Strategy::LeastOccupied => Some(rank.value.times(MILLION)),
            Strategy::MostSpecific
            | Strategy::FewestExtraTags
            | Strategy::OpportunityCost
            | Strategy::FewestCalls
            | Strategy::LeastTalk
            | Strategy::RoundRobin
            | Strategy::HighestLevel
            | Strategy::FewestOpenCases
            | Strategy::Random => Some(rank.value.times(broken!(4, 1, -1))),
        });
        if self.strategy.asks_for_idleness() {
            keys.extend(match state.handled_ms {
                None => [0, state.login_ms],
                Some(handled_ms) => [1, handled_ms],
            });
        }
        keys.push(i64::from(agent.0));
        keys
    }

    fn rank(&self, agent: AgentNumber) -> Rank {
        let staff = &self.site.staff;
        let choice = Choice {
            tags: staff.facts(),
            needs: &self.needs,
            strategy: self.strategy,
            seeds: staff.seeds(self.site.draw(self.call)),
        };
        let counters = self.counts.counters(agent.0);
        choice.rank((0, agent.0), staff.held(agent), &counters, self.counts.last_offer(agent.0))
    }
}

impl Site {
    /// Return what the next offer of a call is drawn by; while none would be made, the last
    /// one.
    pub(crate) fn draw(&self, call: &Call) -> Draw {
        let offer = call.offers_made + u64::from(self.wants_offer(call));
        Draw { call: call.sequence.0, offer, drawn: 0 }
    }
}

/// Return the earliest step that let an agent in (rules 6.1, 18.11); of agents whom no step
/// has let in it is the step in force.
fn step_key(site: &Site, call: &Call, asked: &Asked, agent: AgentNumber) -> i64 {
    if site.queue_of(call).merge_steps || call.step == 0 {
        return 0;
    }
    let earliest = asked.earliest(site, call, agent).unwrap_or(call.step);
    i64::from(earliest.min(call.step))
}
