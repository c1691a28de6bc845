"""What a worker does for a part of a run: claim samples, have them drawn, store the answers as they come."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

from labeling.generation.asks import source_of
from labeling.generation.claims import Batch, ClaimLost, Stopping, fail
from labeling.generation.models import Endpoint, EndpointState, Provider, RunPart
from labeling.generation.providers import Failure, ModelUnavailable, open_provider
from labeling.generation.providers import Provider as OpenedProvider
from labeling.generation.store import note, note_failing, note_reachable, rest, store_answer

TURN = 30.0
"""Seconds after which a worker takes on no more of a part, so that others get their turn."""


def work_part(*, part_id: int, call_next: Callable[[RunPart], None] = lambda _part: None) -> int:
    """Work at a part until it is done or the turn is over; the number of samples taken on.

    `call_next` is called once if there is more: for a model on this machine as soon as something was claimed, since
    others can join in; for a server at the end, since one worker at a time asks it, with the part whose turn it is.
    """
    part = RunPart.objects.select_related("run", "params__endpoint").filter(pk=part_id).first()
    if part is None or part.params.endpoint.is_resting or not part.sample_set().claimable().exists():
        return 0
    is_shared = part.params.endpoint.provider == Provider.LOCAL
    batch = Batch(part, TURN, on_claimed=(lambda: call_next(part)) if is_shared else lambda: None)
    try:
        provider = opened(part.params.endpoint)
        while draw(batch, provider):
            pass
    except ModelUnavailable as gone:
        batch.give_back()
        note_failing(part.params.endpoint, Failure(gone.trouble))
        return fail(part.sample_set().claimable(), gone.trouble)
    except (ClaimLost, Stopping):
        batch.give_back()
    except Exception as error:
        batch.fail(error)
        raise
    if batch.n_taken and not is_shared and (following := next_at(part.params.endpoint)):
        call_next(following)
    return batch.n_taken


def next_at(server: Endpoint) -> RunPart | None:
    """Whose turn it is to ask a server: the part that nobody has worked at for the longest."""
    waiting = RunPart.objects.stranded(timedelta(0)).filter(params__endpoint=server)
    return waiting.select_related("params__endpoint").order_by("woken_at").first()


def draw(batch: Batch, provider: OpenedProvider) -> bool:
    """Have as much drawn as the provider takes; whether there may be more."""
    before = batch.n_taken
    with closing(provider.generate(batch.take, batch.part.params.sampling, batch.renew)) as answers:
        for ask, answer in answers:
            store_answer(batch=batch, ask=ask, answer=answer)
    batch.give_back()
    if batch.setback is not None:
        rest(batch=batch, setback=batch.setback)
        return False
    return batch.n_taken > before


def opened(endpoint: Endpoint) -> OpenedProvider:
    """The provider; a model on this machine is loaded, and that is noted. Raises ModelUnavailable."""
    source = source_of(endpoint)
    if endpoint.provider == Provider.LOCAL and endpoint.state != EndpointState.REACHABLE:
        note(endpoint, EndpointState.LOADING)
    provider = open_provider(source)
    if endpoint.provider == Provider.LOCAL:
        note_reachable(endpoint)
    return provider
