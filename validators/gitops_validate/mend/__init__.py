"""Repairs that are certain: what `check --fix` writes. An edit is of lines, so that comments and layout stay as they are."""
