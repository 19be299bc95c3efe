"""The matrix of components and environments for people: as text for terminals of any width, and as Markdown."""

from gitops_validate.report.matrix.markdown import markdown
from gitops_validate.report.matrix.text import text

__all__ = ["markdown", "text"]
