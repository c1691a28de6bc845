"""What programs ask and are given. Names and help are the interface's documentation: they go into its schema."""

from typing import Any

from rest_framework import serializers

from labeling.projects.models import Status
from labeling.projects.roles import Role

USUAL_ON_PAGE, MOST_ON_PAGE = 50, 200


class Asked(serializers.Serializer[Any]):
    """The parameters of an address: none."""


class PageAsked(Asked):
    cursor = serializers.CharField(required=False, help_text="Which page: as `next` and `previous` have it.")
    limit = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_ON_PAGE,
        help_text=f"How many rows at most; {USUAL_ON_PAGE} unless said.",
    )


class ErrorDetails(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="What went wrong, for programs.")
    message = serializers.CharField(help_text="What went wrong, for people, in the language of `Accept-Language`.")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="By parameter, what is wrong with it.",
    )


class ErrorAnswer(serializers.Serializer[Any]):
    """Every failure has this shape."""

    error = ErrorDetails()


class PageAnswer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True, help_text="The address of the next page; null on the last.")
    previous = serializers.URLField(allow_null=True, help_text="The address of the page before; null on the first.")


class ProjectRow(serializers.Serializer[Any]):
    slug = serializers.CharField(help_text="The project's address, and how other addresses name it.")
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(choices=Role.choices, help_text="What you are in it.")
    created_at = serializers.DateTimeField()


class ProjectsAnswer(PageAnswer):
    results = ProjectRow(many=True)


class QuestionRow(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="As answers and figures name it.")
    kind = serializers.CharField(help_text="Such as ranking, likert or flags.")
    title = serializers.CharField(source="shown_title", help_text="As people see it.")
    required = serializers.BooleanField()  # type: ignore[assignment]


class ProjectAnswer(ProjectRow):
    questions = QuestionRow(many=True, help_text="Of the version that new tasks are made with.")


class MemberRow(serializers.Serializer[Any]):
    name = serializers.CharField(source="user.username", help_text="Their user name.")
    role = serializers.ChoiceField(choices=Role.choices)
    status = serializers.ChoiceField(choices=Status.choices, help_text="Whether they are at work.")


class MembersAnswer(PageAnswer):
    results = MemberRow(many=True)
