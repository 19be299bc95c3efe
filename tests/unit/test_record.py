"""A record that holds what nobody may see is printed as its class: in a traceback, in a log, inside of another record."""

from __future__ import annotations

import pytest
from msgspec import Struct

from gitops_validate.check import Options
from gitops_validate.gitlab.api import Api
from gitops_validate.model.access import Access, Login
from gitops_validate.model.identity import ObjectRef, ReconcilerRef
from gitops_validate.model.manifest import Manifest
from gitops_validate.model.render import Origin, Reconciler, Render, RenderedObject

SECRET = "correct-horse"
APP = ReconcilerRef("Kustomization", "flux-system", "app")
THING = RenderedObject(ObjectRef("v1", "Secret", "app", "key"), SECRET.encode(), Origin(), APP, "prod")


@pytest.mark.parametrize(
    "record",
    [
        Options(identities=SECRET.encode()),
        Options(decrypt_with=SECRET.encode()),
        Api("https://gitlab.example/api/v4", SECRET),
        Login("somebody", SECRET),
        Access({("registry.example", 443): Login("somebody", SECRET)}, SECRET),
        Manifest("key.yaml", 0, 1, SECRET.encode()),
        THING,
        Render(Reconciler(APP, "prod", THING, {"values": SECRET}), (THING,)),
    ],
    ids=lambda record: type(record).__name__,
)
def test_what_it_holds_is_not_printed(record: Struct) -> None:
    assert SECRET not in repr(record) and SECRET not in str(record) and SECRET not in f"{[record]}"
