"""Faults of the machine: its disk, its clock, its files, a stop while others hang."""
