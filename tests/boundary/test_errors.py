"""Exceptions: their family, their fields, and that they can be passed on."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest

from skillroute import errors
from skillroute.actions import StartWaiting

MESSAGE = "it did not work"
FIELDS: dict[type[errors.SkillrouteError], dict[str, object]] = {
    errors.PlanError: {
        "path": "queues.sales.ring_s",
        "file": "plan.toml",
        "line": 3,
        "column": 5,
        "hint": "write 15",
    },
    errors.EventRefusedError: {},
    errors.IllegalEventError: {
        "event": "CallConnected",
        "state": "offer ringing",
        "expected": "OfferAccepted",
    },
    errors.UnknownIdError: {"kind": "call", "id": "c1"},
    errors.LimitError: {"limit": "calls_max", "value": 1_000_000},
    errors.HostError: {"retryable": True},
    errors.PluginError: {"retryable": False},
    errors.JournalError: {"where": "frame 3"},
    errors.EngineBusyError: {},
    errors.EngineBugError: {},
    errors.SkillrouteError: {},
}
FAMILY = {
    errors.PlanError: ValueError,
    errors.PlanProblemsError: errors.PlanError,
    errors.IllegalEventError: errors.EventRefusedError,
    errors.UnknownIdError: LookupError,
    errors.LimitError: errors.EventRefusedError,
}


def public() -> set[type[Exception]]:
    """List the exception classes of the module."""
    return {getattr(errors, name) for name in errors.__all__}


def test_every_exception_is_ours_and_public() -> None:
    """Whoever catches `SkillrouteError` catches all that we raise on purpose."""
    defined = {
        each
        for _, each in inspect.getmembers(errors, inspect.isclass)
        if each.__module__ == errors.__name__
    }
    assert defined == public()
    assert all(issubclass(each, errors.SkillrouteError) for each in defined)
    assert {*FIELDS, errors.PlanProblemsError} == defined


@pytest.mark.parametrize("error", FIELDS)
def test_an_exception_carries_its_values(error: type[errors.SkillrouteError]) -> None:
    """Nobody should have to read a number out of a message."""
    fields = FIELDS[error]
    raised = error(code="some_code", message=MESSAGE, **fields)
    assert "some_code" == raised.code
    assert MESSAGE == raised.message
    assert MESSAGE == str(raised)
    assert fields == {name: getattr(raised, name) for name in fields}


@pytest.mark.parametrize(("error", "base"), FAMILY.items())
def test_an_exception_has_its_family(
    error: type[Exception], base: type[Exception]
) -> None:
    """Callers catch the wider class where they do not care about the narrow one."""
    assert issubclass(error, base)


def test_a_refusal_has_no_actions_until_timers_gave_some() -> None:
    """The driver carries out what is in `actions`, whether or not there is any."""
    refusal = errors.LimitError(code="c", message="m", limit="c", value=1)
    assert () == refusal.actions
    order = StartWaiting(id=(1, 0, 0), call="c1", queue="sales")
    refusal.actions = (order,)
    assert (order,) == refusal.actions
    assert () == errors.LimitError(code="c", message="m", limit="c", value=1).actions


def test_all_problems_of_a_plan_come_as_one_exception() -> None:
    """A command shows all of them, a script needs only the first."""
    first = errors.PlanError(
        code="one", message="a:1: x", path="p", file="a", line=1, column=2, hint="h"
    )
    second = errors.PlanError(code="two", message="a:9: y", line=9)
    raised = errors.PlanProblemsError([first, second])
    assert (first, second) == raised.problems
    assert "a:1: x\na:9: y" == raised.message
    names = ("code", "path", "file", "line", "column", "hint")
    assert [getattr(first, n) for n in names] == [getattr(raised, n) for n in names]


def test_an_error_survives_the_way_to_another_process() -> None:
    """A worker pool could not report what was wrong, only that something was."""
    error = errors.IllegalEventError(
        code="illegal_event", message="no", event="E", state="s", expected="x"
    )
    for copied in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(error) is type(copied)
        assert str(error) == str(copied)
        assert vars(error) == vars(copied)
