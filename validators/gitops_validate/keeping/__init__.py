"""What earlier runs found, used as far as nothing that it came of has changed.

- cache: files keyed by what went in; ask: one answer of the engine; kept: an environment's outcome; memo: a whole report
- tree, looked and used: what an answer depended on
"""
