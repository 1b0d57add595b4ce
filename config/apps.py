from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class SiteConfig(AppConfig):
    """The site itself: its base templates, static files, error pages and checks."""

    name = "config"
    label = "site_config"


class LastResortConfig(AdminConfig):
    """Django's admin behind our own door."""

    default_site = "config.admin_site.SuperusersOnly"
