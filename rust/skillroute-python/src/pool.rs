//! The class `Pool`: a lock around the core's pool, and a fence against its bugs.
//!
//! Arguments are read before the lock is taken, for reading them may run Python.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyList, PyMapping, PyString, PyTuple};
use skillroute_core::error::Error;
use skillroute_core::pool::{Asked, PublicPool, Told};

use crate::engine::said;
use crate::errors;

/// Choose among agents by their tags.
#[pyclass(frozen, name = "Pool", module = "skillroute._core")]
pub(crate) struct PyPool {
    guarded: Mutex<Guarded>,
}

/// A pool, and whether it has met a bug of ours.
struct Guarded {
    pool: PublicPool,
    is_broken: bool,
}

/// A value that is left out, or an object.
type Given<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// No exclusions, and the first draw.
const NO_DRAW: [i128; 2] = [0, 0];

#[pymethods]
impl PyPool {
    #[new]
    #[pyo3(
        signature = (*, uncounted=None, seed=None),
        text_signature = "(*, uncounted=(), seed=0)"
    )]
    fn new(py: Python<'_>, uncounted: Given<'_, '_>, seed: Given<'_, '_>) -> PyResult<Self> {
        let uncounted = texts(uncounted)?.into_iter().collect();
        let seed = seed.map_or(Ok(0), wide_integer)?;
        let made = catch_unwind(AssertUnwindSafe(|| PublicPool::new(uncounted, seed)));
        let made = made.map_err(|panic| errors::bug(py, &said(panic.as_ref())))?;
        let pool = made.map_err(|error| errors::exception(py, &error, None))?;
        Ok(Self { guarded: Mutex::new(Guarded { pool, is_broken: false }) })
    }

    /// Add an agent.
    #[pyo3(
        signature = (name, *, tags=None, free=true, idle_since_ms=None),
        text_signature = "($self, name, *, tags=(), free=True, idle_since_ms=0)"
    )]
    fn add(
        &self,
        name: &Bound<'_, PyAny>,
        tags: Given<'_, '_>,
        free: bool,
        idle_since_ms: Given<'_, '_>,
    ) -> PyResult<u32> {
        // For people only; not even kept.
        let py = name.py();
        let (tags, idle_since_ms) = (strings(tags)?, number(idle_since_ms)?);
        let tags = borrowed(&tags);
        self.run(py, |pool| pool.add(&tags, free, idle_since_ms))
    }

    /// Remove an agent.
    fn remove(&self, agent: &Bound<'_, PyAny>) -> PyResult<()> {
        let handle = integer(agent)?;
        self.run_on(agent, "agent", |pool| pool.remove(handle))
    }

    /// Give an agent other tags.
    fn retag(&self, agent: &Bound<'_, PyAny>, tags: &Bound<'_, PyAny>) -> PyResult<()> {
        let (handle, tags) = (integer(agent)?, strings(Some(tags))?);
        let tags = borrowed(&tags);
        self.run_on(agent, "agent", |pool| pool.retag(handle, &tags))
    }

    /// Let an agent be busy.
    fn take(&self, agent: &Bound<'_, PyAny>) -> PyResult<()> {
        let handle = integer(agent)?;
        self.run_on(agent, "agent", |pool| pool.take(handle))
    }

    /// Let an agent be free.
    fn release(&self, agent: &Bound<'_, PyAny>, idle_since_ms: &Bound<'_, PyAny>) -> PyResult<()> {
        let (handle, idle_since_ms) = (integer(agent)?, integer(idle_since_ms)?);
        self.run_on(agent, "agent", |pool| pool.release(handle, idle_since_ms))
    }

    /// Tell what some strategies order by.
    #[pyo3(signature = (
        agent, *, calls=None, talk_ms=None, wrap_up_ms=None, logged_in_ms=None,
        open_cases=None, weight=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "the signature of the specification")]
    fn tell(
        &self,
        agent: &Bound<'_, PyAny>,
        calls: Given<'_, '_>,
        talk_ms: Given<'_, '_>,
        wrap_up_ms: Given<'_, '_>,
        logged_in_ms: Given<'_, '_>,
        open_cases: Given<'_, '_>,
        weight: Given<'_, '_>,
    ) -> PyResult<()> {
        let handle = integer(agent)?;
        let told = Told {
            calls: calls.map(integer).transpose()?,
            talk_ms: talk_ms.map(integer).transpose()?,
            wrap_up_ms: wrap_up_ms.map(integer).transpose()?,
            logged_in_ms: logged_in_ms.map(integer).transpose()?,
            open_cases: open_cases.map(integer).transpose()?,
            weight: weight.map(integer).transpose()?,
        };
        self.run_on(agent, "agent", |pool| pool.tell(handle, &told))
    }

    /// Tell how much a tag is asked for.
    #[pyo3(signature = (tag, *, demand, supply))]
    fn tell_demand(
        &self,
        tag: &Bound<'_, PyAny>,
        demand: &Bound<'_, PyAny>,
        supply: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let (text, demand, supply) = (text(tag)?, integer(demand)?, integer(supply)?);
        self.run(tag.py(), |pool| pool.tell_demand(&text, demand, supply))
    }

    /// Register what a kind of call asks of an agent, and the order of choice.
    #[pyo3(
        signature = (
            *required, any_of=None, forbidden=None, prefer=None, strategy=None, members=None
        ),
        text_signature = "($self, *required, any_of=(), forbidden=(), prefer=None, \
                          strategy='most_specific', members=None)"
    )]
    fn needs(
        &self,
        required: &Bound<'_, PyTuple>,
        any_of: Given<'_, '_>,
        forbidden: Given<'_, '_>,
        prefer: Given<'_, '_>,
        strategy: Given<'_, '_>,
        members: Given<'_, '_>,
    ) -> PyResult<u32> {
        let mut groups = Vec::new();
        if let Some(any_of) = any_of {
            for group in any_of.try_iter()? {
                groups.push(texts(Some(&group?))?);
            }
        }
        let members = members.map(PyAnyMethods::try_iter).transpose()?;
        let members: Option<Vec<_>> = members.map(Iterator::collect).transpose()?;
        let members = members.map(|all| PyList::new(required.py(), all)).transpose()?;
        let most_specific = || Ok("most_specific".to_owned());
        let asked = Asked {
            required: texts(Some(required.as_any()))?,
            any_of: groups,
            forbidden: texts(forbidden)?,
            prefer: prefer.map_or_else(|| Ok(Vec::new()), weights)?,
            strategy: strategy.map_or_else(most_specific, text)?,
            members: match &members {
                Some(members) => Some(integers(Some(members))?),
                None => None,
            },
        };
        let py = required.py();
        let answer = self.answer(py, |pool| pool.needs(&asked))?;
        answer.map_err(|error| match &members {
            // Of several who are nobody the least is named.
            Some(members) => match members.sort() {
                Ok(()) => refusal_of_one(members, *error),
                Err(error) => error,
            },
            None => errors::exception(py, &error, None),
        })
    }

    /// Put an agent among the members of needs, or take them out.
    #[pyo3(signature = (needs, agent, *, member))]
    fn set_member(
        &self,
        needs: &Bound<'_, PyAny>,
        agent: &Bound<'_, PyAny>,
        member: bool,
    ) -> PyResult<()> {
        let (queue, handle) = (integer(needs)?, integer(agent)?);
        let answer = self.answer(needs.py(), |pool| pool.set_member(queue, handle, member))?;
        answer.map_err(|error| {
            if let Error::UnknownId { kind: "agent", .. } = *error {
                refusal(agent, "agent", *error)
            } else {
                refusal(needs, "needs", *error)
            }
        })
    }

    /// Return the free agent who would get a call.
    #[pyo3(
        signature = (needs, *, exclude=None, draw=None),
        text_signature = "($self, needs, *, exclude=(), draw=(0, 0))"
    )]
    fn select(
        &self,
        needs: &Bound<'_, PyAny>,
        exclude: Given<'_, '_>,
        draw: Given<'_, '_>,
    ) -> PyResult<Option<u32>> {
        let handle = integer(needs)?;
        if exclude.is_none() && draw.is_none() {
            return self.run_on(needs, "needs", |pool| pool.select(handle));
        }
        let (exclude, draw) = (integers(exclude)?, pair(draw)?);
        self.run_on(needs, "needs", |pool| pool.select_but(handle, &exclude, draw))
    }

    /// Return the first so many free agents, the first choice first.
    #[pyo3(
        signature = (needs, count, *, exclude=None, draw=None),
        text_signature = "($self, needs, count, *, exclude=(), draw=(0, 0))"
    )]
    fn rank<'py>(
        &self,
        needs: &Bound<'py, PyAny>,
        count: &Bound<'py, PyAny>,
        exclude: Given<'_, 'py>,
        draw: Given<'_, 'py>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let (handle, count) = (integer(needs)?, integer(count)?);
        let (exclude, draw) = (integers(exclude)?, pair(draw)?);
        let rank = |pool: &mut PublicPool| pool.rank(handle, count, &exclude, draw);
        PyTuple::new(needs.py(), self.run_on(needs, "needs", rank)?)
    }

    /// Select an agent and take them, in one step.
    #[pyo3(
        signature = (needs, *, exclude=None, draw=None),
        text_signature = "($self, needs, *, exclude=(), draw=(0, 0))"
    )]
    fn reserve(
        &self,
        needs: &Bound<'_, PyAny>,
        exclude: Given<'_, '_>,
        draw: Given<'_, '_>,
    ) -> PyResult<Option<u32>> {
        let handle = integer(needs)?;
        if exclude.is_none() && draw.is_none() {
            return self.run_on(needs, "needs", |pool| pool.reserve(handle));
        }
        let (exclude, draw) = (integers(exclude)?, pair(draw)?);
        self.run_on(needs, "needs", |pool| pool.reserve_but(handle, &exclude, draw))
    }

    /// Reserve an agent for each of several calls, one after the other.
    fn reserve_many<'py>(&self, needs: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
        let py = needs.py();
        // It may be an iterator, and the refusal names what came out of it.
        let needs = py.get_type::<PyTuple>().call1((needs,))?;
        let handles = integers(Some(&needs))?;
        // Others may run meanwhile; whoever uses this pool is told that it is busy.
        let answer = self.answer(py, |pool| py.detach(|| pool.reserve_many(&handles)))?;
        PyTuple::new(py, answer.map_err(|error| refusal_of_one(&needs, *error))?)
    }

    /// Let a call wait.
    #[pyo3(
        signature = (needs, *, priority=None, since_ms=None),
        text_signature = "($self, needs, *, priority=0, since_ms=0)"
    )]
    fn wait(
        &self,
        needs: &Bound<'_, PyAny>,
        priority: Given<'_, '_>,
        since_ms: Given<'_, '_>,
    ) -> PyResult<u64> {
        let handle = integer(needs)?;
        let (priority, since_ms) = (number(priority)?, number(since_ms)?);
        self.run_on(needs, "needs", |pool| pool.wait(handle, priority, since_ms))
    }

    /// Let a call wait no more.
    fn leave(&self, ticket: &Bound<'_, PyAny>) -> PyResult<()> {
        let number = integer(ticket)?;
        self.run_on(ticket, "ticket", |pool| pool.leave(number))
    }

    /// Return the ticket of the call that an agent should take first.
    fn best_waiting(&self, agent: &Bound<'_, PyAny>) -> PyResult<Option<u64>> {
        let handle = integer(agent)?;
        self.run_on(agent, "agent", |pool| pool.best_waiting(handle))
    }
}

impl PyPool {
    /// Run the core, alone and never after a bug; a panic is a bug, after which its state
    /// is not to be believed. Nobody waits: the one who is inside may need the
    /// interpreter that this thread holds.
    ///
    /// An error is boxed, so that what there is mostly, an answer, takes no room for one.
    #[inline]
    fn answer<T>(
        &self,
        py: Python<'_>,
        run: impl FnOnce(&mut PublicPool) -> Result<T, Error>,
    ) -> PyResult<Result<T, Box<Error>>> {
        let Ok(mut guarded) = self.guarded.try_lock() else {
            return Err(self.refusal_to_run(py));
        };
        if guarded.is_broken {
            return Err(errors::broken(py));
        }
        let pool = &mut guarded.pool;
        catch_unwind(AssertUnwindSafe(|| run(pool).map_err(Box::new))).map_err(|panic| {
            guarded.is_broken = true;
            errors::bug(py, &said(panic.as_ref()))
        })
    }

    #[cold]
    fn refusal_to_run(&self, py: Python<'_>) -> PyErr {
        if self.guarded.is_poisoned() { errors::broken(py) } else { errors::busy(py) }
    }

    fn run<T>(
        &self,
        py: Python<'_>,
        run: impl FnOnce(&mut PublicPool) -> Result<T, Error>,
    ) -> PyResult<T> {
        let answer = self.answer(py, run)?;
        answer.map_err(|error| errors::exception(py, &error, None))
    }

    /// Run the core on what a handle of one kind names.
    fn run_on<T>(
        &self,
        handle: &Bound<'_, PyAny>,
        kind: &'static str,
        run: impl FnOnce(&mut PublicPool) -> Result<T, Error>,
    ) -> PyResult<T> {
        let answer = self.answer(handle.py(), run)?;
        answer.map_err(|error| refusal(handle, kind, *error))
    }
}

/// Make the exception of an error; an unknown handle is named as it was written.
#[cold]
fn refusal(handle: &Bound<'_, PyAny>, asked: &'static str, error: Error) -> PyErr {
    let mut error = error;
    if let Error::UnknownId { kind, id } = &mut error
        && *kind == asked
    {
        match handle.str() {
            Ok(written) => *id = written.to_string_lossy().into_owned(),
            Err(error) => return error,
        }
    }
    errors::exception(handle.py(), &error, None)
}

/// Make the exception of an error about one of several handles. Only one that is wider
/// than the core's numbers reads other than the core says.
fn refusal_of_one(handles: &Bound<'_, PyAny>, error: Error) -> PyErr {
    let Error::UnknownId { kind, id } = &error else {
        return errors::exception(handles.py(), &error, None);
    };
    let found = handles.try_iter().and_then(|mut all| {
        all.find(|one| {
            let read = one.as_ref().map_or(Ok(0), integer);
            read.is_ok_and(|number| number.to_string() == *id)
        })
        .transpose()
    });
    match found {
        Ok(Some(handle)) => refusal(&handle, kind, error),
        Ok(None) | Err(_) => errors::exception(handles.py(), &error, None),
    }
}

/// Read a whole number. One that is wider than any bound is as far out of every range.
#[inline]
fn integer(value: &Bound<'_, PyAny>) -> PyResult<i64> {
    match value.extract::<i64>() {
        Ok(number) => Ok(number),
        Err(error) => saturated(value, error),
    }
}

#[cold]
fn saturated(value: &Bound<'_, PyAny>, error: PyErr) -> PyResult<i64> {
    if !error.is_instance_of::<PyOverflowError>(value.py()) {
        return Err(error);
    }
    let zero = PyInt::new(value.py(), 0);
    Ok(if value.lt(zero)? { i64::MIN } else { i64::MAX })
}

/// Read a whole number that may be a word without a sign.
fn wide_integer(value: &Bound<'_, PyAny>) -> PyResult<i128> {
    match value.extract::<u64>() {
        Ok(number) => Ok(number.into()),
        // Above a word it is out of range, and so it is if no number comes after it.
        Err(_) => Ok(match integer(value)? {
            i64::MAX => i128::MAX,
            number => number.into(),
        }),
    }
}

/// Read a number that is 0 if it is left out.
fn number(value: Given<'_, '_>) -> PyResult<i64> {
    value.map_or(Ok(0), integer)
}

fn integers(values: Given<'_, '_>) -> PyResult<Vec<i64>> {
    let Some(values) = values else {
        return Ok(Vec::new());
    };
    let mut read = Vec::new();
    for value in values.try_iter()? {
        read.push(integer(&value?)?);
    }
    Ok(read)
}

/// Read a draw.
fn pair(value: Given<'_, '_>) -> PyResult<[i128; 2]> {
    let Some(value) = value else {
        return Ok(NO_DRAW);
    };
    let read: Vec<_> = value.try_iter()?.map(|one| wide_integer(&one?)).collect::<PyResult<_>>()?;
    <[i128; 2]>::try_from(read).map_err(|_| PyTypeError::new_err("a draw is two numbers"))
}

/// Read a text. A lone surrogate becomes a character that no tag and no name has, either.
fn text(value: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(value.cast::<PyString>()?.to_string_lossy().into_owned())
}

fn texts(values: Given<'_, '_>) -> PyResult<Vec<String>> {
    Ok(borrowed(&strings(values)?).into_iter().map(Cow::into_owned).collect())
}

fn strings<'py>(values: Given<'_, 'py>) -> PyResult<Vec<Bound<'py, PyString>>> {
    let Some(values) = values else {
        return Ok(Vec::new());
    };
    let mut read = Vec::new();
    for value in values.try_iter()? {
        read.push(value?.cast_into::<PyString>()?);
    }
    Ok(read)
}

/// See texts without copying them, as `text` reads them.
fn borrowed<'a>(strings: &'a [Bound<'_, PyString>]) -> Vec<Cow<'a, str>> {
    strings.iter().map(|string| string.to_string_lossy()).collect()
}

fn weights(prefer: &Bound<'_, PyAny>) -> PyResult<Vec<(String, i64)>> {
    let items = prefer.cast::<PyMapping>()?.call_method0(intern!(prefer.py(), "items"))?;
    let mut read = Vec::new();
    for item in items.try_iter()? {
        let (tag, weight): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item?.extract()?;
        read.push((text(&tag)?, integer(&weight)?));
    }
    Ok(read)
}
