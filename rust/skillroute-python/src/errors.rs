//! The only place where an error of the core becomes an exception.
//!
//! The exceptions are defined once, in Python (`skillroute/errors.py`).

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};
use skillroute_core::error::Error;

const MODULE: &str = "skillroute.errors";

/// Make the exception of an error; *actions* are those of a refused event.
pub(crate) fn exception(
    py: Python<'_>,
    error: &Error,
    actions: Option<Bound<'_, PyTuple>>,
) -> PyErr {
    let made = make(py, error).and_then(|made| {
        if let Some(actions) = actions {
            made.setattr(intern!(py, "actions"), actions)?;
        }
        Ok(made)
    });
    made.map_or_else(|error| error, PyErr::from_value)
}

/// Make the exception for a second thread at the same time.
pub(crate) fn busy(py: Python<'_>) -> PyErr {
    ours(py, &BUSY, "EngineBusyError", "engine_busy", "another thread is using the engine")
}

/// Make the exception for a bug of ours that has just been met.
pub(crate) fn bug(py: Python<'_>, what: &str) -> PyErr {
    let message = format!("a bug in the engine: {what}");
    ours(py, &BUG, "EngineBugError", "engine_bug", &message)
}

/// Make the exception for an engine that has met a bug.
pub(crate) fn broken(py: Python<'_>) -> PyErr {
    let message = "the engine met a bug before; restore it from a snapshot";
    ours(py, &BUG, "EngineBugError", "engine_broken", message)
}

/// Tell whether an exception is a refusal: the next event may be handled.
pub(crate) fn is_refusal(py: Python<'_>, error: &PyErr) -> PyResult<bool> {
    let class = REFUSED.import(py, MODULE, "EventRefusedError")?;
    error.value(py).is_instance(class)
}

type Class = PyOnceLock<Py<PyType>>;

static BUG: Class = PyOnceLock::new();
static BUSY: Class = PyOnceLock::new();
static ILLEGAL: Class = PyOnceLock::new();
static JOURNAL: Class = PyOnceLock::new();
static LIMIT: Class = PyOnceLock::new();
static PLAN: Class = PyOnceLock::new();
static REFUSED: Class = PyOnceLock::new();
static UNKNOWN: Class = PyOnceLock::new();

fn make<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item(intern!(py, "code"), error.code())?;
    fields.set_item(intern!(py, "message"), error.to_string())?;
    let class = match error {
        Error::Illegal { code: _, event, state, expected } => {
            fields.set_item(intern!(py, "event"), event)?;
            fields.set_item(intern!(py, "state"), state)?;
            fields.set_item(intern!(py, "expected"), expected)?;
            ILLEGAL.import(py, MODULE, "IllegalEventError")?
        }
        Error::UnknownId { kind, id } => {
            fields.set_item(intern!(py, "kind"), kind)?;
            fields.set_item(intern!(py, "id"), id)?;
            UNKNOWN.import(py, MODULE, "UnknownIdError")?
        }
        Error::Limit { limit, value } => {
            fields.set_item(intern!(py, "limit"), limit)?;
            fields.set_item(intern!(py, "value"), value)?;
            LIMIT.import(py, MODULE, "LimitError")?
        }
        Error::Argument(_) | Error::PlanFormat { .. } | Error::PlanMalformed => {
            PLAN.import(py, MODULE, "PlanError")?
        }
        Error::SnapshotMalformed => {
            fields.set_item(intern!(py, "where"), "snapshot")?;
            JOURNAL.import(py, MODULE, "JournalError")?
        }
        Error::FrameMalformed { number } | Error::PlanMissing { number, .. } => {
            fields.set_item(intern!(py, "where"), format!("frame {number}"))?;
            JOURNAL.import(py, MODULE, "JournalError")?
        }
    };
    class.call((), Some(&fields))
}

/// Make an exception of a class that has only a code and a message.
fn ours(
    py: Python<'_>,
    class: &'static Class,
    name: &'static str,
    code: &str,
    message: &str,
) -> PyErr {
    let make = || {
        let fields = PyDict::new(py);
        fields.set_item(intern!(py, "code"), code)?;
        fields.set_item(intern!(py, "message"), message)?;
        class.import(py, MODULE, name)?.call((), Some(&fields))
    };
    make().map_or_else(|error| error, PyErr::from_value)
}
