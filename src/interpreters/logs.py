"""What processes write to stderr: lines of JSON, and nothing in them that opens a door."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from interpreters.settings import Settings

# Anything like one of our tokens (keys, sign-ins, attempts, links: a prefix and 58 characters) or
# a webhook's secret, also cut off; ids have 26 characters behind theirs. No word need end before
# it: in a line of JSON a new line is written as the letter n.
TOKEN: Final = re.compile(r"(ik_live_|ik_test_|whsec_|[a-z]{2}_)[0-9A-Za-z+/]{32,}")
log = structlog.get_logger()


def log_to_stderr(settings: Settings) -> None:
    """Write logs as lines of JSON, the libraries' as well; arq would tell of every job."""
    logging.getLogger("arq").setLevel(logging.CRITICAL)
    logging.basicConfig(handlers=[_FromLibraries()], level=logging.WARNING, force=True)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
            mask_tokens,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def mask_tokens(_: Any, __: str, line: MutableMapping[str, Any] | str) -> str:
    """Return the finished line with every token cut to its prefix, wherever it stands."""
    return TOKEN.sub(r"\1…", str(line))


class _FromLibraries(logging.Handler):
    """Logs what libraries log: the sentence without its values, the error without its text."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        error = record.exc_info[0] if record.exc_info else None
        log.warning("library", logger=record.name, said=record.msg, error=error and error.__name__)
