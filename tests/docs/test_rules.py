"""The page of the rules: what is cited is there, and its tables are the code's."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from skillroute.reference.eligibility import UNIT_CODES

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "reference" / "rules.md"
REFERENCE = REPOSITORY / "src" / "skillroute" / "reference"

KINDS = {".py", ".pyi", ".rs", ".md", ".toml", ".txt", ".yml"}
MADE_BY_TOOLS = {"build", "dist", "site", "target", "__pycache__", "_cython"}
SOURCES_IN_DOTS = {".ci", ".github"}

NUMBER = r"\d+(?:\.\d+)?"
CITATION = re.compile(rf"\b[Rr]ules? \[?({NUMBER}(?:(?:, | and | to ){NUMBER})*)")
# Written apart, for this file is searched too.
ELSEWHERE = re.compile(
    r"\b(?:"
    + "|".join(("RULE" + "S", "DESI" + "GN", "ENGINEER" + "ING", "STY" + "LE"))
    # Not a name in capitals, such as that of a test's table.
    + r")(?:\.md\b| \d)"
)


def files() -> Iterator[Path]:
    """Yield all text that people wrote, and the pages made of it."""
    for folder, inside, names in os.walk(REPOSITORY):
        inside[:] = [
            name
            for name in inside
            if name not in MADE_BY_TOOLS
            and (not name.startswith(".") or name in SOURCES_IN_DOTS)
        ]
        yield from (
            Path(folder, name)
            for name in names
            if Path(name).suffix in KINDS or Path(folder).name == ".ci"
        )


def in_one_line(file: Path) -> str:
    """Read a file without its line ends, and without marks of comments after them."""
    return re.sub(r"\s*\n\s*(?:(?://[/!]?|#)\s)?\s*", " ", file.read_text("utf-8"))


def rules() -> set[str]:
    """List the numbers of rules and chapters that have an anchor on the page."""
    anchors = re.findall(r'<a id="rule-([\d-]+)"></a>', PAGE.read_text("utf-8"))
    assert len(anchors) == len(set(anchors))
    return {anchor.replace("-", ".") for anchor in anchors}


def table(heading: str) -> dict[str, bool]:
    """Read a table of the page: word to whether it is carried out."""
    _, _, rest = PAGE.read_text("utf-8").partition(f"\n### {heading}\n")
    text = re.split(r"^##", rest, maxsplit=1, flags=re.MULTILINE)[0]
    rows = re.findall(r"^\| `([^`]+)` \| .* \| ?(.*)\|$", text, re.MULTILINE)
    return {word: not mark for word, mark in rows}


def test_every_rule_that_is_cited_is_on_the_page() -> None:
    """Whoever looks it up must find it, from a comment as from a page."""
    known = rules()
    assert len(known) > 100
    cited = dict.fromkeys((".py", ".rs", ".md"), 0)
    dead = []
    for file in files():
        for citation in CITATION.finditer(in_one_line(file)):
            for number in re.findall(NUMBER, citation[1]):
                cited[file.suffix] = cited.get(file.suffix, 0) + 1
                if number not in known:
                    dead.append(f"{file.relative_to(REPOSITORY)}: {citation[0]}")
    assert [] == dead
    assert all(count > 0 for count in cited.values()), cited


def test_a_citation_is_found_across_lines(tmp_path: Path) -> None:
    """Comments are wrapped; a check that did not see that would see little."""
    file = tmp_path / "wrapped.rs"
    file.write_text(
        "//! is late (rule\n//! 1.2), as in rules\n//! 7.4, 18.5\n", "utf-8"
    )
    found = CITATION.findall(in_one_line(file))
    assert ["1.2", "7.4, 18.5"] == found


def test_nothing_speaks_of_documents_that_readers_do_not_have() -> None:
    """A reference that cannot be followed is worse than none."""
    counted = 0
    wrong = []
    for file in files():
        counted += 1
        if found := ELSEWHERE.search(in_one_line(file)):
            wrong.append(f"{file.relative_to(REPOSITORY)}: {found[0]}")
    assert counted > 200
    assert [] == wrong


def test_the_tests_of_eligibility_are_those_of_the_specification() -> None:
    """A code or an order that is not the engine's misleads whoever asks why."""
    files = ("eligibility.py", "steps.py")
    source = "".join((REFERENCE / file).read_text("utf-8") for file in files)
    yielded = re.findall(r'yield (?:f?"(\w+)|(unit_code)\()', source)
    codes: list[str] = []
    for plain, unit in yielded:
        codes += UNIT_CODES if unit else [plain]
    said = [
        word.partition(":")[0]
        for word, done in table("Tests of eligibility").items()
        if done
    ]
    # The tests of the queue and of tags stand below the others, which ask them.
    tags = {"not_in_queue", "step_not_reached", "delay_not_reached", "missing_tag"}
    tags |= {"level_below", "no_tag_of", "forbidden_tag"}
    codes = list(dict.fromkeys(codes))
    assert [c for c in codes if c not in tags] == [c for c in said if c not in tags]
    assert [c for c in codes if c in tags] == [c for c in said if c in tags]
    assert "missing_tag" == said[said.index("delay_not_reached") + 1]
    assert "declined" == said[said.index("forbidden_tag") + 1]


def test_the_outcomes_are_those_that_are_recorded() -> None:
    """An outcome that no report expects is a call that nobody counts."""
    outcomes = table("Outcomes")
    vocabulary = (REPOSITORY / "src" / "skillroute" / "actions.py").read_text("utf-8")
    _, _, record = vocabulary.partition("class RecordOutcome")
    text = record.partition("last_result")[0]
    assert list(outcomes) == re.findall(r"``([\w:<>]+)``", text)
    files = [file.read_text("utf-8") for file in REFERENCE.glob("*.py")]
    # What is followed by a code is put together there.
    written = {word: f'"{word}"'.replace('<code>"', "{") for word in outcomes}
    recorded = {
        word for word in outcomes if any(written[word] in text for text in files)
    }
    assert recorded == {word for word, done in outcomes.items() if done}
