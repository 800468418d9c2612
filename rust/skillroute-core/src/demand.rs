//! Demand: how much each tag was asked for lately, compared with who holds it.
//!
//! The strategy `opportunity_cost` spares agents whose tags others will ask for (rule 6.3).
//! What a tag costs is worked out at full minutes of the engine's clock: calls of the last 30
//! minutes that required it when they first stood in a line, for each logged-in agent who
//! holds it by name. While nobody has asked for anything no minute needs to be counted, and
//! a site without the strategy counts none.

use std::collections::BTreeMap;

use crate::ids::{CallNumber, TagNumber};
use crate::mutants::broken;
use crate::site::Site;
use crate::timer::TimerKind;

const MINUTE_MS: i64 = 60_000;
const WINDOW_MS: i64 = 30 * MINUTE_MS;
/// Costs are whole numbers: calls an agent, in so many parts.
const SCALE: i64 = 65_536;

impl Site {
    /// A call stands in a line: count what it requires, if that is the first time.
    pub(crate) fn note_demand(&mut self, number: CallNumber) {
        if !self.directory.is_by_demand || self.call(number).in_demand {
            return;
        }
        let minute_ms = self.now_ms() - self.now_ms().rem_euclid(MINUTE_MS);
        let call = self.calls.get_mut(&number).expect("a call in line is in progress");
        call.in_demand = true;
        for need in &call.needs.required {
            let place = (minute_ms, need.tags[0]);
            let asked = &mut self.demand.asked;
            match asked.binary_search_by_key(&place, |(at_ms, tag, _)| (*at_ms, *tag)) {
                Ok(found) => asked[found].2 += 1,
                Err(missing) => asked.insert(missing, (place.0, place.1, 1)),
            }
        }
        let is_counting = self.timers.deadline_ms(TimerKind::DemandCounted, 0).is_some();
        if !self.demand.asked.is_empty() && !is_counting {
            self.timers.set(TimerKind::DemandCounted, 0, minute_ms + MINUTE_MS);
        }
    }

    /// Work out what tags cost, at a full minute.
    pub(crate) fn count_demand(&mut self) {
        let began_ms = self.now_ms() - broken!(109, WINDOW_MS, WINDOW_MS - MINUTE_MS);
        self.demand.asked.retain(|(at_ms, _, _)| *at_ms >= began_ms);
        let mut demand: BTreeMap<TagNumber, i64> = BTreeMap::new();
        for (_, tag, calls) in &self.demand.asked {
            *demand.entry(*tag).or_default() += calls;
        }
        let supply = self.supply(&demand);
        let costs = demand.iter().map(|(tag, calls)| {
            let holders = supply.get(tag).copied().unwrap_or(0);
            (*tag, SCALE * calls / holders.max(1))
        });
        self.demand.costs = costs.collect();
        if !demand.is_empty() {
            let deadline_ms = self.now_ms() + MINUTE_MS;
            self.timers.set(TimerKind::DemandCounted, 0, deadline_ms);
        }
        self.staff.set_costs(&self.demand.costs);
    }

    /// Count the logged-in agents who hold the tags asked for by name.
    ///
    /// Once a minute, and only where a queue goes by demand: linear in their tags.
    fn supply(&self, demand: &BTreeMap<TagNumber, i64>) -> BTreeMap<TagNumber, i64> {
        let mut supply = BTreeMap::new();
        for agent in self.agent_numbers().filter(|agent| self.is_rostered(*agent)) {
            for (tag, _) in &self.plan.agents[agent.index()].tags {
                if demand.contains_key(tag) {
                    *supply.entry(*tag).or_default() += broken!(110, 1, 0);
                }
            }
        }
        supply
    }
}
