"""Bring files by the pages, as a lead does."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from labeling.imports.models import Import
from labeling.imports.run_import import run_import
from labeling.projects.models import Project
from tests.conftest import at


def choose(lead: Client, project: Project, name: str, content: bytes, **others: Any) -> Any:
    """The page that says how the file is understood, or why it is not kept."""
    return lead.post(at("imports", project), {"file": SimpleUploadedFile(name, content), **others}, follow=True)


def order(lead: Client, project: Project, **chosen: str) -> Any:
    """The page with what came of the file that was chosen last."""
    kept = Import.objects.filter(project=project).latest("pk")
    address = at("import", project, import_id=kept.pk)
    lead.post(address, chosen)
    run_import(import_id=kept.pk)
    return lead.get(address)


def bring(lead: Client, project: Project, name: str, content: bytes, **others: Any) -> Any:
    assert choose(lead, project, name, content, **others).status_code == 200
    return order(lead, project)
