"""A second, strict reader of calendar entries (RFC 5545), so that not only the library that wrote them reads them."""

import re
from dataclasses import dataclass, field

NAME = re.compile(r"[A-Z0-9-]+")
PARAMETER = re.compile(r';([A-Z0-9-]+)=("[^"\x00-\x1f]*"|[^";:,\x00-\x1f]*)')
ESCAPES = {"\\\\": "\\", "\\;": ";", "\\,": ",", "\\n": "\n", "\\N": "\n"}


class NotStrict(Exception):
    """The text breaks a rule of RFC 5545; the sentence says which."""


@dataclass
class Component:
    name: str
    lines: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    components: list["Component"] = field(default_factory=list)

    def value(self, name: str) -> str:
        """Of the one property of that name."""
        (found,) = (value for each, _, value in self.lines if each == name)
        return found

    def text(self, name: str) -> str:
        """Unescaped; anything but the four escapes is refused."""
        value = self.value(name)
        if re.search(r"(?<!\\)(?:\\\\)*[;,]", value) or re.search(r"\\[^\\;,nN]", value):
            raise NotStrict(f"{name} is not escaped: {value}")
        return re.sub(r"\\[\\;,nN]", lambda found: ESCAPES[found[0]], value)


def parse(text: str) -> Component:
    """The calendar. Raises NotStrict."""
    if not text.endswith("\r\n") or re.search(r"(?<!\r)\n|\r(?!\n)", text):
        raise NotStrict("lines end with CRLF, and the last one too")
    if any(len(line.encode()) > 75 for line in text.split("\r\n")):
        raise NotStrict("a line is longer than 75 octets")
    stack = [Component("")]
    for line in text.replace("\r\n ", "").replace("\r\n\t", "").removesuffix("\r\n").split("\r\n"):
        _read(line, stack)
    if len(stack) != 1 or len(stack[0].components) != 1:
        raise NotStrict("components do not end, or there is not one calendar")
    return stack[0].components[0]


def _read(line: str, stack: list[Component]) -> None:
    name, parameters, value = _split(line)
    if name == "BEGIN":
        stack.append(Component(value))
    elif name == "END":
        ended = stack.pop()
        if ended.name != value or not stack:
            raise NotStrict(f"END:{value} ends {ended.name}")
        stack[-1].components.append(ended)
    else:
        stack[-1].lines.append((name, parameters, value))


def _split(line: str) -> tuple[str, dict[str, str], str]:
    found = NAME.match(line)
    if found is None:
        raise NotStrict(f"no property name: {line}")
    at, parameters = found.end(), {}
    while parameter := PARAMETER.match(line, at):
        parameters[parameter[1]], at = parameter[2].strip('"'), parameter.end()
    if line[at : at + 1] != ":" or re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line):
        raise NotStrict(f"no value, or a control character: {line}")
    return found[0], parameters, line[at + 1 :]
