"""
The page that says which situations of the corpus show which rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from skillroute.testing.pool_histories import load_pool_corpus
from skillroute.testing.transcripts import load_corpus

from . import texts
from .source import GENERATED, anchor_of_rule, table


def cases_page() -> str:
    """
    Write the page.
    """
    head = ("rule", "situation", "what happens")
    return (
        GENERATED
        + texts.RULE_CASES
        + table(head, _rows())
        + texts.POOL_CASES
        + table(head, _pool_rows())
    )


def _rows() -> Iterator[tuple[str, str, str]]:
    """
    Yield a row for each rule and situation; a rule's first row has its anchor.
    """
    cases: dict[str, list[tuple[str, str]]] = {}
    for transcript in load_corpus():
        for rule in transcript.rules:
            cases.setdefault(rule, []).append((transcript.name, transcript.about))
    for rule in sorted(cases, key=_place):
        name = anchor_of_rule(rule)
        anchor = f'<a id="{name}"></a>'
        for situation, about in sorted(cases[rule]):
            yield f"{anchor}[{rule}](rules.md#{name})", f"`{situation}`", about
            anchor = ""


def _pool_rows() -> Iterator[tuple[str, str, str]]:
    """
    Yield a row for each rule and history of the pool.
    """
    found = [
        (_place(rule), rule, history.name, history.about)
        for history in load_pool_corpus()
        for rule in history.rules
    ]
    for _, rule, situation, about in sorted(found):
        yield f"[{rule}](rules.md#{anchor_of_rule(rule)})", f"`{situation}`", about


def _place(rule: str) -> tuple[int, ...]:
    return tuple(map(int, rule.split(".")))
