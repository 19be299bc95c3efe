"""What a company adds to its generated platform: a workload of each sort, in every environment."""

from __future__ import annotations

from pathlib import Path

ENVIRONMENTS = ("dev", "stage", "prod")
BASE = {
    "namespace.yaml": """\
apiVersion: v1
kind: Namespace
metadata:
  name: api
  labels:
    pod-security.kubernetes.io/enforce: restricted
""",
    "deployment.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: api
spec:
  replicas: 2
  selector:
    matchLabels:
      app: api
  template:
    metadata:
      labels:
        app: api
    spec:
      containers:
        - name: api
          image: registry.acme.example/api:1.4.0
          env:
            - name: LOG_LEVEL
              value: info
          resources:
            requests:
              cpu: 500m
              memory: 512Mi
""",
    "database.yaml": """\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: store
  namespace: api
spec:
  serviceName: store
  replicas: 1
  selector:
    matchLabels:
      app: store
  template:
    metadata:
      labels:
        app: store
    spec:
      containers:
        - name: store
          image: registry.acme.example/store:3.1.0
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        storageClassName: longhorn
        resources:
          requests:
            storage: 20Gi
""",
    "claim.yaml": """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: models
  namespace: api
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: longhorn
  resources:
    requests:
      storage: 50Gi
""",
    "service.yaml": """\
apiVersion: v1
kind: Service
metadata:
  name: api
  namespace: api
spec:
  selector:
    app: api
  ports:
    - port: 80
""",
    "access.yaml": """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: api
  namespace: api
rules:
  - apiGroups: [""]
    resources: [configmaps]
    verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: api
  namespace: api
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: api
subjects:
  - kind: ServiceAccount
    name: api
    namespace: api
""",
    "network.yaml": """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: api
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {}
""",
    "disruption.yaml": """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: api
  namespace: api
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app: api
""",
    "policy.yaml": """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: no-latest
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - apiGroups: [apps]
        apiVersions: [v1]
        operations: [CREATE, UPDATE]
        resources: [deployments]
  validations:
    - expression: "!object.spec.template.spec.containers.exists(c, c.image.endsWith(':latest'))"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: no-latest
spec:
  policyName: no-latest
  validationActions: [Deny]
""",
}
OVERLAY = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../base
configMapGenerator:
  - name: settings
    namespace: api
    literals:
      - LEVEL=info
"""
RECONCILER = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: api
  namespace: flux-system
spec:
  interval: 1h
  path: ./workloads/api/overlays/{environment}
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
"""


def write(root: Path) -> None:
    """Add the workload to a generated platform."""
    kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n" + "".join(f"  - {name}\n" for name in BASE)
    files = {f"workloads/api/base/{name}": text for name, text in BASE.items()} | {"workloads/api/base/kustomization.yaml": kustomization}
    for environment in ENVIRONMENTS:
        files[f"workloads/api/overlays/{environment}/kustomization.yaml"] = OVERLAY
        files[f"clusters/{environment}/custom/api.yaml"] = RECONCILER.format(environment=environment)
        custom = root / f"clusters/{environment}/custom/kustomization.yaml"
        files[custom.relative_to(root).as_posix()] = custom.read_text().replace("resources: []", "resources:\n  - api.yaml")
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
