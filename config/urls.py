"""Every door of the house. Visitors' pages are at `/…` in English and `/es/…` in Spanish."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from config import branding, crawlers, desk_health, embed, health, metrics
from notifications import unsubscribing
from scheduling.calendars import feeds

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("theme.css", branding.theme, name="theme"),
    path("logo", branding.logo, name="logo"),
    path("embed.js", embed.script, name="embed-script"),
    path("api/", include("config.api_urls")),
    path("fhir/", include("scheduling.fhir.urls")),
    path("calendar/<str:token>.ics", feeds.read, name="calendar-feed"),
    path("desk/", include("scheduling.desk_urls")),
    path("desk/", include("notifications.desk_urls")),
    path("desk/", include("config.accounts.team_urls")),
    path("desk/health/", desk_health.health, name="desk-health"),
    path("admin/", admin.site.urls),
    path("accounts/", include("config.accounts.urls")),
    # A provider tells of bounces here; without the secret there is no such door.
    *([path("provider/", include("anymail.urls"))] if settings.ANYMAIL["WEBHOOK_SECRET"] else []),
    *i18n_patterns(
        path("", include("scheduling.urls")),
        path("", include("inquiries.urls")),
        path("no-reminders/<str:token>/", unsubscribing.no_reminders, name="no-reminders"),
        prefix_default_language=False,
    ),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
handler429 = "config.errors.too_many_requests"  # read by allauth
