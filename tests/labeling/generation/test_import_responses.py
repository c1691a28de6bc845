import io
import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from labeling.errors import FileRefused
from labeling.generation.import_responses import ImportedResponses, import_responses
from labeling.generation.models import Endpoint, Provider, Response
from labeling.projects.models import Project
from labeling.prompts.files import ImportFile
from tests.factories import make_endpoint, make_project, make_response, make_run

pytestmark = pytest.mark.django_db


def import_rows(project: Project, *rows: dict[str, Any]) -> ImportedResponses:
    content = "\n".join(map(json.dumps, rows)).encode()
    return import_responses(project=project, file=ImportFile(io.BytesIO(content), "responses.jsonl"))


def written(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"model": model, "text": text} for model, text in pairs]


def test_prompts_endpoints_and_responses_are_made_once() -> None:
    project = make_project()
    first = {"prompt": "p", "responses": written(("m1", "a"), ("m2", "b"), ("m1", "c"))}
    assert import_rows(project, first) == ImportedResponses(responses=3, prompts=1, duplicates=0)
    again = {"prompt": "p", "responses": written(("m1", "a"), ("m1", "d"))}
    assert import_rows(project, again) == ImportedResponses(responses=1, prompts=0, duplicates=1)
    assert set(Endpoint.objects.values_list("name", "provider")) == {("m1", Provider.FILE), ("m2", Provider.FILE)}
    assert Response.objects.count() == 4


def test_an_imported_text_is_there_once_by_the_database_too_and_a_drawn_one_as_often_as_it_was_drawn() -> None:
    project = make_project()
    import_rows(project, {"prompt": "p", "responses": written(("m", "a"))})
    response = Response.objects.get()
    response.pk = None
    with pytest.raises(IntegrityError, match="imported_response_once"), transaction.atomic():
        response.save(force_insert=True)
    endpoint = make_endpoint(project, model="tiny")
    for sample in make_run(endpoint, samples=2).sample_set.all():
        make_response(sample.prompt, endpoint, "a", sample=sample)
    assert endpoint.responses.count() == 2


def test_a_model_may_answer_with_nothing() -> None:
    import_rows(make_project(), {"prompt": "p", "responses": written(("m", ""))})
    assert Response.objects.get().text == ""


@pytest.mark.parametrize(
    ("responses", "cause"),
    [
        (None, "“responses” must be a list"),
        ([], "“responses” must be a list"),
        ([{"model": "m"}], "response 1 must be {“model”, “text”}"),
        ([{"model": "m", "text": "t", "score": 1}], "nothing else"),
        ([{"model": "", "text": "t"}], "a name of 1 to 100 characters"),
        ([{"model": "m", "text": True}], "the text of response 1 is not text"),
        (written(("m", "t"), ("m", "t")), "the same model and the same text"),
    ],
)
def test_wrong_responses(responses: Any, cause: str) -> None:
    with pytest.raises(FileRefused, match="line 1") as refused:
        import_rows(make_project(), {"prompt": "p", "responses": responses})
    assert cause in refused.value.problems[0].cause
    assert not Endpoint.objects.exists()
