"""A task with all that its page shows, in one query: pages are opened at every label."""

from dataclasses import dataclass
from functools import lru_cache

from django.db import connection
from django.http import Http404

from labeling.assignment.models import Task
from labeling.collection.models import Draft
from labeling.people.models import User
from labeling.projects.models import Instrument, Project
from labeling.prompts.models import Prompt, PromptImage

OPEN = """
SELECT row_to_json(task), row_to_json(prompt), row_to_json(draft),
    (SELECT json_agg(json_build_array(response.id, response.text, endpoint.name) ORDER BY candidate.position)
     FROM labeling_taskresponse AS candidate JOIN labeling_response AS response ON response.id = candidate.response_id
     JOIN labeling_endpoint AS endpoint ON endpoint.id = response.endpoint_id WHERE candidate.task_id = task.id),
    (SELECT json_agg(json_build_array(image.sha256, image.width, image.height) ORDER BY image.position)
     FROM labeling_promptimage AS image WHERE image.prompt_id = prompt.id),
    instrument.frozen_at IS NOT NULL
FROM labeling_task AS task JOIN labeling_prompt AS prompt ON prompt.id = task.prompt_id
    JOIN labeling_instrument AS instrument ON instrument.id = task.instrument_id
    LEFT JOIN labeling_draft AS draft ON draft.task_id = task.id AND draft.user_id = %(user)s
WHERE task.id = %(task)s AND task.project_id = %(project)s
"""
"""Times stay texts in what this gives; nothing that is shown has any."""


@dataclass(frozen=True)
class Opened:
    task: Task
    """With its project, prompt, instrument, responses and images."""
    draft: Draft | None
    """What this person has answered so far."""


def open_task(*, project: Project, task_id: int, user: User) -> Opened:
    """Raises Http404 for what is in another project."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN, {"task": task_id, "project": project.pk, "user": user.pk})
        row = cursor.fetchone()
    if row is None:
        raise Http404
    task, prompt, draft, responses, images, is_frozen = row
    opened = Task(**task)
    opened.project = project
    opened.instrument = frozen_instrument(opened.instrument_id) if is_frozen else instrument(opened.instrument_id)
    opened.prompt = Prompt(**prompt)
    opened.prompt.shown_images = [PromptImage(sha256=sha256, width=w, height=h) for sha256, w, h in images or []]
    opened.texts = {pk: (text, endpoint) for pk, text, endpoint in responses or []}
    return Opened(opened, Draft(**draft) if draft else None)


def instrument(pk: int) -> Instrument:
    return Instrument.objects.get(pk=pk)


@lru_cache(maxsize=256)
def frozen_instrument(pk: int) -> Instrument:
    """It never changes any more (migration 0004), so it is read once."""
    return instrument(pk)
