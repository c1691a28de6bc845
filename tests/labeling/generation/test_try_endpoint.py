"""Looking whether an endpoint is there, and what it says."""

from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone

from labeling.generation.claims import stopping
from labeling.generation.jobs import sweep
from labeling.generation.models import Endpoint, EndpointState, Response, Trial
from labeling.generation.try_endpoint import LONGEST_TRIAL, answer_trial, check_endpoint, start_trial
from tests.chat_server import ChatServer, status
from tests.factories import make_endpoint, make_project, make_user

pytestmark = pytest.mark.django_db


def server_at(server: ChatServer, **fields: Any) -> Endpoint:
    return make_endpoint(make_project(), provider="openai", model=server.model, base_url=server.url, **fields)


@pytest.fixture(autouse=True)
def loopback_is_allowed(settings: Any) -> None:
    settings.MODEL_NETWORKS = [ip_network("127.0.0.0/8")]


def test_a_model_that_answers_is_reachable(tiny_model: str) -> None:
    endpoint = make_endpoint(make_project(), model=tiny_model)
    check_endpoint(endpoint=endpoint)
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.problem) == (EndpointState.REACHABLE, "")


def test_a_model_that_is_not_there_is_failing_with_the_reason() -> None:
    endpoint = make_endpoint(make_project(), model="nobody/nothing")
    check_endpoint(endpoint=endpoint)
    endpoint.refresh_from_db()
    assert endpoint.state == EndpointState.FAILING
    assert "could not be loaded" in endpoint.said_problem


def test_a_server_that_answers_is_reachable_and_one_that_refuses_the_key_is_not() -> None:
    with ChatServer(key="sk-right") as server:
        endpoint = server_at(server)
        endpoint.key = "sk-wrong"
        check_endpoint(endpoint=endpoint)
        assert endpoint.state == EndpointState.FAILING
        assert endpoint.said_problem == f"127.0.0.1:{server.port} refuses the key (401)."
        endpoint.key = "sk-right"
        check_endpoint(endpoint=endpoint)
        assert (endpoint.state, endpoint.said_problem) == (EndpointState.REACHABLE, "")


def test_a_server_at_a_private_address_needs_the_operators_leave(settings: Any) -> None:
    settings.MODEL_NETWORKS = []
    with ChatServer() as server:
        endpoint = server_at(server)
        check_endpoint(endpoint=endpoint)
        assert server.requests == []
    assert "CONCORD_MODEL_NETWORKS" in endpoint.said_problem


def test_a_key_that_nobody_can_read_any_more_is_said(settings: Any) -> None:
    with ChatServer() as server:
        endpoint = server_at(server)
        endpoint.key = "sk-1"
        endpoint.save()
        old = settings.ENCRYPTION_KEYS
        settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
        check_endpoint(endpoint=endpoint)
        assert "cannot be read" in endpoint.said_problem
        settings.ENCRYPTION_KEYS += old
        check_endpoint(endpoint=endpoint)
        assert endpoint.state == EndpointState.REACHABLE, "keys that came before still decrypt"


def test_a_server_that_fails_is_failing_until_it_answers() -> None:
    with ChatServer() as server:
        endpoint = server_at(server)
        server.script(status(500))
        check_endpoint(endpoint=endpoint)
        assert endpoint.said_problem == f"127.0.0.1:{server.port} answered with an error (500)."
        check_endpoint(endpoint=endpoint)
        assert endpoint.state == EndpointState.REACHABLE


def test_a_trial_is_answered_once_and_is_no_response() -> None:
    with ChatServer() as server:
        endpoint = server_at(server, system="Be brief.", max_new_tokens=70)
        trial = start_trial(endpoint=endpoint, prompt="Hello", by=make_user())
        answer_trial(trial_id=trial.pk)
        answer_trial(trial_id=trial.pk)
        (request,) = server.requests
    assert [message["content"] for message in request.document["messages"]] == ["Be brief.", "Hello"]
    trial.refresh_from_db()
    assert trial.text
    assert (trial.finish_reason, trial.problem) == ("stop", "")
    assert trial.ended_at is not None
    assert not Response.objects.exists()


def test_a_trial_that_fails_says_why() -> None:
    with ChatServer(context=300) as server:
        endpoint = server_at(server)
        check_endpoint(endpoint=endpoint)
        trial = start_trial(endpoint=endpoint, prompt="word " * 301, by=make_user())
        answer_trial(trial_id=trial.pk)
    trial.refresh_from_db()
    assert "refuses this request (400, context_length_exceeded)" in trial.said_problem
    endpoint.refresh_from_db()
    assert endpoint.state == EndpointState.REACHABLE, "the prompt was at fault"


def test_a_worker_that_stops_leaves_a_trial_to_another(tiny_model: str) -> None:
    endpoint = make_endpoint(make_project(), model=tiny_model, max_new_tokens=8)
    trial = start_trial(endpoint=endpoint, prompt="Hello", by=make_user())
    stopping.set()
    try:
        answer_trial(trial_id=trial.pk)
    finally:
        stopping.clear()
    trial.refresh_from_db()
    assert (trial.began_at, trial.ended_at) == (None, None)
    answer_trial(trial_id=trial.pk)
    trial.refresh_from_db()
    assert trial.ended_at is not None


def test_a_trial_whose_worker_died_ends_some_day(tiny_model: str) -> None:
    trial = start_trial(endpoint=make_endpoint(make_project(), model=tiny_model), prompt="Hello", by=make_user())
    Trial.objects.update(began_at=timezone.now())
    sweep()
    assert Trial.objects.get().ended_at is None
    Trial.objects.update(created_at=timezone.now() - LONGEST_TRIAL - timedelta(seconds=1))
    sweep()
    trial.refresh_from_db()
    assert trial.ended_at is not None
    assert trial.said_problem == "No worker answered within ten minutes."
