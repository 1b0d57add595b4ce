"""Plain text, as staff write it, laid out as HTML: paragraphs, lists and stress, and nothing else.

Every character is escaped before anything is laid out, so no text can bring markup of its own.
"""

import re

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

ITEM = "- "
STRESS = re.compile(r"\*\*(.+?)\*\*")


def html(text: str) -> SafeString:
    """
    >>> html("Ask **anything**.\\n\\n- one\\n- a < b")
    '<p>Ask <strong>anything</strong>.</p>\\n<ul><li>one</li><li>a &lt; b</li></ul>'
    """
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return format_html_join("\n", "{}", ((_block(block),) for block in blocks if block.strip()))


def _block(block: str) -> SafeString:
    lines = [line.strip() for line in block.splitlines()]
    if all(line.startswith(ITEM) for line in lines):
        return format_html("<ul>{}</ul>", _join("<li>{}</li>", [line.removeprefix(ITEM) for line in lines]))
    return format_html("<p>{}</p>", _inline(" ".join(lines)))


def _join(around: str, texts: list[str]) -> SafeString:
    return format_html_join("", around, ((_inline(text),) for text in texts))


def _inline(text: str) -> SafeString:
    pieces = enumerate(STRESS.split(text))
    return format_html_join(
        "", "{}", ((format_html("<strong>{}</strong>", piece) if number % 2 else piece,) for number, piece in pieces)
    )


def plain(text: str) -> str:
    """The words alone, on one line, for descriptions.

    >>> plain("Ask **anything**.\\n\\n- one\\n- two")
    'Ask anything. one two'
    """
    lines = (line.strip().removeprefix(ITEM) for line in STRESS.sub(r"\1", text).splitlines())
    return " ".join(" ".join(lines).split())
