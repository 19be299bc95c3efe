"""JSON Schemas and definitions of custom kinds, as package data: read them by their place beside this file."""
