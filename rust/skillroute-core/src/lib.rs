//! The routing engine of skillroute.
//!
//! One function with memory: state, event and time go in, state and actions come out.
//! Nothing here opens a file, reads a clock, draws a random number, starts a thread or
//! computes with floats, so the same plan and events give the same bytes everywhere.
//! The executable specification is the Python package `skillroute.reference`; this crate
//! decides the same, with an index where the specification scans.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod action;
mod acts;
mod admission;
mod agent;
mod announcing;
mod answering;
mod auto_pause;
mod border;
mod call;
pub mod contract;
pub mod decision;
mod declines;
mod demand;
mod devices;
mod eligibility;
pub mod end;
pub mod engine;
pub mod error;
pub mod event;
mod explain;
mod few;
mod flow;
mod held;
mod hosts;
pub mod ids;
mod kept;
mod later;
pub mod limits;
mod line;
mod lookup;
mod matching;
pub mod mutants;
mod names;
mod naming;
mod needs;
mod numbered;
mod offer;
mod offering;
mod order;
mod overlay;
mod overrides;
mod place;
mod plain;
pub mod plan;
mod plan_soundness;
pub mod pool;
mod queue;
pub mod record;
mod reload;
mod renumbering;
mod ringing;
mod rivals;
mod roll;
mod routing;
pub mod schedule;
mod sending;
mod site;
mod snapshot;
mod staff;
mod state;
mod steps;
mod supposing;
mod tallies;
mod time_passing;
pub mod timer;
mod turns;
mod verdicts;
mod visit;
pub mod wire;
mod wrap_up;
