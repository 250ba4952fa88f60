"""Every event that the log has lines of: one list, which counters are made from, too.

The tests hold that no other event is logged, each at its level, and that the guide names those that are
worth an alarm.
"""

from typing import NamedTuple

COUNTED_LEVELS = ("warning", "error", "critical")
"""The levels whose events are counted, whatever the level from which lines are written."""
EVENTS_COUNTER = "waypost_events_total"
"""The counter of the events that have none of their own; its label is the event."""


class Event(NamedTuple):
    """An event.

    Attributes:
        name: as the log has it.
        level: the level of its lines.
        meaning: what has happened.
        counter: the counter that each of them adds one to.
        labels: the fields that are labels of that counter, whose values are few.
    """

    name: str
    level: str
    meaning: str
    counter: str = EVENTS_COUNTER
    labels: tuple[str, ...] = ()


_ALL = (
    Event("call", "info", "a call was answered"),
    Event("store.unavailable", "debug", "a call was refused because the database was away"),
    Event("rate.not_granted", "debug", "the database was away when a route asked for its share of a rate"),
    Event("route_state.not_written", "debug", "the state of a route could not be written yet"),
    Event("ready", "info", "the service listens"),
    Event("stopping", "info", "a stop has begun"),
    Event("stopped", "info", "the service has stopped"),
    Event("settings.reloaded", "info", "the settings were read again and taken over"),
    Event("background.delayed", "info", "a background task waits for the database"),
    Event("configuration.delayed", "info", "a change of the configuration is read a moment later"),
    Event("sender.review_postponed", "info", "the review of a Viber sender is tried again later"),
    Event(
        "webhook.not_acknowledged",
        "info",
        "the database was away when a provider reported something; the provider repeats it",
    ),
    Event(
        "callback.dead",
        "warning",
        "a callback was not accepted in all its tries",
        "waypost_dead_letters_total",
    ),
    Event("callback.failing", "warning", "a customer's URL begins not to accept callbacks"),
    Event("callback.not_written", "warning", "what came of a push could not be written yet"),
    Event("callback.recovered", "warning", "a customer's URL accepts callbacks again"),
    Event("calls.not_recorded", "warning", "calls were answered without a record"),
    Event("claim.failed", "warning", "the database was away when a stage wanted to claim work"),
    Event("clock.stepped", "warning", "the machine's clock was set"),
    Event("database.back", "warning", "the database makes changes durable again"),
    Event("files.not_private", "warning", "others than the owner may use a file of ours"),
    Event("http.few_files", "warning", "the limit of open files is too low for the connections"),
    Event("http.file_limit_unchanged", "warning", "the limit of open files could not be raised"),
    Event("http.lines_left_out", "warning", "lines about clients were left out"),
    Event("http.aborted", "warning", "a connection of a client that does not read was ended"),
    Event("http.refused", "warning", "a client sent what is not HTTP, or more or slower than is allowed"),
    Event("http.tls_failed", "warning", "a client began TLS, and no connection came of it"),
    Event(
        "http.too_many_connections", "warning", "a connection was closed at once, because there were too many"
    ),
    Event("inbound.unknown_sender", "warning", "a person wrote to a sender that no account has"),
    Event(
        "lease.lost",
        "warning",
        "another process took work over that this one held",
        "waypost_leases_lost_total",
    ),
    Event("messages.cancelled", "warning", "a cancellation has ended what no provider had"),
    Event("outcome.not_written", "warning", "what a provider answered could not be written yet"),
    Event("provider.back", "warning", "a provider answers again"),
    Event(
        "provider.down", "warning", "a provider begins to fail", "waypost_provider_outages_total", ("route",)
    ),
    Event("provider.id_unusable", "warning", "a provider's id of a message was left out"),
    Event("receipt.unmatched", "warning", "a receipt fits no message"),
    Event("release.failed", "warning", "the database was away when work was given back"),
    Event("request.not_built", "warning", "a message could not be written as a request to its provider"),
    Event(
        "sandbox.callback_refused", "warning", "the customer's URL of the sandbox refused a simulated receipt"
    ),
    Event("sandbox.closed", "info", "a named sandbox was not used for long"),
    Event("sandbox.no_callback_address", "warning", "the sandbox has no address for simulated receipts"),
    Event("settings.need_restart", "warning", "changed keys take effect at the next start"),
    Event("settings.warning", "warning", "a setting is probably a mistake"),
    Event("sms.limit_reached", "warning", "SMS were refused by the limits of an account"),
    Event("stage.waits", "warning", "the database was away when a stage worked"),
    Event("stop.timed_out", "warning", "work was unfinished when a stop had to end"),
    Event(
        "webhook.invalid_signature",
        "warning",
        "a webhook does not carry the provider's signature",
        "waypost_webhooks_unsigned_total",
        ("route",),
    ),
    Event("webhook.items_skipped", "warning", "items of a webhook were not understood"),
    Event("webhook.malformed", "warning", "a webhook is not of the provider's form"),
    Event("database.away", "error", "the database cannot make changes durable"),
    Event(
        "decision.not_written",
        "error",
        "what a decision came to could not be written, by an error of Waypost",
    ),
    Event("disk.low", "error", "the disk has less free than it should have"),
    Event("graph.unknown_code", "error", "a provider answered with a code that is not documented"),
    Event("viber.unknown_status", "error", "a provider answered with a status that is not documented"),
    Event("http.accept_failed", "error", "no file was left for another connection"),
    Event("loop.failed", "error", "the event loop reported an error"),
    Event("settings.not_applied", "error", "changed settings could not be taken over"),
    Event("settings.refused", "error", "changed settings have mistakes"),
    Event("stop.forced", "error", "something hung, and the process was ended"),
    Event("work.dead", "error", "work that failed by an error of Waypost was dropped"),
    Event("call.failed", "error", "an error of Waypost in a call"),
    Event("webhook.failed", "error", "an error of Waypost in a webhook"),
    Event("background.failed", "error", "an error of Waypost in a background task"),
    Event("connector.failed", "error", "an error of Waypost in a connector"),
    Event("decision.failed", "error", "an error of Waypost in a decision"),
    Event("message.damaged", "error", "a message cannot be read"),
    Event("outcome.failed", "error", "an error of Waypost when an outcome was written"),
    Event("receipt.failed", "error", "an error of Waypost when a report was followed"),
    Event("sender.review_failed", "error", "an error of Waypost in a review"),
    Event(
        "stage.failed", "error", "an error of Waypost in a stage", "waypost_stage_failures_total", ("stage",)
    ),
    Event("template.review_failed", "error", "an error of Waypost in a review"),
    Event("database.lost", "critical", "a file of the database was taken away"),
)

EVENTS = {event.name: event for event in _ALL}
"""By their names."""
