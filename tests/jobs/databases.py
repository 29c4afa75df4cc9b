"""The databases that durable work is tested on."""

from typing import TypeAlias

import pytest

DatabaseUrl: TypeAlias = str

LOOPBACK = pytest.mark.block_network(allowed_hosts=["127.0.0.1", "localhost"])
