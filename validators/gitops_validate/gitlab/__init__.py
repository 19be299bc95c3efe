"""What is said on a merge request: the only part that speaks to GitLab, in a job without a checkout, from a report that it does not trust."""
