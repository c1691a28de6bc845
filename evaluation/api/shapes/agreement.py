"""Agreement, as programs are told it."""

from typing import Any

from rest_framework import serializers

from evaluation.api.shapes.figures import ComputedAnswer, FigureRow, part
from evaluation.wording import FLAGS


class AsymptoticRow(serializers.Serializer[Any]):
    """What large-sample theory says, units taken as independent."""

    standard_error = serializers.FloatField()
    low = serializers.FloatField(help_text="Where the 95 % interval begins.")
    high = serializers.FloatField(help_text="Where it ends.")
    z = serializers.FloatField(allow_null=True, help_text="Of the value being 0.")


class AgreementRow(FigureRow):
    question = serializers.CharField(help_text="What was asked: `question`, or `question.flag`.")
    part = part()
    statistic = serializers.CharField(help_text="As the parameter `statistic` names it.")
    level = serializers.CharField(help_text="The level of measurement: nominal, ordinal, interval or ratio.")
    n_items = serializers.IntegerField(help_text="Tasks that two people labeled.")
    n_annotators = serializers.IntegerField()
    n_pairs = serializers.IntegerField(help_text="Pairs of labels of the same thing.")
    asymptotic = AsymptoticRow(allow_null=True, help_text="Null where there is no such theory for the statistic.")
    annotators = serializers.ListField(
        child=serializers.CharField(), help_text="The two whom it is about; empty where it is about all."
    )


class MajorityRow(serializers.Serializer[Any]):
    first = serializers.IntegerField(help_text="Pairs of which most people prefer the response of the lower position.")
    second = serializers.IntegerField()
    tie = serializers.IntegerField()
    none = serializers.IntegerField(help_text="No outcome has the most votes.")


class AgreementAnswer(ComputedAnswer):
    rows = AgreementRow(many=True)
    majority = serializers.DictField(
        child=MajorityRow(),
        allow_null=True,
        help_text="By question that compares responses: for how many pairs most people said what.",
    )


class AgreementParts(serializers.Serializer[Any]):
    use_case = AgreementRow(many=True)
    language = AgreementRow(many=True)
    week = AgreementRow(many=True)


class BetweenRow(serializers.Serializer[Any]):
    annotators = serializers.ListField(child=serializers.CharField(), help_text="The two.")
    equal = serializers.IntegerField(help_text="In how many units they said the same.")
    n = serializers.IntegerField(help_text="Of how many that both labeled.")


class QuestionAgreement(serializers.Serializer[Any]):
    question = serializers.CharField(help_text="What was asked: `question`, or `question.flag`.")
    of_pairs = serializers.BooleanField(help_text="Whether it compares responses; a unit is then a pair of them.")
    level = serializers.CharField()
    domain = serializers.ListField(
        child=serializers.FloatField(),
        help_text="What can be said; of a pair 1 where the response of the lower position is better, 0 where none is.",
    )
    n_labels = serializers.IntegerField()
    n_units = serializers.IntegerField()
    figures = AgreementRow(many=True)
    parts = AgreementParts(help_text="The headline figures by parts; empty where there is one part only.")
    confusion = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()),
        help_text="How often one person says the row's value of `domain` where another says the column's.",
    )
    majority = MajorityRow(allow_null=True, help_text="Null where it does not compare responses.")
    between = BetweenRow(many=True, help_text="Each two of the annotators with the most labels.")


class PersonFigure(FigureRow):
    n = serializers.IntegerField(help_text="The observations it rests on.")
    p = serializers.FloatField(allow_null=True, help_text="Of nothing being the matter, where that is tested.")
    others = serializers.FloatField(allow_null=True, help_text="The same number of everybody else.")


class PeopleFigures(serializers.Serializer[Any]):
    """Of one person, or of all as if they were one."""

    agreement = PersonFigure(help_text="With the majority of the others.")
    chance = serializers.FloatField(allow_null=True, help_text="That agreement, were it by chance.")
    drift = PersonFigure(help_text="By how much agreement changes from the first half of the work to the second.")
    position = PersonFigure(help_text="The share of wins of the response shown first.")
    length = PersonFigure(help_text="By how much twice the length adds to the logarithm of the odds of winning.")
    length_apart = serializers.FloatField(allow_null=True, help_text="p of `length` being that of the others.")
    intransitive = PersonFigure(help_text="The share of three responses that are preferred in a circle.")
    seconds = PersonFigure(help_text="The median active time of a label.")
    quick = PersonFigure(help_text="The share of labels in less than a third of the usual time.")
    anomaly = PersonFigure(help_text="Fisher's M, over what is to be expected of it.")
    gold = PersonFigure(help_text="How well tasks with a known answer were answered.")


class AnnotatorRow(PeopleFigures):
    annotator = serializers.CharField(help_text="Their user name.")
    n_labels = serializers.IntegerField()
    flags = serializers.ListField(
        child=serializers.CharField(), help_text=f"What a lead should look at: {', '.join(FLAGS)}."
    )


class AgreementReportAnswer(ComputedAnswer):
    questions = QuestionAgreement(many=True)
    annotators = AnnotatorRow(many=True)
    together = PeopleFigures(allow_null=True, help_text="Null where there are no labels.")
