"""The secrets of a generated repository: made, encrypted for each environment, shown, given, rotated and shared.

1. platform      the answers: what the platform is called and which environments it has
2. catalogue     which secrets there have to be, and where each of their values comes from
3. rules         .sops.yaml: who can read which environment (readers: what its lines say)
4. keys          private keys, which lie outside any checkout
5. sealing       asks the engine to encrypt, decrypt and rotate; plaintext stays in memory
6. values        what follows from what; generators, certificates and templates make it
7. manifest      the Secret of a file, in plain text
8. writing       all files of a command, each whole or not at all
   kustomization the list of secrets that an overlay takes in, and the restarts that a new value calls for

`shelf` holds the secrets of one environment, `workspace` all that one command works on; make, status, give, rotate and recipients are the commands.
"""

from __future__ import annotations
