"""The FastAGI server of the example, with what a real Asterisk once said."""

from __future__ import annotations

import contextlib
import csv
import inspect
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.examples.exchange import (
    ANSWER_S,
    EXAMPLE,
    EXAMPLES,
    RECORDED,
    Playing,
    commands,
    desk_of,
    recorded,
    serving,
)
from tests.live.switch import RING_S, SITUATIONS, Situation

TWO = (("dina", "answers", "dept:sales a"), ("vera", "answers", "dept:sales"))
REQUEST = ["< agi_network: yes", "< agi_arg_1: sales", "<"]


@pytest.fixture(autouse=True)
def ring_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let telephones ring as long as when the recordings were made."""
    monkeypatch.setattr(EXAMPLE, "RING_S", RING_S)


def free(desk: Any, service: str = "sales") -> list[str]:
    """Return who would be rung, one after the other; they are taken."""
    tried: list[int] = []
    while (agent := desk.reserve(service, tried)) is not None:
        tried.append(agent)
    return [desk.agents[agent].name for agent in tried]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda s: s.name)
def test_the_right_telephones_ring(situation: Situation) -> None:
    """A caller would be sent to the wrong person, or to nobody."""
    lines = recorded(situation.name)
    phones = {name: phone for name, phone, _ in situation.agents}
    rung = [line for line in lines if line.startswith("> EXEC Dial")]
    wanted = [f'"Local/{phones[name]}@phones,{RING_S}"' for name in situation.rung]
    assert [f"> EXEC Dial {where}" for where in wanted] == rung
    assert f"> SET VARIABLE POOL_RESULT {situation.result}" in lines
    with serving(situation.agents) as (server, ended):
        switch = Playing(server, lines)
        switch.play()
        assert b"" == switch.close()
        assert lines == ended.get(timeout=ANSWER_S)
        assert len(situation.agents) == len(free(server.desk, "sales"))


def test_every_situation_is_recorded() -> None:
    """A recording that no test plays tells nothing."""
    names = {file.stem for file in RECORDED.glob("*.txt")}
    assert {situation.name for situation in SITUATIONS} == names
    statuses = {s for situation in SITUATIONS for s in situation.statuses}
    assert statuses - {"ANSWER", "CANCEL"} <= EXAMPLE.TRY_NEXT


def test_two_calls_at_once_ring_two_agents() -> None:
    """The second caller would ring at a telephone that rings already."""
    lines = recorded("specialist_answers")
    dina = [line.replace("answers@", "silent@") for line in lines]
    agents = (("dina", "silent", "dept:sales a"), TWO[1])
    with serving(agents) as (server, ended):
        first, second = Playing(server, lines), Playing(server, dina)
        first.play(until="< 200")
        second.play()
        first.play()
        assert b"" == first.close() + second.close()
        # Each call has a thread, and either may be the first to have ended.
        heard = [ended.get(timeout=ANSWER_S) for _ in range(2)]
        assert sorted([lines, dina]) == sorted(heard)


def test_who_talked_comes_last_and_who_missed_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An agent who lets it ring would be spared by it, or one who works would not."""
    monkeypatch.setattr(EXAMPLE.time, "monotonic_ns", lambda: 5_000_000)
    desk = desk_of([(name, "answers", "dept:sales") for name in ("a", "b", "c")])
    talked, missed = desk.reserve("sales", []), desk.reserve("sales", [])
    desk.release(talked, talked=True)
    desk.release(missed, talked=False)
    assert ["b", "c", "a"] == free(desk)


@pytest.mark.parametrize(
    "line",
    [
        None,
        "510 Invalid or unknown command",
        "511 Command Not Permitted on a dead channel or intercept routine",
        "200 result=1 (ANSWER) and more",
        '200 result=1 (BUSY"\nEXEC System "reboot)',
        "x" * 5000,
        "\x00",
    ],
)
def test_a_switch_that_breaks_off_leaves_nobody_busy(line: str | None) -> None:
    """An agent whose call was lost would never be rung again."""
    with serving(TWO) as (server, ended):
        switch = Playing(server, REQUEST)
        switch.play()
        assert b"EXEC Dial" in switch.told.readline()
        if line is not None:
            switch.connection.sendall(f"{line}\n".encode())
        told = switch.close()
        assert ended.get(timeout=ANSWER_S)
        assert told in {b"", b"GET VARIABLE DIALSTATUS\n"}
        assert ["vera", "dina"] == free(server.desk)


@pytest.mark.parametrize(
    "service",
    [
        "",
        "repair",
        "sales,60",
        'sales"\r',
        "sales&PJSIP/900",
        "${EVAL(x)}",
        "SALES",
        "*",
    ],
)
def test_what_the_switch_says_is_never_in_a_command(service: str) -> None:
    """Whoever can choose a service could dial any number at our cost."""
    lines = [
        '< agi_calleridname: x" EXEC System "reboot',
        f"< agi_arg_1: {service}",
        "<",
        "> SET VARIABLE POOL_RESULT nobody",
        "< 200 result=1",
    ]
    with serving(TWO) as (server, ended):
        switch = Playing(server, lines)
        switch.play()
        assert b"" == switch.close()
        assert ended.get(timeout=ANSWER_S)


@pytest.mark.parametrize(
    "request_lines",
    [
        [],
        ["< agi_arg_1: sales"],
        ["< agi_arg_1: sales"] * 200,
        [f"< agi_arg_1: {'x' * 5000}", "<"],
    ],
    ids=["none", "cut off", "endless", "long"],
)
def test_a_request_that_is_none_is_not_served(request_lines: list[str]) -> None:
    """Whoever reaches the port must not fill our memory."""
    with serving(TWO) as (server, ended):
        switch = Playing(server, request_lines)
        # What is too much is not even read, and so the connection may be reset.
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            switch.play()
        with contextlib.suppress(ConnectionResetError):
            assert b"" == switch.close()
        assert [] == [line for line in ended.get(timeout=ANSWER_S) if line[0] == ">"]


def test_the_table_beside_it_is_read() -> None:
    """It is what people begin with."""
    agents = EXAMPLE.read_agents(EXAMPLES / "fastagi_agents.csv")
    desk = EXAMPLE.Desk(agents)
    assert ["vera", "dina", "olga"] == free(desk)
    assert ["dina", "olga"] == free(EXAMPLE.Desk(agents), "polish")


@pytest.mark.parametrize(
    "device", ["", "101", "PJSIP/1&PJSIP/2", "PJSIP/1,9", 'PJSIP/1"', "PJSIP/${X}"]
)
def test_a_device_that_is_more_than_one_is_refused(device: str, tmp_path: Path) -> None:
    """A slip in the table would be a command to the switch."""
    table = tmp_path / "agents.csv"
    with table.open("w", encoding="utf-8", newline="") as lines:
        rows = [("name", "device", "tags"), ("vera", device, "dept:sales")]
        csv.writer(lines).writerows(rows)
    with pytest.raises(ValueError, match="is no device"):
        EXAMPLE.read_agents(table)


def test_the_page_shows_what_is_there() -> None:
    """A reader who compares the page with the program must find one thing."""
    page = (EXAMPLES.parent / "docs" / "how-to" / "use-only-the-pool.md").read_text()
    shown = textwrap.dedent(page)
    blocks = re.findall(r"^( *)```\w+\n(.*?)^ *```$", shown, re.DOTALL | re.MULTILINE)
    found = {textwrap.dedent(text) for _, text in blocks}
    table = (EXAMPLES / "fastagi_agents.csv").read_text("utf-8")
    said = "\n".join(commands(recorded("busy_then_no_answer_then_answered"))) + "\n"
    usage, *dialplan = re.findall(r"^    (.*)\n", EXAMPLE.__doc__, re.MULTILINE)
    assert {table, said, f"$ {usage}\n", "\n".join(dialplan) + "\n"} <= found
    statuses = re.findall(r"`([A-Z]+)`", page.partition("| `ANSWER` |")[2])
    assert EXAMPLE.TRY_NEXT <= set(statuses)


def test_it_listens_on_the_loopback_unless_told_otherwise() -> None:
    """AGI has no password: whoever reaches the port commands the calls."""
    assert "127.0.0.1" == inspect.signature(EXAMPLE.main).parameters["host"].default
