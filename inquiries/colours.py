"""How well colours can be told apart, as WCAG 2.2 measures it."""

LIGHT_GROUNDS = ("#faf7f2", "#ffffff", "#f3eee6")  # paper, surface and sunken of tokens.css
DARK_GROUNDS = ("#14181a", "#1d2326", "#101415")
READABLE = 4.5


def channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of `#rrggbb`; white is 1."""
    shares = [value / 255 for value in channels(colour)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """
    >>> contrast("#ffffff", "#000000")
    21.0
    """
    low, high = sorted((luminance(one), luminance(other)))
    return round((high + 0.05) / (low + 0.05), 2)


def least_contrast(colour: str, grounds: tuple[str, ...]) -> float:
    return min(contrast(colour, ground) for ground in grounds)


def mixed(colour: str, other: str, share: float) -> str:
    """
    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = zip(channels(colour), channels(other), strict=True)
    return "#" + "".join(f"{round(one * (1 - share) + two * share):02x}" for one, two in pairs)


def lightened(colour: str) -> str:
    """The colour, so much lighter that it can be read on every dark ground."""
    return next(
        mixed(colour, "#ffffff", step / 20)
        for step in range(21)
        if least_contrast(mixed(colour, "#ffffff", step / 20), DARK_GROUNDS) >= READABLE
    )


def accents(colour: str, *, dark: bool) -> dict[str, str]:
    """The tokens that follow from an accent: readable as text, and with readable text on it."""
    towards = "#ffffff" if dark else "#000000"
    soft = mixed(DARK_GROUNDS[1] if dark else "#ffffff", colour, 0.16 if dark else 0.12)
    return {
        "accent": colour,
        "accent-strong": mixed(colour, towards, 0.3),
        "accent-soft": soft,
        "on-accent": max(("#ffffff", "#101415"), key=lambda ink: contrast(ink, colour)),
    }
