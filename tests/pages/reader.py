"""Reads a page as a person does: its words, its links, its fields. Only the standard library parses."""

from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse


class Page(HTMLParser):
    """The tags of a response in order, and its text."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.source = response.content.decode()
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def fields(self) -> dict[str, list[dict[str, str]]]:
        """Every control that a form sends, by its name."""
        found: dict[str, list[dict[str, str]]] = {}
        for tag in ("input", "select", "textarea"):
            for attributes in self.all(tag):
                found.setdefault(attributes.get("name", ""), []).append(attributes)
        return found

    def values(self, name: str) -> list[str]:
        return [attributes.get("value", "") for attributes in self.fields().get(name, [])]
