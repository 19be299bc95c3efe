"""Every rule, by category: one a file. Adding a file adds the rule."""
