from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The site itself: its base templates, static files, error pages and checks."""

    name = "config"
    label = "site_config"
