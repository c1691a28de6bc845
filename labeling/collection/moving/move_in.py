"""Make a project here of one that another tool holds, or bring one that was made so up to date."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from labeling.assignment.gold import make_gold
from labeling.assignment.models import Gold, Seat, Skip, SkipReason, Task
from labeling.assignment.queue import arrange
from labeling.audit import AuditEntry, record
from labeling.collection.import_annotations import Importer
from labeling.collection.imported import ImportedAnnotations
from labeling.collection.judgments import Judgment, time_of
from labeling.collection.moving.shape import ForeignAnnotation, LeftOut
from labeling.collection.moving.survey import Found, Labeled, Moved, Problems, moved_tasks
from labeling.errors import Refused
from labeling.people.models import User
from labeling.projects.create_project import add_instrument, create_project
from labeling.projects.guidelines import write_guidelines
from labeling.projects.models import Instrument, Membership, Project
from labeling.projects.presets import Preset
from labeling.projects.questions import Question
from labeling.prompts.files import BATCH
from labeling.prompts.look_into import look_into

MOVED = "project.moved"
"""What the audit calls it."""


@dataclass
class MovedIn:
    project: Project
    is_new: bool
    imported: ImportedAnnotations
    tasks: int = 0
    """In the file; some of them may be the same."""
    golds: int = 0
    skips: int = 0
    left_out: list[tuple[LeftOut, int]] = field(default_factory=list)

    def sentence(self) -> str:
        said = _(
            "New here: tasks %(tasks)d, annotations %(annotations)d, people %(annotators)d, skips %(skips)d, known "
            "answers %(golds)d. Annotations that were here already: %(duplicates)d."
        )
        counts = {"tasks": self.imported.tasks, "golds": self.golds, "skips": self.skips}
        return said % {**asdict(self.imported), **counts}


def move_in(
    *,
    found: Found,
    slug: str,
    name: str = "",
    by: User | None = None,
    progress: Callable[[int], object] = lambda _n_tasks: None,
) -> MovedIn:
    """Raises Refused, with nothing moved: for a slug in use by a project that did not come in this way, or asks other
    questions by now; and FileRefused.
    """
    with transaction.atomic():
        project, is_new = project_for(found, slug, name, by)
        instrument = instrument_for(project, found.questions)
        mover = Mover(found, project, instrument, by)
        problems = Problems(found.source.name)
        tasks = moved_tasks(found, problems)
        while batch := list(islice(tasks, BATCH)):
            mover.store(batch)
            progress(len(batch))
        problems.finish()
        if is_new and found.source.guidelines:
            write_guidelines(project=project, text=found.source.guidelines, by=by)
        moved = mover.finish(is_new)
        said = {"file": found.source.name, "tool": found.source.tool, **reported(moved)}
        look_into(project)
        record(MOVED, actor=by, project_id=project.pk, **said)
    return moved


def project_for(found: Found, slug: str, name: str, by: User | None) -> tuple[Project, bool]:
    """A new one, or one that was moved here before and that this person leads, locked."""
    project = Project.objects.select_for_update(no_key=True).filter(slug=slug).first()
    if project is None:
        return create_project(slug=slug, preset=Preset.IMPORTED, name=name, by=by), True
    before = AuditEntry.objects.filter(project_id=project.pk, action=MOVED, detail__tool=found.source.tool)
    leads = by is None or by.is_superuser or Membership.objects.leading().filter(project=project, user=by).exists()
    if not (leads and before.exists()):
        raise Refused(_("There is already a project at “%(slug)s”.") % {"slug": slug})
    return project, False


def instrument_for(project: Project, questions: Sequence[Question]) -> Instrument:
    """The questions of the other tool. A project that has some must ask for all that the file answers."""
    instrument = project.current_instrument()
    if instrument is None:
        return add_instrument(project=project, questions=list(questions))
    asked = {question.name: question for question in instrument.questions}
    others = [one.name for one in questions if one.name not in asked or not takes_in(asked[one.name], one)]
    if others:
        raise Refused(
            _(
                "The file answers other questions than the project asks: %(names)s. A labeling configuration names all "
                "options and numbers, also those that nobody has chosen yet."
            )
            % {"names": ", ".join(others)}
        )
    return instrument


def takes_in(asked: Question, other: Question) -> bool:
    """Whether answers to the other question are answers to this one."""
    if asked.kind != other.kind:
        return False
    if other.kind == "likert":
        return bool(asked.options["low"] <= other.options["low"] and other.options["high"] <= asked.options["high"])
    flags = asked.options.get("flags", {})
    return all(flags.get(name) == label for name, label in other.options.get("flags", {}).items())


class Mover:
    """Stores tasks batch by batch, with all that was said of them."""

    def __init__(self, found: Found, project: Project, instrument: Instrument, by: User | None) -> None:
        self.found = found
        self.project = project
        self.instrument = instrument
        self.by = by
        self.importer = Importer(project, instrument)
        self.golds = self.skips = 0

    def store(self, batch: Sequence[Moved]) -> None:
        tasks, responses, _made = self.importer.lay_out([moved.answered for moved in batch])
        seated = set(Seat.objects.filter(task__in=tasks).values_list("task_id", flat=True))
        judged = [(self._judgment(moved, one), one.answers) for moved in batch for one in moved.labeled]
        if judged:
            self.importer.store(judged, self.instrument.questions)
        self._seat({task.pk: task for task in tasks if task.pk not in seated})
        self._skip(zip(batch, tasks, strict=True))
        self._make_golds(batch, tasks, responses)

    def finish(self, is_new: bool) -> MovedIn:
        if self.importer.imported.annotations:
            self.instrument.frozen_at = self.instrument.frozen_at or timezone.now()
            self.instrument.save(update_fields=["frozen_at"])
        left_out = self.found.left_out.most_common()
        imported = self.importer.finish()
        return MovedIn(self.project, is_new, imported, self.found.tasks, self.golds, self.skips, left_out)

    def _seat(self, new: dict[int, Task]) -> None:
        """Free seats at new tasks: as many as the other tool wants labels, without those that it has."""
        filled = Counter(Seat.objects.filter(task__in=new).values_list("task_id", flat=True))
        wanted = {pk: self.found.source.overlap - filled[pk] for pk in new}
        free = [Seat(project=self.project, task=new[pk], place=pk) for pk, n in wanted.items() for _n in range(n)]
        if free:
            Seat.objects.bulk_create(free)
            arrange(self.project, [new[pk] for pk, n in wanted.items() if n > 0])

    def _judgment(self, moved: Moved, one: Labeled) -> Judgment:
        created_at = time_of({"created_at": one.said.created_at})
        return Judgment(moved.answered, self._pseudonym(one.said), {}, created_at, one.said.active_ms)

    def _pseudonym(self, said: ForeignAnnotation) -> str:
        """Tells nobody who it is, is the same in every file of the project, and another in other projects."""
        key = f"{self.found.source.tool}:{said.annotator}"
        digest = salted_hmac("labeling.moved", key, secret=self.project.salt.hex, algorithm="sha256").hexdigest()
        return f"annotator-{digest[:12]}"

    def _skip(self, moved: Iterable[tuple[Moved, Task]]) -> None:
        """Who skipped a task is not given it again, unless they have labeled it."""
        skipped = [(task, self._pseudonym(said)) for one, task in moved for said in one.skipped]
        if not skipped:
            return
        self.importer.find_people({name for _task, name in skipped})
        tasks = {task.pk for task, _name in skipped}
        seated = set(Seat.objects.filter(task__in=tasks, holder__isnull=False).values_list("task_id", "holder_id"))
        known = set(Skip.objects.filter(task__in=tasks).values_list("task_id", "user_id"))
        wanted = {(task.pk, self.importer.people[name].pk) for task, name in skipped} - seated - known
        text = self.found.source.tool.label
        Skip.objects.bulk_create(
            Skip(task_id=task, user_id=user, reason=SkipReason.OTHER, text=text) for task, user in sorted(wanted)
        )
        self.skips += len(wanted)

    def _make_golds(self, batch: Sequence[Moved], tasks: Sequence[Task], responses: Sequence[list[int]]) -> None:
        """The first answer to a task that the other tool holds to be true; one that is known here stays."""
        known = set(Gold.objects.filter(task__in=tasks).values_list("task_id", flat=True))
        for moved, task, row in zip(batch, tasks, responses, strict=True):
            true = next((one for one in moved.labeled if one.said.is_gold), None)
            if true is not None and task.pk not in known:
                known.add(task.pk)
                make_gold(task=task, order=row, answers=true.answers, by=self.by)
                self.golds += 1


def reported(moved: MovedIn) -> dict[str, Any]:
    """What came in and what did not, as programs read it."""
    imported = asdict(moved.imported)
    names = ("tasks", "prompts", "responses", "annotations", "duplicates", "revisions", "annotators")
    return {
        "project": moved.project.slug,
        "is_new": moved.is_new,
        **{name: imported[name] for name in names},
        "skips": moved.skips,
        "golds": moved.golds,
        "left_out": [{"what": one.what, "why": one.why, "n": n} for one, n in moved.left_out],
    }
