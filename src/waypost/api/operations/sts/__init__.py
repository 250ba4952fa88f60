"""Temporary credentials: product sts, version 2015-04-01."""
