"""What Label Studio and Argilla export, in the shape in which they do."""

import json
from typing import Any

PAIRWISE = """
<View className="root">
  <Style>.root { padding: 20px; }</Style>
  <View className="prompt"><Text name="prompt" value="$prompt"/></View>
  <Header value="Which answer is better?"/>
  <Pairwise name="comparison" toName="answer1,answer2" selectionStyle="background-color: #eee" required="true"/>
  <View style="display: flex"><Text name="answer1" value="$answer1"/><Text name="answer2" value="$answer2"/></View>
  <TextArea name="why" toName="prompt" rows="3"/>
</View>
"""

RANKER = """
<View>
  <Text name="prompt" value="$prompt"/>
  <List name="answers" value="$items" title="All Results"/>
  <Ranker name="rank" toName="answers"/>
</View>
"""

BUCKETS = RANKER.replace(
    '<Ranker name="rank" toName="answers"/>',
    '<Ranker name="rank" toName="answers"><Bucket name="relevant_results" title="Relevant"/>'
    '<Bucket name="biased_results" title="Biased"/></Ranker>',
)

GRADING = """
<View>
  <Text name="question" value="$question"/>
  <Text name="response_1" value="$response_1"/>
  <Rating name="quality_1" toName="response_1" maxRating="7"/>
  <Choices name="faults_1" toName="response_1" choice="multiple">
    <Choice value="Rude"/><Choice value="Made up"/>
  </Choices>
  <Text name="response_2" value="$response_2"/>
  <Rating name="quality_2" toName="response_2" maxRating="7"/>
  <Choices name="faults_2" toName="response_2" choice="multiple">
    <Choice value="Rude"/><Choice value="Made up"/>
  </Choices>
  <Choices name="topic" toName="question"><Choice value="Science"/><Choice value="其他"/></Choices>
  <Choices name="winner" toName="question">
    <Choice value="Response 1"/><Choice value="Response 2"/><Choice value="Tie"/>
  </Choices>
  <Rating name="clarity" toName="question"/>
  <Labels name="spans" toName="response_1"><Label value="Claim"/></Labels>
</View>
"""


def result(name: str, kind: str, to_name: str, **value: Any) -> dict[str, Any]:
    return {
        "id": f"x{name}",
        "from_name": name,
        "to_name": to_name,
        "type": kind,
        "origin": "manual",
        "value": value,
    }


def annotation(by: Any, *results: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": 7,
        "completed_by": by,
        "result": list(results),
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2026-11-02T09:01:10.123456Z",
        "updated_at": "2026-11-02T09:01:10.123456Z",
        "draft_created_at": None,
        "lead_time": 12.5,
        "prediction": {},
        "result_count": len(results),
        "unique_id": "0d7a",
        "import_id": None,
        "last_action": None,
        "task": 1,
        "project": 1,
        "updated_by": 1,
        "parent_prediction": None,
        "parent_annotation": None,
        "last_created_by": None,
        **fields,
    }


def task(number: int, data: dict[str, Any], *annotations: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": number,
        "annotations": list(annotations),
        "file_upload": "1-data.json",
        "drafts": [],
        "predictions": [],
        "data": data,
        "meta": {},
        "created_at": "2026-11-01T09:01:10.123456Z",
        "updated_at": "2026-11-01T09:01:10.123456Z",
        "inner_id": number,
        "total_annotations": len(annotations),
        "cancelled_annotations": 0,
        "total_predictions": 0,
        "comment_count": 0,
        "unresolved_comment_count": 0,
        "last_comment_updated_at": None,
        "project": 1,
        "updated_by": 1,
        "comment_authors": [],
        **fields,
    }


def compared(side: str) -> dict[str, Any]:
    return result("comparison", "pairwise", "answer1,answer2", selected=side)


ANN = {"id": 3, "email": "ann@example.com", "first_name": "Ann", "last_name": "Lee"}


def pairwise_export() -> list[dict[str, Any]]:
    """Three tasks: two people and a known answer; one who skipped; nobody, with a prediction and a draft."""
    why = result("why", "textarea", "prompt", text=["It is right.", "And short."])
    return [
        task(
            1,
            {"prompt": "Why is the sky blue?", "answer1": "Air.", "answer2": "The sea.", "topic": "physics"},
            annotation(ANN, compared("left"), why, ground_truth=True),
            annotation(4, compared("right"), lead_time=None),
        ),
        task(
            2,
            {"prompt": "Say 你好.", "answer1": "你好", "answer2": "Hello"},
            annotation(ANN, was_cancelled=True),
            annotation(4, compared("left")),
        ),
        task(
            3,
            {"prompt": "Count to 3.", "answer1": "1 2 3", "answer2": "3"},
            predictions=[{"id": 1, "result": [compared("left")], "score": 0.5}],
            drafts=[{"id": 1, "result": [compared("right")]}],
        ),
    ]


ITEMS = [
    {"id": "llm_1", "title": "LLM 1", "body": "Wars."},
    {"id": "llm_2", "title": "LLM 2", "body": "Fire."},
    {"id": "llm_3", "title": "LLM 3", "body": "Time."},
]


def ranker_export(ranked: Any) -> list[dict[str, Any]]:
    said = result("rank", "ranker", "answers", ranker=ranked)
    return [task(1, {"prompt": "What ended the library?", "items": ITEMS}, annotation(3, said))]


def graded(**answers: Any) -> list[dict[str, Any]]:
    kinds = {"quality": "rating", "faults": "choices"}
    return [
        result(f"{name}_{place}", kinds[name], f"response_{place}", **{kinds[name]: value})
        for name, values in answers.items()
        for place, value in enumerate(values, 1)
    ]


def grading_export() -> list[dict[str, Any]]:
    data = {"question": "Who?", "response_1": "Me.", "response_2": "You.", "model_1": "alpha", "model_2": "beta"}
    said = [
        *graded(quality=[7, 2], faults=[["Rude"], ["Rude", "Made up"]]),
        result("topic", "choices", "question", choices=["其他"]),
        result("winner", "choices", "question", choices=["Response 1"]),
        result("clarity", "rating", "question", rating=4),
        result("spans", "labels", "response_1", start=0, end=2, text="Me", labels=["Claim"]),
    ]
    return [
        task(1, data, annotation(3, *said)),
        task(2, {**data, "question": "When?"}, annotation(3, *graded(quality=[3]))),
    ]


def exported(tasks: list[dict[str, Any]]) -> bytes:
    return json.dumps(tasks, ensure_ascii=False).encode()


def question(name: str, type: str, *options: str | int, **fields: Any) -> dict[str, Any]:
    listed = [
        {"value": one} if isinstance(one, int) else {"value": one, "text": one, "description": None} for one in options
    ]
    return {
        "id": "5f4e",
        "name": name,
        "title": name,
        "description": None,
        "required": True,
        "settings": {"type": type, "options": listed} if listed else {"type": type, "use_markdown": False},
        "dataset_id": "77aa",
        "inserted_at": None,
        "updated_at": None,
        **fields,
    }


def argilla_settings() -> dict[str, Any]:
    fields = [
        {"id": None, "name": name, "title": name, "required": True, "settings": {"type": "text", "use_markdown": False}}
        for name in ("prompt", "response-1", "response-2")
    ]
    return {
        "guidelines": "# Be fair\n\nRead both.",
        "fields": fields,
        "questions": [
            question("preference", "ranking", "response-1", "response-2"),
            question("rating-1", "rating", 1, 2, 3, 4, 5),
            question("rating-2", "rating", 1, 2, 3, 4, 5),
            question("kind", "multi_label_selection", "open", "closed"),
            question("why", "text", required=False, title="Why?"),
            question("facts", "span", "fact"),
        ],
        "vectors": [{"id": None, "name": "v", "title": "v", "dimensions": 2, "dataset_id": None}],
        "metadata": [],
        "allow_extra_metadata": True,
        "distribution": {"strategy": "overlap", "min_submitted": 2},
        "mapping": None,
    }


KIM, LEE = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def argilla_records() -> list[dict[str, Any]]:
    def by(kim: Any, lee: Any = None) -> list[dict[str, Any]]:
        given = ((kim, KIM), (lee, LEE))
        return [{"value": value, "user_id": user} for value, user in given if value is not None]

    return [
        {
            "id": "r1",
            "fields": {"prompt": "Why?", "response-1": "So.", "response-2": "Thus."},
            "metadata": {"topic": "logic"},
            "suggestions": {"why": {"value": "Because", "score": None, "agent": "gpt"}},
            "responses": {
                "preference": by(
                    ["response-2", "response-1"],
                    [{"value": "response-1", "rank": 1}, {"value": "response-2", "rank": 1}],
                ),
                "rating-1": by(2, 4),
                "rating-2": by(5),
                "kind": by(["open"]),
                "why": by("Shorter."),
                "facts": by([{"start": 0, "end": 2, "label": "fact"}]),
            },
            "vectors": {"v": [0.1, 0.2]},
            "status": "completed",
            "_server_id": "99",
        },
        {
            "id": "r2",
            "fields": {"prompt": "How?", "response-1": "This way.", "response-2": "That way."},
            "metadata": {},
            "suggestions": {},
            "responses": {"rating-1": [{"value": 1, "user_id": KIM, "status": "discarded"}]},
            "vectors": {},
            "status": "pending",
            "_server_id": "98",
        },
    ]
