"""The store: the ledger and the journal, changed together in one transaction."""
