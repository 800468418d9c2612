"""
Whole sites with everything that goes wrong around them, from one seed.

``python -m skillroute.testing.faults --seed 1 --seeds 200`` runs engine, driver,
journal and switches together, injects faults (``mix.FAULTS``), and checks what must
always hold.  The same seed gives the same run on every machine.
"""
