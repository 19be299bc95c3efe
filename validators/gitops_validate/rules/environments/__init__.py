"""Rules about environments side by side: what differs between them, and what leads from one into another."""
