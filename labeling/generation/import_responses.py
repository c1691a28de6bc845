"""Take in a file of responses written elsewhere, with the prompts they answer."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from labeling.audit import record
from labeling.generation.models import Endpoint, Provider, Response
from labeling.loading import add_rows, as_array, check_at_once, found_rows, loading_behind, new_ids
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.prompts.digests import text_digest
from labeling.prompts.files import ImportFile, Reshape, Row, RowRefused, refuse_unknown, unchanged
from labeling.prompts.given import GivenPrompt
from labeling.prompts.import_prompts import PromptStore, StoredPrompt
from labeling.prompts.look_into import look_into
from labeling.prompts.rows import FIELDS, prompt_of

MODEL_NAME_LENGTH = 100
ANSWERED_FIELDS = FIELDS | {"responses"}
RESPONSE_FIELDS = {"model", "text"}


class WrittenResponse(NamedTuple):
    model: str
    text: str
    digest: str


@dataclass(frozen=True)
class AnsweredPrompt:
    """A prompt as a file has it, with the responses to it; none of them stored yet."""

    prompt: GivenPrompt
    responses: list[WrittenResponse]


@dataclass(frozen=True)
class ImportedResponses:
    responses: int
    prompts: int
    duplicates: int
    """Responses the project already had."""

    def sentence(self) -> str:
        said = _(
            "Responses imported: %(responses)d, with new prompts: %(prompts)d; responses there already: %(duplicates)d."
        )
        return said % asdict(self)


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
        if not isinstance(response, dict) or response.keys() != RESPONSE_FIELDS:
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
    store = AnsweredStore(project)
    n_given = n_responses = n_prompts = 0
    with loading_behind():
        for batch in file.batches(parse_answered, reshape):
            put = store.put([parsed for _line, parsed in batch])
            n_given += sum(map(len, put.responses))
            n_prompts += put.new_prompts
            n_responses += put.new_responses
    file.finish()
    look_into(project)
    record("responses.imported", actor=by, project_id=project.pk, file=file.name, responses=n_responses)
    return ImportedResponses(n_responses, n_prompts, n_given - n_responses)


KNOWN = "SELECT prompt_id, endpoint_id, digest, id FROM labeling_response WHERE prompt_id = ANY(%s) ORDER BY id DESC"
STORED_FIELDS = ("id", "prompt", "endpoint", "text", "characters", "digest")


class Put(NamedTuple):
    """What is stored for rows: the prompt of each, and the ids of its responses in the order written."""

    prompts: list[StoredPrompt]
    responses: list[list[int]]
    new_prompts: int
    new_responses: int


class AnsweredStore:
    """A project's prompts and responses. Who adds to them holds the project's lock.

    A text that the named model is known to have given to the prompt, drawn or imported, is that response.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.prompts = PromptStore(project)
        self.endpoints: dict[str, int] = {}

    def put(self, answered: Sequence[AnsweredPrompt]) -> Put:
        """What is stored for each, made where it is missing."""
        prompts, new_prompts = self.prompts.put([one.prompt for one in answered])
        responses, new_responses = self._put_responses(prompts, [one.responses for one in answered])
        return Put(prompts, responses, new_prompts, new_responses)

    def _put_responses(
        self, prompts: Sequence[StoredPrompt], written: Sequence[Sequence[WrittenResponse]]
    ) -> tuple[list[list[int]], int]:
        self._name_endpoints({one.model for row in written for one in row})
        before = {prompt.pk for prompt in prompts if not prompt.is_new}
        known: dict[tuple[int, int, str], int] = {
            (prompt_id, endpoint_id, digest): pk
            for prompt_id, endpoint_id, digest, pk in (found_rows(KNOWN, as_array(before)) if before else ())
        }
        keys: list[list[tuple[int, int, str]]] = []
        missing: dict[tuple[int, int, str], str] = {}
        for prompt, row in zip(prompts, written, strict=True):
            keys.append([(prompt.pk, self.endpoints[one.model], one.digest) for one in row])
            for key, one in zip(keys[-1], row, strict=True):
                if key not in known:
                    missing.setdefault(key, one.text)
        made = dict(zip(missing, new_ids(Response, len(missing)), strict=True))
        add_rows(
            Response,
            STORED_FIELDS,
            ((made[key], *key[:2], text, len(text), key[2]) for key, text in missing.items()),
        )
        known.update(made)
        return [[known[key] for key in row] for row in keys], len(made)

    def _name_endpoints(self, names: set[str]) -> None:
        """Find the project's endpoints of these names; those it lacks are made as sources of imported responses."""
        unknown = names - self.endpoints.keys()
        if not unknown:
            return
        self.endpoints.update(self.project.endpoints.filter(name__in=unknown).values_list("name", "pk"))
        made = [
            Endpoint(project=self.project, name=name, provider=Provider.FILE)
            for name in sorted(unknown - self.endpoints.keys())
        ]
        Endpoint.objects.bulk_create(made)
        self.endpoints.update((endpoint.name, endpoint.pk) for endpoint in made)
