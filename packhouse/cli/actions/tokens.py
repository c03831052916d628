"""Making users and keys."""

from collections.abc import Sequence

import click
from django.db import transaction

from packhouse.cli.actions.refusals import explained
from packhouse.kernel.accounts import EVERY_SCOPE, issue_key
from packhouse.kernel.models import Role, Scope, User
from packhouse.locations.models import LocationUser, StockLocation

EVERYTHING = "all"


def make(
    username: str,
    *,
    role: str | None,
    scopes: Sequence[str],
    locations: Sequence[str],
    name: str,
    days: int | None,
) -> str:
    """A new key. Raises click.ClickException, and then nothing has changed."""
    wanted = sorted(EVERY_SCOPE) if EVERYTHING in scopes else sorted(set(scopes))
    if unknown := set(wanted) - EVERY_SCOPE:
        raise click.BadParameter(
            f"There is no scope {min(unknown)}. There are: {', '.join(Scope.values)}, all.",
            param_hint="--scope",
        )
    with explained(), transaction.atomic():
        user = _user(username, role, wanted)
        ids = _bind(user, _locations(locations))
        narrowed = wanted or None
        if user.role == Role.INTEGRATION and narrowed is None and not user.scopes:
            raise click.UsageError("The key of an integration needs --scope; --scope all gives everything.")
        location_ids = ids if user.role != Role.STORE and ids else None
        return issue_key(user, name=name, scopes=narrowed, location_ids=location_ids, days=days)


def _user(username: str, role: str | None, scopes: list[str]) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        if role is None:
            raise click.UsageError(f"There is no user {username} yet; say with --role what it shall be.")
        user = User(username=username, role=role, scopes=scopes if role == Role.INTEGRATION else [])
        user.set_unusable_password()
        user.save()
    elif role not in (None, user.role):
        raise click.UsageError(f"{username} exists already, with the role {user.role}.")
    elif user.role == Role.INTEGRATION and set(scopes) - set(user.scopes):
        user.scopes = sorted({*user.scopes, *scopes})
        user.save(update_fields=["scopes"])
    return user


def _locations(erp_codes: Sequence[str]) -> list[StockLocation]:
    found = {row.erp_code: row for row in StockLocation.objects.filter(erp_code__in=list(erp_codes))}
    for code in erp_codes:
        if code not in found:
            raise click.BadParameter(f"There is no location {code}.", param_hint="--location")
    return list(found.values())


def _bind(user: User, locations: list[StockLocation]) -> list[int]:
    """A store user works at the locations; the keys of others are narrowed to them."""
    if user.role == Role.STORE:
        for location in locations:
            LocationUser.objects.get_or_create(user=user, location=location)
    return [location.pk for location in locations]
