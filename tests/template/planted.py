"""Faults in a generated platform: the file, what becomes of what in it, the rule that speaks, and what stands in its line.

Where nothing becomes something, the file is a new one. A mark that begins with a path and `: ` stands in that file.
"""

from __future__ import annotations

from typing import NamedTuple

MLFLOW = "platform/mlflow"
VALUES, DATABASE = f"{MLFLOW}/controller/base/values.yaml", f"{MLFLOW}/data/base/database.yaml"
RELEASE, SOURCE = f"{MLFLOW}/controller/base/release.yaml", f"{MLFLOW}/controller/base/source.yaml"
ROUTES, MONITORING = f"{MLFLOW}/config/base/routes.yaml", f"{MLFLOW}/monitoring/base/prometheus.yaml"
BUILD, SIZES = f"{MLFLOW}/data/base/kustomization.yaml", f"{MLFLOW}/data/overlays/dev/database.yaml"
ENTRY, VERSION = "clusters/dev/mlflow.yaml", f"{MLFLOW}/controller/overlays/dev/version.yaml"
SECRET = f"{MLFLOW}/data/overlays/dev/secrets/mlflow-db.sops.yaml"
BUCKETS, GATEWAY = "platform/seaweedfs/config/base/buckets.yaml", "platform/envoy-gateway/config/base/gateway.yaml"
CATALOGUE, CONFIG, CI = "secret-catalogue.yaml", ".gitops-validate.yaml", ".gitlab-ci.yml"
CLOSED = "platform/namespaces/base/mlflow.yaml"
POD = "      restartPolicy: OnFailure\n"
DECRYPTED = (
    "  path: ./platform/mlflow/controller/overlays/dev\n  prune: true\n  wait: true\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n"
)
DECRYPTION = "  decryption:\n    provider: sops\n    secretRef:\n      name: sops-age\n"
PLAIN = "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: more\n  namespace: mlflow\nstringData:\n  password: of-nobody\n"
TOKEN = "glpat-" + "Zx8Qw3Er7Ty1Ui9Op5As"  # of nobody
KEY = "AGE-SECRET-KEY-1" + "QYPQXPQ9QCRSSZG2PVXQ6RS0ZQG3YYC5Z5TPWXQERGD3C8G7RUSQ0G6WX3"
SOMEBODY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
BINDING = """---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: more
  namespace: mlflow
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {kind}
  name: {role}
subjects:
  - kind: ServiceAccount
    name: {account}
    namespace: mlflow
"""
ROLE = """---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: more
  namespace: mlflow
rules:
  - apiGroups: [apps]
    resources: [deployments]
    verbs: ["*"]
"""
SCALER = """---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: more
  namespace: mlflow
spec:
  maxReplicas: 3
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: tracking
"""


LARGE = '{"data": "ENC[AES256_GCM,data:' + "A" * (5 << 20) + '"}'
POLICY = """---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: more
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - apiGroups: [batch]
        apiVersions: [v1]
        operations: [CREATE, UPDATE]
        resources: [jobs]
  validations:
    - expression: {expression}
      message: too patient
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: more
spec:
  policyName: more
  validationActions: [{action}]
"""
REGO = """package main

{kind} contains message if {{
	input.kind == "Job"
	input.spec.backoffLimit > 5
	message := "too patient"
}}
"""
PORT = "          port: 80\n"
WEB = """---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: more
  namespace: default
spec:
  replicas: 1
  selector:
    matchLabels: {app: more}
  template:
    metadata:
      labels: {app: more}
    spec:
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        seccompProfile: {type: RuntimeDefault}
      topologySpreadConstraints:
        - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: more}}}
      containers:
        - name: more
          image: quay.io/acme/more:stable@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
          resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 256Mi}}
          readinessProbe: {httpGet: {path: /ready, port: 8080}}
          livenessProbe: {httpGet: {path: /live, port: 8080}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
"""
"""A Deployment that good practice has nothing against."""
HOOK = """---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: more
webhooks:
  - name: more.acme.example
    admissionReviewVersions: [v1]
    sideEffects: None
    clientConfig:
      service: {name: nobody, namespace: default}
    rules:
      - {apiGroups: [batch], apiVersions: [v1], operations: [CREATE], resources: [jobs]}
"""
BUDGET = """---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: more
  namespace: default
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {app: more}
"""


def web(old: str, new: str, more: str = "") -> str:
    """What is put behind the routes: the Deployment with something else in a place."""
    assert old in WEB
    return PORT + WEB.replace(old, new) + more


class Fault(NamedTuple):
    """One fault."""

    file: str
    old: str
    new: str
    rule: str
    mark: str


FAULTS = {
    # what is not YAML, or not what the API knows
    "a bracket": Fault(DATABASE, "wal: {compression: gzip}", "wal: {compression: gzip", "yaml-syntax", "wal: {compression: gzip"),
    "a key twice": Fault(DATABASE, "retentionPolicy: 14d", "retentionPolicy: 14d\n  retentionPolicy: 30d", "duplicate-key", "30d"),
    "a word for a number": Fault(BUCKETS, "backoffLimit: 6", "backoffLimit: six", "api-verdict", "six"),
    "a field of nobody": Fault(BUCKETS, "backoffLimit: 6", "backOffLimit: 6", "api-verdict", "backOffLimit"),
    "a choice of nobody": Fault(DATABASE, "method: plugin", "method: magic", "api-verdict", "method: magic"),
    "a duration": Fault(ENTRY, "retryInterval: 2m", "retryInterval: 2 minutes", "api-verdict", "2 minutes"),
    "a port that is too high": Fault(CLOSED, "policyTypes: [Ingress]", "policyTypes: [Outward]", "api-verdict", "policyTypes"),
    "an API that is gone": Fault(CLOSED, "networking.k8s.io/v1\n", "extensions/v1beta1\n", "removed-api", "extensions"),
    # reconcilers
    "somebody to wait for": Fault(ENTRY, "- name: seaweedfs-config", "- name: seaweedfs-buckets", "dangling-depends-on", "seaweedfs-buckets"),
    "a source of nobody": Fault(ENTRY, "name: flux-system\n  decryption", "name: platform\n  decryption", "dangling-source-ref", "name: platform"),
    "a folder that is not there": Fault(ENTRY, "mlflow/data/overlays/dev", "mlflow/data/overlays/develop", "missing-path", "overlays/develop"),
    "a folder outside": Fault(ENTRY, "./platform/mlflow/data/overlays/dev", "../elsewhere", "outside-path", "../elsewhere"),
    "a file that is not there": Fault(BUILD, "- database.yaml", "- databases.yaml", "missing-path", "databases.yaml"),
    "a file from elsewhere": Fault(BUILD, "- database.yaml", "- database.yaml\n  - https://example.org/x.yaml", "remote-reference", "example.org"),
    "an expression": Fault(ENTRY, "c.status == 'True')", "c.status == 'True'", "invalid-expression", '"current"'),
    "never pruned": Fault(ENTRY, "prune: true", "prune: false", "prune-off", "prune: false"),
    "asleep": Fault(ENTRY, "  prune: true", "  suspend: true\n  prune: true", "suspended", "suspend"),
    "no rest": Fault(ENTRY, "  timeout: 5m", "  timeout: 2h", "odd-interval", "timeout: 2h"),
    "applied twice": Fault(f"{MLFLOW}/config/base/kustomization.yaml", "  - routes.yaml", "  - routes.yaml\n  - ../../../namespaces/base/valkey.yaml", "owned-twice", "platform/namespaces/base/valkey.yaml: kind: Namespace"),
    "a file of nobody": Fault(f"{MLFLOW}/data/base/more.yaml", "", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: more\n  namespace: mlflow\n", "orphaned-file", "apiVersion"),
    "a base of nobody": Fault(f"{MLFLOW}/extra/base/kustomization.yaml", "", "resources: []\n", "unused-base", "resources"),
    "a job that stays as it is": Fault(BUCKETS, "    kustomize.toolkit.fluxcd.io/force: enabled #", "    purpose: buckets #", "moving-immutable-field", "platform/seaweedfs/config/overlays/dev/version.yaml: image:"),
    "a job of no kind": Fault(CI, "  stage: note\n", "  stages: note\n", "invalid-pipeline", "stages: note"),
    # references
    "a backup's key": Fault(DATABASE, "backup-s3, key: AWS_ACCESS_KEY_ID", "backup-s3, key: ACCESS_KEY", "dangling-secret-ref", "accessKeyId"),
    "a listener of nobody": Fault(ROUTES, '"sectionName": "https"', '"sectionName": "secure"', "dangling-parent", "sectionName"),
    "a gateway's own listener": Fault(GATEWAY, "sectionName: http\n", "sectionName: plain\n", "dangling-parent", "sectionName: plain"),
    # policies
    "more than its namespace lets in": Fault(BUCKETS, "runAsNonRoot: true", "runAsNonRoot: false", "pod-security", "runAsNonRoot"),
    "rights to grow": Fault(BUCKETS, "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "pod-security", "allowPrivilegeEscalation"),
    "more patience than is allowed": Fault(ROUTES, PORT, PORT + POLICY.format(expression="object.spec.backoffLimit < 6", action="Deny"), "denied-by-policy", f"{BUCKETS}: backoffLimit"),
    "more patience than is liked": Fault(ROUTES, PORT, PORT + POLICY.format(expression="object.spec.backoffLimit < 6", action="Warn"), "warned-by-policy", f"{BUCKETS}: backoffLimit"),
    "a policy that does not compile": Fault(ROUTES, PORT, PORT + POLICY.format(expression="object.spec.backoffLimit <", action="Deny"), "broken-policy", "expression: object"),
    "a policy about a field of nobody": Fault(ROUTES, PORT, PORT + POLICY.format(expression="'!has(object.spec.patience)'", action="Deny"), "mistyped-policy", "expression: '!has"),
    "what a rule in Rego denies": Fault("policy/jobs.rego", "", REGO.format(kind="deny"), "denied-by-rego", f"{BUCKETS}: apiVersion"),
    "what a rule in Rego warns of": Fault("policy/jobs.rego", "", REGO.format(kind="warn"), "warned-by-rego", f"{BUCKETS}: apiVersion"),
    "a rule in Rego that does not compile": Fault("policy/jobs.rego", "", REGO.format(kind="deny").replace("message :=", "message :"), "broken-rego", "message :"),
    # practice
    "at the node": Fault(ROUTES, PORT, web("      topology", "      hostNetwork: true\n      topology"), "unguarded-privilege", "hostNetwork"),
    "a budget that blocks": Fault(ROUTES, PORT, web("", "", BUDGET.replace("maxUnavailable: 1", "minAvailable: 1")), "blocking-disruption-budget", "minAvailable"),
    # secrets
    "a file that lost what was in it": Fault(f"{MLFLOW}/data/overlays/dev/secrets/more.sops.yaml", "", "# nothing\n", "empty-encrypted-file", "# nothing"),
    "a file that is too large for Flux": Fault("docs/model.bin", "", LARGE, "oversized-encrypted-file", "data"),
    "ciphertext for everybody": Fault(BUILD, "resources:", "configMapGenerator:\n  - name: more\n    namespace: mlflow\n    files: [more=../overlays/dev/secrets/mlflow-db.sops.yaml]\nresources:", "undecrypted-value", "files: [more="),
    "a slip in the name of the key": Fault(ENTRY, "name: sops-age", "name: sops-aeg", "decryption-without-key", "sops-aeg"),
    "nobody may decrypt it": Fault(SECRET, "metadata:\n", "metadata:\n  annotations:\n    kustomize.toolkit.fluxcd.io/decrypt: disabled\n", "undecrypted-secret", "disabled"),
    "a secret in the clear": Fault(ROUTES, "          port: 80\n", f"          port: 80\n{PLAIN}", "plaintext-secret", "password"),
    "a secret made in the clear": Fault(BUILD, "resources:", "secretGenerator:\n  - name: more\n    namespace: mlflow\n    literals: [password=of-nobody]\nresources:", "plaintext-secret-generator", "literals"),
    "a private key": Fault("docs/keys.txt", "", f"{KEY}\n", "committed-private-key", "AGE"),
    "a token": Fault(CI, "    GIT_STRATEGY: none", f"    GIT_STRATEGY: none\n    ACCESS: {TOKEN}", "committed-token", "ACCESS"),
    "somebody else reads it": Fault(SECRET, "      recipient: age1", f"      recipient: {SOMEBODY} # age1", "recipients-differ", "age:"),
    "another selector": Fault(SECRET, "encrypted_regex: ^(data|stringData)$", "encrypted_regex: ^(stringData)$", "selector-differs", "encrypted_regex"),
    "a broken value": Fault(SECRET, ",type:str]", ",type:text]", "sops-structure", "type:text"),
    "no code of the whole": Fault(SECRET, ",tag:", ",tag:AA", "sops-structure", "tag:AA"),
    "a rule that cannot be read": Fault(".sops.yaml", "path_regex: ^(platform", "path_regex: ^((platform", "broken-sops-config", "path_regex: ^((platform"),
    "nobody decrypts it": Fault(ENTRY, DECRYPTED + DECRYPTION, DECRYPTED, "undecrypted-secret", "spec:\n  dependsOn:\n    - name: mlflow-data"),
    "a wish of nobody": Fault(CATALOGUE, 'rotate: "by-name"', 'rotate: "sometimes"', "secret-catalogue", "sometimes"),
    "a length": Fault(CATALOGUE, '"length": 32', '"length": "long"', "secret-catalogue", '"long"'),
    # supply
    "a range of versions": Fault(VERSION, "version: 1.11.5", "version: 1.11.x", "floating-chart-version", "version: 1.11.x"),
    "a configuration that is not read": Fault(".sops.yml", "", "creation_rules: []\n", "ignored-sops-config", "creation_rules"),
    "a base image of today": Fault("ci/Dockerfile", "python:3.13-slim-trixie", "python:latest", "floating-base-image", "FROM"),
    "a password in a variable": Fault(ROUTES, PORT, web("          resources:", "          env: [{name: DB_PASSWORD, value: Tr0ub4dor}]\n          resources:"), "plaintext-password", "env:"),
    "an image that nobody updates": Fault(ROUTES, PORT, web("more:stable", "more:1.4.2"), "unwatched-version", "image: quay.io"),
    "a webhook of nobody": Fault(ROUTES, PORT, web("replicas: 1", "replicas: 1", HOOK), "dangling-webhook", "service: {name: nobody"),
    "an image of CI": Fault(CI, "stable:v1.43.0", "stable:latest", "floating-ci-ref", "image: quay.io"),
    "charts in the clear": Fault(SOURCE, "url: https://", "url: http://", "plain-http-source", "url: http://"),
    "half merged": Fault(VALUES, "artifactRoot:\n", "<<<<<<< HEAD\nartifactRoot:\n=======\n>>>>>>> other\n", "conflict-marker", "<<<<<<<"),
    "what an update refused": Fault("platform/mlflow/README.md.rej", "", "--- a\n+++ b\n", "leftover-file", "--- a"),
    # waivers
    "a waiver that ran out": Fault(CONFIG, "waivers: #", "waivers:\n  - {rule: suspended, path: clusters/*, reason: for the move, expires: 2020-01-01} #", "expired-waiver", "2020-01-01"),
}  # fmt: skip
"""Told with and without the charts at hand."""
CHARTED = {
    "values that the chart refuses": Fault(VALUES, "telemetry:\n", "telemetri:\n", "invalid-values", "telemetri"),
    "a field that the definition lacks": Fault(DATABASE, "retentionPolicy: 14d", "retentionDays: 14", "api-verdict", "retentionDays"),
    "values of nobody": Fault(RELEASE, "name: mlflow-values-custom", "name: mlflow-values-team", "dangling-values-from", "mlflow-values-team"),
    "a health check": Fault(ENTRY, "  wait: true\n  healthCheckExprs", "  healthChecks:\n    - {apiVersion: apps/v1, kind: Deployment, name: tracking, namespace: mlflow}\n    - {apiVersion: postgresql.cnpg.io/v1, kind: Cluster, name: mlflow-db, namespace: mlflow}\n  healthCheckExprs", "dangling-health-check", "kind: Deployment"),
    "a session secret of nobody": Fault(VALUES, "- mlflow-session", "- mlflow-sessions", "dangling-secret-ref", "- mlflow-sessions"),
    "an owner of nobody": Fault(DATABASE, "secret:\n        name: mlflow-db", "secret:\n        name: mlflow-owner", "dangling-secret-ref", "name: mlflow-owner"),
    "a backup's secret": Fault(DATABASE, "secretAccessKey: {name: mlflow-backup-s3", "secretAccessKey: {name: mlflow-backup-s4", "dangling-secret-ref", "secretAccessKey"),
    "a gateway of nobody": Fault(ROUTES, '"name": "platform"', '"name": "public"', "dangling-parent", '"public"'),
    "a namespace of nobody": Fault(MONITORING, "namespace: monitoring\nspec", "namespace: alerts\nspec", "missing-namespace", "namespace: alerts"),
    "an image of today": Fault(f"{MLFLOW}/data/overlays/dev/version.yaml", "18.6-system-trixie", "latest", "floating-image", "latest"),
    "credentials of nobody": Fault(VALUES, "name: mlflow-s3", "name: mlflow-s4", "dangling-secret-ref", "name: mlflow-s4"),
    "a key that the secret lacks": Fault(VALUES, "keyOfAccessKeyId: AWS_ACCESS_KEY_ID", "keyOfAccessKeyId: ACCESS_KEY", "dangling-secret-ref", "keyOfAccessKeyId"),
    "a backend of nobody": Fault(ROUTES, "- name: mlflow\n", "- name: tracking\n", "dangling-backend", "- name: tracking"),
    "a port of nobody": Fault(ROUTES, "port: 80", "port: 5000", "dangling-backend", "port: 5000"),
    "a monitor of nobody": Fault(MONITORING, '"app.kubernetes.io/name": "mlflow"', '"app.kubernetes.io/name": "tracking"', "monitor-without-target", "selector:"),
    "a monitored port": Fault(MONITORING, "port: http\n", "port: metrics\n", "monitor-without-target", "port: metrics"),
    "an account of nobody": Fault(BUCKETS, POD, f"{POD}      serviceAccountName: bucket\n", "dangling-service-account", "serviceAccountName"),
    "a registry's secret of nobody": Fault(BUCKETS, POD, f"{POD}      imagePullSecrets: [name: registry]\n", "dangling-pull-secret", "imagePullSecrets"),
    "a script of nobody": Fault(BUCKETS, "emptyDir: {}", "configMap: {name: scripts}", "dangling-config-map-ref", "configMap"),
    "a mounted secret of nobody": Fault(BUCKETS, "emptyDir: {}", "secret: {secretName: scripts}", "dangling-secret-ref", "secretName"),
    "a claim of nobody": Fault(BUCKETS, "emptyDir: {}", "persistentVolumeClaim: {claimName: scripts}", "dangling-claim", "claimName"),
    "a role of nobody": Fault(ROUTES, "          port: 80\n", f"          port: 80\n{BINDING.format(kind='Role', role='tracker', account='default')}", "dangling-role-ref", "name: tracker"),
    "a subject of nobody": Fault(ROUTES, "          port: 80\n", f"          port: 80\n{BINDING.format(kind='ClusterRole', role='view', account='tracker')}", "dangling-subject", "name: tracker"),
    "nothing to scale": Fault(ROUTES, "          port: 80\n", f"          port: 80\n{SCALER}", "dangling-scale-target", "name: tracking"),
    "values that nothing reads": Fault("platform/metrics-server/controller/base/values.yaml", "resources:", "resource:", "unknown-values-key", "resource"),
}  # fmt: skip
"""Told where the charts are at hand, as only they say what there is."""
STRICT = {
    "as much as it likes": Fault(ROUTES, PORT, web("requests: {cpu: 100m, memory: 128Mi}, ", ""), "missing-requests", "resources: {limits"),
    "nobody asks it": Fault(ROUTES, PORT, web("          livenessProbe: {httpGet: {path: /live, port: 8080}}\n", ""), "missing-probe", "- name: more\n          image"),
    "unconfined": Fault(ROUTES, PORT, web("RuntimeDefault", "Unconfined"), "weak-security-context", "securityContext:\n            allow"),
    "its own programs": Fault(ROUTES, PORT, web("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"), "writable-root-file-system", "- name: more\n          image"),
    "an image by its tag": Fault(ROUTES, PORT, web("@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", ""), "unpinned-image", "image: quay.io"),
    "a token for nothing": Fault(ROUTES, PORT, web("automountServiceAccountToken: false", "automountServiceAccountToken: true"), "unneeded-token", "automountServiceAccountToken"),
    "all may go at once": Fault(ROUTES, PORT, web("replicas: 1", "replicas: 3"), "missing-disruption-budget", "replicas: 3"),
    "all on one node": Fault(ROUTES, PORT, web("replicas: 1", "replicas: 3", BUDGET).replace("      topologySpreadConstraints:\n        - {max", "      # - {max"), "missing-spread", "    spec:\n      automount"),
    "everything in a namespace": Fault(ROUTES, PORT, PORT + BINDING.format(kind="ClusterRole", role="cluster-admin", account="default"), "cluster-admin", "roleRef"),
    "every verb there is": Fault(ROUTES, PORT, PORT + ROLE, "wildcard-role", 'verbs: ["*"]'),
}  # fmt: skip
"""Told at the profile strict."""
STRICT_CHARTED = {
    "anybody may come in": Fault(CLOSED, "policyTypes: [Ingress]", "policyTypes: [Egress]", "uncovered-namespace", "name: mlflow"),
}
"""Those of them that only charts show."""
