"""Doors: pages for people."""
