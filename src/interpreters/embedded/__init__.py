"""The embedded servers: PostgreSQL and Valkey started, watched and stopped by us."""
