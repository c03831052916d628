"""An installed machine, and processes that know no location yet."""

import pytest

from packhouse.commands.installation import install_defaults
from packhouse.kernel import machine, version
from packhouse.payloads import location


@pytest.fixture
def installed(db: None) -> None:
    """States are installed, and read as a command would read them."""
    install_defaults()
    version.forget()
    machine.reload()
    location.forget()
