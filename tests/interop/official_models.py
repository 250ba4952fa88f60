"""The models of the official Python SDKs: the names on the wire and the types of their members."""

import inspect
import re
from types import ModuleType
from typing import Any, NamedTuple

from alibabacloud_cams20200606 import models as cams
from alibabacloud_dybaseapi20170525 import models as dybase
from alibabacloud_ram20150501 import models as ram
from alibabacloud_sts20150401 import models as sts

MODELS: dict[str, ModuleType] = {"cams": cams, "ram": ram, "sts": sts, "dybaseapi": dybase}

_KINDS = {"str": "string", "int": "integer", "bool": "boolean"}


class Typed(NamedTuple):
    """The type of a member in a model.

    Attributes:
        kind: `string`, `integer`, `boolean`, `object`, `array` (of objects) or `texts`.
        model: the class of the object, or of each object of the array; None for a map.
    """

    kind: str
    model: type[Any] | None = None


def model(product: str, name: str) -> type[Any] | None:
    """The class of that name in the SDK of a product; None if there is none."""
    found: type[Any] | None = getattr(MODELS[product], name, None)
    return found


def members(product: str, class_: type[Any]) -> dict[str, Typed]:
    """The members of a model, by their names on the wire."""
    source = inspect.getsource(class_.to_map)
    found: dict[str, Typed] = {}
    for attribute, parameter in list(inspect.signature(class_.__init__).parameters.items())[1:]:
        begins = re.search(
            rf"if self\.{attribute}(?: is not None)?:|result\['\w+'\] = \[\]\n +if self\.{attribute}\b",
            source,
        )
        assert begins is not None, f"{class_.__name__}.{attribute}"
        after = source[begins.start() :]
        wire = re.search(r"result\['(\w+)'\]", after)
        assert wire is not None, f"{class_.__name__}.{attribute}"
        found[wire[1]] = _typed(product, parameter.annotation)
    return found


def _typed(product: str, annotation: Any) -> Typed:
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    text = text.replace("typing.", "").removeprefix("main_models.").rpartition(".models.")[2]
    if text in _KINDS:
        return Typed(_KINDS[text])
    if text.startswith("Dict["):
        return Typed("object")
    if text.startswith("List["):
        item = text[5:-1].removeprefix("main_models.").rpartition(".")[2]
        return Typed("texts") if item == "str" else Typed("array", model(product, item))
    found = model(product, text.rpartition(".")[2])
    assert found is not None, f"{text} is no type that is known here"
    return Typed("object", found)
