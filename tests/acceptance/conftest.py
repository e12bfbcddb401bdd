"""A site for a test that needs no special one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.acceptance.site import Site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with Site(tmp_path / "site") as running:
        yield running
