"""The command line: one module for each command, each imported only when it is called."""
