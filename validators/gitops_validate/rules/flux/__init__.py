"""Rules about what Flux would do with them."""
