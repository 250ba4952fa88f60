"""Tokens for the queues: product dybaseapi, versions 2017-05-25 and 2018-05-01."""
