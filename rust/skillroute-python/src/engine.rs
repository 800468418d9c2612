//! The class `Engine`: a lock around the core, and a fence against its bugs.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, TryLockError};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple, PyType};
use skillroute_core::action::Action;
use skillroute_core::decision::{AgentDecision, Decision};
use skillroute_core::engine::{Engine, Refusal};
use skillroute_core::error::Error;
use skillroute_core::event::Event;
use skillroute_core::plan::Plan;

use crate::convert::Query;
use crate::{convert, errors};

/// Decide who gets a call.
#[pyclass(frozen, name = "Engine", module = "skillroute._core")]
pub(crate) struct PyEngine {
    guarded: Mutex<Guarded>,
}

/// What was answered.
enum Answer {
    OfCall(Decision),
    OfAgent(AgentDecision),
}

/// An engine, and whether it has met a bug of ours.
struct Guarded {
    engine: Engine,
    is_broken: bool,
}

#[pymethods]
impl PyEngine {
    #[new]
    fn new(py: Python<'_>, plan: &[u8]) -> PyResult<Self> {
        Self::made(py, || Engine::new(plan))
    }

    /// Make an engine of a snapshot.
    #[classmethod]
    fn restore(cls: &Bound<'_, PyType>, plan: &[u8], snapshot: &[u8]) -> PyResult<Self> {
        Self::made(cls.py(), || Engine::restore(plan, snapshot))
    }

    /// Tell the engine what happened.
    fn handle<'py>(
        &self,
        event: &Bound<'py, PyAny>,
        now_ms: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let py = event.py();
        let (event, now_ms) = (convert::event(event)?, convert::instant_ms(now_ms)?);
        let mut guarded = self.enter(py)?;
        let answer = guarded.fenced(|engine| engine.handle(event, now_ms));
        answered(py, answer.map_err(|what| errors::bug(py, &what))?)
    }

    /// Tell the engine that time has passed.
    fn advance<'py>(&self, now_ms: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
        let py = now_ms.py();
        let now_ms = convert::instant_ms(now_ms)?;
        let mut guarded = self.enter(py)?;
        let answer = guarded.fenced(|engine| engine.advance(now_ms));
        answered(py, answer.map_err(|what| errors::bug(py, &what))?)
    }

    /// Handle events one after another.
    fn handle_many<'py>(&self, events: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
        let py = events.py();
        let (read, failure) = read_pairs(events);
        let mut guarded = self.enter(py)?;
        let handle_all = |engine: &mut Engine| -> Vec<_> {
            read.into_iter().map(|(event, now_ms)| engine.handle(event, now_ms)).collect()
        };
        let inside = &mut *guarded;
        let answers = py.detach(|| inside.fenced(handle_all));
        let answers = answers.map_err(|what| errors::bug(py, &what))?;
        match failure {
            // Those before the one that is no event have been handled all the same.
            Some(failure) => Err(failure),
            None => collected(py, answers),
        }
    }

    /// Handle recorded events without giving their orders again.
    fn replay(&self, py: Python<'_>, frames: &[u8]) -> PyResult<u64> {
        let mut guarded = self.enter(py)?;
        let inside = &mut *guarded;
        let counted = py.detach(|| inside.fenced(|engine| engine.replay(frames)));
        let counted = counted.map_err(|what| errors::bug(py, &what))?;
        counted.map_err(|error| errors::exception(py, &error, None))
    }

    /// Go on under another plan.
    fn reload<'py>(
        &self,
        plan: &[u8],
        now_ms: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let py = now_ms.py();
        let now_ms = convert::instant_ms(now_ms)?;
        let plan = read_plan(py, plan)?;
        let mut guarded = self.enter(py)?;
        let answer = guarded.fenced(|engine| engine.reload(plan, now_ms));
        answered(py, answer.map_err(|what| errors::bug(py, &what))?)
    }

    /// Let `PlanReloaded` name a plan; return its id.
    fn add_plan(&self, py: Python<'_>, plan: &[u8]) -> PyResult<String> {
        let read = read_plan(py, plan)?;
        let id: String = convert::plan_id(py, plan)?;
        let mut guarded = self.enter(py)?;
        let added = guarded.fenced(|engine| engine.add_plan(id.clone(), read));
        added.map_err(|what| errors::bug(py, &what))?;
        Ok(id)
    }

    /// When `advance` is needed next.
    #[getter]
    fn next_deadline_ms(&self, py: Python<'_>) -> PyResult<Option<i64>> {
        Ok(self.enter(py)?.engine.next_deadline_ms())
    }

    /// Say why a call goes where it goes, or why an agent has none.
    fn explain<'py>(&self, query: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = query.py();
        let query = convert::query(query)?;
        let mut guarded = self.enter(py)?;
        let answer = guarded.fenced(|engine| match query {
            Query::OfCall(query) => engine.explain(query).map(Answer::OfCall),
            Query::OfAgent(query) => engine.explain_agent(&query).map(Answer::OfAgent),
        });
        match answer.map_err(|what| errors::bug(py, &what))? {
            Ok(Answer::OfCall(decision)) => convert::decision(py, &decision),
            Ok(Answer::OfAgent(decision)) => convert::agent_decision(py, &decision),
            Err(error) => Err(errors::exception(py, &error, None)),
        }
    }

    /// Return all logical state.
    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let written = self.enter(py)?.fenced(|engine| engine.snapshot());
        Ok(PyBytes::new(py, &written.map_err(|what| errors::bug(py, &what))?))
    }
}

impl PyEngine {
    fn made(py: Python<'_>, make: impl FnOnce() -> Result<Engine, Error>) -> PyResult<Self> {
        let made = catch_unwind(AssertUnwindSafe(make));
        match made.map_err(|panic| errors::bug(py, &said(panic.as_ref())))? {
            Ok(engine) => Ok(Self { guarded: Mutex::new(Guarded { engine, is_broken: false }) }),
            Err(error) => Err(errors::exception(py, &error, None)),
        }
    }

    /// Go in, alone and never after a bug. Nobody waits: the one who holds the engine may
    /// need the interpreter that this thread holds.
    fn enter(&self, py: Python<'_>) -> PyResult<MutexGuard<'_, Guarded>> {
        match self.guarded.try_lock() {
            Ok(guarded) if guarded.is_broken => Err(errors::broken(py)),
            Ok(guarded) => Ok(guarded),
            Err(TryLockError::WouldBlock) => Err(errors::busy(py)),
            Err(TryLockError::Poisoned(_)) => Err(errors::broken(py)),
        }
    }
}

impl Guarded {
    /// Run the core; a panic is a bug, after which its state is not to be believed.
    fn fenced<T>(&mut self, run: impl FnOnce(&mut Engine) -> T) -> Result<T, String> {
        let engine = &mut self.engine;
        catch_unwind(AssertUnwindSafe(|| run(engine))).map_err(|panic| {
            self.is_broken = true;
            said(panic.as_ref())
        })
    }
}

fn read_plan(py: Python<'_>, plan: &[u8]) -> PyResult<Plan> {
    let read = catch_unwind(|| Plan::read(plan));
    let read = read.map_err(|panic| errors::bug(py, &said(panic.as_ref())))?;
    read.map_err(|error| errors::exception(py, &error, None))
}

/// Return what a panic said.
pub(crate) fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("it did not say what").to_owned()
}

fn answered(py: Python<'_>, answer: Result<Vec<Action>, Refusal>) -> PyResult<Bound<'_, PyTuple>> {
    match answer {
        Ok(actions) => convert::actions(py, &actions),
        Err(refusal) => {
            let actions = convert::actions(py, &refusal.actions)?;
            Err(errors::exception(py, &refusal.error, Some(actions)))
        }
    }
}

/// Read pairs of an event and an instant, up to the first that is none.
fn read_pairs(pairs: &Bound<'_, PyAny>) -> (Vec<(Event, i64)>, Option<PyErr>) {
    let mut read = Vec::new();
    let mut read_all = || -> PyResult<()> {
        for pair in pairs.try_iter()? {
            let (event, now_ms): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair?.extract()?;
            read.push((convert::event(&event)?, convert::instant_ms(&now_ms)?));
        }
        Ok(())
    };
    let failure = read_all().err();
    (read, failure)
}

/// Gather the answers of a batch; a refusal is an element like any other.
fn collected(
    py: Python<'_>,
    answers: Vec<Result<Vec<Action>, Refusal>>,
) -> PyResult<Bound<'_, PyTuple>> {
    let elements = PyList::empty(py);
    for answer in answers {
        match answered(py, answer) {
            Ok(actions) => elements.append(actions)?,
            Err(error) if errors::is_refusal(py, &error)? => elements.append(error.value(py))?,
            Err(error) => return Err(error),
        }
    }
    Ok(elements.to_tuple())
}
