"""The pages of the documentation: their code runs, their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from skillroute.plan import parse_plan

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
PAGES = sorted(DOCS.rglob("*.md"))


class Block(NamedTuple):
    """One block of code of a page."""

    language: str
    line: int
    """Of its first line, from 1."""
    text: str


def name(page: Path) -> str:
    """Return a page's path, as a reader knows it."""
    return page.relative_to(DOCS).as_posix()


def blocks(page: Path, language: str) -> list[Block]:
    """List the blocks of a language, in their order."""
    text = page.read_text("utf-8")
    found = re.finditer(r"^```(\w+)[^\n]*\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [
        Block(each[1], text.count("\n", 0, each.start()) + 2, each[2])
        for each in found
        if each[1] == language
    ]


def pages_with(language: str) -> list[Path]:
    """List the pages that have blocks of a language."""
    return [page for page in PAGES if blocks(page, language)]


def without_code(page: Path) -> str:
    """Return the text of a page without its blocks of code."""
    text = page.read_text("utf-8")
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def prose(page: Path) -> list[str]:
    """List the lines of a page that are neither code nor tables nor headings."""
    lines = without_code(page).splitlines()
    return [line for line in lines if line[:1] not in ("", "|", "#", "<")]


def is_plan(text: str) -> bool:
    """Tell a whole plan from a piece of one, or from another kind of file."""
    return "[site]" in text.splitlines()


def anchors(page: Path) -> set[str]:
    """List a page's own anchors, and those that the site makes of its headings."""
    text = page.read_text("utf-8")
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    plain = [re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in headings]
    own = re.findall(r'<a id="([\w-]+)"></a>', text)
    return {*own, *(re.sub(r"[\s-]+", "-", heading) for heading in plain)}


@pytest.mark.parametrize("page", pages_with("python"), ids=name)
def test_the_code_of_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People paste it, and believe what it asserts."""
    monkeypatch.chdir(tmp_path)
    for block in blocks(page, "toml"):
        # A first line such as `# plan.toml` names the file that the code reads.
        if named := re.match(r"# ([\w-]+\.toml)\n", block.text):
            (tmp_path / named[1]).write_text(block.text, "utf-8")
    namespace: dict[str, object] = {"__name__": "__main__"}
    found = blocks(page, "python")
    assert found
    for block in found:
        # As many lines before as in the page, so that a traceback points there.
        source = "\n" * (block.line - 1) + block.text
        exec(compile(source, name(page), "exec"), namespace)


def test_there_is_code_to_run() -> None:
    """The test above inspects what it finds: it must find something."""
    assert len(pages_with("python")) >= 3


def test_every_plan_on_a_page_is_sound() -> None:
    """A plan that is copied from a page must load."""
    counted = 0
    for page in pages_with("toml"):
        for block in blocks(page, "toml"):
            if is_plan(block.text) and "[[steps]]" not in block.text:
                assert parse_plan(block.text).plan_id, name(page)
                counted += 1
    assert counted > 0


def test_every_link_leads_somewhere() -> None:
    """A dead link ends the search of whoever followed it."""
    counted = 0
    dead = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s`]+)\)", without_code(page)):
            if re.match(r"\w+:", target):
                continue
            counted += 1
            path, _, anchor = target.partition("#")
            other = page if not path else (page.parent / path).resolve()
            missing = not other.exists() or (anchor and anchor not in anchors(other))
            if missing:
                dead.append(f"{name(page)}: {target}")
    assert counted > 100
    assert [] == dead


def test_there_is_one_sentence_per_line() -> None:
    """Else a small change shows as a changed paragraph."""
    lines = [(page, line) for page in PAGES for line in prose(page)]
    assert len(lines) > 100
    two = [
        f"{name(page)}: {line}"
        for page, line in lines
        if re.search(r"[a-z)`]\. [A-Z]", line)
    ]
    assert [] == two


def test_every_page_is_linked_from_the_first() -> None:
    """A page that nobody is led to is not read."""
    first = DOCS / "index.md"
    linked = set(re.findall(r"\]\(([^)#]+)\)", without_code(first)))
    others = {name(page) for page in PAGES if page != first}
    assert len(others) > 10
    assert set() == others - linked
