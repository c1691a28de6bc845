"""All tables of what people said; each chapter defines its own."""

from labeling.assignment.models import Gold, Seat, Skip, Task, TaskPlan, TaskResponse
from labeling.audit import AuditEntry
from labeling.collection.models import Annotation, Draft, GoldResult, Review
from labeling.generation.models import (
    Endpoint,
    GenerationRun,
    Response,
    RunPart,
    Sample,
    SamplingParams,
    SentPrompt,
    Trial,
)
from labeling.imports.models import Import
from labeling.people.models import AccessToken, User
from labeling.projects.invitation_models import Invitation, InvitationUse, Participation
from labeling.projects.message_models import Message
from labeling.projects.models import Guideline, GuidelineReading, Instrument, Membership, Project
from labeling.prompts.models import Prompt, PromptImage

__all__ = [
    "AccessToken",
    "Annotation",
    "AuditEntry",
    "Draft",
    "Endpoint",
    "GenerationRun",
    "Gold",
    "GoldResult",
    "Guideline",
    "GuidelineReading",
    "Import",
    "Instrument",
    "Invitation",
    "InvitationUse",
    "Membership",
    "Message",
    "Participation",
    "Project",
    "Prompt",
    "PromptImage",
    "Response",
    "Review",
    "RunPart",
    "Sample",
    "SamplingParams",
    "Seat",
    "SentPrompt",
    "Skip",
    "Task",
    "TaskPlan",
    "TaskResponse",
    "Trial",
    "User",
]
