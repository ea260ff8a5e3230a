"""The world outside: queue, mail, texts, push, webhooks, calendars."""
