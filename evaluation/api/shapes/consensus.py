"""What annotators say together, as programs are told it."""

from typing import Any

from rest_framework import serializers


class WrongRow(serializers.Serializer[Any]):
    annotator = serializers.CharField(help_text="Their user name.")
    n_labels = serializers.IntegerField()
    wrong_yes = serializers.FloatField(allow_null=True, help_text="How often they raise the flag where it is wrong.")
    wrong_no = serializers.FloatField(allow_null=True, help_text="How often they do not where it is right.")


class FlagRow(serializers.Serializer[Any]):
    question = serializers.CharField(help_text="`question.flag`.")
    prevalence = serializers.FloatField(allow_null=True, help_text="The share of responses of which it is right.")
    converged = serializers.BooleanField(allow_null=True)
    annotators = WrongRow(many=True)
    undefined = serializers.CharField(allow_null=True, help_text="Why nothing is estimated; null where it is.")


class PlaceRow(serializers.Serializer[Any]):
    response = serializers.IntegerField(help_text="Its id.")
    endpoint = serializers.CharField(help_text="Its name.")
    rank = serializers.IntegerField(help_text="1 is the best.")


class VotesOnPair(serializers.Serializer[Any]):
    first = serializers.IntegerField()
    tie = serializers.IntegerField()
    second = serializers.IntegerField()


class PairRow(serializers.Serializer[Any]):
    first = serializers.IntegerField(help_text="The id of a response.")
    second = serializers.IntegerField(help_text="The id of another.")
    votes = VotesOnPair()
    majority = serializers.CharField(allow_null=True, help_text="first, tie or second; null where no side has most.")


class VotesOnFlag(serializers.Serializer[Any]):
    yes = serializers.IntegerField()
    no = serializers.IntegerField()


class FlaggedRow(serializers.Serializer[Any]):
    response = serializers.IntegerField(help_text="Its id.")
    endpoint = serializers.CharField(help_text="Its name.")
    votes = VotesOnFlag()
    majority = serializers.CharField(allow_null=True, help_text="yes or no; null where as many say either.")
    probability = serializers.FloatField(allow_null=True, help_text="Of the flag being right.")


class ConsensusRow(serializers.Serializer[Any]):
    question = serializers.CharField(help_text="`question`, or `question.flag`.")
    task = serializers.IntegerField(help_text="Its id.")
    ranking = PlaceRow(many=True, required=False, help_text="Of questions that compare responses.")
    pairs = PairRow(many=True, required=False, help_text="Of questions that compare responses.")
    responses = FlaggedRow(many=True, required=False, help_text="Of flags.")


class ConsensusAnswer(serializers.Serializer[Any]):
    project = serializers.CharField(help_text="Its slug.")
    flags = FlagRow(many=True)
    rows = ConsensusRow(many=True, help_text="By question, then by the id of the task.")
    next = serializers.URLField(allow_null=True, help_text="The address of the next page; null on the last.")
