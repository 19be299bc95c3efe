"""Rules about what is good practice: workloads that say what they need, can be restarted and moved, and may do no more than they have to."""
