"""The queue service, from which customers read receipts with the official queue SDK."""
