"""Rules about waivers that are of no use."""
