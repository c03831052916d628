"""Failures that only the back office's client knows."""

from packhouse.integrations.failures import TemporaryFailure


class ConnectorStopped(TemporaryFailure):
    """The login was refused: the settings are wrong, and nothing is tried until they change."""

    code = "connector_stopped"


class AuthFailed(TemporaryFailure):
    """A fresh key was refused too. Not tried again by itself within this call; jobs come back."""

    code = "auth_failed"
