# The image in which CI runs gitops-validate: slim, without rights, the engine inside. `make wheel` builds the wheel that it takes.
FROM docker.io/library/python:3.13-slim-trixie

# git: a review compares commits, and in a merge request the configuration of the commit that it starts from counts.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --shell /usr/sbin/nologin validate

# The company's index, where there is one: --build-arg PIP_INDEX_URL=https://…
ARG PIP_INDEX_URL
COPY build/wheel/*.whl /tmp/wheels/
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore /tmp/wheels/*.whl \
    && rm -r /tmp/wheels \
    && gitops-validate version

USER 10001:10001
