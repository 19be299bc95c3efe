"""gitops-generate: writes a company's on-premises ML platform as a GitOps repository.

Its commands come with the template; until then it says so, and nothing else.
"""

from __future__ import annotations
