"""Django's own admin, at `/admin/`, for superusers: a last resort. It has no sign-in page of its own."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class SuperusersOnly(AdminSite):
    site_header = site_title = "Firstcall"
    index_title = _("What the desk does not show")
    site_url = "/desk/"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Leads to the one door of the house, where throttle and second factor stand; it takes no password here."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        if request.user.is_authenticated:
            return HttpResponseRedirect(reverse("admin:index"))
        asked = request.GET.get("next", "")
        return redirect_to_login(asked if asked.startswith("/admin/") else reverse("admin:index"))
