//! Events and queries in, actions and decisions out.
//!
//! Both ways go through MessagePack, in which all of them are defined for the journal
//! anyway: msgspec writes an event, and reads a whole tuple of actions, in one call each.
//! Measured on one machine (CPython 3.11, stable ABI): an `OfferCall` takes 0.7 us like
//! this and 1.3 us by calling its class with keywords, an arrival is read in 0.33 us
//! instead of 0.71 us with an attribute lookup a field.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyTuple, PyType};
use skillroute_core::action::Action;
use skillroute_core::decision::{AgentDecision, AgentQuery, Decision, ExplainQuery};
use skillroute_core::event::Event;
use skillroute_core::wire::{Decode, Encode, Reader, Writer};

/// What is fetched from Python once.
struct Python3 {
    /// Every event class, ascending by address: an event is told by the identity of its type.
    events: Vec<Py<PyType>>,
    query: Py<PyType>,
    agent_query: Py<PyType>,
    encode: Py<PyAny>,
    decode_actions: Py<PyAny>,
    decode_decision: Py<PyAny>,
    decode_agent_decision: Py<PyAny>,
}

static PYTHON: PyOnceLock<Python3> = PyOnceLock::new();

/// Read an event.
pub(crate) fn event(value: &Bound<'_, PyAny>) -> PyResult<Event> {
    let python = fetched(value.py())?;
    let class = value.get_type();
    let address = class.as_ptr().addr();
    if python.events.binary_search_by_key(&address, |event| event.as_ptr().addr()).is_err() {
        return Err(unexpected("an event", &class));
    }
    read(python, value, &class)
}

/// What may be asked.
pub(crate) enum Query {
    OfCall(ExplainQuery),
    OfAgent(AgentQuery),
}

/// Read a query.
pub(crate) fn query(value: &Bound<'_, PyAny>) -> PyResult<Query> {
    let python = fetched(value.py())?;
    let class = value.get_type();
    if class.is(&python.query) {
        return read(python, value, &class).map(Query::OfCall);
    }
    if class.is(&python.agent_query) {
        return read(python, value, &class).map(Query::OfAgent);
    }
    Err(unexpected("a question", &class))
}

/// Return the id of a compiled plan, as the journal has it.
pub(crate) fn plan_id(py: Python<'_>, plan: &[u8]) -> PyResult<String> {
    let module = py.import("skillroute.plan.compiled")?;
    module.call_method1("plan_id", (PyBytes::new(py, plan),))?.extract()
}

/// Make a tuple of actions.
pub(crate) fn actions<'py>(py: Python<'py>, actions: &[Action]) -> PyResult<Bound<'py, PyTuple>> {
    if actions.is_empty() {
        return Ok(PyTuple::empty(py));
    }
    let made = written(py, actions, &fetched(py)?.decode_actions)?;
    Ok(made.cast_into::<PyTuple>()?)
}

/// Make a decision.
pub(crate) fn decision<'py>(py: Python<'py>, decision: &Decision) -> PyResult<Bound<'py, PyAny>> {
    written(py, decision, &fetched(py)?.decode_decision)
}

/// Make a decision about an agent.
pub(crate) fn agent_decision<'py>(
    py: Python<'py>,
    decision: &AgentDecision,
) -> PyResult<Bound<'py, PyAny>> {
    written(py, decision, &fetched(py)?.decode_agent_decision)
}

/// Read an instant. One beyond 64 bits is out of range like any other that is too far.
pub(crate) fn instant_ms(value: &Bound<'_, PyAny>) -> PyResult<i64> {
    match value.extract::<i64>() {
        Err(error) if error.is_instance_of::<pyo3::exceptions::PyOverflowError>(value.py()) => {
            Ok(i64::MIN)
        }
        read => read,
    }
}

fn written<'py, T: Encode + ?Sized>(
    py: Python<'py>,
    value: &T,
    decode: &Py<PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let mut writer = Writer::new();
    value.encode(&mut writer);
    decode.bind(py).call1((PyBytes::new(py, &writer.into_bytes()),))
}

fn read<T: Decode>(
    python: &Python3,
    value: &Bound<'_, PyAny>,
    class: &Bound<'_, PyType>,
) -> PyResult<T> {
    let py = value.py();
    let encoded = python.encode.bind(py).call1((value,));
    let encoded = encoded.map_err(|error| wrong_type(class, error.value(py)))?;
    let bytes = encoded.cast::<PyBytes>()?.as_bytes();
    T::decode(&mut Reader::new(bytes)).map_err(|malformed| {
        // Python finds the same fault again, and says it in its own words and path.
        match decoded_again(&encoded, class) {
            Err(error) => wrong_type(class, error.value(py)),
            Ok(_) => wrong_type(class, &malformed),
        }
    })
}

fn decoded_again<'py>(
    encoded: &Bound<'py, PyAny>,
    class: &Bound<'py, PyType>,
) -> PyResult<Bound<'py, PyAny>> {
    let kind = PyDict::new(encoded.py());
    kind.set_item("type", class)?;
    encoded.py().import("msgspec.msgpack")?.getattr("decode")?.call((encoded,), Some(&kind))
}

fn wrong_type(class: &Bound<'_, PyType>, error: &dyn std::fmt::Display) -> PyErr {
    PyTypeError::new_err(format!("{}: {error}", name(class)))
}

fn unexpected(expected: &str, class: &Bound<'_, PyType>) -> PyErr {
    PyTypeError::new_err(format!("{expected} was expected, not {}", name(class)))
}

fn name(class: &Bound<'_, PyType>) -> String {
    class.name().map_or_else(|_| "something".to_owned(), |name| name.to_string())
}

fn fetched(py: Python<'_>) -> PyResult<&Python3> {
    PYTHON.get_or_try_init(py, || fetch(py))
}

fn fetch(py: Python<'_>) -> PyResult<Python3> {
    let msgpack = py.import("msgspec.msgpack")?;
    let decisions = py.import("skillroute.decisions")?;
    let decoder = msgpack.getattr("Decoder")?;
    let action = py.import("skillroute.actions")?.getattr("Action")?;
    let ellipsis = py.import("builtins")?.getattr("Ellipsis")?;
    let tuple = py.get_type::<PyTuple>().get_item((action, ellipsis))?;
    let mut events: Vec<Py<PyType>> =
        py.import("skillroute.events")?.getattr("EVENTS")?.extract()?;
    events.sort_by_key(|class| class.as_ptr().addr());
    Ok(Python3 {
        events,
        query: decisions.getattr("ExplainQuery")?.cast_into::<PyType>()?.unbind(),
        agent_query: decisions.getattr("AgentQuery")?.cast_into::<PyType>()?.unbind(),
        encode: msgpack.getattr("Encoder")?.call0()?.getattr("encode")?.unbind(),
        decode_actions: decoder.call1((tuple,))?.getattr("decode")?.unbind(),
        decode_decision: decoder
            .call1((decisions.getattr("Decision")?,))?
            .getattr("decode")?
            .unbind(),
        decode_agent_decision: decoder
            .call1((decisions.getattr("AgentDecision")?,))?
            .getattr("decode")?
            .unbind(),
    })
}
