"""Take in a file of responses written elsewhere, with the prompts they answer."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.generation.models import Endpoint, Provider, Response
from labeling.loading import add_rows, as_array, check_at_once, found_rows, new_ids
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.prompts.files import ImportFile, Reshape, Row, RowRefused, refuse_unknown, unchanged
from labeling.prompts.import_prompts import StoredPrompt, store_prompts
from labeling.prompts.look_into import look_into
from labeling.prompts.models import Prompt
from labeling.prompts.rows import FIELDS, prompt_of

MODEL_NAME_LENGTH = 100
ANSWERED_FIELDS = FIELDS | {"responses"}


class WrittenResponse(NamedTuple):
    model: str
    text: str
    digest: str


@dataclass(frozen=True)
class AnsweredPrompt:
    """A prompt as a file has it, with the responses to it; none of them stored yet."""

    prompt: Prompt
    responses: list[WrittenResponse]


@dataclass(frozen=True)
class ImportedResponses:
    responses: int
    prompts: int
    duplicates: int
    """Responses the project already had."""

    def sentence(self) -> str:
        said = _(
            "%(responses)d responses and %(prompts)d prompts were imported; %(duplicates)d responses were there "
            "already."
        )
        return said % asdict(self)


def text_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def parse_answered(row: Row) -> AnsweredPrompt:
    refuse_unknown(row, ANSWERED_FIELDS)
    return AnsweredPrompt(prompt_of(row), responses_of(row))


def responses_of(row: Row) -> list[WrittenResponse]:
    """The row's `responses`, at least one, no two the same. Raises RowRefused."""
    given = row.get("responses")
    if not isinstance(given, list) or not given:
        raise RowRefused(_("“responses” must be a list of {“model”, “text”}, with at least one of them."))
    responses = []
    for number, response in enumerate(given, 1):
        if not isinstance(response, dict) or response.keys() != {"model", "text"}:
            raise RowRefused(_("response %(n)d must be {“model”, “text”} and nothing else.") % {"n": number})
        model, text = response["model"], response["text"]
        if not isinstance(model, str) or not 0 < len(model.strip()) <= MODEL_NAME_LENGTH:
            raise RowRefused(
                _("the model of response %(n)d must be a name of 1 to %(m)d characters.")
                % {"n": number, "m": MODEL_NAME_LENGTH}
            )
        if not isinstance(text, str):
            raise RowRefused(_("the text of response %(n)d is not text.") % {"n": number})
        responses.append((model.strip(), text))
    if len(set(responses)) < len(responses):
        raise RowRefused(_("two of the responses have the same model and the same text."))
    return [WrittenResponse(model, text, text_digest(text)) for model, text in responses]


@transaction.atomic
def import_responses(
    *, project: Project, file: ImportFile, reshape: Reshape = unchanged, by: User | None = None
) -> ImportedResponses:
    """Raises FileRefused, naming each bad line, with nothing imported."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    check_at_once()
    n_given = n_responses = n_prompts = 0
    for batch in file.batches(parse_answered, reshape):
        answered = [parsed for _line, parsed in batch]
        prompts, new_prompts = store_prompts(project, [one.prompt for one in answered])
        stored, new_responses = store_responses(project, prompts, [one.responses for one in answered])
        n_given += sum(len(responses) for responses in stored)
        n_prompts += new_prompts
        n_responses += new_responses
    file.finish()
    look_into(project)
    record("responses.imported", actor=by, project_id=project.pk, file=file.name, responses=n_responses)
    return ImportedResponses(n_responses, n_prompts, n_given - n_responses)


KNOWN = "SELECT prompt_id, endpoint_id, digest, id FROM labeling_response WHERE prompt_id = ANY(%s) ORDER BY id DESC"
STORED_FIELDS = ("id", "prompt", "endpoint", "text", "digest", "marks", "revision", "finish_reason")


def store_responses(
    project: Project, prompts: Sequence[StoredPrompt], written: Sequence[Sequence[WrittenResponse]]
) -> tuple[list[list[int]], int]:
    """For each prompt the ids of the responses, in the order written, made where they are missing; and how many were.

    A text that the named model is known to have given to the prompt, drawn or imported, is that response.
    The caller holds the project's lock, and has the prompts from `store_prompts`.
    """
    endpoints = endpoints_named(project, {one.model for row in written for one in row})
    before = {prompt.pk for prompt in prompts if not prompt.is_new}
    known: dict[tuple[int, int, str], int] = {
        (prompt_id, endpoint_id, digest): pk
        for prompt_id, endpoint_id, digest, pk in (found_rows(KNOWN, as_array(before)) if before else ())
    }
    keys: list[list[tuple[int, int, str]]] = []
    missing: dict[tuple[int, int, str], str] = {}
    for prompt, row in zip(prompts, written, strict=True):
        keys.append([(prompt.pk, endpoints[one.model], one.digest) for one in row])
        for key, one in zip(keys[-1], row, strict=True):
            if key not in known:
                missing.setdefault(key, one.text)
    made = dict(zip(missing, new_ids(Response, len(missing)), strict=True))
    add_rows(
        Response,
        STORED_FIELDS,
        (
            (pk, prompt, endpoint, missing[prompt, endpoint, digest], digest, "{}", "", "")
            for (prompt, endpoint, digest), pk in made.items()
        ),
    )
    known.update(made)
    return [[known[key] for key in row] for row in keys], len(made)


def endpoints_named(project: Project, names: set[str]) -> dict[str, int]:
    """The ids of the project's endpoints of these names; those it lacks are made as sources of imported responses."""
    known = dict(project.endpoints.filter(name__in=names).values_list("name", "pk"))
    missing = [Endpoint(project=project, name=name, provider=Provider.FILE) for name in sorted(names - known.keys())]
    Endpoint.objects.bulk_create(missing)
    return known | {endpoint.name: endpoint.pk for endpoint in missing}
