"""Rules about what the cluster's policies let in."""
