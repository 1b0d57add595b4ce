"""The clinic's own colours and logo, served by ourselves."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from inquiries import colours
from inquiries.clinic import ClinicProfile, clinic

A_YEAR = 31_536_000  # the address changes with what is served


@require_safe
@cache_control(public=True, max_age=A_YEAR, immutable=True)
def theme(request: HttpRequest) -> HttpResponse:
    """The tokens that the accent changes; nothing while the clinic keeps ours."""
    kept = clinic()
    if not kept.accent:
        return HttpResponse("", content_type="text/css; charset=utf-8")
    dark = kept.accent_dark or colours.lightened(kept.accent)
    light_rules, dark_rules = _rules(kept.accent, dark=False), _rules(dark, dark=True)
    sheet = f":root {{{light_rules}}}\n@media (prefers-color-scheme: dark) {{ :root {{{dark_rules}}} }}\n"
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")


def _rules(accent: str, *, dark: bool) -> str:
    return "".join(f" --{name}: {value};" for name, value in colours.accents(accent, dark=dark).items()) + " "


@require_safe
@cache_control(public=True, max_age=A_YEAR, immutable=True)
def logo(request: HttpRequest) -> HttpResponse:
    row = ClinicProfile.objects.exclude(logo_type="").first()
    if row is None:
        raise Http404
    response = HttpResponse(bytes(row.logo), content_type=row.logo_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline; filename=logo"
    return response
