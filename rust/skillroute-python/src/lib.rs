//! The Python module `skillroute._core`: convert, call, convert.
//!
//! Nothing is decided here. Its docstrings for people are in `src/skillroute/_core.pyi`.

mod convert;
mod engine;
mod errors;
mod pool;
mod simulation;

/// The compiled engine of skillroute.
#[pyo3::pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use crate::engine::PyEngine;
    #[pymodule_export]
    use crate::pool::PyPool;
    #[pymodule_export]
    use crate::simulation::run_replication;

    /// Break one decision of all engines on purpose; 0: none.
    #[cfg(feature = "mutants")]
    #[pyo3::pyfunction]
    fn set_mutant(number: u32) {
        skillroute_core::mutants::set(number);
    }
}
