//! Scenarios played beside the engine: callers, agents and a switch, in accelerated time.
//!
//! A replication is a function of a plan, a scenario and a number. The events are those
//! that a switch would tell, through the whole engine; nothing of the routing is repeated
//! here. `skillroute/simulation/_played.py` plays the same around any engine, and both
//! count the same: file for file the names are the same, and every draw is a hash of what
//! it is for (`draws.rs`).

mod agenda;
mod arrivals;
mod behaviour;
mod counting;
mod draws;
mod names;
mod played;
mod reactions;
pub mod scenario;
pub mod tallies;
mod window;

use std::sync::Arc;

use skillroute_core::error::Error;
use skillroute_core::plan::Plan;
use skillroute_core::wire::{Decode, Encode, Malformed, Reader, Writer};

use crate::played::Played;
use crate::scenario::Scenario;

/// Why a replication could not be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unplayable {
    /// The plan is none.
    Plan(Error),
    /// The scenario is none.
    Scenario(Malformed),
    /// The engine refused an event: a bug of ours.
    Refused(Error),
}

impl From<Error> for Unplayable {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// What came of a replication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What was counted, as `skillroute.simulation.Tallies` in MessagePack.
    pub tallies: Vec<u8>,
    /// The engine's last snapshot.
    pub snapshot: Vec<u8>,
}

/// Play one replication of a scenario, which is sound: Python has checked it.
///
/// # Errors
///
/// As [`Unplayable`] says.
pub fn run_replication(
    plan: &[u8],
    scenario: &[u8],
    replication: u64,
    keep_calls: bool,
) -> Result<Outcome, Unplayable> {
    let plan = Arc::new(Plan::read(plan).map_err(Unplayable::Plan)?);
    let scenario = Scenario::decode(&mut Reader::new(scenario)).map_err(Unplayable::Scenario)?;
    let played = Played::new(&plan, &scenario, replication, keep_calls);
    let (tallies, snapshot) = played.run()?;
    let mut writer = Writer::new();
    tallies.encode(&mut writer);
    Ok(Outcome { tallies: writer.into_bytes(), snapshot })
}
