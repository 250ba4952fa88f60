"""The language codes of templates: the 68 that the service documents (console-and-access.md §1)."""

_CODES = """
    af sq ar az bn bg ca zh_CN zh_HK zh_TW hr cs da nl en en_GB en_US et fil fi fr de el gu ha he hi hu id ga
    it ja kn kk ko lo lv lt mk ms ml mr nb fa pl pt_BR pt_PT pa ro ru sr sk sl es es_AR es_ES es_MX sw sv ta
    te th tr uk ur uz vi zu
"""

LANGUAGES: tuple[str, ...] = tuple(_CODES.split())
"""The codes in the order of the documentation, as a console lists them. A region follows an underscore."""

LANGUAGE_CODES: frozenset[str] = frozenset(LANGUAGES)
"""The same codes, to look one up, case-sensitive. Any other is `InvalidParameter.LanguageNotSupport`."""
