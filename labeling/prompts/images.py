"""What an image that people bring must be. It is decoded, whatever its name says that it is."""

import hashlib
from dataclasses import dataclass
from io import BytesIO

import PIL.GifImagePlugin
import PIL.Image
import PIL.JpegImagePlugin
import PIL.PngImagePlugin
import PIL.WebPImagePlugin
from django.utils.translation import gettext as _
from PIL.ImageSequence import Iterator as Frames

from labeling.prompts.models import MediaType

LARGEST_IMAGE = 10 * 2**20
"""Bytes."""

MOST_PIXELS = 40_000_000
"""In all frames of an image together."""

PIL.Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # Pillow warns above that, and refuses to decode more than twice as many

FORMATS = {
    "PNG": MediaType.PNG,
    "JPEG": MediaType.JPEG,
    "MPO": MediaType.JPEG,  # one with further views behind it, as telephones write them
    "WEBP": MediaType.WEBP,
    "GIF": MediaType.GIF,
}
"""By what Pillow calls them."""

OPENED = ["PNG", "JPEG", "WEBP", "GIF"]
"""What Pillow tries, by the plugins imported above: it has many more, and each is code that strangers' bytes reach."""

ORIENTATION = 0x0112
LYING = {5, 6, 7, 8}
"""Values of Exif's orientation with which width and height change places when the image is shown."""


class ImageRefused(Exception):
    """This image is wrong; the message says which and how, without the line."""


@dataclass(frozen=True)
class CheckedImage:
    """An image that was decoded from beginning to end."""

    sha256: str
    media_type: MediaType
    width: int
    height: int
    """Pixels, as browsers show it."""


def check_image(content: bytes, name: str) -> CheckedImage:
    """Raises ImageRefused, calling the image by `name`."""
    said = {"name": name, "mb": LARGEST_IMAGE // 2**20, "megapixels": MOST_PIXELS // 10**6}
    if len(content) > LARGEST_IMAGE:
        raise ImageRefused(_("“%(name)s” is larger than %(mb)d MB.") % said)
    try:
        with PIL.Image.open(BytesIO(content), formats=OPENED) as image:
            decode(image)
            width, height = shown_size(image)
            media_type = FORMATS[image.format or ""]
    except PIL.UnidentifiedImageError:
        raise ImageRefused(_("“%(name)s” is not a PNG, JPEG, WebP or GIF image.") % said) from None
    except PIL.Image.DecompressionBombError:
        raise ImageRefused(_("“%(name)s” has more than %(megapixels)d million pixels.") % said) from None
    except Exception as wrong:  # what decoders raise at broken bytes is anything
        raise ImageRefused(_("“%(name)s” is damaged: it cannot be decoded.") % said) from wrong
    return CheckedImage(hashlib.sha256(content).hexdigest(), media_type, width, height)


def decode(image: PIL.Image.Image) -> None:
    """Every frame. A small file can hold thousands, so they are counted together."""
    pixels = 0
    for frame in Frames(image):
        pixels += frame.width * frame.height
        if pixels > MOST_PIXELS:
            raise PIL.Image.DecompressionBombError
        frame.load()


def shown_size(image: PIL.Image.Image) -> tuple[int, int]:
    """Width and height when it stands upright."""
    image.seek(0)
    try:
        lies = image.getexif().get(ORIENTATION) in LYING
    except Exception:  # browsers show images with broken Exif as they are
        lies = False
    return (image.height, image.width) if lies else (image.width, image.height)
