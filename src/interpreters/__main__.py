"""`python -m interpreters`, the same as the command `interpreters`."""

from interpreters.cli.commands import main

if __name__ == "__main__":
    main()
