"""The world outside: queue, mail, texts."""
