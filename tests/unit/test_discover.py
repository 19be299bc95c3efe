"""Walking a checkout: every file known by its content, nothing outside it touched."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from gitops_validate.config import Config, EnvironmentConfig
from gitops_validate.discover import TICK, discover, walk_root
from gitops_validate.environments import environments
from gitops_validate.errors import UsageError
from gitops_validate.model.manifest import Manifest, Repo, YamlFile


def test_the_root_is_the_nearest_folder_with_git_or_a_configuration(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "clusters/dev").mkdir(parents=True)
    assert discover(tmp_path / "clusters/dev").root == tmp_path.resolve()
    (tmp_path / "clusters/.gitops-validate.yaml").touch()
    assert discover(tmp_path / "clusters/dev").root == (tmp_path / "clusters").resolve()


def test_a_folder_with_clusters_is_a_root_of_its_own(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "fixture/clusters/dev").mkdir(parents=True)
    assert discover(tmp_path / "fixture").root == (tmp_path / "fixture").resolve()


def test_equal_content_has_an_equal_digest_and_git_is_left_out(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/config").write_text("x")
    (tmp_path / "a.yaml").write_text("x")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/c.yaml").write_text("x")
    digests = discover(tmp_path).digests
    assert sorted(digests) == ["a.yaml", "b/c.yaml"]
    assert digests["a.yaml"] == digests["b/c.yaml"]


def test_what_was_not_touched_since_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("same", "times", "anew", "gone"):
        (tmp_path / name).write_text("one")
    before = replace(walk_root(tmp_path), began=time.time_ns() + TICK)  # long after they were written
    kept = (tmp_path / "times").stat()
    (tmp_path / "times").write_text("two")
    os.utime(tmp_path / "times", ns=(kept.st_atime_ns, kept.st_mtime_ns))
    (tmp_path / "anew").unlink()
    (tmp_path / "anew").write_text("two")
    (tmp_path / "gone").unlink()
    (tmp_path / "new").write_text("two")
    read = []
    monkeypatch.setattr(os, "open", lambda path, *flags, opened=os.open: (read.append(Path(path).name), opened(path, *flags))[1])
    after = walk_root(tmp_path, before=before)
    assert sorted(read) == ["anew", "new", "times"]
    assert after.digests == discover(tmp_path).digests


def test_what_was_written_shortly_before_a_walk_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    before = walk_root(tmp_path)
    before.digests["a"] = "of what it was a tick ago"
    assert walk_root(tmp_path, before=before).digests == discover(tmp_path).digests


def test_links_are_noted_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / "out").symlink_to("/etc/passwd")
    checkout = discover(tmp_path)
    assert checkout.digests == {}
    assert checkout.links == {"loop": ".", "out": "/etc/passwd"}


def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert discover(tmp_path).digests["pipe.yaml"].startswith("irregular-")


def test_a_name_that_is_not_utf8_is_said(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.yaml")).touch()
    assert [reason for _, reason in discover(tmp_path).unreadable] == ["the name is not UTF-8"]


def test_what_is_no_folder_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        discover(tmp_path / "absent")


def _repo(**files: bytes) -> Repo:
    return Repo(Path("/r"), {}, {path: YamlFile(path, (Manifest(path, 0, 1, raw),)) for path, raw in files.items()})


def test_each_folder_under_clusters_is_an_environment() -> None:
    repo = _repo(**{"clusters/prod/a.yaml": b"{}", "clusters/dev/flux-system/b.yaml": b"{}", "clusters/README.yaml": b"{}"})
    assert [(found.name, found.path, found.kubernetes) for found in environments(repo, Config())] == [
        ("dev", "clusters/dev", "1.36"),
        ("prod", "clusters/prod", "1.36"),
    ]


def _sync(path: str, name: str = "cluster") -> bytes:
    spec = {"path": path, "sourceRef": {"kind": "GitRepository", "name": "repo"}}
    return json.dumps({"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": name}, "spec": spec}).encode()


def test_a_folder_under_clusters_that_only_groups_clusters_is_none() -> None:
    """clusters/demo/00 and 01 are two clusters, which clusters/demo/base has in common; built as one they would hold everything twice."""
    patch = b'{"apiVersion":"kustomize.toolkit.fluxcd.io/v1","kind":"Kustomization","metadata":{"name":"flux-system"},"spec":{"path":"./clusters/demo/%s"}}'
    files = {
        "clusters/demo/00/kustomization.yaml": b'{"resources":["../base"],"patches":[{"path":"../../../flux/00.yaml"}]}',
        "clusters/demo/01/kustomization.yaml": b'{"resources":["../base"],"patches":[{"path":"../../../flux/01.yaml"}]}',
        "clusters/demo/base/kustomization.yaml": b"{}",
        "clusters/prod/apps.yaml": b"{}",
        "flux/00.yaml": patch % b"00",
        "flux/01.yaml": patch % b"01",
        "flux/02.yaml": patch % b"02",
    }
    assert [found.path for found in environments(_repo(**files), Config())] == ["clusters/demo/00", "clusters/demo/01", "clusters/prod"]
    files["clusters/demo/apps.yaml"] = b"{}"
    assert [found.path for found in environments(_repo(**files), Config())] == ["clusters/demo", "clusters/prod"]


def test_the_configuration_of_sops_does_not_make_a_group_of_folders_a_cluster() -> None:
    files = {
        "clusters/prod/.sops.yaml": b"{}",
        "clusters/prod/config/flux.yaml": b'{"kind":"FluxInstance","spec":{"sync":{"path":"clusters/prod/config"}}}',
    }
    files |= {"clusters/prod/vars/settings.yaml": b"{}"}
    assert [found.path for found in environments(_repo(**files), Config())] == ["clusters/prod/config"]


def test_what_the_kustomizations_of_a_bootstrapped_cluster_build_is_no_cluster() -> None:
    remote = _sync("./clusters/edge").replace(b'"sourceRef"', b'"kubeConfig": {}, "sourceRef"')
    files = {
        "clusters/prod/flux-system/gotk-sync.yaml": _sync("./clusters/prod/flux-system", "flux-system"),
        "clusters/prod/flux-system/platform.yaml": _sync("./clusters/apps/platform", "platform"),
        "clusters/prod/flux-system/remote.yaml": remote,
        "clusters/prod/flux-system/upstream.yaml": _sync("./", "upstream"),
        "clusters/apps/platform/kustomization.yaml": b"{}",
        "clusters/edge/apps.yaml": b"{}",
    }
    repo = _repo(**files)
    repo.digests.update(dict.fromkeys(files, ""))
    assert [(found.name, found.path) for found in environments(repo, Config())] == [("edge", "clusters/edge"), ("prod", "clusters/prod/flux-system")]


def test_what_a_bootstrapped_cluster_builds_from_is_no_cluster() -> None:
    files = {
        "clusters/_profiles/kustomization.yaml": b'{"kind":"Component"}',
        "clusters/dev/flux-system/gotk-sync.yaml": _sync("./clusters/dev", "flux-system"),
        "clusters/dev/kustomization.yaml": b'{"resources":["flux-system"],"components":["../_profiles"]}',
        "clusters/lab/apps.yaml": b"{}",
    }
    repo = _repo(**files)
    repo.digests.update(dict.fromkeys(files, ""))
    assert [found.path for found in environments(repo, Config())] == ["clusters/dev", "clusters/lab"]
    del files["clusters/dev/flux-system/gotk-sync.yaml"]
    repo = _repo(**files)
    repo.digests.update(dict.fromkeys(files, ""))
    assert [found.path for found in environments(repo, Config())] == ["clusters/_profiles", "clusters/dev", "clusters/lab"]


def test_a_release_of_the_chart_of_flux_instances_names_the_entry() -> None:
    release = b'{"kind":"HelmRelease","spec":{"values":{"instance":{"sync":{"path":"kubernetes/flux/cluster"}}}}}'
    files = {"kubernetes/apps/flux.yaml": release, "kubernetes/flux/cluster/ks.yaml": _sync("./kubernetes/apps")}
    assert [(found.name, found.path) for found in environments(_repo(**files), Config())] == [("cluster", "kubernetes/flux/cluster")]


def test_what_a_hub_applies_to_other_clusters_is_no_entry() -> None:
    spoke = b'{"kind":"Kustomization","spec":{"path":"./clusters/prod/apps","kubeConfig":{"secretRef":{"name":"prod"}}}}'
    files = {"hub/prod.yaml": spoke, "clusters/prod/apps/values.yaml": b"{}"}
    assert [(found.name, found.path) for found in environments(_repo(**files), Config())] == [("hub", "hub")]
    beside = files | {"clusters/hub/spokes.yaml": spoke}
    del beside["hub/prod.yaml"]
    assert [found.path for found in environments(_repo(**beside), Config())] == ["clusters/hub", "clusters/prod"]


def test_the_values_of_a_flux_instance_may_be_a_file() -> None:
    values = b'{"instance":{"sync":{"kind":"GitRepository","path":"kubernetes/flux/cluster"}}}'
    assert [found.path for found in environments(_repo(**{"kubernetes/apps/values.yaml": values}), Config())] == ["kubernetes/flux/cluster"]


def test_an_entry_that_only_an_example_names_is_none() -> None:
    instance = b'{"kind":"FluxInstance","spec":{"sync":{"path":"%s"}}}'
    files = {"docs/a.yaml": instance % b"clusters/my-cluster", "edge/flux.yaml": instance % b"edge"}
    assert [found.path for found in environments(_repo(**files), Config())] == ["edge"]


def test_without_a_bootstrap_a_kustomization_that_reconciles_itself_is_the_entry() -> None:
    source = b'{"kind":"GitRepository","metadata":{"name":"repo"}}'
    files = {
        "cluster/flux/flux-system/sync.yaml": (source, _sync("./cluster/flux")),
        "cluster/flux/apps.yaml": (_sync("./cluster/apps", "apps"),),
        "cluster/apps/own/ks.yaml": (_sync("./cluster/apps/own", "own"),),
        "cluster/flux/install.yaml": (source, _sync("./", "install")),
        ".archive/flux/sync.yaml": (source, _sync("./.archive/flux")),
    }
    read = {path: YamlFile(path, tuple(Manifest(path, number, 1, raw) for number, raw in enumerate(all_))) for path, all_ in files.items()}
    assert [(found.name, found.path) for found in environments(Repo(Path("/r"), {}, read), Config())] == [("flux", "cluster/flux")]


def test_the_source_of_a_kustomization_that_reconciles_itself_may_stand_beside_it() -> None:
    files = {
        "infra/flux/source.yaml": b'{"kind":"GitRepository","metadata":{"name":"repo"}}',
        "infra/flux/sync.yaml": _sync("./infra", "infrastructure"),
    }
    assert [found.path for found in environments(_repo(**files), Config())] == ["infra"]


def test_the_folder_of_flux_itself_names_no_environment() -> None:
    files = {f"{path}/sync.yaml": _sync(path, "flux-system") for path in ("k8s/main/flux-system", "k8s/edge", "k8s/edge/flux-system")}
    assert [found.name for found in environments(_repo(**files), Config())] == ["edge", "edge-flux-system", "main-flux-system"]
    del files["k8s/edge/sync.yaml"]
    assert [found.name for found in environments(_repo(**files), Config())] == ["edge", "main"]


def test_entries_whose_last_steps_are_the_same_are_named_after_what_differs() -> None:
    files = {f"k8s/{name}/cluster/config/sync.yaml": _sync(f"k8s/{name}/cluster/config", "flux-system") for name in ("main", "staging")}
    assert [found.name for found in environments(_repo(**files), Config())] == ["main", "staging"]
    deeper = {f"{path}/sync.yaml": _sync(path, "flux-system") for path in ("k8s/flux", "k8s/edge/flux")}
    assert [found.name for found in environments(_repo(**deeper), Config())] == ["edge", "k8s-flux"]


def test_without_clusters_flux_s_own_entry_is_the_environment() -> None:
    root = b'{"kind":"Kustomization","metadata":{"name":"flux-system"},"spec":{"path":"./kubernetes/main","sourceRef":{}}}'
    instance = b'{"kind":"FluxInstance","spec":{"sync":{"path":"k8s/edge"}}}'
    assert [found.path for found in environments(_repo(a=root, b=instance), Config())] == ["k8s/edge", "kubernetes/main"]


def test_the_configuration_s_environments_win() -> None:
    config = Config(kubernetes="1.35", environments=(EnvironmentConfig("lab", "lab/", live=True), EnvironmentConfig("dev", kubernetes="1.34")))
    found = environments(_repo(**{"clusters/prod/a.yaml": b"{}"}), config)
    assert [(one.name, one.path, one.kubernetes, one.live) for one in found] == [("lab", "lab", "1.35", True), ("dev", "clusters/dev", "1.34", False)]


def test_a_repository_without_environments_is_wrong_use_and_not_clean() -> None:
    with pytest.raises(UsageError, match="no environment found"):
        environments(_repo(a=b"[]"), Config())
