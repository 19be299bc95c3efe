"""The secrets of a generated repository: made, encrypted for each environment, shown, given, rotated, shared and sealed.

1. platform      the answers: what the platform is called and which environments it has
2. catalogue     which secrets there have to be, and where each of their values comes from
3. rules         .sops.yaml: who can read which environment (readers: what its lines say)
4. keys          private keys, which lie outside any checkout
5. sealing       asks the engine to encrypt and decrypt; plaintext stays in memory (audience: for whom, with public_keys and vault;
                 rewrapping: the same values for others, or with another data key or MAC)
6. values        what follows from what; generators, certificates and templates make it
7. manifest      the Secret of a file, in plain text
8. writing       all files of a command, each whole or not at all
   kustomization the list of secrets that an overlay takes in, and the restarts that a new value calls for

`shelf` holds the secrets of one environment, `workspace` all that one command works on; make, status, give, rotate,
recipients (newcomer: who is about to be one) and seal (versions: what git knows of a file) are the commands. `outgoing` takes away what other
answers or a newer template call for no more.
"""

from __future__ import annotations
