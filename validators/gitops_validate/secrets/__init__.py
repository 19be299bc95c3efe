"""Secrets: what is encrypted, what only looks so, and what there has to be.

- sealed: which files SOPS has encrypted; inspected: what the engine says of them
- plaintext and tokens: what stands there for all to read
- wanted: what the catalogue asks for; pending: what nobody has given yet; producers: what operators make
"""
