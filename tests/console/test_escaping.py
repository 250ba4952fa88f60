"""Whatever a value holds, a template shows it as text: providers' words and what no test can have arrive."""

import re
from importlib.resources import files

import pytest
from jinja2 import Environment

from waypost.console.rendering import Renderer, _environment

PACKAGES = ("waypost.console", "waypost.sandbox")
TEMPLATES = {
    file.name: file.read_text(encoding="utf-8")
    for package in PACKAGES
    for file in files(package).joinpath("templates").iterdir()
}
TAG = re.compile(r"<[a-zA-Z][^<>]*(?:\{\{.*?\}\}[^<>]*|\{%.*?%\}[^<>]*)*>", re.DOTALL)
QUOTED = re.compile(r'"[^"]*"')
# An address that begins with a value is one of ours: a path, a query, or the source of an operation.
STARTS = (
    *("root", "other_language.href", "call.signature", "operation.source", "source"),
    # These lead to a form of the explorer.
    *("action", "link", "explorer", "call.form"),
)


def expressions_outside_quotes(source: str) -> list[str]:
    """What stands in a tag of a template, and not between double quotes."""
    found: list[str] = []
    for tag in TAG.findall(source):
        # Quotes within an expression are not those of an attribute.
        plain = re.sub(
            r"\{[{%].*?[%}]\}", lambda part: part[0].replace('"', "'").replace("<", " "), tag, flags=re.DOTALL
        )
        found += re.findall(r"\{\{.*?\}\}", QUOTED.sub("", plain), re.DOTALL)
    # One that chooses between words of the template has no value in it.
    return [each for each in found if not re.match(r"\{\{\s*'[^']*' if ", each)]


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_no_value_leaves_its_place(name: str) -> None:
    source = TEMPLATES[name]
    assert not re.search(r"\|\s*safe\b|Markup|autoescape|\bon\w+=|\bstyle=", source)
    assert expressions_outside_quotes(source) == []
    for value in re.findall(r'(?:href|src|action|hx-get|hx-post)="\{\{\s*([^}]*?)\s*\}\}', source):
        assert value.startswith(STARTS), f"{name}: an address that begins with {value}"


def test_a_value_outside_of_quotes_is_found() -> None:
    assert expressions_outside_quotes('<p class={{ a }} id="{{ b }}">{{ c }}</p>') == ["{{ a }}"]
    assert expressions_outside_quotes('<a href="x"{% if a == "b" %} {{ d }}{% endif %}>') == ["{{ d }}"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_environment_escapes(language: str) -> None:
    environment: Environment = _environment(Renderer("waypost.sandbox")._packages, language)
    assert environment.autoescape is True
    text = environment.from_string('<p title="{{ a }}">{{ a }}{% trans b=a %}{{ b }}{% endtrans %}</p>')
    assert text.render(a="'\"<script>&") == '<p title="{0}">{0}{0}</p>'.format(
        "&#39;&#34;&lt;script&gt;&amp;"
    )


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_link_stays_in_its_sandbox(name: str) -> None:
    links = re.findall(r'(?:href|action)="/([^"]*)"', TEMPLATES[name])
    # What is the same for all of them is cached once.
    assert [link for link in links if not link.endswith((".css", ".js"))] == []
