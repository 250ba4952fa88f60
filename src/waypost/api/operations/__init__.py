"""The API operations, one folder per family; a module holds the description and handler of one operation."""
