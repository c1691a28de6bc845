"""What the environment may say, and what production insists on."""

import os
import subprocess
import sys

import pytest

from tests.embedded import ROOT

PRODUCTION = {
    "CONCORD_PRODUCTION": "1",
    "SECRET_KEY": "k" * 20 + "0123456789" + "abcdefghij" * 3,
    "CONCORD_ENCRYPTION_KEYS": "a" * 43 + "=",
    "ALLOWED_HOSTS": "concord.example",
    "DATABASE_URL": "postgresql://u:p@db.example/concord",
    "CELERY_BROKER_URL": "amqp://broker.example",
}


def load(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process with nothing but `environment`, and run `code` on them."""
    script = f"import django; from django.conf import settings; settings.DEBUG; {code}"
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_as_it_should_be() -> None:
    loaded = load(
        "print(settings.EMBEDDED, settings.SESSION_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS)", **PRODUCTION
    )
    assert loaded.stdout.split() == ["[]", "True", "31536000"]


@pytest.mark.parametrize("missing", ["SECRET_KEY", "CONCORD_ENCRYPTION_KEYS", "ALLOWED_HOSTS"])
def test_production_does_not_guess(missing: str) -> None:
    loaded = load("", **{name: value for name, value in PRODUCTION.items() if name != missing})
    assert loaded.returncode == 1
    assert f"Set {missing}" in loaded.stderr


def test_production_shows_nobody_its_insides() -> None:
    assert "not with CONCORD_PRODUCTION" in load("", **PRODUCTION, CONCORD_DEBUG="1").stderr


def test_another_database_is_no_database() -> None:
    assert "must name a PostgreSQL server" in load("", DATABASE_URL="sqlite:///x.db").stderr


def test_the_command_line_says_it_in_one_line() -> None:
    told = subprocess.run(
        [sys.executable, "manage.py", "migrate"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "CONCORD_PRODUCTION": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert told.stderr == "Set SECRET_KEY: with CONCORD_PRODUCTION Concord does not make one up.\n"


def test_a_secret_key_is_made_once_and_kept_to_ourselves(tmp_path: os.PathLike[str]) -> None:
    keys = {load("print(settings.SECRET_KEY)", CONCORD_VAR=str(tmp_path)).stdout for _n in range(2)}
    assert len(keys) == 1
    assert len(keys.pop()) > 50
    (key,) = [entry for entry in os.scandir(tmp_path) if entry.name.startswith("secret_key")]
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_long_path_is_quoted_for_the_broker(tmp_path: os.PathLike[str]) -> None:
    place = os.path.join(tmp_path, "with space")
    loaded = load("print(settings.CELERY_BROKER_URL); print(settings.DATABASES['default']['HOST'])", CONCORD_VAR=place)
    broker, database = loaded.stdout.splitlines()
    assert broker.endswith("/with%20space/run/valkey.sock")
    assert database == f"{place}/run"
