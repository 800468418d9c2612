"""
The page about states: what each event does in each state, asked of the machines.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from skillroute.reference import agent, call, offer
from skillroute.reference.agent import AgentEvent, AgentStep
from skillroute.reference.call import CallEvent, CallStep
from skillroute.reference.offer import OfferEvent, OfferStep
from skillroute.reference.state import CallPhase, OfferPhase, Presence

from . import texts
from .source import GENERATED, lines, members, table

OFFER_AFTER = {
    OfferStep.CONNECT: OfferPhase.CONNECTING,
    OfferStep.CONFIRM: OfferPhase.CONNECTING,
    OfferStep.DECLINE: OfferPhase.OVER,
    OfferStep.FAIL: OfferPhase.OVER,
    OfferStep.MISS: OfferPhase.WITHDRAWN,
    OfferStep.WITHDRAW: OfferPhase.WITHDRAWN,
    OfferStep.DEFLECT: OfferPhase.WITHDRAWN,
    OfferStep.CUT: OfferPhase.WITHDRAWN,
    OfferStep.DROP: OfferPhase.WITHDRAWN,
    OfferStep.JOIN: OfferPhase.CONNECTED,
    OfferStep.BREAK: OfferPhase.WITHDRAWN,
    OfferStep.LOSE: OfferPhase.OVER,
    OfferStep.ABANDON: OfferPhase.WITHDRAWN,
    OfferStep.RECALL: OfferPhase.WITHDRAWN,
    OfferStep.STRAND: OfferPhase.WITHDRAWN,
    OfferStep.RECALL_LEG: OfferPhase.WITHDRAWN,
    OfferStep.FINISH_BY_CALLER: OfferPhase.WRAP_UP,
    OfferStep.FINISH_BY_AGENT: OfferPhase.WRAP_UP,
    OfferStep.FINISH_BY_ORDER: OfferPhase.WRAP_UP,
    OfferStep.HANDLED: OfferPhase.OVER,
    OfferStep.FREE: OfferPhase.OVER,
}
"""Where each step leads; a test drives the engine along every edge."""

CALL_AFTER = {
    CallStep.ABANDON: CallPhase.ENDED,
    CallStep.END_OFFER: CallPhase.ENDED,
    CallStep.FAIL: CallPhase.ENDED,
    CallStep.OVERFLOW: CallPhase.VOICEMAIL,
    CallStep.LEAVE: CallPhase.VOICEMAIL,
    CallStep.TAKE_MESSAGE: CallPhase.ENDED,
    CallStep.LAST_RESORT: CallPhase.ENDED,
    CallStep.MOVE: CallPhase.VOICEMAIL,
    CallStep.GIVE: CallPhase.RINGING,
    CallStep.STOP: CallPhase.ENDED,
    CallStep.HAND_OVER: CallPhase.FORWARDED,
    CallStep.CLOSE: CallPhase.ENDED,
}
"""The same for a call, where a queue overflows into a box, a call is moved to one, and
the last resort is the hang-up."""

AGENT_AFTER = {
    AgentStep.LOG_IN: Presence.AVAILABLE,
    AgentStep.LOG_OUT: Presence.LOGGED_OUT,
    AgentStep.PAUSE: Presence.PAUSED,
    AgentStep.RESUME: Presence.AVAILABLE,
}
"""The same for a presence; ``RENEW`` changes none."""

CALL_EDGES = (
    (CallPhase.WAITING, CallPhase.RINGING, "offer: made"),
    (
        CallPhase.RINGING,
        CallPhase.WAITING,
        "offer: declined, failed, missed, withdrawn",
    ),
    (CallPhase.RINGING, CallPhase.CONNECTING, "offer: accepted"),
    (CallPhase.CONNECTING, CallPhase.WAITING, "offer: not joined"),
    (CallPhase.CONNECTING, CallPhase.CONNECTED, "offer: joined"),
    (CallPhase.CONNECTED, CallPhase.ENDED, "offer: AgentHungUp"),
    (CallPhase.RINGING, CallPhase.WAITING, "CallMoved to a queue"),
    (CallPhase.WAITING, CallPhase.WAITING, "a limit: another queue"),
    (CallPhase.WAITING, CallPhase.FORWARDING, "a limit: an outside number"),
    (CallPhase.WAITING, CallPhase.ENDED, "a limit: the hang-up"),
)
"""What moves a call from outside its own machine."""

INTERNAL = {
    OfferEvent.CALLER_HUNG_UP,
    OfferEvent.AGENT_LEFT,
    OfferEvent.CALL_LEFT,
    OfferEvent.HOST_LOST,
    OfferEvent.WRAP_UP_ENDED,
    OfferEvent.DEVICES_GONE,
    OfferEvent.TIMED_OUT,
    CallEvent.MAX_WAIT_ENDED,
    CallEvent.ROUND_ENDED,
    AgentEvent.SHIFT_STARTED,
    AgentEvent.MISSED_OFFERS,
    AgentEvent.PAUSE_ENDED,
}
"""What the engine itself tells a machine: it never tells what would be illegal."""

UNSAID = {
    "LOG_OUT": "Logged out; what rings at the agent is withdrawn.",
    "OVER": "Nothing of it is left; its number is remembered.",
}
"""Texts for what says nothing of itself in the code."""


@dataclass(frozen=True)
class Machine:
    """
    One state machine, and what the page says of it.
    """

    title: str
    intro: str
    path: str
    step: Callable[..., enum.Enum]
    states: type[enum.IntEnum]
    events: type[enum.Enum]
    steps: type[enum.Enum]
    after: Mapping[Any, enum.IntEnum]
    first: enum.IntEnum
    last: enum.IntEnum | None
    edges: tuple[tuple[enum.IntEnum, enum.IntEnum, str], ...] = ()


MACHINES = (
    Machine(
        "The offer",
        texts.OFFER,
        "offer.py",
        offer.step,
        OfferPhase,
        OfferEvent,
        OfferStep,
        OFFER_AFTER,
        OfferPhase.RINGING,
        OfferPhase.OVER,
    ),
    Machine(
        "The call",
        texts.CALL,
        "call.py",
        call.step,
        CallPhase,
        CallEvent,
        CallStep,
        CALL_AFTER,
        CallPhase.WAITING,
        CallPhase.ENDED,
        CALL_EDGES,
    ),
    Machine(
        "The agent's presence",
        texts.AGENT,
        "agent.py",
        agent.step,
        Presence,
        AgentEvent,
        AgentStep,
        AGENT_AFTER,
        Presence.LOGGED_OUT,
        None,
    ),
)


def page() -> str:
    """
    Write the page.
    """
    return GENERATED + texts.STATES + "\n".join(map(_section, MACHINES))


def cell(machine: Machine, event: enum.Enum, state: enum.IntEnum) -> str:
    """
    Say what one event does in one state.
    """
    step = machine.step(state, event)
    match step.name:
        case "ILLEGAL":
            return "never" if event in INTERNAL else "**illegal**"
        case "STALE":
            return "*stale*"
        case "STALE_RELEASE":
            return "*stale, release*"
        case name:
            return f"`{name.lower()}`"


def _section(machine: Machine) -> str:
    text = f"## {machine.title}\n\n{machine.intro}\n{_states(machine)}"
    states = tuple(machine.states)
    head = ("event", *(f"`{state.name.lower()}`" for state in states))
    rows = [
        (_event(event), *(cell(machine, event, state) for state in states))
        for event in machine.events
    ]
    text += table(head, rows) + "\n" + _steps(machine)
    return text + f"```mermaid\n{_diagram(machine)}```\n"


def _event(event: enum.Enum) -> str:
    name = str(event.value)
    if name[0].isupper():
        return f"[`{name}`](events.md#{name.lower()})"
    return name.replace("_", " ")


def _states(machine: Machine) -> str:
    texts = members("reference/state.py", machine.states.__name__)
    said = {name: text or UNSAID.get(name, "") for name, text in texts.items()}
    found = [f"- `{name.lower()}`: {text}\n" for name, text in said.items() if text]
    return "".join(found) + "\n" if found else ""


def _steps(machine: Machine) -> str:
    texts = members(f"reference/{machine.path}", machine.steps.__name__)
    text = ""
    for name, said in texts.items():
        if not name.startswith(("STALE", "ILLEGAL")):
            meaning = " ".join(lines(said or UNSAID[name]).split())
            text += f"- `{name.lower()}`: {meaning}\n"
    return text + "\n"


def _diagram(machine: Machine) -> str:
    edges: dict[tuple[str, str], list[str]] = {}
    for state in machine.states:
        for event in machine.events:
            after = machine.after.get(machine.step(state, event))
            if after is not None and after is not state:
                key = (state.name.lower(), after.name.lower())
                edges.setdefault(key, []).append(str(event.value))
    for before, after, label in machine.edges:
        key = (before.name.lower(), after.name.lower())
        edges.setdefault(key, []).append(label)
    text = f"stateDiagram-v2\n    [*] --> {machine.first.name.lower()}\n"
    for (source, target), labels in edges.items():
        # A colon would end the label's own text.
        words = ", ".join(labels).replace(": ", " ")
        text += f"    {source} --> {target}: {words}\n"
    if machine.last is not None:
        text += f"    {machine.last.name.lower()} --> [*]\n"
    return text
