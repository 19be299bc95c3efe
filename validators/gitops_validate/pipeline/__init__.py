"""The GitLab pipelines of a checkout, held against GitLab's own JSON Schema.

files   `.gitlab-ci.yml`, what it includes or triggers of this checkout, and the components under templates/
judged  what the schema has against them, asked of the engine, and references to what is not there
said    that in words
"""

from __future__ import annotations

from gitops_validate.pipeline.judged import invalid
from gitops_validate.pipeline.said import InvalidPipeline

__all__ = ["InvalidPipeline", "invalid"]
