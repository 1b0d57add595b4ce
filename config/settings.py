"""One file for every environment; what differs comes from the environment, parsed strictly.

`FIRSTCALL_MODE` is `production` unless the embedded servers (`embedded`) or the test suite (`test`) set it.
Outside those two a missing secret stops the start with a sentence that says what to set.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.embedded.runtime import fill_environment

BASE_DIR = Path(__file__).resolve().parent.parent
fill_environment(os.environ, BASE_DIR)


class Environment(environ.Env):
    """Says which variable it is that holds no number."""

    def int(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        try:
            return super().int(var, default)
        except ValueError as error:
            raise ImproperlyConfigured(f"{var}={os.environ[var]!r} is no whole number.") from error


env = Environment()


def required(name: str, why: str) -> str:
    """The variable's value; Raises ImproperlyConfigured with `why` when it is unset or empty."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"Set {name}: {why}")
    return value


# --- What kind of place this is -------------------------------------------------------------------

MODE = env.str("FIRSTCALL_MODE", "production")
PRODUCTION = MODE == "production"
DEBUG = False
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / ".data"))).resolve()

SECRET_KEY = required("SECRET_KEY", "50 or more random characters that sign sessions and links.")
FIELD_ENCRYPTION_KEYS = required(
    "FIELD_ENCRYPTION_KEYS",
    "comma-separated `keyid:base64url(32 bytes)`, newest first; they seal names, addresses and free text.",
)

# --- The clinic -----------------------------------------------------------------------------------

CLINIC_NAME = env.str("CLINIC_NAME", "Biscayne Infusion Clinic")
CLINIC_PHONE = env.str("CLINIC_PHONE", "+1 305 555 0100")
CLINIC_TIME_ZONE = env.str("CLINIC_TIME_ZONE", "America/New_York")
CLINIC_HOLIDAYS = env.str("CLINIC_HOLIDAYS", "US")  # a country, or country-subdivision, of python-holidays
CLINIC_ADDRESS = env.str("CLINIC_ADDRESS", "100 Example Avenue, Miami, FL 33131")
if CLINIC_TIME_ZONE not in available_timezones():
    raise ImproperlyConfigured(f"CLINIC_TIME_ZONE={CLINIC_TIME_ZONE!r} is not an IANA time zone.")

# --- Where it is reached --------------------------------------------------------------------------

HOST = env.str("HOST", "127.0.0.1")
PORT = env.int("PORT", 8000)
SITE_URL = env.str("SITE_URL", f"http://{HOST}:{PORT}" if not PRODUCTION else "").rstrip("/")
if not SITE_URL:
    raise ImproperlyConfigured("Set SITE_URL: the public address, such as https://book.example.org; links use it.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(SITE_URL).hostname, "127.0.0.1", "localhost", "[::1]"])
EMBED_ORIGINS = env.list("EMBED_ORIGINS", default=[])  # sites that may show the form in a frame
WEBHOOKS_TO_PRIVATE_NETWORKS = env.bool("WEBHOOKS_TO_PRIVATE_NETWORKS", not PRODUCTION)
CALENDARS_ON_LOOPBACK = not PRODUCTION  # beside https to the public internet, what runs on this machine
for origin in EMBED_ORIGINS:
    if origin != "{0.scheme}://{0.netloc}".format(urlsplit(origin)) or not urlsplit(origin).hostname:
        raise ImproperlyConfigured(f"EMBED_ORIGINS: {origin!r} is no origin such as https://www.example.org.")
METRICS_TOKEN = env.str("METRICS_TOKEN", "")  # who shows it may read /metrics from elsewhere
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)  # how many proxies of ours append to X-Forwarded-For
HTTPS = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# --- Applications ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config.apps.LastResortConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
    "anymail",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "config.apps.SiteConfig",
    "inquiries",
    "scheduling",
    "notifications",
]
MIDDLEWARE = [
    "config.middleware.HeadMiddleware",
    "config.metrics.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.CompressVisitorsPagesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.middleware.FramedPagesMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.accounts.sessions.IdleLogoffMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.accounts.second_factor.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.PrivatePagesMiddleware",
    "config.middleware.WakeMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.clinic",
            ]
        },
    }
]

# --- PostgreSQL: the truth ------------------------------------------------------------------------

if not os.environ.get("DATABASE_URL"):
    raise ImproperlyConfigured(
        "No database: start the embedded one with `make run`, or set DATABASE_URL to postgres://user:password@host/name."
    )
DATABASES = {"default": env.db_url("DATABASE_URL")}
DATABASES["default"].update(
    ENGINE="config.database",
    ATOMIC_REQUESTS=False,
    CONN_HEALTH_CHECKS=True,
    CONN_MAX_AGE=60,
)
DATABASES["default"].setdefault("OPTIONS", {}).update(
    connect_timeout=3,
    # Planning what all look-ups of free times ask took five times as long as answering it: each connection plans once.
    server_side_binding=True,
    prepare_threshold=5,
    # A waiting booking gives up, with an answer, long before a person does.
    options="-c lock_timeout=3000 -c statement_timeout=30000 -c idle_in_transaction_session_timeout=30000",
)
DATABASE_ANSWERS_WITHIN_SECONDS = 35  # longer than a statement may take: a server that is silent so long has stopped
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: wakes Celery up, and counts for the throttles. Losing it loses nothing ------------------

REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
# How long a visitor may wait for a counter; a test machine under load is given more.
CACHE_SECONDS = 5 if MODE == "test" else 0.3
CACHES = {
    "default": {
        "BACKEND": "config.cache.QuietRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": CACHE_SECONDS, "socket_connect_timeout": CACHE_SECONDS},
    }
}
CELERY_BROKER_URL = REDIS_URL
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "health_check_interval": 25,
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
}
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "notifications.tasks.work", "schedule": 20.0},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "run" / "beat-schedule")

# --- Mail -----------------------------------------------------------------------------------------

EMAIL_URL = required(
    "EMAIL_URL", "smtp://user:password@host:port, or smtp+tls:// for STARTTLS; mail leaves through it."
)
vars().update(env.email_url("EMAIL_URL"))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 20)  # seconds that one message may take
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"{CLINIC_NAME} <calls@{urlsplit(SITE_URL).hostname}>")
STAFF_EMAIL = env.list("STAFF_EMAIL", default=[])  # where staff messages go besides the staff's own addresses
CANARY_EMAIL = env.str("CANARY_EMAIL", "sender")  # takes the hourly check that mail leaves; empty: there is none
ON_CALL_EMAIL = env.list("ON_CALL_EMAIL", default=[])  # told first, without content, when somebody needs help today
MESSAGE_ID_DOMAIN = env.str("MESSAGE_ID_DOMAIN", "firstcall.invalid" if not PRODUCTION else urlsplit(SITE_URL).hostname)
# Where delivery reports arrive; each message's own sender address is this one with a signed part after a plus sign.
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", "")
# `user:password` that a mail provider's webhook at /provider/<name>/tracking/ must show; without it there is none.
ANYMAIL = {"WEBHOOK_SECRET": env.str("PROVIDER_WEBHOOK_SECRET", "")}
LEASE_SECONDS = 180  # longer than a task may run, so that a lease never lapses under a live worker
UNDO_SECONDS = env.int("UNDO_SECONDS", 60)  # how long staff can take a decision back; its mail waits that long

# --- Language and time ----------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- Accounts, sessions and the browser -----------------------------------------------------------

AUTH_USER_MODEL = "inquiries.StaffMember"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "config.accounts.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_SESSION_REMEMBER = True
# Guessing is counted in PostgreSQL (`inquiries.trail`), not in the cache.
ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": ""}
# Managers and superusers have to have a second step; everybody is offered one.
REQUIRE_MFA = env.bool("REQUIRE_MFA", PRODUCTION)
MFA_ADAPTER = "config.accounts.adapters.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "config.accounts.forms.CountedCode",
    "reauthenticate": "config.accounts.forms.CountedCodeAgain",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # whoever invited them knows them
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_AGE = 12 * 60 * 60
IDLE_LOGOFF_SECONDS = env.int("IDLE_LOGOFF_SECONDS", 15 * 60)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
# `no-referrer` would make browsers send `Origin: null` with our own forms, which the CSRF check refuses.
SECURE_REFERRER_POLICY = "same-origin"
if env.bool("TLS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "worker-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
}

# --- Static files ---------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
# Only production collects files; the embedded stack and the tests serve them from where they are.
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- API ------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["inquiries.api.bodies.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "inquiries.api.problems.as_problem",
    "UNAUTHENTICATED_USER": None,
    "NUM_PROXIES": TRUSTED_PROXIES,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Firstcall",
    "DESCRIPTION": "Inquiries that become screening calls: slots, held requests, and the staff's decisions.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "AppointmentStatus": "scheduling.models.Appointment.Status",
        "InquiryStatus": "inquiries.models.Inquiry.Status",
        "NeedsHelpNow": "inquiries.models.Inquiry.NeedsHelp",
        "Language": [code for code, _name in LANGUAGES],
    },
}

# --- Limits on what one visitor may do (requests per window of seconds) -----------------------------

THROTTLES = {
    "inquiry": (env.int("THROTTLE_INQUIRIES", 600 if PRODUCTION else 6000), 60),
    "slots": (env.int("THROTTLE_SLOTS", 600 if PRODUCTION else 6000), 60),
    "token": (env.int("THROTTLE_TOKENS", 120 if PRODUCTION else 6000), 60),
    "link": (env.int("THROTTLE_LINKS", 20), 3600),
    # An e-mail or a phone that asks more often is set aside; one address that holds more time holds no more.
    "person": (env.int("THROTTLE_PERSON", 6 if PRODUCTION else 6000), 3600),
    "hold": (env.int("HOLDS_PER_SOURCE", 20 if PRODUCTION else 6000), 3600),
    "page": (3 if PRODUCTION else 6000, 24 * 3600),  # what is sent from one opened page, if it is changed in between
    "flood": (env.int("ATTACK_INQUIRIES", 100 if PRODUCTION else 300), 600),  # forms from everybody together
    "link-address": (3, 3600),  # fresh links to one e-mail address
    "login": (env.int("THROTTLE_LOGINS", 10), 300),  # failures for one name from one place
    "login_place": (env.int("THROTTLE_LOGINS_OF_A_PLACE", 60), 300),  # failures from one place
}

# --- Who may be a program -------------------------------------------------------------------------

# Trial runs and tests are made by programs, and with one address for everybody: they get more room.
MINIMUM_FILL_SECONDS = env.int("MINIMUM_FILL_SECONDS", 3 if PRODUCTION else 0)
# One alone would tell a stranger, at the first repeat, that this address has a request at the clinic.
OPEN_REQUESTS_PER_PERSON = env.int("OPEN_REQUESTS_PER_PERSON", 2 if PRODUCTION else 100)
PROOF_OF_WORK = env.str("PROOF_OF_WORK", "auto")
if PROOF_OF_WORK not in ("always", "auto", "never"):
    raise ImproperlyConfigured(f"PROOF_OF_WORK={PROOF_OF_WORK!r} is none of: always, auto, never.")

# --- Logs: structured, on standard error, without personal facts ------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"without_links": {"()": "config.logs.WithoutLinks"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_links"]}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        # It writes down whole addresses, and those of calendars and webhooks are secrets.
        "urllib3": {"handlers": [], "level": "CRITICAL", "propagate": False},
        # Anybody can send any Host header; it is answered 400, and fills no log.
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
    },
}
