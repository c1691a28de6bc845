"""Take in judgments made elsewhere, with the prompts, responses, tasks and people they need."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from labeling.assignment.make_tasks import priority_of
from labeling.assignment.models import Seat, SeatKind, Task, TaskResponse
from labeling.audit import record
from labeling.collection.answers import Answers, reordered
from labeling.collection.disagreement import measure_disagreement
from labeling.collection.imported import ColumnsSeen, ImportedAnnotations
from labeling.collection.judgments import Judgment, parse_judgment
from labeling.collection.mapping.reshape import Reshaping
from labeling.collection.mapping.shape import FileMapping
from labeling.collection.models import Annotation, Origin
from labeling.collection.questionnaire import Questionnaire
from labeling.collection.submit import fill
from labeling.generation.import_responses import AnsweredPrompt, AnsweredStore
from labeling.loading import add_rows, as_array, check_at_once, loading_behind, new_ids
from labeling.people.models import User
from labeling.projects.create_project import add_instrument
from labeling.projects.models import Instrument, Membership, Project
from labeling.projects.questions import Question
from labeling.projects.roles import Role
from labeling.prompts.digests import digest_of
from labeling.prompts.files import ImportFile, Reshape, Row, unchanged
from labeling.prompts.import_prompts import StoredPrompt
from labeling.prompts.look_into import look_into

Made = dict[int, Sequence[int]]
"""By the id of a task made just now: its responses."""


@transaction.atomic
def import_annotations(
    *,
    project: Project,
    file: ImportFile,
    mapping: FileMapping | None = None,
    reshape: Reshape = unchanged,
    by: User | None = None,
) -> ImportedAnnotations:
    """Raises FileRefused, naming each bad line, with nothing imported.

    In a project that asks nothing yet, the questions are those that the file answers.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    check_at_once()
    instrument = project.current_instrument()
    questionnaire = Questionnaire(instrument.questions if instrument else None)
    instrument = instrument or add_instrument(project=project, questions=[])
    importer = Importer(project, instrument)
    reshape = Reshaping(mapping, file.name) if mapping else reshape

    def parse_answered(row: Row) -> tuple[Judgment, Answers]:
        judgment = parse_judgment(row)
        return judgment, questionnaire.answers(judgment)

    with loading_behind():
        for batch in file.batches(parse_answered, reshape):
            importer.store([answered for _line, answered in batch], list(questionnaire.questions.values()))
    file.finish()
    instrument.stored_questions = [question.to_json() for question in questionnaire.questions.values()]
    instrument.frozen_at = instrument.frozen_at or timezone.now()
    instrument.save()
    imported = importer.finish()
    imported.blank = reshape.blank
    if isinstance(reshape, Reshaping):
        imported.self_comparisons = reshape.self_comparisons
    look_into(project)
    record("annotations.imported", actor=by, project_id=project.pk, file=file.name, **asdict(imported))
    return imported


class Importer:
    """Stores judgments batch by batch, counting what is new."""

    def __init__(self, project: Project, instrument: Instrument) -> None:
        self.project = project
        self.instrument = instrument
        self.answered = AnsweredStore(project)
        self.imported = ImportedAnnotations()
        self.people: dict[str, User] = {}
        self.columns = ColumnsSeen()
        self.judged: set[tuple[int, int]] = set()  # task and person
        self.votes: dict[int, int] = {}  # by task

    def finish(self) -> ImportedAnnotations:
        self.imported.single_votes = sum(n == 1 for n in self.votes.values())
        self.imported.constant = self.columns.never_vary()
        return self.imported

    def store(self, answered: Sequence[tuple[Judgment, Answers]], questions: Sequence[Question]) -> None:
        judgments = [judgment for judgment, _answers in answered]
        tasks, responses, made = self.lay_out([one.answered for one in judgments])
        self.find_people({one.annotator for one in judgments})
        changed = self._annotate(answered, tasks, responses, questions, made)
        self._heed(judgments, tasks, responses, made)
        n_judged = Counter(task.pk for task in tasks)
        perhaps_split = {task.pk: task for task in changed if task.pk not in made or n_judged[task.pk] > 1}
        measure_disagreement(perhaps_split.values(), questions)

    def lay_out(self, answered: Sequence[AnsweredPrompt]) -> tuple[list[Task], list[list[int]], Made]:
        """The task of each prompt with its responses, and their ids in the order given; made where they are missing."""
        put = self.answered.put(answered)
        self.imported.prompts += put.new_prompts
        self.imported.responses += put.new_responses
        tasks, made = self._tasks(put.prompts, put.responses)
        return tasks, put.responses, made

    def _tasks(self, prompts: Sequence[StoredPrompt], responses: Sequence[Sequence[int]]) -> tuple[list[Task], Made]:
        """The task of each row: one with the same responses, or a new one without seats."""
        keys = [(prompt.pk, digest_of(sorted(row))) for prompt, row in zip(prompts, responses, strict=True)]
        before = {prompt.pk for prompt in prompts if not prompt.is_new}
        found = Task.objects.filter(instrument=self.instrument, prompt__in=before)
        known = {(task.prompt_id, task.digest): task for task in found}
        missing: dict[tuple[int, str], tuple[StoredPrompt, Sequence[int]]] = {}
        for key, prompt, row in zip(keys, prompts, responses, strict=True):
            if key not in known:
                missing.setdefault(key, (prompt, row))
        made = add_judged(self.instrument, missing)
        self.imported.tasks += len(made)
        known.update(made)
        return [known[key] for key in keys], {made[key].pk: row for key, (_prompt, row) in missing.items()}

    def find_people(self, names: set[str]) -> None:
        """Members by user name. A name that belongs to somebody outside the project gets an account of its own."""
        unknown = names - self.people.keys()
        own_names = {name: f"{name}.{self.project.slug}" for name in unknown}
        candidates = unknown | set(own_names.values())
        members = {
            user.username: user
            for user in User.objects.filter(memberships__project=self.project, username__in=candidates)
        }
        taken = set(User.objects.filter(username__in=candidates).values_list("username", flat=True))
        for name in sorted(unknown):
            user = members.get(name) or members.get(own_names[name])
            if user is None:
                user = User(username=own_names[name] if name in taken else name)
                user.set_unusable_password()
                user.save()
                Membership.objects.create(project=self.project, user=user, role=Role.ANNOTATOR)
                self.imported.annotators += 1
            self.people[name] = user

    def _annotate(
        self,
        answered: Sequence[tuple[Judgment, Answers]],
        tasks: Sequence[Task],
        responses: Sequence[Sequence[int]],
        questions: Sequence[Question],
        made: Made,
    ) -> list[Task]:
        """One annotation a row: in a seat the person has, else in a free one, else in a new one.

        The tasks of which something new was said.
        """
        before = [task for task in tasks if task.pk not in made]
        held = Seat.objects.filter(task__in=before, holder__isnull=False).exclude(kind=SeatKind.DECISION)
        seats = {(seat.task_id, seat.holder_id): seat for seat in held.select_for_update()} if before else {}
        free: dict[int, list[Seat]] = defaultdict(list)
        for seat in Seat.objects.free().filter(task__in=before, holder__isnull=True).select_for_update():
            free[seat.task_id].append(seat)
        last = {said.seat_id: said for said in Annotation.objects.filter(seat__in=seats.values(), is_current=True)}
        first: list[Annotation] = []
        again: list[Annotation] = []
        now = timezone.now()
        for (judgment, answers), task, row in zip(answered, tasks, responses, strict=True):
            user = self.people[judgment.annotator]
            key = (task.pk, user.pk)
            self.imported.repeated += key in self.judged
            self.judged.add(key)
            filed = again if key in seats else first
            if key not in seats:
                seats[key] = free[task.pk].pop() if free[task.pk] else new_seat(task)
                seats[key].holder = user
            seat = seats[key]
            seat.task = task
            said_at = judgment.created_at or now
            said = Annotation(
                seat=seat,
                order=row,
                answers=answers,
                origin=Origin.FILE,
                active_ms=judgment.active_ms,
                submitted_at=said_at,
            )
            seat.leased_until, seat.submitted_at = None, said_at
            filed.append(said)
        self._store_first(first)
        last.update((said.seat.pk, said) for said in first)
        changed = [said.seat.task for said in again if self._store_again(said, last, questions)]
        return [*(said.seat.task for said in first), *changed]

    def _heed(
        self, judgments: Sequence[Judgment], tasks: Sequence[Task], responses: Sequence[Sequence[int]], made: Made
    ) -> None:
        """What there will be to say of the file."""
        order: dict[int, list[int]] = defaultdict(list, {pk: list(row) for pk, row in made.items()})
        before = {task.pk for task in tasks} - made.keys()
        candidates = TaskResponse.objects.filter(task__in=before).order_by("position")
        for task_id, response_id in candidates.values_list("task_id", "response_id"):
            order[task_id].append(response_id)
        for judgment, task, row in zip(judgments, tasks, responses, strict=True):
            self.columns.heed(judgment)
            self.imported.turned += row != order[task.pk]
        people = {(task.pk, judgment.annotator) for judgment, task in zip(judgments, tasks, strict=True)}
        self.votes.update(Counter(pk for pk, _annotator in people if pk in made))
        counted = Annotation.objects.counted().filter(seat__task__in=before)
        self.votes.update(counted.values_list("seat__task_id").annotate(n=Count("pk")))

    def _store_first(self, annotations: Sequence[Annotation]) -> None:
        seats = [said.seat for said in annotations]
        Seat.objects.bulk_update([seat for seat in seats if seat.pk], ["holder", "leased_until", "submitted_at"])
        new = [seat for seat in seats if not seat.pk]
        for seat, pk in zip(new, new_ids(Seat, len(new)), strict=True):
            seat.pk = pk
        add_rows(
            Seat,
            ("id", "project", "task", "holder", "submitted_at", "kind", "for_evaluation", "place"),
            ((one.pk, one.project_id, one.task_id, one.holder_id, one.submitted_at, one.kind, False, 0) for one in new),
        )
        add_rows(
            Annotation,
            ("seat", "revision", "is_current", "order", "answers", "origin", "client_id", "active_ms", "submitted_at"),
            map(first_said, annotations),
        )
        self.imported.annotations += len(annotations)

    def _store_again(self, said: Annotation, last: dict[int, Annotation], questions: Sequence[Question]) -> bool:
        """What is said of a task by somebody who has a seat at it: nothing new, an answer, or another answer.

        Whether it was anything new.
        """
        before = last.get(said.seat.pk)
        if before is not None and says_the_same(before, said, questions):
            self.imported.duplicates += 1
            return False
        last[said.seat.pk] = fill(said.seat, said)
        self.imported.annotations += 1
        self.imported.revisions += before is not None
        return True


def first_said(one: Annotation) -> tuple[object, ...]:
    answers = json.dumps(one.answers)
    return (
        one.seat.pk,
        1,
        True,
        as_array(one.order),
        answers,
        one.origin,
        one.client_id,
        one.active_ms,
        one.submitted_at,
    )


def add_judged(
    instrument: Instrument, missing: dict[tuple[int, str], tuple[StoredPrompt, Sequence[int]]]
) -> dict[tuple[int, str], Task]:
    """Tasks without seats, by their prompts and digests."""
    made = {
        key: Task(pk=pk, project_id=instrument.project_id, instrument=instrument, prompt_id=key[0], digest=key[1])
        for key, pk in zip(missing, new_ids(Task, len(missing)), strict=True)
    }
    add_rows(
        Task,
        ("id", "project", "instrument", "prompt", "digest", "priority", "disagreement"),
        (
            (made[key].pk, instrument.project_id, instrument.pk, *key, priority_of(prompt.priority), 0)
            for key, (prompt, _row) in missing.items()
        ),
    )
    add_rows(
        TaskResponse,
        ("task", "response", "position"),
        (
            (made[key].pk, response, place)
            for key, (_prompt, row) in missing.items()
            for place, response in enumerate(row)
        ),
    )
    return made


def says_the_same(one: Annotation, other: Annotation, questions: Sequence[Question]) -> bool:
    """In whatever order each of them names the responses."""
    return bool(reordered(questions, one.answers, one.order, other.order) == other.answers)


def new_seat(task: Task) -> Seat:
    """Imported tasks have a seat for everybody who judged them; a planned task keeps its overlap."""
    return Seat(
        project_id=task.project_id, task=task, kind=SeatKind.COUNTED if task.plan_id is None else SeatKind.SURPLUS
    )
