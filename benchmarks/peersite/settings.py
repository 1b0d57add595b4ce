"""No CSRF checks, and a mail backend that drops everything: both in the peer's favour."""

import environ

SECRET_KEY = "only for figures"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "benchmarks.peersite.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "phonenumber_field",
    "appointment",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
DATABASES = {"default": environ.Env().db_url("PEER_DATABASE_URL") | {"CONN_MAX_AGE": 60}}
MIGRATION_MODULES = dict.fromkeys(("auth", "contenttypes", "sessions"))  # the peer comes without migrations
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
TIME_ZONE = "America/New_York"
PHONENUMBER_DEFAULT_REGION = "US"
LOGGING_CONFIG = None
