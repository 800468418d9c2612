//! Turns: whom a call prefers, one agent after another, before its strategy decides.
//!
//! Each preferred agent has a turn (rules 7.7, 18.10). During it the call is for that agent
//! alone: offered if they are free, held while all that stands in the way is a unit of
//! theirs, up to their time. Anything else ends the turn, and so do a miss and a decline;
//! then the next turn begins. A ringing offer outlasts its turn, and while the preferred
//! agent rings in it nobody else does.
//!
//! A held call has no claim: when the agent becomes free, line order decides.

use crate::contract::PreferredAgent;
use crate::eligibility::{Reason, reasons};
use crate::ids::{AgentNumber, CallNumber};
use crate::matching::Changes;
use crate::mutants::broken;
use crate::plan::Number;
use crate::site::{Directory, Site};
use crate::state::Call;
use crate::steps::Asked;
use crate::timer::TimerKind;

/// What becomes of a call during a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The agent may have it.
    Free,
    /// It waits for the agent.
    Held,
    /// The next turn begins.
    Over,
}

impl Call {
    /// Return the agent whose turn it is; `None`: nobody's.
    pub(crate) fn holder(&self) -> Option<AgentNumber> {
        self.preferred.get(self.turn as usize).map(|(agent, _)| *agent)
    }

    /// Return how long the call is held for the agent whose turn it is.
    fn held_for_ms(&self) -> i64 {
        self.preferred.get(self.turn as usize).map_or(0, |(_, for_ms)| *for_ms)
    }
}

/// List whom a call prefers: as its event says, then as its number does.
///
/// Agents whom the plan does not know have left, maybe, and are passed over.
pub(crate) fn wished(
    directory: &Directory,
    own: &[PreferredAgent],
    number: Option<&Number>,
) -> Vec<(AgentNumber, i64)> {
    let known = |wish: &PreferredAgent| {
        let agent = directory.agents.get(wish.agent.as_str()).copied();
        agent.map(|agent| (agent, wish.for_ms))
    };
    let of_number = number
        .into_iter()
        .flat_map(|number| number.prefer_agents.iter().map(|agent| (*agent, number.prefer_for_ms)));
    let mut found: Vec<(AgentNumber, i64)> = Vec::new();
    for (agent, for_ms) in own.iter().filter_map(known).chain(of_number) {
        if found.iter().all(|(other, _)| *other != agent) {
            found.push((agent, for_ms));
        }
    }
    found
}

impl Site {
    /// The call has entered a queue: its list starts anew; one agent's own queue has none.
    pub(crate) fn start_turns(&mut self, number: CallNumber) {
        let call = self.call(number);
        if call.preferred.is_empty() || self.queue_of(call).is_direct {
            return;
        }
        self.call_mut(number).turn = 0;
        self.await_turn_end(number);
        self.enter_or_leave(number);
    }

    /// A turn is over: the next begins.
    pub(crate) fn next_turn(&mut self, number: CallNumber) {
        self.call_mut(number).turn += 1;
        self.await_turn_end(number);
        self.enter_or_leave(number);
    }

    /// The call leaves its queue.
    pub(crate) fn leave_turns(&mut self, number: CallNumber) {
        let call = self.call_mut(number);
        if call.holder().is_some() {
            call.turn = u32::try_from(call.preferred.len()).expect("an event names few agents");
            self.await_turn_end(number);
        }
    }

    /// End the turns that are over, of the held calls that have changed.
    pub(crate) fn end_turns(&mut self, changes: &Changes) {
        let held = changes.calls.iter().filter(|key| self.line.is_held(key.call));
        let mut numbers: Vec<_> = held.map(|key| key.call).collect();
        numbers.sort_unstable();
        numbers.into_iter().for_each(|number| self.end_turns_of(number));
    }

    /// End the turns that are over of the calls that an agent holds, who has changed.
    pub(crate) fn end_turns_for(&mut self, agent: AgentNumber) {
        let mut numbers: Vec<_> = self.line.held_for(agent).map(|key| key.call).collect();
        numbers.sort_unstable();
        numbers.into_iter().for_each(|number| self.end_turns_of(number));
    }

    /// End the turns of a call that are over, one after another.
    pub(crate) fn end_turns_of(&mut self, number: CallNumber) {
        while self.call_to_offer(number).is_some_and(|call| self.turn(call) == Some(Turn::Over)) {
            self.next_turn(number);
        }
    }

    /// Tell what becomes of a call in its present turn; `None`: it is nobody's.
    pub(crate) fn turn(&self, call: &Call) -> Option<Turn> {
        let holder = call.holder()?;
        let asked = Asked::of(self, call);
        let reasons = reasons(self, call, &asked, holder);
        let lacks_units = |reason: &Reason<'_>| matches!(reason, Reason::NoUnit(_));
        Some(if reasons.is_empty() {
            Turn::Free
        } else if broken!(66, call.held_for_ms() > 0, true) && reasons.iter().all(lacks_units) {
            Turn::Held
        } else {
            Turn::Over
        })
    }

    /// Tell whether the agent is rung whose turn it is.
    pub(crate) fn rings_at_holder(&self, call: &Call) -> bool {
        let holder = call.holder();
        let mut rung = call.offers.iter().filter_map(|id| self.offers.get(id));
        holder.is_some() && rung.any(|offer| Some(offer.agent) == holder)
    }

    /// Return when the present turn ends, if nobody answers; `None`: unknown.
    pub(crate) fn turn_ends_ms(&self, call: &Call) -> Option<i64> {
        let holder = call.holder();
        let rung = call.offers.iter().filter_map(|id| self.offers.get(id));
        let own = rung.filter(|offer| Some(offer.agent) == holder);
        let ends = own.filter_map(|offer| self.timers.deadline_ms(TimerKind::RingEnds, offer.id.0));
        let turn = self.timers.deadline_ms(TimerKind::PreferredTurnEnds, call.sequence.0);
        ends.chain(turn).min()
    }

    /// Set the timer of the present turn, which begins now.
    pub(crate) fn await_turn_end(&mut self, number: CallNumber) {
        self.timers.cancel(TimerKind::PreferredTurnEnds, number.0);
        let held_for_ms = self.call(number).held_for_ms();
        if held_for_ms > 0 {
            let deadline_ms = self.now_ms() + held_for_ms;
            self.timers.set(TimerKind::PreferredTurnEnds, number.0, deadline_ms);
        }
    }
}
