"""What is said when a process cannot start: one clear sentence with the way out."""


class Trouble(Exception):
    """A process cannot start. The text is shown to the person at the terminal as it is."""
