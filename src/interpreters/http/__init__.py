"""Doors: the JSON API under /v1."""
