"""CPU seconds of this process, and of PostgreSQL with all its backends."""

import os
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def own() -> float:
    """CPU seconds of this process so far."""
    return time.process_time()


def postgres(postmaster: int) -> float:
    """CPU seconds of PostgreSQL so far: the postmaster, ended children, and living ones."""
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        pid, parent = int(stat.parent.name), int(fields[1])
        if pid == postmaster:
            total += sum(map(int, fields[11:15]))
        elif parent == postmaster:
            total += sum(map(int, fields[11:13]))
    return total / TICK
