"""One service for all cases of a file; each case has people and ids of its own."""

from collections.abc import Iterator

import pytest

from tests.cases.service import FieldService, field_service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FieldService]:
    with field_service(tmp_path_factory.mktemp("field")) as service:
        yield service
