"""Rules about what must not be readable."""
