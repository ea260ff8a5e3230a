"""One file per table: its statements and the functions that run them."""
