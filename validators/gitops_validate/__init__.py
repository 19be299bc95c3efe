"""gitops-validate: what the cluster would say of a GitOps repository, before the merge.

    check :  discover → load → render (⟲ link) → judge → report

1. discover  walks the checkout; environments says which it has
2. load      parses every manifest once; each knows its file and lines
3. render    starts at an environment's entry and builds reconciler after reconciler until nothing new appears; link says what each builds from
4. judge     asks the API server's own code about each rendered object, runs the rules, and turns routes into lines
5. report    says it to a person or a machine

What earlier runs found is used as far as nothing that it came of has changed: a whole report (memo), the outcome of an environment (kept), one
answer of the engine (ask).

One module a stage, one public function a stage, frozen values (`model`) between them.
"""

from __future__ import annotations

__version__ = "0.1.0"
