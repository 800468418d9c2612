"""Profiles of the property tests: a quick one for every day, a long one for nights."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_ALWAYS = settings(
    deadline=None,  # time is measured elsewhere, and never as a test
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    print_blob=True,
)
settings.register_profile(
    "quick", _ALWAYS, max_examples=150, stateful_step_count=50, derandomize=True
)
settings.register_profile(
    "nightly", _ALWAYS, max_examples=2000, stateful_step_count=120
)
settings.load_profile("nightly" if os.environ.get("NIGHTLY") else "quick")
