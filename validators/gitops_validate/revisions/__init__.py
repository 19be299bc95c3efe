"""Commits: which one a change starts from, what it held, and whose word counts.

- git: asked without anything of the checkout having a say
- trust: the base's configuration counts in a merge request; history: a copy of a commit's files; former, past: what files held; since: only what is new
"""
