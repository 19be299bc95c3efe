"""What a review says of consequences that the merge requests on a generated platform do not have. One change holds them all."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import orjson
import pytest

from gitops_validate.check import Options
from gitops_validate.model.change import Change, EnvironmentReview, FieldChange, Impact, Level, Review
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.render import Origin, RenderedObject
from gitops_validate.report.look import Look
from gitops_validate.report.review import write
from gitops_validate.report.review.told import Told, alike, together
from gitops_validate.review.impacts.access import bindings
from gitops_validate.review.review import Asked, review
from gitops_validate.review.where import Where

GIT = ("git", "-c", "user.name=test", "-c", "user.email=test@example.org")
DIGEST = f"sha256:{'a' * 64}"
VERSION = "{{name: {}, served: {}, storage: {}, schema: {{openAPIV3Schema: {{type: object, x-kubernetes-preserve-unknown-fields: true}}}}}}"
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: widgets.example.org}}
spec: {{group: example.org, scope: Namespaced, names: {{kind: Widget, plural: widgets}}, versions: [{}, {}]}}
"""
POD = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {0}, namespace: shop}}\nspec: {{replicas: 2, selector: {{matchLabels: {{app: {0}}}}}, template: {{metadata: {{labels: {{app: {0}}}}}, spec: {{{1}}}}}}}\n"
BOUND = "allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}"
CLAIM = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: old, annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n"

RELEASE = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {0}, namespace: shop}}\nspec: {{interval: 1h, chart: {{spec: {{chart: {0}, sourceRef: {{kind: HelmRepository, name: {1}}}}}}}, values: {{{2}}}}}\n"
"""A release whose chart nobody has here."""
REPOSITORY = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {{name: {0}, namespace: shop}}\nspec: {{interval: 1h, url: 'https://{0}.example.org'}}\n"
GATEWAY = "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: {0}, namespace: shop}}\nspec: {{gatewayClassName: envoy, addresses: [{{value: {1}}}], listeners: [{{name: web, protocol: HTTP, port: 80}}{2}]}}\n"
ROUTE = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: shop, namespace: shop}}\nspec: {{parentRefs: [{0}], hostnames: [shop.example.org], rules: [{{backendRefs: [{{name: shop, port: 80}}]}}]}}\n"

VOLUME = "apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: {0}}}\nspec: {{capacity: {{storage: 1Gi}}, accessModes: [ReadWriteMany], storageClassName: {0}, persistentVolumeReclaimPolicy: {1}, nfs: {{server: nas, path: /{0}}}}}\n"
CLASSED = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {0}, namespace: shop}}\nspec: {{accessModes: [ReadWriteMany], storageClassName: {0}, resources: {{requests: {{storage: 1Gi}}}}}}\n"

NETWORK = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {}, namespace: shop}}\nspec: {{podSelector: {{matchLabels: {{app: a}}}}, {}}}\n"
BALANCED = "apiVersion: v1\nkind: Service\nmetadata: {{name: {}, namespace: shop}}\nspec: {{type: LoadBalancer, {}selector: {{app: a}}, ports: [{{port: 1}}]}}\n"
INGRESS = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: shop, namespace: shop}}\nspec: {{{}rules: [{{{}http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: shop, port: {{number: 1}}}}}}}}]}}}}]}}\n"
SCALER = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: {0}, namespace: shop}}\nspec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {0}}}, {1}maxReplicas: 6}}\n"
BUDGET = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: budget, namespace: shop}}\nspec: {{minAvailable: 1, selector: {{matchLabels: {{app: {}}}}}}}\n"
NODES = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: {0}, namespace: shop}}\nspec: {{updateStrategy: {{type: OnDelete}}, selector: {{matchLabels: {{app: {0}}}}}, template: {{metadata: {{labels: {{app: {0}}}}}, spec: {{containers: [{{name: a, image: 'r.example/{0}:{1}'}}]}}}}}}\n"
ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: giver, namespace: shop}}\nautomountServiceAccountToken: {}\n"

KEPT = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {0}, namespace: shop, annotations: {{{1}}}}}\nspec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}\n"
APPLICATION = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {0}, namespace: shop{1}}}\nspec: {{project: tools, source: {{repoURL: 'https://git.example.org/a.git', path: a, targetRevision: {2}}}, destination: {{name: in-cluster, namespace: a}}{3}}}\n"
PROJECT = "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {{name: tools, namespace: shop}}\nspec: {{sourceRepos: ['https://git.example.org/*'], destinations: [{0}], clusterResourceWhitelist: [{1}]}}\n"


@dataclass(frozen=True)
class Case:
    """An object before and after, "" for none, and what is said of it."""

    name: str
    before: str
    after: str
    said: tuple[str, ...]
    object: str

    def __str__(self) -> str:
        return self.name.replace(" ", "-")


SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: set, namespace: shop}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: "db:1"}]}}
"""
CLAIMS = "  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]\n"

CASES = [
    Case("a set without claims", SET, "", ("careful StatefulSet/shop/set is deleted",), "StatefulSet/shop/set"),
    Case(
        "a set with claims",
        SET.replace("name: set,", "name: store,") + CLAIMS,
        "",
        ("dangerous StatefulSet/shop/store is deleted; its claims stay",),
        "StatefulSet/shop/store",
    ),
    Case("a version of a kind that is served no more", CRD.format(VERSION.format("v1", "true", "true"), VERSION.format("v1beta1", "true", "false")), CRD.format(VERSION.format("v1", "true", "true"), VERSION.format("v1beta1", "false", "false")), ("dangerous Widget of example.org: version v1beta1 is served no more",), "CustomResourceDefinition/widgets.example.org"),
    Case("a claim that is kept but for its namespace", f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: old}}\n---\n{CLAIM}", "", ("dangerous PersistentVolumeClaim/old/data is deleted, and its data with it",), "PersistentVolumeClaim/old/data"),
    Case("a claim that is kept", CLAIM.replace("old", "shop"), "", ("careful PersistentVolumeClaim/shop/data stays in the cluster, and nothing looks after it any more",), "PersistentVolumeClaim/shop/data"),
    Case("a job with another image", "apiVersion: batch/v1\nkind: Job\nmetadata: {name: once, namespace: shop}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: once, image: 'r.example/once:1.0.0'}]}}}\n", "apiVersion: batch/v1\nkind: Job\nmetadata: {name: once, namespace: shop}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: once, image: 'r.example/once:1.0.1'}]}}}\n", ("dangerous the update is refused until somebody deletes it: spec.template: field is immutable", "routine image r.example/once: 1.0.0 to 1.0.1 (patch)"), "Job/shop/once"),
    Case("an image without its digest", POD.format("web", f"containers: [{{name: web, image: 'r.example/web:1.0.0@{DIGEST}'}}]"), POD.format("web", "containers: [{name: web, image: 'r.example/web:1.0.0'}]"), ("careful image r.example/web:1.0.0 is no longer pinned by its digest", "routine 2 pods are replaced, the new before the old"), "Deployment/shop/web"),
    Case("an image that steps back", POD.format("api", "containers: [{name: api, image: 'r.example/api:2.0.0'}]"), POD.format("api", "containers: [{name: api, image: 'r.example/api:1.9.0'}]"), ("careful image r.example/api: 2.0.0 to 1.9.0 (a step back)", "routine 2 pods are replaced, the new before the old"), "Deployment/shop/api"),
    Case("variables in another order", POD.format("env", "containers: [{name: env, image: 'r.example/e:1', env: [{name: A, value: b}, {name: B, value: c}]}]"), POD.format("env", "containers: [{name: env, image: 'r.example/e:1', env: [{name: B, value: c}, {name: A, value: b}]}]"), ("routine 2 pods are replaced, the new before the old",), "Deployment/shop/env"),
    Case("bounds that go", POD.format("free", f"containers: [{{name: f, image: 'r.example/f:1', securityContext: {{{BOUND}}}}}]"), POD.format("free", "containers: [{name: f, image: 'r.example/f:1'}]"), ("careful container f is not confined by seccomp", "careful container f keeps the capabilities that it dropped", "careful container f may gain privileges", "careful container f may run as root", "careful container f may write to its root file system", "routine 2 pods are replaced, the new before the old"), "Deployment/shop/free"),
    Case("bounds of the pod that go to the container", POD.format("same", "securityContext: {runAsNonRoot: true}, containers: [{name: s, image: 'r.example/s:1'}]"), POD.format("same", "containers: [{name: s, image: 'r.example/s:1', securityContext: {runAsNonRoot: true}}]"), ("routine 2 pods are replaced, the new before the old",), "Deployment/shop/same"),
    Case("keys of a secret", "apiVersion: v1\nkind: Secret\nmetadata: {name: login, namespace: shop}\nstringData: {user: robot-one, password: the-old-one, token: one-more-value}\n", "apiVersion: v1\nkind: Secret\nmetadata: {name: login, namespace: shop}\nstringData: {user: robot-one, password: the-new-one, a: some-more-text, b: some-other-text}\n", ("careful key password: another value", "careful key token: taken away; what reads it does not start again", "routine keys a, b: new"), "Secret/shop/login"),
    Case("a job by the clock that is suspended", "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: clock, namespace: shop}\nspec: {schedule: '@daily', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: 'r.example/c:1'}]}}}}}\n", "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: clock, namespace: shop}\nspec: {suspend: true, schedule: '@daily', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: 'r.example/c:1'}]}}}}}\n", ("careful is suspended: it does nothing until it is resumed",), "CronJob/shop/clock"),
    Case("a source of a chart", "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: charts, namespace: shop}\nspec: {interval: 1h, url: 'oci://r.example/c', ref: {tag: 1.2.3}}\n", "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: charts, namespace: shop}\nspec: {interval: 1h, url: 'oci://r.example/c', ref: {tag: 1.3.0}}\n", ("routine tag 1.2.3 to 1.3.0 (minor)",), "OCIRepository/shop/charts"),
    Case("a port by another number", "apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {selector: {app: a}, ports: [{name: db, port: 1}]}\n", "apiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {type: NodePort, selector: {app: b}, ports: [{name: db, port: 2}]}\n", ("careful is reached from outside the cluster: NodePort", "careful sends its traffic to other pods"), "Service/shop/db"),
    Case(
        "a role that becomes part of another",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: part}\nrules: []\n",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: part, labels: {rbac.authorization.k8s.io/aggregate-to-view: 'true'}}\nrules: []\n",
        ("careful becomes part of view: whoever has that gets what it allows",),
        "ClusterRole/part",
    ),
    Case(
        "a role that allows what one controller brings",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: flux}\nrules: []\n",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: flux}\nrules: [{apiGroups: [source.extensions.fluxcd.io], resources: ['*'], verbs: ['*']}, {apiGroups: [''], resources: [pods], verbs: [list, get]}, {nonResourceURLs: ['*'], verbs: [get]}]\n",
        ("careful also allows get on /*; get, list on pods; every verb on everything of source.extensions.fluxcd.io",),
        "ClusterRole/flux",
    ),
    Case(
        "a role that makes tokens, and reads everything",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: tokens, namespace: shop}\nrules: [{apiGroups: [apps], resources: ['*'], verbs: [get]}]\n",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: tokens, namespace: shop}\nrules: [{apiGroups: [apps], resources: ['*'], verbs: [get, list]}, {apiGroups: [''], resources: ['*'], verbs: [get]}, {apiGroups: [''], resources: [serviceaccounts/token], verbs: [create]}]\n",
        ("dangerous also allows get on everything of the core group; create on serviceaccounts/token; list on everything of apps",),
        "Role/shop/tokens",
    ),
    Case(
        "an object that is refused, updated or not",
        REPOSITORY.format("typo") + "---\n" + RELEASE.format("loki", "typo", "a: 1").replace("interval: 1h", "interval: 1h, upgrade: {remediation: {retries: 3}}"),
        REPOSITORY.format("typo") + "---\n" + RELEASE.format("loki", "typo", "a: 1").replace("interval: 1h", "interval: 1h, upgrade: {remediation: {retries: 3x}}"),
        (),
        "HelmRelease/shop/loki",
    ),
    Case("a volume that is kept", VOLUME.format("films", "Retain"), "", ("careful PersistentVolume/films is deleted; its data stays, by the policy of the volume, for somebody to bind it again",), "PersistentVolume/films"),
    Case("a volume that is not kept", VOLUME.format("cache", "Delete"), "", ("dangerous PersistentVolume/cache is deleted, and its data with it",), "PersistentVolume/cache"),
    Case("a claim of a volume that is kept", VOLUME.format("books", "Retain") + "---\n" + CLASSED.format("books"), VOLUME.format("books", "Retain"), ("careful PersistentVolumeClaim/shop/books is deleted; its data stays, by PersistentVolume/books, for somebody to bind it again",), "PersistentVolumeClaim/shop/books"),
    Case(
        "a claim of a class that deletes",
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nprovisioner: a.example.org\n---\n" + CLASSED.format("fast"),
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: fast}\nprovisioner: a.example.org\n",
        ("dangerous PersistentVolumeClaim/shop/fast is deleted, and its data with it",),
        "PersistentVolumeClaim/shop/fast",
    ),
    Case(
        "a secret that something makes from now on",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: token, namespace: shop}\nstringData: {token: an-old-token}\n",
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: outer, namespace: shop}\nspec: {secretStoreRef: {name: a, kind: ClusterSecretStore}, target: {name: token}, dataFrom: [{extract: {key: a}}]}\n",
        ("careful Secret/shop/token goes, and ExternalSecret outer makes it anew: what reads it in between does not start",),
        "Secret/shop/token",
    ),
    Case("a workload that is new", "", POD.format("new", "containers: [{name: a, image: 'r.example/a:1'}, {name: b, image: 'r.example/a:1'}, {name: c, image: 'r.example/c:2'}]"), ("routine runs r.example/a:1", "routine runs r.example/c:2"), "Deployment/shop/new"),
    Case(
        "a release that waits for something else",
        REPOSITORY.format("queue") + "---\n" + RELEASE.format("last", "queue", "a: 1").replace("interval: 1h", "interval: 1h, dependsOn: [{name: first}]"),
        REPOSITORY.format("queue") + "---\n" + RELEASE.format("last", "queue", "a: 1").replace("interval: 1h", "interval: 1h, dependsOn: [{name: second, namespace: base}]"),
        ("routine waits for HelmRelease/base/second, too", "routine does not wait for HelmRelease/shop/first any more"),
        "HelmRelease/shop/last",
    ),
    Case("an image that a controller runs", "apiVersion: example.org/v1\nkind: Model\nmetadata: {name: embed, namespace: shop}\nspec: {image: 'r.example/llama:server@sha256:" + "a" * 64 + "', talos: {version: v1.13.8}}\n", "apiVersion: example.org/v1\nkind: Model\nmetadata: {name: embed, namespace: shop}\nspec: {image: 'r.example/llama:server@sha256:" + "b" * 64 + "', talos: {version: v2.0.0}}\n", ("routine image r.example/llama: server, another digest", "careful talos.version v1.13.8 to v2.0.0 (major)"), "Model/shop/embed"),
    Case(
        "images in values whose chart is not at hand",
        REPOSITORY.format("elsewhere") + "---\n" + RELEASE.format("ceph", "elsewhere", "image: {repository: r.example/ceph, tag: v19.2.6}, side: {image: 'r.example/side:1.0.0'}, web: {image: {tag: 1.4.0}}, log: {tag: 'kube.*'}"),
        REPOSITORY.format("elsewhere") + "---\n" + RELEASE.format("ceph", "elsewhere", "image: {repository: r.example/ceph, tag: v20.1.0}, side: {image: 'r.example/side:1.0.1'}, web: {image: {tag: 1.5.0}}, log: {tag: 'k8s.*'}"),
        ("careful image r.example/ceph: v19.2.6 to v20.1.0 (major)", "routine image r.example/side: 1.0.0 to 1.0.1 (patch)", "routine image values.web.image: 1.4.0 to 1.5.0 (minor)"),
        "HelmRelease/shop/ceph",
    ),
    Case(
        "an image that is left to the chart",
        REPOSITORY.format("again") + "---\n" + RELEASE.format("rook", "again", "cephImage: {repository: r.example/ceph, tag: v19.2.6}"),
        REPOSITORY.format("again") + "---\n" + RELEASE.format("rook", "again", "extra: {image: {repository: r.example/shell}}"),
        ("careful its values do not name the image r.example/ceph:v19.2.6 any more", "careful its values name the image r.example/shell, which they did not"),
        "HelmRelease/shop/rook",
    ),
    Case(
        "a chart from elsewhere",
        "---\n".join((REPOSITORY.format("one"), REPOSITORY.format("two"), RELEASE.format("metrics", "one", "a: 1"))),
        "---\n".join((REPOSITORY.format("one"), REPOSITORY.format("two"), RELEASE.format("metrics", "two", "a: 1"))),
        ("careful takes its chart from HelmRepository/shop/two, where it is metrics instead of HelmRepository/shop/one, where it is metrics",),
        "HelmRelease/shop/metrics",
    ),
    Case("the same content from another registry", POD.format("moved", f"containers: [{{name: m, image: 'r.example/m:1@{DIGEST}'}}]"), POD.format("moved", f"containers: [{{name: m, image: 's.example/m:1@{DIGEST}'}}]"), (f"careful runs s.example/m:1@{DIGEST} instead of r.example/m:1@{DIGEST}: the same content, by its digest", "routine 2 pods are replaced, the new before the old"), "Deployment/shop/moved"),
    Case(
        "Flux synced from another branch, with fewer parts",
        "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {name: flux, namespace: shop}\nspec: {distribution: {version: 2.x, registry: ghcr.io/fluxcd}, components: [source-controller, image-reflector-controller], sync: {kind: GitRepository, url: 'https://git.example/f', ref: refs/heads/production, path: elsewhere}}\n",
        "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {name: flux, namespace: shop}\nspec: {distribution: {version: 2.x, registry: ghcr.io/fluxcd}, components: [source-controller], sync: {kind: GitRepository, url: 'https://git.example/f', ref: refs/heads/main, path: elsewhere}}\n",
        ("careful image-reflector-controller goes: what it did is done no more", "careful is synced from refs/heads/main instead of refs/heads/production"),
        "FluxInstance/shop/flux",
    ),
    Case("a Service at another address", "apiVersion: v1\nkind: Service\nmetadata: {name: vip, namespace: shop, annotations: {metallb.io/loadBalancerIPs: 10.0.0.2}}\nspec: {type: LoadBalancer, selector: {app: a}, ports: [{port: 1}]}\n", "apiVersion: v1\nkind: Service\nmetadata: {name: vip, namespace: shop, annotations: {metallb.io/loadBalancerIPs: 10.0.0.10}}\nspec: {type: LoadBalancer, selector: {app: a}, ports: [{port: 1}]}\n", ("careful is reached at 10.0.0.10 instead of 10.0.0.2",), "Service/shop/vip"),
    Case("a Service whose address is asked for in another way", "apiVersion: v1\nkind: Service\nmetadata: {name: same, namespace: shop, annotations: {metallb.universe.tf/loadBalancerIPs: 10.0.0.2}}\nspec: {type: LoadBalancer, selector: {app: a}, ports: [{port: 1}]}\n", "apiVersion: v1\nkind: Service\nmetadata: {name: same, namespace: shop, annotations: {metallb.io/loadBalancerIPs: 10.0.0.2}}\nspec: {type: LoadBalancer, selector: {app: a}, ports: [{port: 1}]}\n", (), "Service/shop/same"),
    Case("a Gateway at another address, with another port", GATEWAY.format("outer", "10.0.0.5", ""), GATEWAY.format("outer", "10.0.0.6", ", {name: ssh, protocol: TCP, port: 22, allowedRoutes: {namespaces: {from: All}}}"), ("careful also listens at TCP 22", "careful is reached at 10.0.0.6 instead of 10.0.0.5"), "Gateway/shop/outer"),
    Case("a Gateway that takes everybody's routes", GATEWAY.format("open", "10.0.0.7", ", {name: ssh, protocol: TCP, port: 22}"), GATEWAY.format("open", "10.0.0.7", ", {name: ssh, protocol: TCP, port: 22, allowedRoutes: {namespaces: {from: All}}}"), ("careful listener ssh takes routes of every namespace",), "Gateway/shop/open"),
    Case("a route on another Gateway, too", ROUTE.format("{name: outer}"), ROUTE.format("{name: outer}, {name: public, namespace: edge}"), ("careful is also reached through Gateway/edge/public",), "HTTPRoute/shop/shop"),
    Case("a network policy that lets less through", NETWORK.format("less", "ingress: [{from: [{podSelector: {matchLabels: {a: b}}}, {ipBlock: {cidr: 10.0.0.0/8}}]}]"), NETWORK.format("less", "ingress: [{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 80}]}]"), (), "NetworkPolicy/shop/less"),
    Case("a network policy that lets more through", NETWORK.format("more", "ingress: [{from: [{ipBlock: {cidr: 10.1.0.0/16}}], ports: [{port: 80}]}]"), NETWORK.format("more", "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}, {podSelector: {}}], ports: [{port: 80}]}]"), ("careful ingress lets 2 more sources through",), "NetworkPolicy/shop/more"),
    Case("a network policy of narrower selectors", NETWORK.format("select", "ingress: [{from: [{podSelector: {matchLabels: {a: b}}}, {namespaceSelector: {}}]}]"), NETWORK.format("select", "ingress: [{from: [{podSelector: {matchLabels: {a: b, c: d}}}, {namespaceSelector: {matchLabels: {e: f}}, podSelector: {}}]}]"), (), "NetworkPolicy/shop/select"),
    Case("a network policy of a wider selector", NETWORK.format("wide", "ingress: [{from: [{podSelector: {matchLabels: {a: b, c: d}}}]}]"), NETWORK.format("wide", "ingress: [{from: [{podSelector: {matchLabels: {a: b}}}, {namespaceSelector: {}, podSelector: {matchLabels: {a: b, c: d}}}]}]"), ("careful ingress lets 2 more sources through",), "NetworkPolicy/shop/wide"),
    Case("a network policy for more ports", NETWORK.format("ports", "ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]"), NETWORK.format("ports", "ingress: [{from: [{podSelector: {}}], ports: [{port: 80, endPort: 90}]}]"), ("careful ingress lets more ports through",), "NetworkPolicy/shop/ports"),
    Case("a network policy that lets every address in", NETWORK.format("world", "ingress: [{from: [{ipBlock: {cidr: 10.1.0.0/16}}]}]"), NETWORK.format("world", "ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]"), ("dangerous ingress lets every source through",), "NetworkPolicy/shop/world"),
    Case("a network policy that limits another direction, too", NETWORK.format("both", "ingress: [{from: [{podSelector: {}}]}]"), NETWORK.format("both", "policyTypes: [Ingress, Egress], ingress: [{from: [{podSelector: {}}]}], egress: [{to: [{podSelector: {}}]}]"), (), "NetworkPolicy/shop/both"),
    Case("a network policy that limits one direction less", NETWORK.format("one", "ingress: [{}], egress: [{to: [{podSelector: {}}]}]"), NETWORK.format("one", "ingress: [{}]"), ("careful does not limit Egress any more",), "NetworkPolicy/shop/one"),
    Case("a network policy for other pods", NETWORK.format("other", "ingress: []"), NETWORK.format("other", "ingress: []").replace("app: a", "app: b"), ("careful holds back other pods than before",), "NetworkPolicy/shop/other"),
    Case("a load balancer for everybody", BALANCED.format("lb", "loadBalancerSourceRanges: [10.0.0.0/8], "), BALANCED.format("lb", ""), ("careful also lets everybody in from outside",), "Service/shop/lb"),
    Case("a load balancer for fewer", BALANCED.format("few", "loadBalancerSourceRanges: [10.0.0.0/8], "), BALANCED.format("few", "loadBalancerSourceRanges: [10.2.0.0/16], "), (), "Service/shop/few"),
    Case("a service that is reached from outside no more", BALANCED.format("inner", ""), BALANCED.format("inner", "").replace("LoadBalancer", "ClusterIP"), ("careful is not reached from outside the cluster any more",), "Service/shop/inner"),
    Case("an Ingress in the clear, of another controller", INGRESS.format("ingressClassName: inner, tls: [{hosts: [shop.example.org], secretName: shop}], ", "host: shop.example.org, "), INGRESS.format("ingressClassName: public, ", "host: shop.example.org, "), ("careful is served by the class public instead of inner", "careful serves shop.example.org without TLS"), "Ingress/shop/shop"),
    Case("an Ingress for every host", INGRESS.format("", "host: any.example.org, ").replace("name: shop,", "name: any,", 1), INGRESS.format("", "").replace("name: shop,", "name: any,", 1), ("careful does not serve any.example.org any more", "careful serves every host"), "Ingress/shop/any"),
    Case("an autoscaler that says no least number", SCALER.format("least", "minReplicas: 3, "), SCALER.format("least", ""), ("careful minReplicas 3 to 1",), "HorizontalPodAutoscaler/shop/least"),
    Case("an autoscaler that goes", SCALER.format("scaler", ""), "", ("careful nothing scales Deployment scaler any more",), "HorizontalPodAutoscaler/shop/scaler"),
    Case("a budget for other pods", BUDGET.format("a"), BUDGET.format("b"), ("careful protects other pods than before",), "PodDisruptionBudget/shop/budget"),
    Case("an image that is pinned", POD.format("pin", "containers: [{name: web, image: 'r.example/web:1.0.0'}]"), POD.format("pin", f"containers: [{{name: web, image: 'r.example/web:1.0.0@{DIGEST}'}}]"), ("routine 2 pods are replaced, the new before the old", "routine image r.example/web:1.0.0 is pinned by its digest"), "Deployment/shop/pin"),
    Case("pods that nothing replaces", NODES.format("agent", 1), NODES.format("agent", 2), ("careful image r.example/agent: 1 to 2 (major)", "routine its pods stay as they are until somebody deletes them: it is updated OnDelete"), "DaemonSet/shop/agent"),
    Case("pods that act as somebody else, with a token", POD.format("who", "automountServiceAccountToken: false, containers: [{name: a, image: 'r.example/a:1'}]"), POD.format("who", "serviceAccountName: robot, containers: [{name: a, image: 'r.example/a:1'}]"), ("careful its pods act as ServiceAccount robot instead of default", "careful its pods get a token of the API server", "routine 2 pods are replaced, the new before the old"), "Deployment/shop/who"),
    Case("an account that gives its token away", ACCOUNT.format("false"), ACCOUNT.format("true"), ("careful its pods get a token of the API server, unless they refuse it",), "ServiceAccount/shop/giver"),
    Case("pods at a port of their node", POD.format("port", "containers: [{name: a, image: 'r.example/a:1', ports: [{containerPort: 80}]}]"), POD.format("port", "containers: [{name: a, image: 'r.example/a:1', ports: [{containerPort: 80, hostPort: 80}]}]"), ("careful container a is reached at port 80 of its node", "routine 2 pods are replaced, the new before the old"), "Deployment/shop/port"),
    Case("an Application of another version that nothing syncs", APPLICATION.format("sync", "", "v1.2.0", ", syncPolicy: {automated: {prune: true}}"), APPLICATION.format("sync", "", "v2.0.0", ""), ("careful is not synced by itself any more", "careful targetRevision v1.2.0 to v2.0.0 (major)"), "Application/shop/sync"),
    Case("an Application that prunes no more, elsewhere", APPLICATION.format("lax", "", "v1", ", syncPolicy: {automated: {prune: true, selfHeal: true}}"), APPLICATION.format("lax", "", "v1", ", syncPolicy: {automated: {}}").replace("namespace: a}", "namespace: b}"), ("careful deletes nothing any more that is taken out of its source", "careful does not undo what is changed in the cluster any more", "dangerous is applied elsewhere: to another cluster or namespace"), "Application/shop/lax"),
    Case("an Application that leaves everything", APPLICATION.format("left", "", "v1", ""), "", ("careful Application/shop/left goes; what it applied stays, and nothing looks after it any more",), "Application/shop/left"),
    Case("an Application that takes everything along", APPLICATION.format("taken", ", finalizers: [resources-finalizer.argocd.argoproj.io]", "v1", ""), "", ("dangerous Application/shop/taken goes, and what it applied with it",), "Application/shop/taken"),
    Case("a project that allows more", PROJECT.format("{server: 'https://a', namespace: a}", ""), PROJECT.format("{server: 'https://a', namespace: a}, {server: 'https://a', namespace: b}", "{group: '*', kind: '*'}"), ("careful allows more destinations: namespace b, server https://a", "dangerous allows more kinds of the whole cluster: group *, kind *"), "AppProject/shop/tools"),
    Case("an object that Flux leaves alone", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: alone, namespace: shop}\ndata: {a: b}\n", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: alone, namespace: shop, annotations: {kustomize.toolkit.fluxcd.io/ssa: Ignore}}\ndata: {a: b}\n", ("careful Flux does not apply it any more, by its annotation kustomize.toolkit.fluxcd.io/ssa",), "ConfigMap/shop/alone"),
    Case("an object that Flux applies again", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: again, namespace: shop, annotations: {kustomize.toolkit.fluxcd.io/reconcile: disabled}}\ndata: {a: b}\n", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: again, namespace: shop}\ndata: {a: b}\n", ("careful Flux applies it again: everything that waited arrives at once",), "ConfigMap/shop/again"),
    Case("a claim that nothing guards any more", KEPT.format("guard", "kustomize.toolkit.fluxcd.io/prune: disabled"), KEPT.format("guard", "a: b"), ("careful is deleted from now on when it is taken out: its annotation kustomize.toolkit.fluxcd.io/prune is gone",), "PersistentVolumeClaim/shop/guard"),
    Case("a claim with an annotation that is Helm's", KEPT.format("helms", "helm.sh/resource-policy: keep"), "", ("dangerous PersistentVolumeClaim/shop/helms is deleted, and its data with it",), "PersistentVolumeClaim/shop/helms"),
    Case("a claim that Flux left alone", KEPT.format("idle", "kustomize.toolkit.fluxcd.io/reconcile: disabled"), "", ("careful PersistentVolumeClaim/shop/idle stays in the cluster, and nothing looks after it any more",), "PersistentVolumeClaim/shop/idle"),
    Case("a service that leads elsewhere", "apiVersion: v1\nkind: Service\nmetadata: {name: name, namespace: shop}\nspec: {type: ExternalName, externalName: a.example.org}\n", "apiVersion: v1\nkind: Service\nmetadata: {name: name, namespace: shop}\nspec: {type: ExternalName, externalName: b.example.org}\n", ("careful leads to b.example.org instead of a.example.org",), "Service/shop/name"),
]  # fmt: skip


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[str, ...]]:
    """What is said of each object, the worst first."""
    root = tmp_path_factory.mktemp("impacts")
    folder = root / "clusters/prod"
    folder.mkdir(parents=True)
    for number, case in enumerate(CASES):
        (folder / f"{number}.yaml").write_text(case.before)
    subprocess.run([*GIT, "init", "--quiet", "--initial-branch=main", str(root)], check=True)
    subprocess.run([*GIT, "add", "--all"], cwd=root, check=True)
    subprocess.run([*GIT, "commit", "--quiet", "--message", "before"], cwd=root, check=True)
    for number, case in enumerate(CASES):
        (folder / f"{number}.yaml").write_text(case.after)
    (found,) = review(Options(root, offline=True, cache=False, workers=1), Asked("HEAD")).environments
    told: dict[str, list[str]] = {str(change.ref): [] for change in found.changes}
    for impact in found.impacts:
        told.setdefault(str(impact.object), []).append(f"{impact.level.label} {impact.message}")
    return {name: tuple(words) for name, words in told.items()}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_consequence_is_told_in_words(case: Case, said: Mapping[str, tuple[str, ...]]) -> None:
    assert sorted(said[case.object]) == sorted(case.said)


def test_what_nothing_undoes_is_told_first() -> None:
    uninstalled = Impact(
        Level.DANGEROUS, "uninstalled", "HelmRelease/shop/a goes", ObjectRef("helm.toolkit.fluxcd.io/v2", "HelmRelease", "shop", "a")
    )
    lost = Impact(Level.DANGEROUS, "data", "PersistentVolumeClaim/shop/z is deleted", ObjectRef("v1", "PersistentVolumeClaim", "shop", "z"))
    careful = Impact(Level.CAREFUL, "data", "PersistentVolumeClaim/shop/a", ObjectRef("v1", "PersistentVolumeClaim", "shop", "a"))
    environment = EnvironmentReview("prod", "changed", impacts=(careful, uninstalled, lost))
    assert [each.impact for each in together([environment])] == [lost, uninstalled, careful]


def test_what_many_objects_have_in_common_is_told_once() -> None:
    sources = [ObjectRef("source.toolkit.fluxcd.io/v1", "OCIRepository", "shop", f"app-{number:02}") for number in range(20)]
    moved = [Impact(Level.CAREFUL, "version", "tag 4.6.2 to 5.0.0 (major)", each) for each in sources]
    other = Impact(Level.CAREFUL, "version", "tag 4.6.1 to 5.0.0 (major)", ObjectRef("source.toolkit.fluxcd.io/v1", "OCIRepository", "shop", "late"))
    found = together(
        [EnvironmentReview("dev", "changed", impacts=(*moved, other)), EnvironmentReview("prod", "changed", impacts=(*moved[:3], other))]
    )
    assert [(each.impact.message, each.environments) for each in found if not each.objects] == [
        ("tag 4.6.2 to 5.0.0 (major)", ("dev", "prod")),
        ("tag 4.6.2 to 5.0.0 (major)", ("dev", "prod")),
        ("tag 4.6.2 to 5.0.0 (major)", ("dev", "prod")),
        ("tag 4.6.1 to 5.0.0 (major)", ("dev", "prod")),
    ]
    assert (
        found[3].impact.message
        == f"OCIRepository ({', '.join(f'shop/app-{number:02}' for number in range(3, 9))} and 11 more): tag 4.6.2 to 5.0.0 (major)"
    )
    assert found[3].environments == ("dev",)
    assert found[3].objects == tuple(sources[3:9])


def test_what_is_lost_is_named_to_the_last() -> None:
    claims = [ObjectRef("v1", "PersistentVolumeClaim", "shop", f"data-{number:02}") for number in range(20)]
    lost = tuple(Impact(Level.DANGEROUS, "data", f"{each} is deleted, and its data with it", each) for each in claims)
    found = [each.impact.message for each in together([EnvironmentReview("prod", "changed", impacts=lost)])]
    assert found[3] == "PersistentVolumeClaim (shop/data-18, shop/data-19) is deleted, and its data with it"
    assert all(any(each.name in message for message in found) for each in claims)
    assert len(found) == 4


def test_objects_that_change_in_the_same_way_stand_together() -> None:
    level = FieldChange("data.level", "info", "debug")
    same = [changed(f"settings-{number}", level) for number in range(5)]
    few = [changed(f"own-{number}", FieldChange("data.level", "info", "warn")) for number in range(3)]
    groups = alike([Told(each, ("prod",)) for each in [same[0], few[0], *same[1:], *few[1:]]])
    assert [len(group) for group in groups] == [5, 1, 1, 1]
    out = io.StringIO()
    write("text", Review("a", "b", (EnvironmentReview("prod", "changed", (*same, *few)),)), out, Look())
    shown = "~ ConfigMap (5): shop/settings-0, shop/settings-1, shop/settings-2, shop/settings-3, shop/settings-4 [Kustomization/flux-system/apps]"
    assert f"{shown}\n    data.level: info → debug\n" in out.getvalue()


def changed(name: str, field: FieldChange) -> Change:
    data = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop"}}
    thing = RenderedObject(
        ObjectRef("v1", "ConfigMap", "shop", name), orjson.dumps(data), Origin(), ReconcilerRef("Kustomization", "flux-system", "apps"), "prod"
    )
    return Change("modified", thing, thing, (field,), shown=(data, data))


def test_a_binding_that_is_renamed_is_made_anew() -> None:
    """Nothing updates the former one, so that nothing refuses another role."""

    def binding(name: str) -> RenderedObject:
        ref = ObjectRef("rbac.authorization.k8s.io/v1", "RoleBinding", "shop", name)
        data = {"roleRef": {"kind": "Role", "name": name}, "subjects": [{"kind": "User", "name": "a"}]}
        return RenderedObject(ref, orjson.dumps(data), Origin(), ReconcilerRef("Kustomization", "flux-system", "apps"), "prod")

    where = cast(Where, None)
    assert [each.level for each in bindings(Change("modified", binding("a"), binding("b")), where)] == [Level.DANGEROUS]
    assert list(bindings(Change("renamed", binding("a"), binding("b")), where)) == []
