"""Figures: searches and bookings beside the same SQL in pgbench, in the same run."""
