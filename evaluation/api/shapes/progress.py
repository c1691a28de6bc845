"""Progress, as programs are told it."""

from typing import Any

from rest_framework import serializers


class CountsRow(serializers.Serializer[Any]):
    prompts = serializers.IntegerField()
    prompts_without_task = serializers.IntegerField(help_text="Though no response is on order for them any more.")
    responses = serializers.IntegerField(help_text="Written or imported.")
    samples = serializers.IntegerField(help_text="Responses ordered from endpoints.")
    samples_done = serializers.IntegerField()
    samples_failed = serializers.IntegerField()
    tasks = serializers.IntegerField()
    tasks_done = serializers.IntegerField()


class SeatsRow(serializers.Serializer[Any]):
    """Places for annotators at tasks: each task has as many as its overlap."""

    free = serializers.IntegerField()
    leased = serializers.IntegerField(help_text="Somebody is at work there.")
    left = serializers.IntegerField(help_text="Free or leased.")
    filled = serializers.IntegerField(help_text="Labels that count.")
    imported = serializers.IntegerField(help_text="Of the filled ones, by imported labels.")
    returned = serializers.IntegerField(help_text="Of the filled ones, given back to be answered again.")
    surplus = serializers.IntegerField(help_text="Labels that came too late for their seat: kept, and not counted.")
    gold = serializers.IntegerField(help_text="Tasks with a known answer that were answered.")


class SpreadRow(serializers.Serializer[Any]):
    n = serializers.IntegerField(help_text="Labels of which the time is known.")
    lower = serializers.FloatField(allow_null=True, help_text="A quarter took less.")
    median = serializers.FloatField(allow_null=True)
    upper = serializers.FloatField(allow_null=True, help_text="A quarter took more.")
    mean = serializers.FloatField(allow_null=True)
    undefined = serializers.CharField(allow_null=True, help_text="Why nothing is told; null where it is.")


class ForecastRow(serializers.Serializer[Any]):
    """When the seats that are left will be filled."""

    day = serializers.DateField(allow_null=True, help_text="As likely before as after it.")
    low = serializers.DateField(allow_null=True, help_text="Where its 95 % interval begins.")
    high = serializers.DateField(allow_null=True, help_text="Where it ends; null where it is open.")
    undefined = serializers.CharField(allow_null=True, help_text="Why there is no day; null where there is one.")
    n_days = serializers.IntegerField(help_text="Of the past, which it rests on.")
    seed = serializers.IntegerField()


class PeriodRow(serializers.Serializer[Any]):
    start = serializers.DateField(help_text="The day, or a week's Monday.")
    labels = serializers.IntegerField()
    filled = serializers.IntegerField(help_text="Of the labels, how many filled a seat that counts.")
    people = serializers.IntegerField()
    hours = serializers.FloatField(help_text="Of active time.")


class WorkRow(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Their user name.")
    today = serializers.IntegerField(help_text="Labels.")
    week = serializers.IntegerField(help_text="Labels in the seven days before today.")
    labels = serializers.IntegerField(help_text="In all.")
    hours = serializers.FloatField(help_text="Of active time.")
    seconds_a_label = SpreadRow()
    last = serializers.DateTimeField(help_text="When they last submitted something.")


class ProgressAnswer(serializers.Serializer[Any]):
    project = serializers.CharField(help_text="Its slug.")
    counts = CountsRow()
    today = serializers.DateField()
    seats = SeatsRow()
    a_day = serializers.FloatField(
        allow_null=True, help_text="Seats filled, in the mean of the last seven days before today."
    )
    hours = serializers.FloatField(help_text="Of active time, on labels and their revisions.")
    hours_left = serializers.FloatField(allow_null=True, help_text="That filling the seats left takes.")
    seconds_a_label = SpreadRow()
    forecast = ForecastRow()
    days = PeriodRow(many=True, help_text="From the first with a label to today.")
    weeks = PeriodRow(many=True)
    people = WorkRow(many=True)
