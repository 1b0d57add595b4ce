"""What other sites load to show the form: one script. The form itself is `/embed/`, a visitor's page like any other."""

from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

HOUR = 60 * 60


@lru_cache(maxsize=1)
def _script() -> bytes:
    return bytes((settings.BASE_DIR / "config" / "static" / "embed.js").read_bytes())


@require_safe
@conditional_page
@cache_control(public=True, max_age=HOUR)
def script(request: HttpRequest) -> HttpResponse:
    headers = {"Cross-Origin-Resource-Policy": "cross-origin"}
    return HttpResponse(_script(), content_type="text/javascript; charset=utf-8", headers=headers)
