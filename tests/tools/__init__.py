"""Tests of the maintenance tools."""
