"""
The page about the driver's settings.
"""

from __future__ import annotations

from . import texts
from .source import GENERATED, classes, lines, table


def page() -> str:
    """
    Write the page.
    """
    settings = classes("driver/_settings.py")["DriverSettings"]
    rows = [
        (f"`{field.name}`", f"`{field.default}`", " ".join(lines(field.text).split()))
        for field in settings.fields
    ]
    head = ("setting", "default", "what it means")
    return GENERATED + texts.DRIVER + table(head, rows)
