"""gitops-validate: what the cluster would say of a GitOps repository, before the merge.

    check :  discover → load → render (⟲ link) → judge → report

1. discover  walks the checkout; environments says which it has
2. load      parses every manifest once; each knows its file and lines
3. render    starts at an environment's entry and builds reconciler after reconciler until nothing new appears; link says what each builds from
4. judge     asks the API server's own code about each rendered object, runs the rules, and turns routes into lines
5. report    says it to a person or a machine

One module a stage, one public function a stage, frozen values (`model`) between them. Behind the stages stand packages:

- building   what one reconciler is built of, and what the engine makes of it
- judging    verdicts, policies, rules at work, waivers; rules holds the rules, a file each
- placing    from an object that was rendered to the line that a person edits
- existing   what an environment holds, so that references can be followed; parity: what environments differ in
- workloads  what environments run, and what it asks of their nodes
- secrets    what is encrypted, what only looks so, what is missing yet
- pipeline   what GitLab would refuse
- revisions  where a change starts, and whose word counts; review: what a change does
- keeping    what earlier runs found, as far as nothing that it came of has changed
- plain      manifests without a repository
- mend       what `--fix` repairs
"""

from __future__ import annotations

__version__ = "0.1.0"
