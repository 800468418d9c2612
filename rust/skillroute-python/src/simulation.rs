//! The function `run_replication`: a whole simulated run in one call.

use std::panic::catch_unwind;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use skillroute_sim::Unplayable;

use crate::engine::said;
use crate::errors;

/// Play one replication; return what was counted and the engine's last snapshot.
#[pyfunction]
pub(crate) fn run_replication<'py>(
    py: Python<'py>,
    plan: &[u8],
    scenario: &[u8],
    replication: u64,
    keep_calls: bool,
) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
    let play = || skillroute_sim::run_replication(plan, scenario, replication, keep_calls);
    let played = py.detach(|| catch_unwind(play));
    let played = played.map_err(|payload| errors::bug(py, &said(payload.as_ref())))?;
    match played {
        Ok(outcome) => {
            let [tallies, snapshot] = [outcome.tallies, outcome.snapshot];
            Ok((PyBytes::new(py, &tallies), PyBytes::new(py, &snapshot)))
        }
        Err(Unplayable::Plan(error)) => Err(errors::exception(py, &error, None)),
        Err(Unplayable::Scenario(malformed)) => Err(PyValueError::new_err(malformed.to_string())),
        Err(Unplayable::Refused(error)) => Err(errors::bug(py, &error.to_string())),
    }
}
