"""What one reconciler is built of, and what the engine makes of it.

- build: what the engine is asked, and what its answer means; inputs are the ConfigMaps and Secrets that it reads, charts where its chart comes from
- link: which reconcilers an object declares, and what they need
- cluster: what is known of an environment while it is being rendered
"""
