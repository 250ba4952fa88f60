"""Logging: one line for each event on standard error, for a terminal or as JSON."""

import logging
import sys

import structlog

from waypost.config.settings import LogSettings
from waypost.delivery.log_context import add_attempt
from waypost.server.log_volume import LogVolume, bounded_traceback, write_traceback


def configure_logging(settings: LogSettings) -> None:
    """Configures structlog by the settings."""
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
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            LogVolume(),
            add_attempt,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(bounded_traceback)
            if settings.format == "json"
            else structlog.processors.StackInfoRenderer(),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.level.upper())),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
