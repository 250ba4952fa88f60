"""How many files the process may have open: each connection takes one."""

try:
    import resource
except ImportError:
    _HAS_RESOURCE = False
else:
    _HAS_RESOURCE = True

import structlog

log = structlog.get_logger()

RESERVED_FILES = 600
"""Files for all but the clients' connections: the database, and connections to providers and customers."""


def raise_file_limit(connections: int) -> int:
    """Raises the soft limit of open files to the hard one; returns how many of so many connections fit."""
    if not _HAS_RESOURCE:
        return connections
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        # An unlimited hard limit may be above what the kernel allows a process.
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
        except (OSError, ValueError) as error:
            log.warning("http.file_limit_unchanged", limit=soft, error=str(error))
    if soft == resource.RLIM_INFINITY or connections + RESERVED_FILES <= soft:
        return connections
    fitting = max(soft // 2, soft - RESERVED_FILES)
    log.warning("http.few_files", limit=soft, wanted=connections + RESERVED_FILES, connections=fitting)
    return fitting
