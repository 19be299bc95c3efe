"""`secrets set`, `rotate` and `recipients`: what changes, what follows, and what has to stay."""

import json
import re

import orjson
import pytest
from platform_repository import CATALOGUE, DB, OIDC, STORE, TLS, Repository, at_a_terminal, opened
from ruamel.yaml import YAML

from gitops_generate.secrets import sealing
from gitops_validate.engine import Engine, Question

KUSTOMIZATION = "platform/{}/overlays/dev/secrets/kustomization.yaml"
RELEASE = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: mlflow, namespace: mlflow}\nspec:\n  postRenderers: [%s]\n"
OVERLAY = "resources: [release.yaml]\ncomponents: [secrets]\n"


def person(*, hybrid: bool = False) -> tuple[str, bytes]:
    with Engine([]) as engine:
        return sealing.keygen(engine, hybrid=hybrid)


def test_what_a_person_gives_is_pending_until_then(secured: Repository) -> None:
    status = secured.run("status").out
    assert "pending  mlflow-oidc (signs people in); client-id: the identity provider, clients; client-secret:" in status
    done = secured.run("set", "mlflow-oidc", "--env", "dev", stdin=json.dumps({"client-id": "ml", "client-secret": "a\nb\n"}))
    assert done.code == 0
    values = secured.values(OIDC.format("dev"))
    assert (values["client-id"], values["client-secret"]) == ("ml", "a\nb\n") and len(values["cookie"]) == 44
    assert "mlflow-oidc.sops.yaml" in (secured.root / KUSTOMIZATION.format("mlflow/controller")).read_text()
    assert "pending  mlflow-oidc" not in secured.run("status", "--env", "dev").out
    assert not (secured.root / OIDC.format("prod")).exists()


def test_a_value_that_is_given_again_replaces_one_and_restarts_its_readers(secured: Repository) -> None:
    secured.run("set", "mlflow-oidc", "--env", "dev", stdin='{"client-id": "a", "client-secret": "b"}')
    before = secured.values(OIDC.format("dev"))
    assert secured.run("set", "mlflow-oidc/client-id", "--env", "dev", stdin="new\n").code == 0
    assert secured.values(OIDC.format("dev")) == {**before, "client-id": "new"}
    files = secured.files()
    assert "nothing to change" in secured.run("set", "mlflow-oidc/client-id", "--env", "dev", stdin="new\n").err
    assert secured.files() == files


def test_a_generated_value_can_be_set_and_what_follows_follows(secured: Repository) -> None:
    assert secured.run("set", "mlflow-db/password", "--env", "dev", stdin="a/b").code == 0
    assert secured.values(DB.format("dev"))["uri"] == "postgresql://mlflow:a%2Fb@mlflow-db-rw.mlflow.svc:5432/mlflow"
    assert secured.values(STORE.format("dev"))["database"] == "a/b"
    assert secured.run("rotate", "mlflow-db", "--env", "dev").code == 1
    before = secured.values(STORE.format("dev"))
    assert secured.run("rotate", "--env", "dev").code == 0
    assert secured.values(DB.format("dev"))["password"] == "a/b"
    assert secured.values(STORE.format("dev"))["password"] != before["password"]


def test_a_certificate_that_somebody_else_signed_takes_the_place_of_ours(secured: Repository) -> None:
    before = secured.values(TLS, "prod")
    assert secured.run("set", "store-tls/tls.crt", "--env", "prod", stdin="-----BEGIN\nCERTIFICATE-----\n").code == 0
    assert secured.values(TLS, "prod") == {**before, "tls.crt": "-----BEGIN\nCERTIFICATE-----\n"}
    assert secured.run("set", "store-tls/tls.key", "--env", "prod", stdin="-----BEGIN\nKEY-----\n").code == 0
    theirs = {"tls.crt": "-----BEGIN\nCERTIFICATE-----\n", "tls.key": "-----BEGIN\nKEY-----\n"}
    assert secured.values(TLS, "prod") == theirs
    assert secured.run("rotate", "--env", "prod").code == 0
    assert secured.values(TLS, "prod") == theirs, "what a person set is not rotated"
    done = secured.run("rotate", "store-tls", "--env", "prod")
    assert done.code == 1 and "all of store-tls comes from a person" in done.err
    (secured.root / TLS).unlink()
    assert secured.run("make", "--env", "prod").code == 0
    assert secured.values(TLS, "prod")["tls.crt"].startswith("-----BEGIN CERTIFICATE-----")


def test_a_secret_that_follows_from_a_given_one_waits_with_it(secured: Repository) -> None:
    more = """\
  - name: gateway-oidc
    namespace: gateway
    component: store
    stage: config
    purpose: the same client
    keys:
      secret: {copy: mlflow-oidc/client-secret}
"""
    secured.write("secret-catalogue.yaml", CATALOGUE + more)
    done = secured.run()
    assert done.code == 0 and "pending in dev: gateway-oidc follows from mlflow-oidc/client-secret" in done.err
    secured.run("set", "mlflow-oidc", "--env", "dev", stdin='{"client-id": "a", "client-secret": "b"}')
    assert secured.values("platform/store/config/overlays/dev/secrets/gateway-oidc.sops.yaml") == {"secret": "b"}


@pytest.mark.parametrize(
    ("target", "stdin", "words"),
    [
        ("mlflow-oidc/client-id", "x", "mlflow-oidc needs client-id and client-secret at once"),
        ("mlflow-oidc", "x", "stdin must be a JSON object with a text for each of client-id, client-secret"),
        ("mlflow-oidc", '{"client-id": "x"}', "stdin must be a JSON object with a text for each of"),
        ("mlflow-oidc", '{"client-id": "", "client-secret": "x"}', "client-id must not be empty"),
        ("mlflow-db/uri", "x", "mlflow-db/uri follows from mlflow-db/username, mlflow-db/password"),
        ("mlflow-db/username", "x", "mlflow-db/username is fixed in the catalogue"),
        ("mlflow-db/pasword", "x", "mlflow-db has no key pasword; it has"),
        ("mlflow-db", "x", "nothing of mlflow-db is given by a person"),
        ("mlflow", "x", "there is no secret mlflow in secret-catalogue.yaml"),
        ("store-tls/tls.key", "x", "store-tls is not for dev"),
    ],
)
def test_what_cannot_be_set(secured: Repository, target: str, stdin: str, words: str) -> None:
    before = secured.files()
    done = secured.run("set", target, "--env", "dev", stdin=stdin)
    assert done.code in {1, 2} and words in done.err and done.err.count("\n") == 1
    assert secured.files() == before


def test_no_value_is_taken_from_the_command_line(secured: Repository) -> None:
    assert secured.run("set", "mlflow-db/password", "hunter2", "--env", "dev").code == 2


def test_rotation_changes_what_is_generated_and_what_follows(secured: Repository) -> None:
    before, prod = secured.everything(), secured.values(DB.format("prod"), "prod")
    assert secured.run("rotate", "mlflow-db", "--env", "dev").code == 0
    database, store = secured.values(DB.format("dev")), secured.values(STORE.format("dev"))
    assert database["username"] == "mlflow" and database["password"] != before[DB.format("dev")]["password"]
    assert store["database"] == database["password"]
    assert json.loads(store["config.json"])["db"] == database["password"]
    for kept in ("password", "users", "user"):
        assert store[kept] == before[STORE.format("dev")][kept]
    assert secured.values(DB.format("prod"), "prod") == prod


def test_a_rotated_pair_still_belongs_together(secured: Repository) -> None:
    before = secured.values(TLS, "prod")
    assert secured.run("rotate", "store-tls", "--env", "prod").code == 0
    after = secured.values(TLS, "prod")
    assert after["tls.key"] != before["tls.key"] and after["tls.crt"] != before["tls.crt"]


def test_the_pods_that_read_it_restart(secured: Repository) -> None:
    assert secured.run("rotate", "--env", "dev").code == 0
    overlay = "platform/mlflow/controller/overlays/dev"
    secured.write(f"{overlay}/release.yaml", RELEASE % "{kustomize: {images: [{name: a, newTag: b}]}}")
    secured.write(f"{overlay}/kustomization.yaml", OVERLAY)
    release = built(secured, overlay)[0]
    first, ours = release["spec"]["postRenderers"]
    assert "images" in first["kustomize"], "what was there stays"
    (patch,) = ours["kustomize"]["patches"]
    assert patch["target"] == {"kind": "Deployment", "name": "mlflow"}
    annotations = YAML(typ="safe").load(patch["patch"])["spec"]["template"]["metadata"]["annotations"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", annotations["gitops-generate/rotated"])


def test_a_plain_workload_of_the_overlay_restarts(secured: Repository) -> None:
    secured.run("rotate", "store-admin", "--env", "dev")
    overlay = "platform/store/controller/overlays/dev"
    (secured.root / STORE.format("dev")).unlink()
    secured.write(
        f"{overlay}/release.yaml",
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: store}\nspec: {template: {spec: {containers: [{name: a, image: b}]}}}\n",
    )
    secured.write(f"{overlay}/kustomization.yaml", OVERLAY)
    secured.write(f"{overlay}/secrets/store-admin.sops.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    workload = next(each for each in built(secured, overlay) if each["kind"] == "StatefulSet")
    assert "gitops-generate/rotated" in workload["spec"]["template"]["metadata"]["annotations"]
    assert workload["spec"]["template"]["spec"]["containers"] == [{"name": "a", "image": "b"}]


def built(secured: Repository, overlay: str) -> list[dict[str, dict[str, object]]]:
    """What kustomize makes of an overlay."""
    flux = {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "a", "namespace": "b"}, "spec": {}}
    with Engine([secured.root]) as engine:
        answer = engine.ask(Question("kustomize", {"root": str(secured.root), "path": overlay, "kustomization": flux}))
    assert answer.result["failure"] is None
    return [orjson.loads(answer.blobs[each["blob"]]) for each in answer.result["objects"]]


def test_restarts_of_earlier_rotations_are_kept(secured: Repository) -> None:
    secured.run("rotate", "mlflow-db", "--env", "dev")
    path = secured.root / KUSTOMIZATION.format("mlflow/controller")
    path.write_text(re.sub(r"\d{4}-.*Z", "2001-01-01T00:00:00Z", path.read_text()))
    assert secured.run().code == 0
    assert "2001-01-01T00:00:00Z" in path.read_text()
    secured.run("rotate", "mlflow-db", "--env", "dev")
    assert path.read_text().count("gitops-generate/rotated") == 1 and "2001" not in path.read_text()


def test_what_others_trust_is_rotated_by_its_name_only(secured: Repository) -> None:
    secured.write("secret-catalogue.yaml", CATALOGUE.replace("    environments: [prod]\n", "    environments: [prod]\n    rotate: by-name\n"))
    before = secured.everything()
    done = secured.run("rotate", "--env", "prod")
    assert done.code == 0 and [line for line in done.err.splitlines() if "store-tls" in line] == [
        "left alone, because others have to know before it changes: store-tls; by name it is rotated: `gitops-generate secrets rotate store-tls --env prod`"
    ]
    after = secured.everything()
    assert after[TLS] == before[TLS] and after[DB.format("prod")] != before[DB.format("prod")]
    text = (secured.root / TLS).read_text()
    assert secured.run("rotate", "--data-key", "--env", "prod").code == 0
    assert secured.values(TLS, "prod") == before[TLS] and (secured.root / TLS).read_text() != text
    done = secured.run("rotate", "store-tls", "--env", "prod")
    assert done.code == 0 and "left alone" not in done.err and secured.values(TLS, "prod")["tls.key"] != before[TLS]["tls.key"]


def test_a_new_data_key_changes_no_value_and_restarts_nothing(secured: Repository) -> None:
    before, texts = secured.everything(), secured.files()
    assert secured.run("rotate", "--env", "dev", "--data-key").code == 0
    assert secured.everything() == before
    changed = {path for path, body in secured.files().items() if texts[path] != body}
    assert changed == {DB.format("dev"), STORE.format("dev")}
    old = set(re.findall(rb"GCM,data:[^,]+,", texts[DB.format("dev")]))
    assert not old & set(re.findall(rb"GCM,data:[^,]+,", secured.files()[DB.format("dev")]))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mlflow-oidc"], "mlflow-oidc is not there yet in dev"),
        (["mlflow-oidc", "--data-key"], "mlflow-oidc is not there yet in dev"),
        (["store-tls"], "store-tls is not for dev"),
        (["nothing"], "there is no secret nothing"),
    ],
)
def test_what_cannot_be_rotated(secured: Repository, arguments: list[str], words: str) -> None:
    before = secured.files()
    done = secured.run("rotate", *arguments, "--env", "dev")
    assert done.code in {1, 2} and words in done.err
    assert secured.files() == before


def test_without_the_key_nothing_is_rotated(secured: Repository) -> None:
    secured.key().unlink()
    before = secured.files()
    done = secured.run("rotate", "--env", "dev")
    assert done.code == 1 and "the private key of dev is not here" in done.err
    assert secured.files() == before


@pytest.mark.parametrize("hybrid", [False, True])
def test_whoever_is_added_reads_and_no_value_is_encrypted_again(secured: Repository, hybrid: bool) -> None:
    recipient, identity = person(hybrid=hybrid)
    before = secured.files()[DB.format("dev")]
    assert secured.run("recipients", "add", recipient, "--name", "Ada Lovelace", "--env", "dev").code == 0
    after = secured.files()[DB.format("dev")]
    assert opened(DB, after, identity) == secured.values(DB.format("dev"))
    assert re.findall(rb"ENC\[.*", after) == re.findall(rb"ENC\[.*", before)
    assert f"      - {recipient} # Ada Lovelace\n" in (secured.root / ".sops.yaml").read_text()
    assert f"dev  Ada Lovelace  {recipient}" in secured.run("recipients", "list").out
    assert "nothing to change" in secured.run("recipients", "add", recipient, "--env", "dev").err
    assert recipient.encode() not in secured.files()[DB.format("prod")]


@pytest.mark.parametrize("by_name", [False, True])
def test_whoever_is_removed_cannot_read_what_comes(secured: Repository, by_name: bool) -> None:
    recipient, identity = person()
    secured.run("recipients", "add", recipient, "--name", "Ada", "--env", "dev")
    before = secured.files()[DB.format("dev")]
    done = secured.run("recipients", "remove", "Ada" if by_name else recipient, "--env", "dev")
    assert done.code == 0
    after = secured.files()[DB.format("dev")]
    with pytest.raises(Exception, match="does not open it"):
        opened(DB, after, identity)
    assert not set(re.findall(rb"GCM,data:[^,]+,", before)) & set(re.findall(rb"GCM,data:[^,]+,", after)), "the data key is another"
    assert "mlflow-db was read by them: change password with `gitops-generate secrets rotate mlflow-db --env dev`" in done.err
    assert recipient not in (secured.root / ".sops.yaml").read_text()


def test_what_a_person_set_is_to_be_set_again(secured: Repository) -> None:
    secured.run("set", "mlflow-db/password", "--env", "dev", stdin="x")
    secured.run("recipients", "add", person()[0], "--name", "Ada", "--env", "dev")
    done = secured.run("recipients", "remove", "Ada", "--env", "dev")
    assert "mlflow-db was read by them: change password with `gitops-generate secrets set mlflow-db/password --env dev`" in done.err
    assert "secrets rotate mlflow-db" not in done.err


def test_the_only_cluster_stays(secured: Repository) -> None:
    before = secured.files()
    done = secured.run("recipients", "remove", "the cluster", "--env", "dev")
    assert done.code == 1 and "only cluster" in done.err and secured.files() == before


def test_a_cluster_gets_a_new_key(secured: Repository) -> None:
    recipient, identity = person()
    old = re.findall(r"age1\w+", (secured.root / ".sops.yaml").read_text())[0]
    assert secured.run("recipients", "add", recipient, "--cluster", "--env", "dev").code == 0
    assert secured.run("recipients", "remove", old, "--env", "dev").code == 0
    assert opened(DB, secured.files()[DB.format("dev")], identity)["username"] == "mlflow"


@pytest.mark.parametrize(
    ("recipient", "words"),
    [
        ("FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4", "give the public key itself with --pgp FILE"),
        ("https://vault.acme.example/v1/sops/keys/platform", "say --vault-transit before it"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA", "is an SSH key"),
        ("age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t", "is an age plugin's"),
        ("age1nonsense", "is no age recipient"),
        ("", "say one of RECIPIENT, --pgp and --vault-transit"),
    ],
)
def test_who_cannot_be_added(secured: Repository, recipient: str, words: str) -> None:
    before = secured.files()
    done = secured.run("recipients", "add", recipient, "--env", "dev")
    assert done.code == 2 and words in done.err and secured.files() == before


def test_a_private_key_is_not_repeated(secured: Repository) -> None:
    identity = person()[1].decode().strip()
    done = secured.run("recipients", "add", identity, "--env", "dev")
    assert done.code == 2 and "this is a private key" in done.err and identity not in done.err + done.out


def test_a_file_of_others_is_shared_too(secured: Repository) -> None:
    recipient, identity = person()
    extra = "workloads/predict/overlays/dev/secrets/token.sops.yaml"
    secured.write("workloads/predict/overlays/dev/kustomization.yaml", "")
    secured.write(extra, (secured.root / DB.format("dev")).read_text())
    assert secured.run("recipients", "add", recipient, "--env", "dev").code == 0
    assert opened(DB, secured.files()[extra], identity)["username"] == "mlflow"
    status = json.loads(secured.run("status", "--format", "json").out)
    assert status[0]["orphans"] == [extra]


FIRST, SECOND = "clients\r\nclient-id: ", "credentials\r\nclient-secret: "


def test_a_hidden_prompt_asks_for_each_value(secured: Repository) -> None:
    code, seen = at_a_terminal(secured, [(FIRST, "hunter2\n"), (SECOND, "correct horse\n")], "set", "mlflow-oidc", "--env", "dev")
    assert code == 0 and "hunter2" not in seen and "correct horse" not in seen
    assert "client-secret: the identity provider, clients > mlflow > credentials" in seen
    values = secured.values(OIDC.format("dev"))
    assert (values["client-id"], values["client-secret"]) == ("hunter2", "correct horse")


def test_ctrl_c_at_the_prompt_changes_nothing(secured: Repository) -> None:
    before = secured.files()
    code, seen = at_a_terminal(secured, [(FIRST, "hunter2\n"), (SECOND, "\x03")], "set", "mlflow-oidc", "--env", "dev")
    assert code == 130 and "interrupted" in seen and "Traceback" not in seen
    assert secured.files() == before
