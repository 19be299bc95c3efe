"""The secrets of a generated repository: which there have to be, how they are made, and who can read them.

wanted     secret-catalogue.yaml: which secrets there have to be
generators random values: passwords, keys, certificates
values     the values of one secret: generated, derived, copied, fixed or given
keys       private age keys, outside every checkout
policy     .sops.yaml: who can read which environment
sealed     encrypted files: sealing and opening them through the engine, in memory
writing    files that appear whole or not at all
restarts   secrets/kustomization.yaml: the files, and which pods restart after a rotation
make       makes what is missing
change     sets, rotates, lets somebody read or no longer read
status     what exists, what waits for a person, who can read it
"""

from __future__ import annotations
