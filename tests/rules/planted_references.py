"""Faults of references, reconcilers and pinning in the example platform, as test_planted_faults plants them."""

from __future__ import annotations

REGISTRY = "platform/model-registry"
API = "workloads/prediction-api"
DEPLOYMENT, SERVICE, ROUTE = f"{API}/base/deployment.yaml", f"{API}/base/service.yaml", f"{API}/base/route.yaml"
WORKLOADS = "clusters/dev/workloads.yaml"
BUILT_INSTEAD = "base\n  targetNamespace: prediction-api\n  images:\n    - name: registry.acme.example/ml/prediction-api\n      newTag: 1.5.0"
SETTINGS = "clusters/dev/cluster-settings.yaml"
CONTAINERS = "      containers:\n"
CORE = "apiVersion: v1\nkind: Service\n"
BINDING = """apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: api
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {kind}
  name: {role}
subjects:
  - kind: ServiceAccount
    name: {account}
    namespace: prediction-api
---
"""
SCALER = """apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: api
spec:
  maxReplicas: 3
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: predict
---
"""
MONITOR = """apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: api
spec:
  selector: {}
  endpoints:
    - port: metrics
---
"""
INGRESS = """apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata:
  name: internal
spec:
  controller: ingress.example/controller
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: api
spec:
  ingressClassName: intern
  defaultBackend:
    service:
      name: prediction-api
      port:
        number: 80
---
"""
CLAIM = """apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: fast
provisioner: driver.example
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: cache
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: fsat
  resources:
    requests:
      storage: 1Gi
---
"""
PRIORITY = """apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata:
  name: serving
value: 1000
---
apiVersion: batch/v1
kind: Job
metadata:
  name: warm-up
spec:
  ttlSecondsAfterFinished: 600
  template:
    spec:
      restartPolicy: Never
      priorityClassName: servng
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: warm-up
          image: registry.acme.example/ml/warm-up:1.0.0
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
---
"""
SOURCE = """apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: dashboards
  namespace: flux-system
spec:
  interval: 1h
  url: https://git.example.org/somebody/dashboards
  ref:
    branch: main
---
"""
CHART = """apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: web
  namespace: flux-system
spec:
  interval: 1h
  url: oci://registry.example/charts/web
  layerSelector:
    mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip
  ref:
    semver: 1.x
---
"""
NOTE = """apiVersion: v1
kind: ConfigMap
metadata:
  name: note
  namespace: predict
---
"""
CHECKS = """  healthChecks:
    - apiVersion: apps/v1
      kind: Deployment
      name: predict
      namespace: prediction-api
"""
EXPRESSION = """  healthCheckExprs:
    - apiVersion: apps/v1
      kind: Deployment
      current: status.conditions.exists(e, e.type == 'Available'
"""
IDLE = "  healthCheckExprs:\n    - apiVersion: apps/v1\n      kind: Deployments\n      current: 'true'\n"
FROM = "          envFrom:\n            - configMapRef:\n                name: {name}\n          ports:\n"
KEY = "          env:\n            - name: USER\n              valueFrom:\n                secretKeyRef: {{name: {name}, key: {key}}}\n          ports:\n"
CLAIMED = "      volumes:\n        - name: cache\n          persistentVolumeClaim:\n            claimName: cache\n      containers:\n"

FAULTS: list[tuple[str, ...]] = [
    ("secret-of-nobody", f"{REGISTRY}/controller/base/values.yaml", "model-registry-db", "model-registry-database", "dangling-secret-ref", "secretName"),
    ("secret-of-another-namespace", DEPLOYMENT, "          ports:\n", KEY.format(name="model-registry-db", key="x"), "dangling-secret-ref", "secretKeyRef"),
    ("settings-of-nobody", DEPLOYMENT, "          ports:\n", FROM.format(name="api-settings"), "dangling-config-map-ref", "name: api-settings"),
    ("account-of-nobody", DEPLOYMENT, CONTAINERS, f"      serviceAccountName: api\n{CONTAINERS}", "dangling-service-account", "serviceAccountName"),
    ("claim-of-nobody", DEPLOYMENT, CONTAINERS, CLAIMED, "dangling-claim", "claimName"),
    ("credentials-of-nobody", DEPLOYMENT, CONTAINERS, f"      imagePullSecrets:\n        - name: pull\n{CONTAINERS}", "dangling-pull-secret", "name: pull"),
    ("priority-of-nobody", SERVICE, CORE, PRIORITY + CORE, "dangling-priority-class", "servng"),
    ("storage-of-nobody", SERVICE, CORE, CLAIM + CORE, "dangling-storage-class", "fsat"),
    ("ingress-of-nobody", SERVICE, CORE, INGRESS + CORE, "dangling-ingress-class", "ingressClassName"),
    ("role-of-nobody", SERVICE, CORE, BINDING.format(kind="Role", role="read", account="default") + CORE, "dangling-role-ref", "name: read"),
    ("right-of-nobody", SERVICE, CORE, BINDING.format(kind="ClusterRole", role="view", account="api") + CORE, "dangling-subject", "name: api\n    namespace"),
    ("scaling-of-nobody", SERVICE, CORE, SCALER + CORE, "dangling-scale-target", "name: predict\n"),
    ("monitored-port", SERVICE, CORE, MONITOR + CORE, "monitor-without-target", "port: metrics"),
    ("probe-of-no-port", DEPLOYMENT, "port: http", "port: htttp", "unknown-port", "htttp"),
    ("service-of-no-port", SERVICE, "targetPort: http", "targetPort: htttp", "unknown-port", "htttp"),
    ("backend-of-nobody", ROUTE, "- name: prediction-api", "- name: prediction-apis", "dangling-backend", "prediction-apis"),
    ("backend-of-no-port", ROUTE, "port: 80", "port: 8080", "dangling-backend", "port:"),
    ("gateway-of-nobody", ROUTE, "namespace: gateway-system", "namespace: model-registry", "dangling-parent", "name: public"),
    ("budget-of-nobody", f"{API}/base/disruption-budget.yaml", "    matchLabels:\n", "    matchLabels:\n      tier: web\n", "selector-without-pods", "selector:"),
    ("namespace-of-nobody", SETTINGS, "apiVersion: v1\n", f"{NOTE}apiVersion: v1\n", "missing-namespace", "namespace: predict\n"),
    ("health-of-nobody", WORKLOADS, "  wait: true\n", CHECKS, "dangling-health-check", "name: predict\n"),
    ("idle-expression", WORKLOADS, "  wait: true\n", f"  wait: true\n{IDLE}", "idle-health-expression", "kind: Deployments"),
    ("expression", WORKLOADS, "  wait: true\n", f"  wait: true\n{EXPRESSION}", "invalid-expression", "current:"),
    ("asleep", WORKLOADS, "  prune: true\n", "  prune: true\n  suspend: true\n", "suspended", "suspend"),
    ("never-pruned", WORKLOADS, "prune: true", "prune: false", "prune-off", "prune"),
    ("retried-too-late", WORKLOADS, "retryInterval: 1m", "retryInterval: 20m", "odd-interval", "retryInterval"),
    ("not-listed", f"{API}/base/kustomization.yaml", "  - disruption-budget.yaml\n", "", "orphaned-file", "apiVersion", f"{API}/base/disruption-budget.yaml"),
    ("not-built", WORKLOADS, "overlays/dev", BUILT_INSTEAD, "unused-base", "apiVersion", f"{API}/overlays/dev/kustomization.yaml"),
    ("two-owners", f"{REGISTRY}/config/base/kustomization.yaml", "resources:\n", "resources:\n  - ../../controller/base/namespace.yaml\n", "owned-twice", "kind:", f"{REGISTRY}/controller/base/namespace.yaml"),
    ("whatever-is-latest", f"{API}/overlays/dev/kustomization.yaml", 'newTag: "1.5.0"', "newTag: latest", "floating-image", "image:", DEPLOYMENT),
    ("without-encryption", "clusters/dev/flux-system/gotk-sync.yaml", "ssh://git@", "http://", "plain-http-source", "url:"),
    ("somebody-elses-branch", SETTINGS, "apiVersion: v1\n", f"{SOURCE}apiVersion: v1\n", "floating-git-ref", "branch:"),
    ("range-of-versions", SETTINGS, "apiVersion: v1\n", f"{CHART}apiVersion: v1\n", "floating-chart-version", "semver:"),
    ("half-merged", f"{REGISTRY}/controller/base/values.yaml", "database:\n", "<<<<<<< HEAD\ndatabase:\n=======\ndb:\n>>>>>>> other\n", "conflict-marker", "<<<<<<<"),
]  # fmt: skip
