"""The time zones that a form offers, by the words people use for them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

# Any other IANA name is as welcome: a browser tells its own, and it is then offered too.
OFFERED = {
    _("United States"): {
        "America/New_York": _("Eastern (Miami, New York)"),
        "America/Chicago": _("Central (Chicago, Houston)"),
        "America/Denver": _("Mountain (Denver)"),
        "America/Phoenix": _("Arizona (Phoenix)"),
        "America/Los_Angeles": _("Pacific (Los Angeles)"),
        "America/Anchorage": _("Alaska (Anchorage)"),
        "Pacific/Honolulu": _("Hawaii (Honolulu)"),
        "America/Puerto_Rico": _("Puerto Rico (San Juan)"),
    },
    _("Latin America and the Caribbean"): {
        "America/Argentina/Buenos_Aires": _("Buenos Aires"),
        "America/Bogota": _("Bogotá, Lima, Quito"),
        "America/Caracas": _("Caracas"),
        "America/Costa_Rica": _("Central America"),
        "America/Havana": _("Havana"),
        "America/Mexico_City": _("Mexico City"),
        "America/Santiago": _("Santiago de Chile"),
        "America/Santo_Domingo": _("Santo Domingo"),
        "America/Sao_Paulo": _("São Paulo"),
    },
    _("Elsewhere"): {
        "America/Halifax": _("Halifax"),
        "America/Toronto": _("Toronto"),
        "America/Vancouver": _("Vancouver"),
        "Europe/London": _("London"),
        "Europe/Madrid": _("Madrid"),
        "UTC": _("Universal time (UTC)"),
    },
}


def choices(chosen: str = "") -> list[Any]:
    """Groups of (IANA name, words); a `chosen` zone that is in none of them comes first."""
    groups = [(group, list(zones.items())) for group, zones in OFFERED.items()]
    if chosen and not any(chosen in zones for zones in OFFERED.values()):
        return [(chosen, chosen.replace("_", " ")), *groups]
    return list(groups)
