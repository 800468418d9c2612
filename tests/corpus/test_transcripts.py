"""The format of transcripts: what its runner notices, and that its page is true."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from skillroute.testing.transcripts import Step, Transcript, load_transcript, run

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "transcripts.md"
EXAMPLE = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]


def test_example_of_the_page_runs(backend: SimpleNamespace) -> None:
    """A reader who copies the example would begin with a failure."""
    assert [] == run(load_transcript("example", EXAMPLE), backend.Engine)


def test_python_of_the_page_runs() -> None:
    """The page shows how to run the corpus; that must work as it stands."""
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert code
    for block in code:
        exec(compile(block, str(PAGE), "exec"), {})


def test_page_names_every_key() -> None:
    """A key that the page does not have is one that nobody will use."""
    fields = {*Step.__struct_fields__, *Transcript.__struct_fields__} - {"name"}
    named = set(re.findall(r"^- `(\w+)`:", PAGE.read_text("utf-8"), re.MULTILINE))
    assert fields == named


@pytest.mark.parametrize(
    ("written", "instead", "noticed"),
    [
        ('type = "StartWaiting"', 'type = "BridgeCall"', "orders"),
        ('type = "StartWaiting"', 'type = "StartQueueing"', "no orders"),
        ('label = "Sales"}', 'label = "Help"}', "label"),
        ('agent = "bert"},\n]\n\n[[', 'agent = "anna"},\n]\n\n[[', "agent"),
        ("at_ms = 10_000", "at_ms = 9_999", "orders"),
        ('"illegal_event"', '"unknown_call"', "refused"),
        ('refused = "illegal_event"\n', "", "refused"),
        ('next = "offer"', 'next = "wait"', "next"),
        ('anna = "ringing"', 'anna = "eligible"', "anna is"),
        ('["already_offered"]', "[]", "fails also"),
        ("order = []", 'order = ["anna"]', "order"),
        ('never = ["anna", "bert"]', "until_ms = {anna = 12_000}", "clears"),
    ],
)
def test_runner_notices_a_difference(
    backend: SimpleNamespace, written: str, instead: str, noticed: str
) -> None:
    """A runner that overlooks something makes the whole corpus worthless."""
    assert written in EXAMPLE
    changed = load_transcript("example", EXAMPLE.replace(written, instead))
    (line, *_) = run(changed, backend.Engine)
    assert line.startswith("example, step ")
    assert noticed in line


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("advance = true\n", ""),
        ("advance = true\n", 'advance = true\ncall = "c1"\n'),
        ('call = "c1"\nnext', "next"),
        ('next = "offer"\n', 'next = "offer"\nexpect = []\n'),
        ('next = "offer"\n', 'next = "offer"\nrefused = "unknown_call"\n'),
        ("refused =", "refuses ="),
        ('about = "', 'rules_of = "'),
    ],
)
def test_step_that_makes_no_sense_is_an_error(written: str, instead: str) -> None:
    """What is passed over in silence looks like a check and is none."""
    assert written in EXAMPLE
    with pytest.raises(msgspec.ValidationError):
        load_transcript("example", EXAMPLE.replace(written, instead))
