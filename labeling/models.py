"""All tables of what people said; each chapter defines its own."""

from labeling.assignment.models import Seat, Task, TaskPlan, TaskResponse
from labeling.audit import AuditEntry
from labeling.collection.models import Annotation
from labeling.generation.models import Endpoint, GenerationRun, Response, Sample
from labeling.people.models import User
from labeling.projects.models import Instrument, Membership, Project
from labeling.prompts.models import Prompt

__all__ = [
    "Annotation",
    "AuditEntry",
    "Endpoint",
    "GenerationRun",
    "Instrument",
    "Membership",
    "Project",
    "Prompt",
    "Response",
    "Sample",
    "Seat",
    "Task",
    "TaskPlan",
    "TaskResponse",
    "User",
]
