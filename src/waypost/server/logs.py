"""Logging: one line for each event on standard error, for a terminal or as JSON.

As a guest in somebody else's process the lines go to Python's `logging`, which is theirs to configure.
"""

import logging
import sys
from collections.abc import Sequence

import structlog

from waypost.config.settings import LogSettings
from waypost.delivery.log_context import REQUEST_OF_MESSAGE, add_attempt
from waypost.server.call_log import CALL_LOG
from waypost.server.event_counts import EVENT_COUNTS
from waypost.server.log_volume import LogVolume, bounded_traceback, write_traceback

_ABOUT_EVERY_LINE: Sequence[structlog.typing.Processor] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    EVENT_COUNTS,
    LogVolume(),
    add_attempt,
    REQUEST_OF_MESSAGE,
)


class _ServiceLogger(structlog.make_filtering_bound_logger(logging.DEBUG)):  # type: ignore[misc]
    """The class of all loggers. They are cached, so a change of the level changes the class."""


def set_level(level: str) -> None:
    """Sets the level from which events are logged: `debug`, `info`, `warning` or `error`."""
    CALL_LOG.is_on = level in ("debug", "info")
    EVENT_COUNTS.level = level
    # Warnings are counted even if no line of them is written.
    lowest = min(getattr(logging, level.upper()), logging.WARNING)
    filtering = structlog.make_filtering_bound_logger(lowest)
    for name, method in vars(filtering).items():
        if callable(method) and not name.startswith("__"):
            setattr(_ServiceLogger, name, method)


def configure_logging(settings: LogSettings) -> None:
    """Configures structlog by the settings."""
    set_level(settings.level)
    CALL_LOG.use(settings.format)
    renderer: structlog.typing.Processor
    if settings.format == "json":
        renderer = structlog.processors.JSONRenderer()
    else:
        # The default formatter prints local variables of a traceback, which can be secrets and messages.
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=write_traceback
        )
    structlog.configure(
        processors=[
            *_ABOUT_EVERY_LINE,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(bounded_traceback)
            if settings.format == "json"
            else structlog.processors.StackInfoRenderer(),
            renderer,
        ],
        wrapper_class=_ServiceLogger,
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def log_as_guest() -> None:
    """Configures structlog to write to the loggers of `logging`, named by module; not if it is configured."""
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_ABOUT_EVERY_LINE,
            structlog.processors.ExceptionRenderer(bounded_traceback),
            structlog.processors.KeyValueRenderer(key_order=["event"], drop_missing=True),
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
