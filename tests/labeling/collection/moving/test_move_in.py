import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from labeling.assignment.models import Gold, Seat, Skip, Task
from labeling.audit import AuditEntry
from labeling.collection.models import Annotation, Origin
from labeling.collection.moving.label_studio import LabelStudio
from labeling.collection.moving.move_in import MovedIn, move_in, reported
from labeling.collection.moving.open_source import open_source
from labeling.collection.moving.shape import Tool
from labeling.collection.moving.survey import Found, survey
from labeling.errors import FileRefused, Refused
from labeling.generation.models import Response
from labeling.people.models import User
from labeling.projects.models import Membership, Project
from labeling.projects.roles import Role
from labeling.prompts.models import Prompt
from tests.factories import make_member, make_project
from tests.labeling.collection.moving import exports

pytestmark = pytest.mark.django_db

WRITTEN = Path(__file__).parent / "written"
"""What the tools' own packages wrote."""


def found_in(tasks: list[dict[str, Any]], config: str = "", **fields: Any) -> Found:
    stream = io.BytesIO(exports.exported(tasks))
    return survey(LabelStudio(stream, "export.json", config=config.encode() if config else None, **fields))


def moved(tasks: list[dict[str, Any]], config: str = "", slug: str = "moved", **fields: Any) -> MovedIn:
    return move_in(found=found_in(tasks, config, **fields), slug=slug)


def argilla(folder: Path, records: list[dict[str, Any]] | None = None, settings: dict[str, Any] | None = None) -> Path:
    """A folder as `to_disk` writes it."""
    (folder / ".argilla").mkdir()
    (folder / ".argilla" / "settings.json").write_text(json.dumps(settings or exports.argilla_settings()))
    (folder / ".argilla" / "dataset.json").write_text(json.dumps({"name": "d", "status": "ready"}))
    (folder / "records.json").write_text(json.dumps(exports.argilla_records() if records is None else records))
    return folder


def zipped(folder: Path) -> io.BytesIO:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*.json")):
            archive.write(path, Path("exported") / path.relative_to(folder))
    return content


def answers() -> dict[str, list[dict[str, Any]]]:
    """What is said now, by the text of the prompt."""
    said: dict[str, list[dict[str, Any]]] = {}
    for one in Annotation.objects.filter(is_current=True).select_related("seat__task__prompt").order_by("pk"):
        said.setdefault(one.seat.task.prompt.text, []).append(one.answers)
    return said


def test_a_pairwise_project_moves_over_whole() -> None:
    report = moved(exports.pairwise_export(), exports.PAIRWISE)
    project = Project.objects.get(slug="moved")
    instrument = project.current_instrument()
    assert instrument is not None
    assert [(one.name, one.kind, one.title, one.required) for one in instrument.questions] == [
        ("comparison", "pairwise", "Which answer is better?", True),
        ("why", "comment", "Why", False),
    ]
    assert answers() == {
        "Why is the sky blue?": [{"comparison": "A", "why": "It is right.\n\nAnd short."}, {"comparison": "B"}],
        "Say 你好.": [{"comparison": "A"}],
    }
    first = Annotation.objects.earliest("pk")
    assert (first.origin, first.active_ms, first.submitted_at.isoformat()) == (
        Origin.FILE,
        12_500,
        "2026-11-02T09:01:10.123456+00:00",
    )
    assert Prompt.objects.get(text="Why is the sky blue?").metadata == {"topic": "physics", "label_studio_id": 1}
    gold = Gold.objects.get()
    assert (gold.task.prompt.text, gold.answers) == ("Why is the sky blue?", first.answers)
    skip = Skip.objects.get()
    assert (skip.task.prompt.text, skip.user) == ("Say 你好.", first.seat.holder)
    assert Seat.objects.free().get().task.prompt.text == "Count to 3."
    said = reported(report)
    assert {name: said[name] for name in ("tasks", "annotations", "annotators", "skips", "golds")} == {
        "tasks": 3,
        "annotations": 3,
        "annotators": 2,
        "skips": 1,
        "golds": 1,
    }
    assert {one["what"]: one["n"] for one in said["left_out"]} == {"drafts": 1, "predictions": 1}
    assert AuditEntry.objects.get(action="project.moved").detail["left_out"] == said["left_out"]


def test_people_are_pseudonyms_that_differ_from_project_to_project() -> None:
    moved(exports.pairwise_export())
    names = set(User.objects.values_list("username", flat=True))
    assert len(names) == 2
    assert all(name.startswith("annotator-") and "ann@" not in name for name in names)
    moved(exports.pairwise_export(), slug="again")
    assert User.objects.count() == 4
    assert set(Membership.objects.values_list("role", flat=True)) == {Role.ANNOTATOR}


def test_moving_again_brings_only_what_is_new() -> None:
    tasks = exports.pairwise_export()
    moved(tasks, exports.PAIRWISE)
    counts = [model.objects.count() for model in (Prompt, Response, Task, Seat, Annotation, Gold, Skip, User)]
    again = moved(tasks, exports.PAIRWISE)
    assert (again.is_new, again.imported.annotations, again.imported.duplicates) == (False, 0, 3)
    assert (again.golds, again.skips) == (0, 0)
    assert [model.objects.count() for model in (Prompt, Response, Task, Seat, Annotation, Gold, Skip, User)] == counts
    tasks[1]["annotations"][0] = exports.annotation(exports.ANN, exports.compared("right"))
    tasks[2]["annotations"] = [exports.annotation(9, exports.compared("right"))]
    more = moved(tasks, exports.PAIRWISE)
    assert (more.imported.annotations, more.imported.annotators, more.imported.revisions) == (2, 1, 0)
    assert answers()["Count to 3."] == [{"comparison": "B"}]
    assert not Seat.objects.free().exists()


def test_an_address_that_others_have_is_refused() -> None:
    make_project("taken")
    with pytest.raises(Refused, match="There is already a project at “taken”"):
        moved(exports.pairwise_export(), slug="taken")
    moved(exports.pairwise_export())
    stranger = make_member(make_project(), Role.LEAD)
    with pytest.raises(Refused, match="There is already a project at “moved”"):
        move_in(found=found_in(exports.pairwise_export()), slug="moved", by=stranger)


def test_a_project_that_asks_something_else_by_now_is_refused() -> None:
    moved(exports.ranker_export({"rank": ["llm_2", "llm_1", "llm_3"]}), exports.RANKER)
    with pytest.raises(Refused, match="The file answers other questions than the project asks: comparison, why"):
        moved(exports.pairwise_export())
    assert Prompt.objects.count() == 1


@pytest.mark.parametrize("config", [exports.RANKER, ""])
@pytest.mark.parametrize("ranked", [{"rank": ["llm_2", "llm_1", "llm_3"]}, ["llm_2", "llm_1", "llm_3"]])
def test_a_ranker_is_a_ranking_whether_it_is_a_list_or_an_object(ranked: Any, config: str) -> None:
    moved(exports.ranker_export(ranked), config)
    assert answers() == {"What ended the library?": [{"rank": [2, 1, 3]}]}
    assert list(Response.objects.order_by("pk").values_list("endpoint__name", "text")) == [
        ("LLM 1", "Wars."),
        ("LLM 2", "Fire."),
        ("LLM 3", "Time."),
    ]


def test_buckets_are_flags() -> None:
    filed = {"relevant_results": ["llm_2", "llm_3"], "biased_results": [], "_": ["llm_1"]}
    moved(exports.ranker_export(filed), exports.BUCKETS)
    assert answers() == {
        "What ended the library?": [{"rank": {"relevant": [False, True, True], "biased": [False, False, False]}}]
    }


def test_what_is_asked_of_each_response_is_one_question() -> None:
    report = moved(exports.grading_export(), exports.GRADING)
    instrument = Project.objects.get().current_instrument()
    assert instrument is not None
    assert {one.name: (one.kind, one.options) for one in instrument.questions} == {
        "quality": ("likert", {"low": 1, "high": 7}),
        "faults": ("flags", {"flags": {"rude": "Rude", "made_up": "Made up"}}),
        "topic": ("prompt_flags", {"flags": {"science": "Science", "choice": "其他"}}),
        "winner": ("pairwise", {"levels": 1, "tie": True, "both_bad": False}),
    }
    assert answers() == {
        "Who?": [
            {
                "quality": [7, 2],
                "faults": {"rude": [True, True], "made_up": [False, True]},
                "topic": {"science": False, "choice": True},
                "winner": "A",
            }
        ],
        "When?": [{"quality": [3, None]}],
    }
    assert set(Response.objects.values_list("endpoint__name", flat=True)) == {"alpha", "beta"}
    assert {one.what: n for one, n in report.left_out} == {"spans (Labels)": 1, "clarity (Rating)": 1}


def test_json_min_needs_the_configuration() -> None:
    rows = [
        {
            "prompt": "Why?",
            "answer1": "So.",
            "answer2": "Thus.",
            "id": 1,
            "comparison": [{"selected": "right"}],
            "why": "Shorter.",
            "annotator": annotator,
            "annotation_id": annotator,
            "created_at": "2026-11-02T09:01:10.123456Z",
            "updated_at": "2026-11-02T09:01:10.123456Z",
            "lead_time": 3.25,
        }
        for annotator in (3, 4)
    ]
    with pytest.raises(FileRefused, match="JSON_MIN does not say what people were asked"):
        found_in(rows)
    report = moved(rows, exports.PAIRWISE)
    assert (report.imported.tasks, report.imported.annotators) == (1, 2)
    assert answers() == {"Why?": [{"comparison": "B", "why": "Shorter."}] * 2}
    assert set(Annotation.objects.values_list("active_ms", flat=True)) == {3250}


def test_what_label_studios_own_converter_wrote() -> None:
    """Of `pairwise_export`, by the converter of label-studio-sdk 2.1.2."""
    moved(json.loads((WRITTEN / "label-studio-sdk-2.1.2.json").read_text()), exports.PAIRWISE)
    whole = moved(exports.pairwise_export(), exports.PAIRWISE)
    assert (whole.imported.annotations, whole.imported.duplicates) == (0, 3)
    assert (whole.imported.tasks, whole.imported.annotators) == (0, 0), "they are the same people and tasks"
    assert (whole.golds, whole.skips) == (1, 1), "which JSON_MIN does not hold"


def test_what_argillas_own_package_wrote() -> None:
    """The settings and a record, by argilla 2.8.0."""
    move_in(found=survey(open_source(Tool.ARGILLA, WRITTEN / "argilla-2.8.0", "written")), slug="moved")
    assert answers() == {
        "Why?": [
            {
                "preference": [2, 1],
                "rating": [2, 3],
                "ok": {"yes": True, "no": False},
                "why": "Shorter",
                "kinds": {"open": True, "closed": False},
            },
            {"rating": [1, None]},
        ]
    }


def test_texts_without_responses_are_demonstrations() -> None:
    config = '<View><Text name="p" value="$prompt"/><TextArea name="reply" toName="p"/></View>'
    said = exports.result("reply", "textarea", "p", text=["Hello."])
    moved([exports.task(1, {"prompt": "Greet."}, exports.annotation(3, said))], config)
    assert answers() == {"Greet.": [{"reply": "Hello."}]}
    assert Task.objects.get().instrument.questions[0].kind == "demonstration"


def test_dialogues_and_tables_are_text() -> None:
    config = """<View><Paragraphs name="d" value="$dialogue"/><Table name="t" value="$card"/>
        <TextArea name="next" toName="d"/></View>"""
    data = {"dialogue": [{"author": "Ann", "text": "Hi."}, {"author": "Bob", "text": "Hello."}], "card": {"age": 4}}
    moved(
        [exports.task(1, data, exports.annotation(3, exports.result("next", "textarea", "d", text=["Bye."])))], config
    )
    assert answers() == {"Ann: Hi.\n\nBob: Hello.\n\nage: 4": [{"next": "Bye."}]}


def test_a_pair_without_a_prompt_is_named_by_its_task() -> None:
    said = exports.result("pw", "pairwise", "text1,text2", selected="right")
    moved([exports.task(17, {"text1": "So.", "text2": "Thus."}, exports.annotation(3, said))])
    assert answers() == {"Task 17": [{"pw": "B"}]}


def test_an_edit_of_a_response_is_a_refinement() -> None:
    config = """<View><Text name="p" value="$prompt"/><Text name="r" value="$response"/>
        <TextArea name="edit" toName="r" value="$response"/></View>"""
    said = exports.result("edit", "textarea", "r", text=["Better."])
    moved([exports.task(1, {"prompt": "Greet.", "response": "Hi."}, exports.annotation(3, said))], config)
    assert answers() == {"Greet.": [{"edit": {"of": "A", "text": "Better."}}]}


def test_which_fields_are_which_can_be_said() -> None:
    data = {"ask": "Why?", "x": "So.", "y": "Thus."}
    said = exports.result("pw", "pairwise", "x,y", selected="right")
    tasks = [exports.task(1, data, exports.annotation(3, said))]
    with pytest.raises(Refused, match="None of the fields ask, x, y is known to be the prompt"):
        found_in(tasks)
    moved(tasks, prompt=["ask"], responses=["y", "x"])
    assert answers() == {"Why?": [{"pw": "A"}]}, "right was y, which stands first here"


@pytest.mark.parametrize("is_archive", [False, True], ids=["folder", "archive"])
def test_an_argilla_data_set_moves_over_whole(tmp_path: Path, is_archive: bool) -> None:
    folder = argilla(tmp_path)
    source = open_source(Tool.ARGILLA, zipped(folder) if is_archive else folder, "exported")
    report = move_in(found=survey(source), slug="moved", name="From Argilla")
    project = Project.objects.get()
    assert project.guideline is not None
    assert (project.name, project.guideline.text) == ("From Argilla", "# Be fair\n\nRead both.")
    assert answers() == {
        "Why?": [
            {"preference": [2, 1], "rating": [2, 5], "kind": {"open": True, "closed": False}, "why": "Shorter."},
            {"preference": [1, 1], "rating": [4, None]},
        ]
    }
    assert Skip.objects.get().task.prompt.text == "How?"
    assert Seat.objects.free().count() == 2, "as many as Argilla wanted, of the record that nobody labeled"
    assert Prompt.objects.get(text="Why?").metadata == {"topic": "logic", "argilla_id": "r1"}
    left_out = {one.what: n for one, n in report.left_out}
    assert left_out == {"suggestions": 1, "vectors": 1, "the state of responses": 2, "facts (span)": 1}
    again = move_in(found=survey(source), slug="moved")
    assert (again.imported.annotations, again.imported.duplicates, again.skips) == (0, 2, 0)


def test_the_reply_that_ends_a_chat_is_what_was_rated(tmp_path: Path) -> None:
    chat = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]
    settings = {
        "fields": [{"name": "chat", "settings": {"type": "chat"}}],
        "questions": [
            exports.question("quality", "rating", 1, 2, 3),
            exports.question("ok", "label_selection", "yes", "no"),
        ],
    }
    said = {"quality": [{"value": 3, "user_id": exports.KIM}], "ok": [{"value": "yes", "user_id": exports.KIM}]}
    records = [{"id": "c", "fields": {"chat": chat}, "responses": said}]
    move_in(found=survey(open_source(Tool.ARGILLA, argilla(tmp_path, records, settings), "chat")), slug="moved")
    assert answers() == {"Hi": [{"quality": [3], "ok": {"yes": [True], "no": [False]}}]}
    assert Response.objects.get().text == "Hello!"


def test_what_goes_wrong_late_leaves_nothing_behind() -> None:
    """A name that cannot be an address is found after the file was read."""
    with pytest.raises(Refused, match="cannot be a project's address"):
        moved(exports.pairwise_export(), slug="Not an address")
    assert not Project.objects.exists()
    assert not User.objects.exists()
