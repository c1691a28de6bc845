"""Images that come with prompts: what is taken in, what is refused, and who gets to see it."""

import base64
import io
import json
import re
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from labeling.assignment.claim import claim
from labeling.audit import AuditEntry
from labeling.collection.import_annotations import import_annotations
from labeling.errors import FileRefused
from labeling.generation.import_responses import import_responses
from labeling.people.models import User
from labeling.projects.models import Project
from labeling.projects.roles import Role
from labeling.prompts import archive, images
from labeling.prompts.digests import digest_of
from labeling.prompts.files import ImportFile
from labeling.prompts.images import ImageRefused, check_image
from labeling.prompts.import_prompts import ImportedPrompts, import_prompts
from labeling.prompts.models import Prompt, PromptImage
from tests.bringing import choose, order
from tests.conftest import at
from tests.factories import image_bytes, make_image, make_member, make_project, make_prompt, make_task

pytestmark = pytest.mark.django_db

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><script>alert(1)</script></svg>'


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def lines(*rows: dict[str, Any]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


def pack(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as written:
        for name, content in members.items():
            written.writestr(name, content)
    return packed.getvalue()


def bring(content: bytes, project: Project | None = None, name: str = "prompts.zip") -> ImportedPrompts:
    with ImportFile(io.BytesIO(content), name) as file:
        return import_prompts(project=project or make_project(), file=file)


def problem(content: bytes, media: Path, name: str = "prompts.zip") -> str:
    """What is said of the one thing that is wrong; nothing is left of the import."""
    with pytest.raises(FileRefused) as refused:
        bring(content, name=name)
    assert not Prompt.objects.exists()
    assert not AuditEntry.objects.exists()
    assert [path for path in media.rglob("*") if path.is_file()] == []
    assert list(media.glob(".images-*")) == []
    (said,) = refused.value.lines()
    return said


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is this large, and is not."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


def test_an_archive_with_images(media: Path) -> None:
    project = make_project()
    one, two = image_bytes("JPEG", 80, 50), image_bytes("WEBP")
    rows = lines({"prompt": "a", "images": ["cats/1.jpg", "two"]}, {"prompt": "b", "images": ["two"]}, {"prompt": "c"})
    members = {"in/prompts.jsonl": rows, "cats/1.jpg": one, "two": two, "unused.txt": b"x", "__MACOSX/._p.jsonl": b"x"}
    assert bring(pack(members), project) == ImportedPrompts(3, 0)
    stored = Prompt.objects.get(text="a").images.all()
    assert [(image.position, image.media_type, image.width, image.height) for image in stored] == [
        (0, "image/jpeg", 80, 50),
        (1, "image/webp", 60, 40),
    ]
    assert [image.file.read() for image in stored] == [one, two]
    assert len(list((media / "images").iterdir())) == 2
    assert list(media.glob(".images-*")) == []
    assert AuditEntry.objects.count() == 1


def test_csv_names_them_between_bars() -> None:
    rows = b"prompt,images\na,1.png|2.png\nb,\n"
    assert bring(pack({"p.csv": rows, "1.png": image_bytes(), "2.png": image_bytes()})).prompts == 2
    assert Prompt.objects.get(text="a").images.count() == 2


def test_images_written_into_the_row() -> None:
    content = image_bytes("GIF")
    address = f"data:image/gif;base64,{base64.b64encode(content).decode()}"
    bring(lines({"prompt": "a", "images": [address]}, {"prompt": "b", "images": None}), name="prompts.jsonl")
    (image,) = PromptImage.objects.all()
    assert image.media_type == "image/gif"
    assert image.file.read() == content


def test_one_written_into_the_row_may_be_longer_than_a_text() -> None:
    noise = Image.effect_noise((400, 400), 200)
    file = io.BytesIO()
    noise.save(file, "PNG")
    address = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    assert len(address) > 100_000
    bring(lines({"prompt": "a", "images": [address]}), name="prompts.jsonl")
    assert PromptImage.objects.count() == 1


def test_a_prompt_is_what_it_shows() -> None:
    project = make_project()
    one, two = image_bytes(), image_bytes()

    def asked(*names: str) -> ImportedPrompts:
        row = {"prompt": "a", "images": list(names)} if names else {"prompt": "a"}
        return bring(pack({"p.jsonl": lines(row), "one": one, "two": two, "again": one}), project)

    assert asked() == ImportedPrompts(1, 0)
    assert Prompt.objects.get().digest == digest_of(["", [], "a"])  # as it was before prompts had images
    assert asked("one") == ImportedPrompts(1, 0)
    assert asked("again") == ImportedPrompts(0, 1)
    assert asked("one", "two") == ImportedPrompts(1, 0)
    assert asked("two", "one") == ImportedPrompts(1, 0)
    assert asked("one", "two") == ImportedPrompts(0, 1)
    assert PromptImage.objects.count() == 5


def test_responses_and_judgments_bring_them_too() -> None:
    answered = {"prompt": "a", "images": ["x"], "responses": [{"model": "m", "text": "t"}]}
    members = {"r.jsonl": lines(answered), "x": image_bytes()}
    with ImportFile(io.BytesIO(pack(members)), "r.zip") as file:
        import_responses(project=make_project(), file=file)
    judged = {**answered, "annotator": "ann", "comment": "good"}
    with ImportFile(io.BytesIO(pack({**members, "r.jsonl": lines(judged)})), "r.zip") as file:
        import_annotations(project=make_project(questions=[]), file=file)
    assert [prompt.images.count() for prompt in Prompt.objects.all()] == [1, 1]
    assert all(default_storage.exists(image.file.name) for image in PromptImage.objects.all())


GOOD = image_bytes()


@pytest.mark.parametrize(
    ("given", "content", "cause"),
    [
        (["y"], GOOD, "line 2: “y” is not in the archive"),
        (["X"], GOOD, "line 2: “X” is not in the archive"),
        (["./x"], GOOD, "line 2: “./x” is not in the archive"),
        (["../x"], GOOD, "line 2: “../x” is not in the archive"),
        (["\ud800\0"], GOOD, "line 2: “?"),
        (["x"], SVG, "line 2: “x” is not a PNG, JPEG, WebP or GIF image"),
        (["x"], b"", "line 2: “x” is not a PNG"),
        (["x"], GOOD[:-30], "line 2: “x” is damaged: it cannot be decoded"),
        (["x"], image_bytes("JPEG", 200, 200)[:-200], "line 2: “x” is damaged: it cannot be decoded"),
        (["x"], image_bytes("BMP", 8, 8), "line 2: “x” is not a PNG"),
        (["x"], png_of(30_000, 30_000), "line 2: “x” has more than 40 million pixels"),
        (["x"], png_of(7_000, 7_000), "line 2: “x” has more than 40 million pixels"),
        (["x"], png_of(100, 100), "line 2: “x” is damaged"),
        (["x"] * 9, GOOD, "line 2: a prompt has at most 8 images"),
        ([3], GOOD, "line 2: “images” must be a list of names"),
        ({"x": 1}, GOOD, "line 2: “images” must be a list of names"),
        (["data:image/png;base64,AAA"], GOOD, "line 2: “data:image/png;base64,AAA” must be written like"),
        (["data:image/png,AAAA"], GOOD, "must be written like data:image/png;base64,…"),
        ([f"data:image/svg+xml;base64,{base64.b64encode(SVG).decode()}"], GOOD, "…” is not a PNG"),
    ],
)
def test_wrong_images_are_named_and_nothing_is_imported(given: Any, content: bytes, cause: str, media: Path) -> None:
    rows = [{"prompt": "a", "images": ["good"]}, {"prompt": "b", "images": given}, {"prompt": "c"}]
    assert cause in problem(pack({"p.jsonl": lines(*rows), "good": image_bytes(), "x": content}), media)


def test_an_image_needs_an_archive_to_be_in(media: Path) -> None:
    said = problem(lines({"prompt": "a", "images": ["x.png"]}), media, "p.jsonl")
    assert said == "p.jsonl, line 1: “x.png” is not here: pack the file and its images into one .zip archive."


def test_a_wrong_row_after_good_images_leaves_none(media: Path) -> None:
    rows = lines(*({"prompt": f"p{n}", "images": ["x"]} for n in range(600)), {"prompt": ""})
    assert "line 601: “prompt” is empty" in problem(pack({"p.jsonl": rows, "x": image_bytes()}), media)


@pytest.mark.parametrize(
    ("members", "cause"),
    [
        ({}, "must hold one file of rows (.jsonl, .ndjson, .json, .csv, .tsv, .parquet, .txt); it holds 0"),
        (
            {"a.jsonl": b"", "b.csv": b""},
            "must hold one file of rows (.jsonl, .ndjson, .json, .csv, .tsv, .parquet, .txt); it holds 2",
        ),
        ({"p.jsonl": lines({"prompt": "a"}), "../../etc/x": b""}, "“../../etc/x” in the archive points outside"),
        ({"p.jsonl": lines({"prompt": "a"}), "/etc/x": b""}, "“/etc/x” in the archive points outside"),
        ({"p.jsonl": lines({"prompt": "a"}), "a\\..\\..\\x": b""}, "points outside"),
        ({"p.jsonl": lines({"prompt": "a"}), "C:x": b""}, "points outside"),
        ({"p.jsonl": lines({"prompt": "a", "metadata": {"x": "y" * 90_000}})}, "more than 100 times as large"),
        ({"p.jsonl": lines({"prompt": "a", "images": ["x"]}), "x": bytes(10**6)}, "line 1: “x” is more than 100 times"),
        ({"p.jsonl": b""}, "the file holds no rows"),
    ],
)
def test_archives_that_are_refused(members: dict[str, bytes], cause: str, media: Path) -> None:
    assert cause in problem(pack(members), media)


def test_a_name_twice_is_refused(media: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as written:
        written.writestr("p.jsonl", lines({"prompt": "a"}))
        written.writestr("x", b"x")
        with pytest.warns(UserWarning, match="Duplicate"):
            written.writestr("x", b"y")
    assert "“x” is in the archive twice" in problem(packed.getvalue(), media)


def test_other_ways_of_packing_are_refused(media: Path) -> None:
    packed = pack({"p.jsonl": lines({"prompt": "a"})}, zipfile.ZIP_LZMA)
    assert "packed in another way than deflate" in problem(packed, media)


@pytest.mark.parametrize("limit", ["LARGEST_ARCHIVE", "LARGEST_DIRECTORY", "MOST_UNPACKED"])
def test_limits_of_the_archive(limit: str, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = pack({"p.jsonl": lines({"prompt": "a"}), "x": image_bytes()})
    monkeypatch.setattr(archive, limit, 20)
    said = problem(packed, media)
    assert "archive" in said
    assert "line" not in said


def test_an_image_of_more_than_ten_megabytes(media: Path) -> None:
    large = image_bytes() + bytes(images.LARGEST_IMAGE)
    packed = pack({"p.jsonl": lines({"prompt": "a", "images": ["x"]}), "x": large}, zipfile.ZIP_STORED)
    assert "“x” is larger than 10 MB" in problem(packed, media)


def test_frames_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [Image.new("RGB", (100, 100), (shade, 0, 0)) for shade in range(0, 250, 10)]
    for kind in ("GIF", "WEBP", "PNG"):
        file = io.BytesIO()
        frames[0].save(file, kind, save_all=True, append_images=frames[1:])
        assert check_image(file.getvalue(), "moving").width == 100
        monkeypatch.setattr(images, "MOST_PIXELS", 24 * 100 * 100)
        with pytest.raises(ImageRefused, match="million pixels"):
            check_image(file.getvalue(), "moving")
        monkeypatch.undo()


def test_a_photograph_that_lies_on_its_side_has_the_size_it_is_shown_in() -> None:
    exif = Image.Exif()
    exif[images.ORIENTATION] = 6
    image = check_image(image_bytes("JPEG", 60, 40, exif=exif), "photograph")
    assert (image.width, image.height) == (40, 60)


def test_memory_stays_small(tmp_path: Path) -> None:
    """Sixty images make 18 MB. The largest that there may be is made room for, and no more."""
    noise = Image.effect_noise((550, 550), 200)
    members = {}
    for n in range(60):
        noise.putpixel((0, 0), n)
        file = io.BytesIO()
        noise.save(file, "PNG")
        members[f"{n}.png"] = file.getvalue()
    rows = lines(*({"prompt": f"p{n}", "images": [f"{n % 60}.png"]} for n in range(100)))
    packed = tmp_path / "p.zip"
    packed.write_bytes(pack({"p.jsonl": rows, **members}, zipfile.ZIP_STORED))
    project = make_project()
    tracemalloc.start()
    try:
        with packed.open("rb") as stream, ImportFile(stream, packed.name) as file:
            import_prompts(project=project, file=file)
        assert tracemalloc.get_traced_memory()[1] < images.LARGEST_IMAGE + 2**20
    finally:
        tracemalloc.stop()


ONE_OF_EACH = [image_bytes(kind) for kind in ("PNG", "JPEG", "WEBP", "GIF")]
small = pack({"p.jsonl": lines({"prompt": "a", "images": ["x"]}), "x": GOOD})


@settings(max_examples=300, deadline=None)
@given(changes=st.dictionaries(st.integers(0, len(small) - 1), st.integers(0, 255), max_size=4), cut=st.integers(0, 60))
def test_any_archive_gives_rows_or_a_refusal(changes: dict[int, int], cut: int) -> None:
    broken = bytearray(small)
    for place, value in changes.items():
        broken[place] = value
    with ImportFile(io.BytesIO(bytes(broken[: len(broken) - cut])), "any.zip") as file, suppress(FileRefused):
        for batch in file.batches(lambda row: row):
            assert all(isinstance(row, dict) for _line, row in batch)
        file.finish()


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_bytes_are_an_image_or_refused(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(ONE_OF_EACH)))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=5)):
        content[place] = data.draw(st.integers(0, 255))
    with suppress(ImageRefused):
        check_image(bytes(content), "any")


def test_by_browser(sign_in: Callable[[User], Client]) -> None:
    project = make_project()
    client = sign_in(make_member(project, Role.LEAD))
    packed = pack({"p.jsonl": lines({"prompt": "a", "images": ["x"]}), "x": image_bytes()})
    assert "1 image<" in choose(client, project, "p.zip", packed).text
    assert "Prompts imported: 1" in order(client, project).text
    assert "1 image<" in client.get(at("prompts", project)).text
    refused = choose(client, project, "p.zip", b"no archive")
    assert "p.zip: it is not a zip archive, or it is damaged." in refused.text


def test_by_command(tmp_path: Path) -> None:
    project = make_project()
    file = tmp_path / "p.zip"
    file.write_bytes(pack({"p.jsonl": lines({"prompt": "a", "images": ["x"]}), "x": image_bytes()}))
    call_command("import_prompts", str(file), project=project.slug, stdout=io.StringIO())
    assert PromptImage.objects.get().file.size


@pytest.fixture
def image() -> PromptImage:
    return make_image(make_prompt(make_project()))


def address(project: Project, image: PromptImage) -> str:
    return reverse("image", kwargs={"slug": project.slug, "sha256": image.sha256})


def test_members_see_it(image: PromptImage, sign_in: Callable[[User], Client]) -> None:
    project = image.prompt.project
    make_image(make_prompt(project), image.file.read())  # in two prompts
    answer = sign_in(make_member(project)).get(address(project, image))
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert set(answer["Cache-Control"].split(", ")) == {"private", "max-age=31536000", "immutable"}
    with image.file.open() as stored:
        assert b"".join(answer.streaming_content) == stored.read()  # type: ignore[attr-defined]


def test_nobody_else_sees_it(image: PromptImage, sign_in: Callable[[User], Client]) -> None:
    other = make_project()
    make_image(make_prompt(other))
    client = sign_in(make_member(other, Role.LEAD))
    for project in (other, image.prompt.project):
        answer = client.get(address(project, image))
        assert answer.status_code == 404
        assert "Cache-Control" not in answer


def test_a_file_that_is_gone_is_not_there(image: PromptImage, sign_in: Callable[[User], Client]) -> None:
    image.file.delete(save=False)
    image.refresh_from_db()
    project = image.prompt.project
    assert sign_in(make_member(project)).get(address(project, image)).status_code == 404


def test_the_screen_shows_them_below_the_last_turn(sign_in: Callable[[User], Client]) -> None:
    project = make_project()
    prompt = make_prompt(project, "Which is older?")
    pictures = [make_image(prompt) for _n in range(3)]
    make_task(project, prompt=prompt)
    user = make_member(project)
    claim(project=project, user=user)
    page = sign_in(user).get(reverse("label", kwargs={"slug": project.slug})).text
    shown = re.findall(r'<img src="([^"]+)" alt="([^"]+)" width="60" height="40" loading="lazy">', page)
    assert shown == [(address(project, picture), f"Image {n} of 3") for n, picture in enumerate(pictures, 1)]
    assert page.index("Which is older?") < page.index(shown[0][0]) < page.index('class="responses"')
