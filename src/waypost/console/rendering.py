"""Renders HTML pages, which can be read without JavaScript and load nothing from other hosts."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from waypost.console.catalogue import LANGUAGES, catalogue

if TYPE_CHECKING:
    from jinja2 import Environment

_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    # Our own address alone: a browser that may send none at all leaves out the `Origin` of a form, too.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "vary": "accept-language, cookie",
}
_COOKIE = "waypost_lang"
CALLS_PART = "/view/calls"
"""The path of the latest calls as a part of a page, where there is one: every page can show it in a pane."""
_A_YEAR_S = 365 * 86_400


class OtherLanguage(NamedTuple):
    """The language that a page can be switched to.

    Attributes:
        href: the same page in it.
        name: its own name of itself.
    """

    code: str
    href: str
    name: str


class Renderer:
    """Renders templates; all values are escaped.

    Args:
        packages: packages whose `templates` folders are searched after that of the console.
        has_explorer: whether pages link to the explorer.
    """

    def __init__(self, *packages: str, has_explorer: bool = True) -> None:
        self._has_explorer = has_explorer
        self._packages = ("waypost.console", *packages)

    def page(
        self, template: str, status: int = 200, *, request: Request | None = None, **values: object
    ) -> HTMLResponse:
        """Renders a template to a response.

        Args:
            request: what is answered: it has the language and the path that links begin with. A page without
                one is English and of the common root.
        """
        language = language_of(request) if request is not None else "en"
        values |= {
            "language": language,
            "has_explorer": self._has_explorer,
            "root": request.scope.get("root_path", "") if request is not None else "",
            "other_language": _other_language(request, language) if request is not None else None,
            "has_calls_pane": request is not None and _has_calls_pane(request),
        }
        text = _environment(self._packages, language).get_template(template).render(**values)
        response = HTMLResponse(text, status, headers=_HEADERS)
        if (
            request is not None
            and not is_long_query(request)
            and request.query_params.get("lang") == language
        ):
            response.set_cookie(_COOKIE, language, max_age=_A_YEAR_S, samesite="lax")
        return response


@cache
def _environment(packages: tuple[str, ...], language: str) -> "Environment":
    # The first page compiles its templates, which takes longer than this; most sandboxes show none.
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    i18n: Any = environment
    i18n.install_gettext_translations(catalogue(language), newstyle=True)
    environment.filters |= {"words": _words(language), "plain_words": plain_words(language)}
    return environment


def plain_words(language: str) -> Callable[[str], str]:
    """Translates a text that a template does not have itself, such as the meaning of an error; one that the
    catalogue lacks stays English."""
    texts = catalogue(language)
    return lambda text: texts.translation(text) or text


def _words(language: str) -> Callable[[str], Markup]:
    """The same as markup, which says of a text that stays English that it is."""
    texts = catalogue(language)

    def words(text: str) -> Markup:
        translation = texts.translation(text)
        if text and translation is None and language != "en":
            return Markup('<span lang="en">{}</span>').format(text)
        return escape(translation or text)

    return words


def _has_calls_pane(request: Request) -> bool:
    return getattr(request.app.state, "has_calls_pane", False) if "app" in request.scope else False


def template_texts(source: str) -> set[str]:
    """The English texts in the source of a template that a catalogue translates."""
    i18n: Any = _environment(("waypost.console",), "en")
    found = (texts for _, _, texts in i18n.extract_translations(source))
    singular = (texts if isinstance(texts, str) else (texts or ("",))[0] for texts in found)
    return {text for text in singular if text}


def language_of(request: Request) -> str:
    """The language of a page: `?lang=`, else what was chosen before, else what the browser prefers."""
    query = {} if is_long_query(request) else request.query_params
    for code in (query.get("lang"), request.cookies.get(_COOKIE)):
        if code is not None and code in LANGUAGES:
            return code
    for preferred in request.headers.get("accept-language", "").split(",")[:10]:
        code = preferred.partition(";")[0].partition("-")[0].strip().lower()
        if code in LANGUAGES:
            return code
    return "en"


def _other_language(request: Request, language: str) -> OtherLanguage:
    code = next(code for code in LANGUAGES if code != language)
    query = {} if is_long_query(request) else dict(request.query_params)
    return OtherLanguage(code, "?" + urlencode(query | {"lang": code}), LANGUAGES[code])


def wants_html(request: Request) -> bool:
    """Whether a request is from a browser: browsers accept text/html, clients of the API do not."""
    return "text/html" in request.headers.get("accept", "")


LONGEST_QUERY = 4096
"""The most bytes of a query that pages read."""


def is_long_query(request: Request) -> bool:
    """Whether a query is longer than any page has use for; to parse one takes a second for each megabyte."""
    return len(request.scope["query_string"]) > LONGEST_QUERY


def address_of(request: Request, public_url: str) -> str:
    """The URL of the service: `public_url`, or if it is empty that of the request."""
    return public_url or str(request.base_url).rstrip("/")
