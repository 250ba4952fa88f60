"""SMS, by any gateway with Kannel's sendsms interface."""
