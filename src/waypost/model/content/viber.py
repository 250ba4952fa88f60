"""The content rules of Viber."""

from waypost.model import codes
from waypost.model.content.rules import ContentRule, Field, Kind, row

# The unit of fileSize is stated nowhere (send-chatapp-message.md §4.1); bytes is our reading, as in Viber's
# own interface (providers/viber.md §2). A caller that counts in MB stays far below it and is not refused.
MEGABYTE = 1024 * 1024

_VIBER_FILES = "doc docx rtf dot dotx odt odf fodt txt info pdf xps pdax eps xls xlsx ods fods csv xlsm xltx"
VIBER_FILE_TYPES = frozenset(_VIBER_FILES.split())
"""The file types that Viber carries (send-chatapp-message.md §4.2)."""


def viber() -> dict[str, ContentRule]:
    """The content rules by MessageType."""
    # Required fields: send-chatapp-message.md §4.1. Limits: §4.2. `caption` is the button's label and
    # `action` its URL. `text_image` is listed in no source; its two parts are our reading.
    text = Field("text", Kind.TEXT, 1000, missing=codes.TEXT_NOT_EMPTY)
    link = Field("link", Kind.URL, missing=codes.LINK_NOT_EMPTY)
    # Viber refuses an image by http (providers/viber.md, `#img`).
    image = link._replace(https=True)
    caption = Field("caption", Kind.TEXT, 30)
    action = Field("action", Kind.URL)
    video = (
        Field("thumbnail", Kind.URL, 1000),
        Field("fileSize", Kind.NUMBER, 200 * MEGABYTE, "bytes"),
        Field("duration", Kind.NUMBER, 600, "seconds"),
    )
    document = (
        Field("fileName", Kind.TEXT, 25),
        Field("fileType", Kind.CHOICE, choices=VIBER_FILE_TYPES),
    )
    # The sources contradict each other on whether a video's button may have a URL: it never refuses a call.
    video_action = action._replace(refuse_invalid=False)
    return {
        "text": row(text),
        "image": row(image),
        "video": row(link, *video),
        "document": row(link, *document),
        "text_button": row(text, caption, action),
        "text_image_button": row(text, image, caption, action),
        "text_video": row(text, link, *video),
        "text_video_button": row(text, link, *video, caption, optional=(video_action,)),
        "text_image": row(text, image),
    }
