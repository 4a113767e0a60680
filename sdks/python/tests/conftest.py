"""What all tests have in common."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from plugwright import _host_function

#: Programs that `test_drop_in.py` runs.
collect_ignore = ["drop_in"]


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """Host functions of one test are none of the next one's."""
    yield
    _host_function.HOST_FN_REGISTRY.clear()
