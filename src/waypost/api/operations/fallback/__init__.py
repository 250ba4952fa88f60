"""Operations on fallback rules and policies.

The official console has these objects (console-and-access.md, section 2), but the official API has no
operations on them: these are Waypost's own, in the style of the official ones.
"""
