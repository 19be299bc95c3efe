"""gitops-generate: writes a company's on-premises ML platform as a GitOps repository, and keeps it up to date.

The template is Copier's, and so are questions, rendering and updates. What Copier cannot do stands here: answers that
contradict each other, secrets, and changes that arrive whole or not at all.
"""

from __future__ import annotations
