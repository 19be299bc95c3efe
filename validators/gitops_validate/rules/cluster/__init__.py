"""Rules about what the API server would say."""
