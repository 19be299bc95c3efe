"""From what was rendered to findings.

- verdicts: what the API server's own code says; admission, rego, pod_security: what policies say
- subjects: what rules are asked about; candidates: what they answer; causes: a root cause speaks once
- waivers and baseline: what a person has accepted
"""
