"""
The executable specification: the engine in plain Python, written to be read.

It is the oracle of the differential tests, the backend where no compiled core
can be had, and, compiled by Cython without a change, a third witness.  Read it
from ``engine.py`` down.
"""

from .engine import Engine
from .pool import Pool

__all__ = ["Engine", "Pool"]
