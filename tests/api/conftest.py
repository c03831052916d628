"""Callers for the tests of the API."""

import pytest

from packhouse.kernel.models import Role, Scope
from tests.api.callers import Caller, a_caller


@pytest.fixture
def admin(db: None) -> Caller:
    return a_caller(Role.ADMIN)


@pytest.fixture
def operator(db: None) -> Caller:
    return a_caller(Role.OPERATOR)


@pytest.fixture
def integration(db: None) -> Caller:
    """With every scope."""
    return a_caller(Role.INTEGRATION, user_scopes=list(Scope.values))


@pytest.fixture
def nobody(db: None) -> Caller:
    """Without a key."""
    return Caller()
