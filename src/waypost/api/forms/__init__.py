"""Calls as forms: which fields a form of an operation has, and the call that a filled form stands for."""
