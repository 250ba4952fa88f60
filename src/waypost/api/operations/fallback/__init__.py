"""Operations on fallback rules and policies.

The official console has these objects (console-and-access.md, section 2) and the official API no operations
on them: the operations are Waypost's own, in the style of the others.
"""
