"""Doors: time and the queue."""
