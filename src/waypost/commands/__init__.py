"""The commands of `waypost`, one module a family. Each imports what it needs when it is run."""
