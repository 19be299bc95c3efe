"""Rules about what objects want of each other: what is named must exist, have the key, the port or the pods."""
