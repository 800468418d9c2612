"""
What users test with: transcripts, small random worlds, invariants, comparison.

``transcripts`` runs the corpus (events in, actions out) on any backend, and
``pool_histories`` the same for pools;
``worlds`` makes small random sites and histories; ``invariants`` says what must
hold after every event; ``differential`` compares backends with each other.
"""
