# The two commands: `make run` brings up Concord with a demo project, `make test` runs all tests.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN = .venv/bin

# .venv comes uncompiled: where this is set, every process would compile all that it imports, and none would keep it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run setup setup-dev test lint messages

run: setup
	@exec $(BIN)/python manage.py run --tied

setup:
	@$(PYTHON) config/setup.py

setup-dev:
	@$(PYTHON) config/setup.py requirements-dev.txt

test: setup-dev
	@$(BIN)/python -m pytest

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null
	CONCORD_PRODUCTION=1 SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(48))') ALLOWED_HOSTS=concord.example \
	  CONCORD_ENCRYPTION_KEYS=$$($(BIN)/python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())') \
	  DATABASE_URL=postgresql://u:p@localhost/concord CELERY_BROKER_URL=redis://localhost $(BIN)/python manage.py check --deploy --fail-level WARNING

messages:
	$(BIN)/python manage.py makemessages --locale zh_Hans --no-location --no-wrap --no-obsolete --ignore .venv --ignore var
