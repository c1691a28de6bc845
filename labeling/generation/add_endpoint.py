"""Add a model that can be asked."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from labeling.audit import record
from labeling.errors import Refused
from labeling.generation.models import Endpoint, Provider
from labeling.people.models import User
from labeling.projects.models import Project


@transaction.atomic
def add_endpoint(*, project: Project, name: str, model: str, by: User | None = None, **sampling: Any) -> Endpoint:
    """A local endpoint. `sampling` are the fields of Sampling. Raises Refused for values out of range."""
    endpoint = Endpoint(project=project, name=name, model=model, provider=Provider.TRANSFORMERS, **sampling)
    try:
        endpoint.full_clean()
    except ValidationError as invalid:
        raise Refused(" ".join(invalid.messages)) from invalid
    endpoint.save()
    record("endpoint.added", actor=by, project_id=project.pk, endpoint=name, model=model, **sampling)
    return endpoint
