"""
What writes the pages of the reference that follow from the code.

Each module makes the text of one kind of page; ``docs/generate.py`` puts them in
their places and tells whether they are stale.
"""
