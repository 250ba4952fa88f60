"""The moving parts, one a stage: dispatcher, tracker, timers, notifier."""
