"""Which values a line of a template writes out."""

from __future__ import annotations

import pytest

from gitops_validate.placing.routes import Route
from gitops_validate.placing.templates import reference

OWN, WITHIN = "shop/templates/web.yaml", "shop/charts/cache/templates/web.yaml"


@pytest.mark.parametrize(
    ("line", "key", "template", "route"),
    [
        ("  replicas: {{ .Values.web.replicas }}", "replicas", OWN, ("web", "replicas")),
        ("    - port: {{ .Values.port | int }}", "port", WITHIN, ("cache", "port")),
        ("  host: {{ .Values.global.host | quote }}", "host", WITHIN, ("global", "host")),
        ('  image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"', "image", OWN, ()),
        ("  replicas: {{ .Values.a }}", "minReplicas", OWN, ()),
        ("  name: {{ .Release.Name }}", "name", OWN, ()),
    ],
)
def test_a_line_names_values_where_it_is_plain_which(line: str, key: str, template: str, route: Route) -> None:
    assert reference(line, key, template) == route
