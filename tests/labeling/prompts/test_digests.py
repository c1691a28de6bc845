from hypothesis import given
from hypothesis import strategies as st

from labeling.prompts.digests import digest_of, prompt_digest
from labeling.prompts.images import CheckedImage
from labeling.prompts.models import MediaType

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
turns = st.lists(st.fixed_dictionaries({"role": texts, "content": texts}), max_size=3)
images = st.lists(st.builds(CheckedImage, texts, st.just(MediaType.PNG), st.integers(), st.integers()), max_size=3)


@given(texts, turns, texts, images)
def test_a_prompt_is_found_by_what_it_was_always_found_by(
    system: str, history: list[dict[str, str]], text: str, images: list[CheckedImage]
) -> None:
    content = [system, history, text, [image.sha256 for image in images]]
    assert prompt_digest(system, history, text, images) == digest_of(content if images else content[:3])
