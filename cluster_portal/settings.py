"""All settings, from the environment (12-factor); `.env.example` lists the variables."""

import sys
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import bootstrap
import environ
import sentry_sdk
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", False)
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / ".local"))).absolute()

required = ("DATABASE_URL", "REDIS_URL") if DEBUG else ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS")
if missing := [name for name in required if not env.str(name, "")]:
    sys.exit(f"The portal does not start: set {', '.join(missing)} in the environment (see .env.example).")

SECRET_KEY = env.str("SECRET_KEY", "only-for-debugging-on-one-machine-never-in-production-0123456789")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
# The portal stands at the root of its site. Otherwise gunicorn would believe a visitor's header SCRIPT_NAME, where the
# proxy is on the same host, and the pages kept for everybody would bear its addresses.
FORCE_SCRIPT_NAME = ""
HTTPS = SITE_URL.startswith("https://")

INSTALLED_APPS = [
    "applications",
    "news",
    "members",
    "cluster_portal.mail",
    "cluster_portal.identity",
    "cluster_portal.page_cache",
    "cluster_portal.base",
    "cluster_portal.desk.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "lucide",
    "pghistory",
    "pgtrigger",
    "phonenumber_field",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cluster_portal.base.middleware.PrivatePagesMiddleware",
    "cluster_portal.page_cache.pages.PageCacheMiddleware",
    "cluster_portal.base.text.CleanTextMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cluster_portal.desk.middleware.AdminLanguageMiddleware",
    "cluster_portal.identity.middleware.IdentityMiddleware",
    "cluster_portal.base.middleware.LogInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "cluster_portal.urls"
WSGI_APPLICATION = "cluster_portal.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cluster_portal.pages.context.portal",
            ],
            "libraries": {"part": "cluster_portal.pages.jinja"},
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# Database, broker, cache

DATABASE_URL = env.str("DATABASE_URL")
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
# Seconds after which the database gives up a statement of the web server (wsgi.py); 0: never
STATEMENT_TIMEOUT = env.int("STATEMENT_TIMEOUT", 10)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "cluster_portal.base.cache.TolerantRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portal",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}
# Whether public pages are kept until what they show changes; a developer sees each edit of a template
PAGE_CACHE = env.bool("PAGE_CACHE", not DEBUG)

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_DEFAULT_QUEUE = "portal"
CELERY_TASK_IGNORE_RESULT = True
# A hung or dead broker must never hold up a request: the outbox's sweep delivers what a lost wake-up did not.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    "retry_on_timeout": False,
    "max_retries": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/Vilnius"
CELERY_BEAT_SCHEDULER = "cluster_portal.celery:SteadyScheduler"
CELERY_BEAT_SCHEDULE = {
    "deliver-mail": {
        "task": "cluster_portal.mail.tasks.deliver",
        "schedule": 20.0,
        "kwargs": {"sweep": True},
        "options": {"expires": 20},
    },
    "prune-mail": {"task": "cluster_portal.mail.tasks.prune", "schedule": 3600.0, "options": {"expires": 3600}},
    "mail-news": {"task": "news.tasks.mail_new_posts", "schedule": 60.0, "options": {"expires": 60}},
    "forget-unconfirmed": {
        "task": "news.tasks.forget_unconfirmed",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "forget-sessions": {
        "task": "members.tasks.forget_sessions",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "close-ballots": {"task": "applications.tasks.close_due_ballots", "schedule": 60.0, "options": {"expires": 60}},
    "remind-voters": {"task": "applications.tasks.remind_voters", "schedule": 600.0, "options": {"expires": 600}},
}

# People

AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "applications:list"
ACCOUNT_ADAPTER = "members.people.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_FORMS = {
    name: f"members.people.account_forms.{form}"
    for name, form in {
        "login": "LoginForm",
        "signup": "SignupForm",
        "add_email": "AddEmailForm",
        "change_password": "ChangePasswordForm",
        "set_password": "SetPasswordForm",
        "reset_password": "ResetPasswordForm",
        "reset_password_from_key": "ResetPasswordKeyForm",
        "request_login_code": "RequestLoginCodeForm",
        "confirm_login_code": "ConfirmLoginCodeForm",
        "reauthenticate": "ReauthenticateForm",
    }.items()
}
MFA_FORMS = {
    "authenticate": "members.people.account_forms.AuthenticateForm",
    "reauthenticate": "members.people.account_forms.ReauthenticateByCodeForm",
    "activate_totp": "members.people.account_forms.ActivateForm",
}
ACCOUNT_SIGNUP_FORM_CLASS = "members.people.accounts.SignupFields"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60  # seconds; the mail with the code says it in words
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_USER_DISPLAY = "members.people.accounts.display_name"
ACCOUNT_EMAIL_NOTIFICATIONS = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
# allauth's rate limits count by the client's address. Behind HTTPS there is always a proxy, which alone knows it.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 1 if HTTPS else 0)

# Languages and time

LANGUAGE_CODE = "lt"
LANGUAGES = [("lt", _("Lithuanian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "cluster_portal" / "locale"]
FORMAT_MODULE_PATH = "cluster_portal.formats"
TIME_ZONE = "Europe/Vilnius"
USE_TZ = True
PHONENUMBER_DEFAULT_REGION = "LT"
PHONENUMBER_DB_FORMAT = "INTERNATIONAL"

# Files: public ones (logos) and private ones (attachments) are kept apart

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static", ("bootstrap", Path(bootstrap.__path__[0]))]
STATICFILES_FINDERS = [
    "cluster_portal.finders.UsedFilesFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
# Pages name a file by its hash; a source map is for a developer's tools only.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
MEDIA_URL = "/media/"
STORAGE_URL = env.str("STORAGE_URL", "")


def file_storage(folder: str) -> dict:
    """The STORAGES entry of one folder: on this machine, or in the S3 bucket that STORAGE_URL names."""
    if not STORAGE_URL:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": DATA_DIR / folder, "base_url": MEDIA_URL},
        }
    url = urlsplit(STORAGE_URL)
    query = dict(parse_qsl(url.query))
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": url.path.strip("/"),
            "location": folder,
            "endpoint_url": f"{'http' if query.get('tls') == '0' else 'https'}://{url.netloc.rpartition('@')[2]}",
            "region_name": query.get("region"),
            "access_key": unquote(url.username or ""),
            "secret_key": unquote(url.password or ""),
            "default_acl": None,
            "file_overwrite": False,  # as on a disk: a second file of a name gets a name of its own
        },
    }


STORAGES = {
    "default": file_storage("media"),
    "private": file_storage("private"),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
ATTACHMENT_MAX_BYTES = 10 * 1024 * 1024
ATTACHMENTS_MAX = 10
LOGO_MAX_BYTES = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Mail: queued in the database, delivered only where EMAIL_URL says; without it a demo only shows it

EMAIL_URL = env.str("EMAIL_URL", "")
if EMAIL_URL:
    vars().update(env.email_url("EMAIL_URL"))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 20)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "portal@example.org")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAIL_RATE = env.int("MAIL_RATE", 0)  # emails a minute by all workers together; 0: as fast as the server takes them
MAIL_KEEP_DAYS = env.int("MAIL_KEEP_DAYS", 180)

# Safety

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb")
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "cluster_portal.pages.errors.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# Reading a page must not open a session or a history context.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
PGHISTORY_APPEND_ONLY = True

if SENTRY_DSN := env.str("SENTRY_DSN", ""):
    # What people type stays here: neither the bodies of requests nor the variables of the code are sent along.
    sentry_sdk.init(
        dsn=SENTRY_DSN, send_default_pii=False, max_request_body_size="never", include_local_variables=False
    )

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
