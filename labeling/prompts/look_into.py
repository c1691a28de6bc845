"""Look into prompts that came in: language, personal data, near-duplicates."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from labeling.calling import call_worker
from labeling.projects.models import Project
from labeling.projects.personal_data import Treatment
from labeling.prompts.alone import alone
from labeling.prompts.families import find_families
from labeling.prompts.languages import detected_language
from labeling.prompts.mask import kinds_in, mask_prompt
from labeling.prompts.models import Clearance, Prompt
from labeling.prompts.shelf import shingles_of
from labeling.prompts.twins import signature

JOB = "labeling.prompts.jobs.look"
BATCH = 500
EXPIRES = 60.0
"""Seconds after which a call that nobody took is dropped; the sweeper calls again."""

SEEN = """
UPDATE labeling_prompt AS prompt SET looked_at = %s, language = found.language, language_detected = found.detected,
    personal = string_to_array(found.personal, ' '), clearance = found.clearance
FROM unnest(%s::bigint[], %s::text[], %s::boolean[], %s::text[], %s::text[])
    AS found (id, language, detected, personal, clearance)
WHERE prompt.id = found.id
"""
FINGERPRINTS = """
INSERT INTO labeling_fingerprint (prompt_id, signature, compared)
SELECT found.id, found.signature, false FROM unnest(%s::bigint[], %s::bytea[]) AS found (id, signature)
ON CONFLICT (prompt_id) DO UPDATE SET signature = EXCLUDED.signature, compared = false
"""


def look_into(project: Project) -> None:
    """Call a worker to the prompts of the project that nobody has looked into."""
    call_worker(JOB, project.pk, expires=EXPIRES)


def look_again(project: Project) -> None:
    """Treat the personal data that was found before as the project says now, where the prompts are not in use."""
    noted = project.prompts.unused().filter(personal__len__gt=0, clearance="")
    if noted.update(looked_at=None):
        look_into(project)


def examine(*, project_id: int) -> None:
    """Look into all prompts of a project that nobody has looked into. Where somebody is at it, leave it to them."""
    while examine_some(project_id):
        pass
    find_families(project_id=project_id)


def ensure_families(*, project: Project) -> None:
    """Have every prompt of the project compared with the others, so that `Prompt.family` can be relied on."""
    while examine_some(project.pk, wait=True):
        pass
    find_families(project_id=project.pk, wait=True)


@transaction.atomic
def examine_some(project_id: int, *, wait: bool = False) -> bool:
    """Whether there were any."""
    if not alone("prompts", project_id, wait=wait):
        return False
    project = Project.objects.select_for_update(no_key=True).filter(pk=project_id).first()
    if project is None:
        return False
    prompts = list(project.prompts.unseen().with_images().order_by("pk")[:BATCH])
    if not prompts:
        return False
    for prompt in prompts:
        if not prompt.language:
            prompt.language = detected_language(prompt.text)
            prompt.language_detected = bool(prompt.language)
        if not prompt.clearance:
            prompt.personal = kinds_in(prompt)
    treat(project, [prompt for prompt in prompts if prompt.personal and not prompt.clearance])
    keep_fingerprints(prompts)
    store_seen(prompts)
    return True


def treat(project: Project, prompts: Sequence[Prompt]) -> None:
    """Do with the personal data in them as the project says. What is in use stays; what has answers is held."""
    if not prompts or project.personal_data == Treatment.NOTHING:
        return
    unused = project.prompts.unused().filter(pk__in=[prompt.pk for prompt in prompts])
    held = set(unused.values_list("pk", flat=True))
    to_mask = unused.filter(responses=None) if project.personal_data == Treatment.MASK else unused.none()
    masked = set(to_mask.values_list("pk", flat=True))
    for prompt in prompts:
        if prompt.pk in masked:
            mask_prompt(prompt)
            prompt.save(update_fields=["system", "history", "text"])
        elif prompt.pk in held:
            prompt.clearance = Clearance.HELD


def keep_fingerprints(prompts: Sequence[Prompt]) -> None:
    signatures = [signature(shingles_of(prompt)).tobytes() for prompt in prompts]
    with connection.cursor() as cursor:
        cursor.execute(FINGERPRINTS, [[prompt.pk for prompt in prompts], signatures])


def store_seen(prompts: Sequence[Prompt]) -> None:
    columns: list[list[Any]] = [
        [prompt.pk for prompt in prompts],
        [prompt.language for prompt in prompts],
        [prompt.language_detected for prompt in prompts],
        [" ".join(prompt.personal) for prompt in prompts],
        [str(prompt.clearance) for prompt in prompts],
    ]
    with connection.cursor() as cursor:
        cursor.execute(SEEN, [timezone.now(), *columns])
