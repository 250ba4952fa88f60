"""One module a provider: a leg in, an outcome out; a webhook in, receipts out."""
