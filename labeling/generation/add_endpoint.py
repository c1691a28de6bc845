"""Add a model that can be asked, or change how it is asked."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.errors import Refused
from labeling.generation.asks import source_of
from labeling.generation.models import Endpoint, EndpointState, Provider
from labeling.generation.providers import ModelUnavailable, open_provider
from labeling.generation.wake import call_to_check
from labeling.people.models import User
from labeling.projects.models import Project

IDENTITY = ["provider", "model", "revision", "system"]
"""What an endpoint is: it stays so once it has answered, since its responses are scored together."""


@transaction.atomic
def add_endpoint(
    *,
    project: Project,
    name: str,
    model: str,
    provider: str = Provider.LOCAL,
    key: str = "",
    by: User | None = None,
    **fields: Any,
) -> Endpoint:
    """`fields` are those of Endpoint. Whether it can be reached is looked up. Raises Refused for what cannot be."""
    endpoint = Endpoint(project=project, name=name, model=model, provider=provider, **fields)
    endpoint.key = key
    refuse_invalid(endpoint)
    endpoint.save()
    told = {name: str(value) for name, value in fields.items()}
    record("endpoint.added", actor=by, project_id=project.pk, endpoint=name, model=model, **told)
    call_to_check(endpoint)
    return endpoint


@transaction.atomic
def change_endpoint(*, endpoint: Endpoint, key: str | None = None, by: User | None = None, **fields: Any) -> Endpoint:
    """Store the fields given, and a new key where there is one. Raises Refused for values out of range.

    Its state is looked up again. What it is can be changed until it has answered. A key does not go to another server.
    """
    stored = Endpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
    changed = [name for name, value in fields.items() if getattr(stored, name) != value]
    if not fields and not key:
        raise Refused(_("There is nothing to change."))
    if stored.provider == Provider.FILE:
        raise Refused(
            _("The responses of %(endpoint)s were imported; it cannot be asked for more.") % {"endpoint": stored}
        )
    if set(changed).intersection(IDENTITY) and stored.responses.exists():
        raise Refused(
            _("%(endpoint)s has answered already: another model or system prompt is another endpoint.")
            % {"endpoint": stored}
        )
    for name in changed:
        setattr(stored, name, fields[name])
    if key:
        stored.key = key
    elif "base_url" in changed and origin(stored.base_url) != origin(endpoint.base_url):
        stored.encrypted_key = ""  # it was given to another server
    stored.state, stored.resting_until, stored.rests = EndpointState.UNKNOWN, None, 0
    refuse_invalid(stored)
    stored.save()
    record("endpoint.changed", actor=by, project_id=stored.project_id, endpoint=stored.name, fields=changed)
    call_to_check(stored)
    return stored


def origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def refuse_invalid(endpoint: Endpoint) -> None:
    try:
        endpoint.full_clean()
        if endpoint.provider == Provider.OPENAI:
            open_provider(source_of(endpoint))
    except ValidationError as invalid:
        raise Refused(" ".join(invalid.messages)) from invalid
    except ModelUnavailable as unavailable:
        raise Refused(str(unavailable)) from unavailable
