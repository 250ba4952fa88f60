"""The queues that receipts are read from, as the official queue SDK speaks to them."""
