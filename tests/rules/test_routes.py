"""Routes through any JSON values, whatever the two versions of an object look like."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gitops_validate.model.place import At, route
from gitops_validate.placing.routes import dotted, existing, follow, get, leaves

KEYS = st.sampled_from(["name", "spec", "a/b", "x~y", "0", "12", ""])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_every_leaf_is_at_its_route(value):
    assert all(get(value, steps) == leaf and existing(value, steps) == steps for steps, leaf in leaves(value))


@given(VALUES, VALUES)
def test_what_is_followed_exists_and_everything_leads_to_itself(known, other):
    for steps, leaf in leaves(known):
        found, complete = follow(steps, known, other)
        assert existing(other, found) == found
        assert complete == (len(found) == len(steps))
        same, whole = follow(steps, known, known)
        assert whole and get(known, same) == leaf


@given(VALUES)
def test_a_pointer_leads_back_to_its_route(value):
    for steps, _ in leaves(value):
        assert existing(value, route(At("", 0, steps).pointer)) == steps


def test_a_path_reads_as_the_api_server_writes_it():
    assert dotted(("spec", "containers", 0, "image")) == "spec.containers[0].image"
    assert dotted(("metadata", "annotations", "a.b/c")) == "metadata.annotations[a.b/c]"
