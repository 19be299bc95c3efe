"""Give an API server the definitions that the cases here are about: the bundle's and those of definitions/.

python tests/engine/verdicts/custom/prepare.py SERVER TOKEN
python tests/engine/cases/record_cases.py SERVER TOKEN tests/engine/verdicts/custom/*.yaml
python tests/engine/verdicts/record.py SERVER TOKEN tests/engine/verdicts/custom/bases/good.yaml > tests/engine/verdicts/custom/recorded.jsonl
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from record import Server  # noqa: E402

BUNDLE = HERE.parents[3] / "schemas" / "gitops_schemas" / "crds"
APPROVAL = {"api-approved.kubernetes.io": "https://github.com/kubernetes-sigs/gateway-api"}
"""Without it the server takes no definition of Kubernetes' own groups; the bundle leaves annotations out."""


def definitions() -> Iterator[dict[str, Any]]:
    for path in sorted(BUNDLE.glob("*/*.json")):
        yield json.loads(path.read_text())
    for path in sorted((HERE / "definitions").glob("*.yaml")):
        yield YAML(typ="safe", pure=True).load(path.read_text())


def main(url: str, token: str) -> None:
    server = Server(url, token)
    for definition in definitions():
        name = definition["metadata"]["name"]
        definition["metadata"]["annotations"] = APPROVAL
        path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}?fieldManager=x&force=true"
        code, body = server.ask("PATCH", path, definition, "application/apply-patch+yaml")
        if code >= 300:
            sys.exit(f"{name}: {body.get('message')}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
