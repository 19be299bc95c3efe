"""What a cluster will hold once an environment is reconciled, and what its objects want of each other.

    loose      reads values that may be anything, as YAML from a checkout may be
    pods       the pods that objects describe
    uses       what an object wants of another: by kind, namespace, name and key
    made       what controllers make in the cluster: the Secrets of certificates, the Services of databases
    hearsay    what may be made by somebody whom we do not know
    sight      where a cluster may hold more than the checkout shows
    index      whether something exists, or may come to exist
    selecting  what selectors select
    grants     who may refer across namespaces
    mirror     where sources and images come from
    order      which reconciler comes before which
    wants      what objects want and will not get

Rules ask the index, `Existing`, as context. It says that something is missing only if the checkout can show it.
"""

from __future__ import annotations

from gitops_validate.existing.index import Existing

__all__ = ["Existing"]
