import pytest
from django.db import IntegrityError, transaction

from labeling.generation.models import Response
from labeling.loading import add_rows, new_ids
from labeling.prompts.digests import text_digest
from labeling.prompts.models import Prompt
from tests.factories import make_endpoint, make_project, make_prompt, make_response


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["four", "名前", "😀", "e\u0301", "x" * 5000 + "é"])
def test_texts_are_counted_by_who_makes_them_and_by_the_database_when_they_change(text: str) -> None:
    prompt = make_prompt(make_project(), text)
    assert Prompt.objects.get().characters == prompt.characters == len(text)
    Prompt.objects.update(text=f"{text}é")
    assert Prompt.objects.get().characters == len(text) + 1
    prompt.text *= 2
    prompt.save(update_fields=["text"])
    assert Prompt.objects.get().characters == 2 * len(text)


@pytest.mark.django_db
def test_a_count_that_cannot_be_is_refused() -> None:
    project = make_project()
    for text, count in (("four", 5), ("four", 0), ("😀", 0), ("名前", 7)):
        prompt = make_prompt(project, text)
        with pytest.raises(IntegrityError, match="prompt_length_possible"), transaction.atomic():
            Prompt.objects.filter(pk=prompt.pk).update(characters=count)
        prompt.delete()
    make_response(make_prompt(project), make_endpoint(project), "four")
    with pytest.raises(IntegrityError, match="response_length_possible"), transaction.atomic():
        Response.objects.update(characters=5)


@pytest.mark.django_db
def test_the_database_fills_in_what_a_prompt_lacks() -> None:
    project = make_project()
    fields = ("id", "project", "text", "characters", "digest")
    add_rows(Prompt, fields, [(*new_ids(Prompt, 1), project.pk, "a", 1, text_digest("a"))])
    added, blank = Prompt.objects.get(), Prompt()
    for name in ("history", "system", "source", "owner", "use_case", "language", "reference", "constraints"):
        assert getattr(added, name) == getattr(blank, name), name
    assert (added.metadata, added.personal, added.clearance) == ({}, [], "")
