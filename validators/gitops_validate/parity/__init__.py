"""Environments held against each other: what differs between them beyond what the configuration declares.

1. `own` takes out of a text what is an environment's own: its name and its domain
2. `leaves` takes an object apart into its fields, without versions, generated hashes and what a Secret holds
3. `declared` knows which fields may differ, by the patterns of the configuration
4. `outline` keeps of an environment what comparing needs: digests, presence, versions, references. It is kept with the environment's outcome
5. `fleet` puts the outlines side by side; an environment is rendered again only if its outline differs
6. `differing` tells which fields of an object differ, and in which environments
"""
