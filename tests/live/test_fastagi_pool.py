"""The FastAGI server of the example with a real Asterisk."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Queue
from typing import Any

import pytest

from tests.examples.exchange import (
    EXAMPLE,
    commands,
    desk_of,
    recorded,
    serving,
    without_machine,
)
from tests.live.switch import RING_S, SAYS_S, SITUATIONS, Situation, Switch


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[Switch, Any, Queue[list[str]]]]:
    """Give a switch, and the server that it asks."""
    with (
        pytest.MonkeyPatch.context() as patch,
        serving([]) as (server, ended),
    ):
        patch.setattr(EXAMPLE, "RING_S", RING_S)
        with Switch(server.server_address[1]) as switch:
            yield switch, server, ended


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda s: s.name)
def test_the_right_telephones_ring(
    house: tuple[Switch, Any, Queue[list[str]]], situation: Situation
) -> None:
    """A switch that answers otherwise than it once did would leave callers alone."""
    switch, server, ended = house
    server.desk = desk_of(situation.agents)
    switch.call(situation.service, situation.patience_s)
    lines = without_machine(ended.get(timeout=SAYS_S))
    assert commands(recorded(situation.name)) == commands(lines)
    result = switch.wait_for("CALL ENDS WITH")
    reaches_voicemail = (
        situation.result == "nobody" and "CANCEL" not in situation.statuses
    )
    then = ", then voicemail" if reaches_voicemail else ""
    assert f"CALL ENDS WITH {situation.result}{then}." in result


def test_two_calls_at_once_ring_two_agents(
    house: tuple[Switch, Any, Queue[list[str]]],
) -> None:
    """Else two callers would ring at one telephone."""
    switch, server, ended = house
    server.desk = desk_of(
        [("dina", "answers", "dept:sales a"), ("vera", "answers", "dept:sales")]
    )
    for _ in range(2):
        switch.call("sales", 9)
    both = [ended.get(timeout=SAYS_S) for _ in range(2)]
    statuses = [line for lines in both for line in lines if line.endswith("(ANSWER)")]
    assert 2 == len(statuses)
    assert 2 == sum(line.startswith("> EXEC Dial") for lines in both for line in lines)
    for _ in range(2):
        assert "answered" in switch.wait_for("CALL ENDS WITH")
