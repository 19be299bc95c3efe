"""Rules about the files themselves, whatever they hold."""
