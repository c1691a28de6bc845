"""Settings, from the environment only. docs/settings.md lists the variables; a test holds the two together.

By default Concord serves one machine and brings its own PostgreSQL and Valkey under `var/`.
With CONCORD_PRODUCTION it refuses to start on anything it would have to guess.
"""

import os
import secrets
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import quote

from cryptography.fernet import Fernet
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import Env

from config.embedded import folders as embedded_folders
from config.embedded.services import DATABASE, DATABASE_USER, Valkey

env = Env()

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # Arrow's own keeps 20 MB that it needs no more

BASE_DIR = Path(__file__).resolve().parent.parent
FOLDERS = embedded_folders.from_environment()

PRODUCTION = env.bool("CONCORD_PRODUCTION", False)
DEBUG = env.bool("CONCORD_DEBUG", False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("CONCORD_DEBUG shows the program's insides to visitors: not with CONCORD_PRODUCTION.")


def kept(given: str, variable: str, file: Path, make: Callable[[], str]) -> str:
    """The secret that is given; where none is, and this is not production, one made once and kept in `var/`."""
    if given:
        return given
    if PRODUCTION:
        raise ImproperlyConfigured(f"Set {variable}: with CONCORD_PRODUCTION Concord does not make one up.")
    if not file.exists():
        FOLDERS.make()
        made = file.with_suffix(f".{secrets.token_hex(4)}")
        made.touch(mode=0o600)
        made.write_text(make())
        try:
            file.hardlink_to(made)
        except FileExistsError:
            pass  # another process was first; its secret is the one
        finally:
            made.unlink()
    return file.read_text()


SECRET_KEY = kept(
    env.str("SECRET_KEY", ""), "SECRET_KEY", FOLDERS.var / "secret_key", lambda: secrets.token_urlsafe(48)
)
ENCRYPTION_KEYS = kept(
    env.str("CONCORD_ENCRYPTION_KEYS", ""),
    "CONCORD_ENCRYPTION_KEYS",
    FOLDERS.var / "encryption_key",
    lambda: Fernet.generate_key().decode(),
).split(",")
"""What the keys of endpoints are encrypted with: the first encrypts, each of them decrypts."""

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the names Concord is reached by, separated by commas.")

if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# What `manage.py run` starts

HOST = env.str("CONCORD_HOST", "127.0.0.1")
PORT = env.int("CONCORD_PORT", 0)
"""0: the first free one from 8000."""
WEB_PROCESSES = env.int("CONCORD_WEB_PROCESSES", min(4, os.cpu_count() or 1))

# Services

EMBEDDED: list[str] = []
"""The names of the services that Concord brings itself (config/embedded/)."""

if env.str("DATABASE_URL", ""):
    DATABASES = {"default": env.dj_db_url("DATABASE_URL")}
else:
    EMBEDDED.append("postgres")
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": DATABASE,
            "USER": DATABASE_USER,
            "HOST": str(FOLDERS.sockets),
        }
    }
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL server: postgresql://user:password@host/name")

# Statements that are asked again and again are planned once for each connection.
DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=5)

if pool_size := env.int("CONCORD_DB_POOL", 0):
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "")
if not CELERY_BROKER_URL:
    EMBEDDED.append("valkey")
    CELERY_BROKER_URL = f"redis+socket://{quote(str(Valkey(FOLDERS).socket))}"

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
if CELERY_BROKER_URL.startswith(("redis", "valkey")):
    # How long an unfinished job stays with a dead worker. The sweepers bring the work back much sooner.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}


def every(seconds: float, job: str) -> dict[str, object]:
    """A sweep that is dropped rather than piled up when no worker takes it in time."""
    return {"task": job, "schedule": seconds, "options": {"expires": seconds}}


CELERY_BEAT_SCHEDULE = {
    "look into prompts": every(10.0, "labeling.prompts.jobs.sweep"),
    "wake generation runs": every(2.0, "labeling.generation.jobs.sweep"),
    "make tasks of new responses": every(3.0, "labeling.assignment.jobs.sweep"),
    "import files": every(10.0, "labeling.imports.jobs.sweep"),
    "measure agreement": every(5.0, "evaluation.agreement.jobs.sweep"),
    "score endpoints": every(5.0, "evaluation.scores.jobs.sweep"),
    "foresee what is enough": every(10.0, "evaluation.enough.jobs.sweep"),
    "keep tallies of labels": every(600.0, "evaluation.progress.jobs.sweep"),
    "write data sets": every(10.0, "evaluation.datasets.jobs.sweep"),
}

# Application

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "labeling.apps.LabelingConfig",
    "evaluation.apps.EvaluationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.Refusals",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
                "csp.context_processors.nonce",
            ],
        },
    }
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["labeling.api.authentication.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "labeling.api.errors.answer",
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Concord",
    "DESCRIPTION": (
        "Each program sends the access token of a person, as `Authorization: Bearer TOKEN`, and sees what that person "
        "may see. Answers are JSON. Every failure has one shape, `ErrorAnswer`; parameters that are not known are "
        "refused. Each answer has an `ETag`: sent back as `If-None-Match`, it saves what has not changed (304)."
    ),
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SORT_OPERATION_PARAMETERS": False,
}

AUTH_USER_MODEL = "labeling.User"
AUTHENTICATION_BACKENDS = ["labeling.people.backends.Backend"]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "config.sessions"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("CONCORD_TIME_ZONE", "UTC")

STATIC_URL = "static/"
STATIC_ROOT = FOLDERS.var / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = FOLDERS.var / "media"
ON_DISK = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
IN_BUCKET = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": env.str("CONCORD_S3_BUCKET", ""),
        "endpoint_url": env.str("CONCORD_S3_URL", "") or None,
        "default_acl": "private",
    },
}
STORAGES = {
    "default": ON_DISK,
    "datasets": IN_BUCKET if env.str("CONCORD_S3_BUCKET", "") else ON_DISK,
    "staticfiles": {"BACKEND": "config.storage.StaticFiles"},
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"celery.worker.strategy": {"level": "WARNING"}, "celery.app.trace": {"level": "WARNING"}},
}

GENERATION_LEASE = env.float("CONCORD_GENERATION_LEASE", 60.0)
"""Seconds after which the samples of a generation worker that stopped renewing its claim go to another."""


def model_networks() -> list[IPv4Network | IPv6Network]:
    named: list[str] = env.list("CONCORD_MODEL_NETWORKS", [])
    try:
        return [ip_network(network.strip()) for network in named]
    except ValueError as wrong:
        raise ImproperlyConfigured(
            f"CONCORD_MODEL_NETWORKS: {wrong}. Name networks or addresses, separated by commas: 127.0.0.1,10.0.0.0/8"
        ) from None


MODEL_NETWORKS = model_networks()
"""Where model servers may be asked although the addresses are not public."""
