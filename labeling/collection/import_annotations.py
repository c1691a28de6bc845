"""Take in judgments made elsewhere, with the prompts, responses, tasks and people they need."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from labeling.assignment.make_tasks import add_tasks, responses_digest
from labeling.assignment.models import Seat, SeatKind, Task, TaskResponse
from labeling.audit import record
from labeling.collection.answers import Answers, reordered
from labeling.collection.disagreement import measure_disagreement
from labeling.collection.imported import Columns, ImportedAnnotations
from labeling.collection.judgments import Judgment, Questionnaire, parse_judgment
from labeling.collection.mapping.reshape import Reshaping
from labeling.collection.mapping.shape import FileMapping
from labeling.collection.models import Annotation, Origin
from labeling.collection.submit import fill
from labeling.generation.import_responses import AnsweredPrompt, store_responses
from labeling.generation.models import Response
from labeling.people.models import User
from labeling.projects.create_project import add_instrument
from labeling.projects.models import Instrument, Membership, Project
from labeling.projects.questions import Question
from labeling.projects.roles import Role
from labeling.prompts.files import ImportFile, RowRefused, unchanged
from labeling.prompts.import_prompts import store_prompts
from labeling.prompts.models import Prompt


@transaction.atomic
def import_annotations(
    *, project: Project, file: ImportFile, mapping: FileMapping | None = None, by: User | None = None
) -> ImportedAnnotations:
    """Raises FileRefused, naming each bad line, with nothing imported.

    In a project that asks nothing yet, the questions are those that the file answers.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    instrument = project.current_instrument()
    questionnaire = Questionnaire(instrument.questions if instrument else None)
    instrument = instrument or add_instrument(project=project, questions=[])
    importer = Importer(project, instrument)
    reshaping = Reshaping(mapping, file.name) if mapping else None
    file.columns = mapping.columns if mapping else ()
    for batch in file.batches(parse_judgment, reshaping or unchanged):
        answered = []
        for line, judgment in batch:
            try:
                answered.append((judgment, questionnaire.answers(judgment)))
            except RowRefused as refused:
                file.refuse(line, str(refused))
        if not file.n_problems:
            importer.store(answered, list(questionnaire.questions.values()))
    for cause in reshaping.causes(file.columns) if reshaping else ():
        file.refuse(0, cause)
    file.finish()
    instrument.stored_questions = [question.to_json() for question in questionnaire.questions.values()]
    instrument.frozen_at = instrument.frozen_at or timezone.now()
    instrument.save()
    imported = importer.finish()
    if reshaping:
        imported.blank, imported.self_comparisons = reshaping.blank, reshaping.self_comparisons
    record("annotations.imported", actor=by, project_id=project.pk, file=file.name, **asdict(imported))
    return imported


class Importer:
    """Stores judgments batch by batch, counting what is new."""

    def __init__(self, project: Project, instrument: Instrument) -> None:
        self.project = project
        self.instrument = instrument
        self.imported = ImportedAnnotations()
        self.people: dict[str, User] = {}
        self.columns = Columns()
        self.judged: set[tuple[int, int]] = set()  # task and person
        self.votes: dict[int, int] = {}  # by task

    def finish(self) -> ImportedAnnotations:
        self.imported.single_votes = sum(n == 1 for n in self.votes.values())
        self.imported.constant = self.columns.never_vary()
        return self.imported

    def store(self, answered: Sequence[tuple[Judgment, Answers]], questions: Sequence[Question]) -> None:
        judgments = [judgment for judgment, _answers in answered]
        tasks, responses = self.lay_out([one.answered for one in judgments])
        self.find_people({one.annotator for one in judgments})
        self._annotate(answered, tasks, responses, questions)
        self._heed(judgments, tasks, responses)
        measure_disagreement({task.pk: task for task in tasks}.values(), questions)

    def lay_out(self, answered: Sequence[AnsweredPrompt]) -> tuple[list[Task], list[list[Response]]]:
        """The task of each prompt with its responses, and these in the order given; made where they are missing."""
        prompts, new_prompts = store_prompts(self.project, [one.prompt for one in answered])
        responses, new_responses = store_responses(self.project, prompts, [one.responses for one in answered])
        self.imported.prompts += new_prompts
        self.imported.responses += new_responses
        return self._tasks(prompts, responses), responses

    def _tasks(self, prompts: Sequence[Prompt], responses: Sequence[Sequence[Response]]) -> list[Task]:
        """The task of each row: one with the same responses, or a new one without seats."""
        keys = [(prompt.pk, responses_digest(row)) for prompt, row in zip(prompts, responses, strict=True)]
        found = Task.objects.filter(instrument=self.instrument, digest__in={digest for _prompt, digest in keys})
        known = {(task.prompt_id, task.digest): task for task in found}
        rows = zip(keys, prompts, responses, strict=True)
        missing = {key: (prompt, row) for key, prompt, row in reversed(list(rows)) if key not in known}
        drawn = list(reversed(missing.values()))
        made = add_tasks(instrument=self.instrument, plan=None, drawn=drawn, overlap=0)
        known.update({(task.prompt_id, task.digest): task for task in made})
        self.imported.tasks += len(made)
        return [known[key] for key in keys]

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
        responses: Sequence[Sequence[Response]],
        questions: Sequence[Question],
    ) -> None:
        """One annotation a row: in a seat the person has, else in a free one, else in a new one."""
        held = Seat.objects.filter(task__in=tasks, holder__isnull=False).exclude(kind=SeatKind.DECISION)
        seats = {(seat.task_id, seat.holder_id): seat for seat in held}
        free: dict[int, list[Seat]] = defaultdict(list)
        for seat in Seat.objects.free().filter(task__in=tasks, holder__isnull=True).select_for_update():
            free[seat.task_id].append(seat)
        first: list[Annotation] = []
        again: list[Annotation] = []
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
            annotation = Annotation(
                seat=seat,
                order=[response.pk for response in row],
                answers=answers,
                origin=Origin.FILE,
                active_ms=judgment.active_ms,
                submitted_at=judgment.created_at or timezone.now(),
            )
            seat.leased_until, seat.submitted_at = None, annotation.submitted_at
            filed.append(annotation)
        self._store_first(first)
        for annotation in again:
            self._store_again(annotation, questions)

    def _heed(
        self, judgments: Sequence[Judgment], tasks: Sequence[Task], responses: Sequence[Sequence[Response]]
    ) -> None:
        """What there will be to say of the file."""
        order: dict[int, list[int]] = defaultdict(list)
        candidates = TaskResponse.objects.filter(task__in=tasks).order_by("position")
        for task_id, response_id in candidates.values_list("task_id", "response_id"):
            order[task_id].append(response_id)
        for judgment, task, row in zip(judgments, tasks, responses, strict=True):
            self.columns.heed(judgment)
            self.imported.turned += [response.pk for response in row] != order[task.pk]
        counted = Annotation.objects.counted().filter(seat__task__in=tasks).values_list("seat__task_id")
        self.votes.update(counted.annotate(n=Count("pk")))

    def _store_first(self, annotations: Sequence[Annotation]) -> None:
        seats = [annotation.seat for annotation in annotations]
        Seat.objects.bulk_update([seat for seat in seats if seat.pk], ["holder", "leased_until", "submitted_at"])
        Seat.objects.bulk_create([seat for seat in seats if not seat.pk])
        Annotation.objects.bulk_create(annotations)
        self.imported.annotations += len(annotations)

    def _store_again(self, annotation: Annotation, questions: Sequence[Question]) -> None:
        """What is said of a task by somebody who has a seat at it: nothing new, an answer, or another answer."""
        seat = Seat.objects.select_for_update().get(pk=annotation.seat.pk)
        last = seat.annotations.filter(is_current=True).first()
        if last is not None and says_the_same(last, annotation, questions):
            self.imported.duplicates += 1
            return
        fill(seat, annotation)
        self.imported.annotations += 1
        self.imported.revisions += last is not None


def says_the_same(one: Annotation, other: Annotation, questions: Sequence[Question]) -> bool:
    """In whatever order each of them names the responses."""
    return bool(reordered(questions, one.answers, one.order, other.order) == other.answers)


def new_seat(task: Task) -> Seat:
    """Imported tasks have a seat for everybody who judged them; a planned task keeps its overlap."""
    return Seat(
        project_id=task.project_id, task=task, kind=SeatKind.COUNTED if task.plan_id is None else SeatKind.SURPLUS
    )
