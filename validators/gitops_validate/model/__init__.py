"""The values that the stages hand on. One word, one meaning:

Repo            a checkout: its files and what they hold
Environment     dev, stage, prod: an entry path under clusters/ and the Kubernetes version that runs there
Manifest        an object as written; knows its lines
Source          where a reconciler takes its files from (GitRepository, OCIRepository, HelmRepository, Bucket)
Reconciler      a Flux Kustomization or HelmRelease, later an Argo CD Application, as an environment runs it
Render          the objects of one reconciler, or why there are none
RenderedObject  an object as the cluster gets it; knows what produced it and where it is written
Verdict         what the API server would say of one rendered object
Problem         what a rule yields; with its place resolved it is a Finding
Incomplete      what could not be checked
Outcome         what the rules found in one environment, before waivers
Outline         what is kept of an environment to hold it against the others
Report          all of it, sorted
"""

from __future__ import annotations
