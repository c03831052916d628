"""Making and changing users (page 50, "Who may call")."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as Weak
from django.db import transaction
from django.utils.translation import gettext as _

from packhouse.kernel import clock
from packhouse.kernel.errors import InvalidParameter
from packhouse.kernel.models import ApiKey, Role, User
from packhouse.locations.models import LocationUser

FIELDS = ("username", "email", "first_name", "last_name", "role", "scopes", "language", "is_active")


@transaction.atomic
def create_user(values: Mapping[str, Any]) -> User:
    """A user with these fields; without a `password` nobody can log in, only call with keys.

    Raises InvalidParameter.
    """
    user = User()
    _write(user, values)
    return user


@transaction.atomic
def change_user(user_id: int, values: Mapping[str, Any]) -> User:
    """Change what is given. `locations` are ids: where a store user works.

    Raises InvalidParameter, also where nobody would be left who may administer.
    """
    admins = User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True).order_by("pk")
    others = [pk for pk in admins.values_list("pk", flat=True) if pk != user_id]
    user = User.objects.select_for_update().get(pk=user_id)
    was_admin = user.role == Role.ADMIN and user.is_active
    _write(user, values)
    if was_admin and not others and not (user.role == Role.ADMIN and user.is_active):
        field = "role" if user.is_active else "is_active"
        raise InvalidParameter({field: [_("This is the last admin; make another one first.")]})
    return user


@transaction.atomic
def switch_off(user_id: int) -> None:
    """No login and no key works any more; the row stays, because the logs name it. Raises InvalidParameter."""
    change_user(user_id, {"is_active": False})
    revoke_keys(user_id)


def revoke_keys(user_id: int, keys: Iterable[int] | None = None) -> int:
    """Revoke these keys of the user, or all; how many still worked."""
    rows = ApiKey.objects.filter(user=user_id, revoked_date=None)
    if keys is not None:
        rows = rows.filter(pk__in=list(keys))
    now = clock.now()
    return rows.update(revoked_date=now, modified_date=now)


def _write(user: User, values: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in values:
            setattr(user, name, values[name])
    if "password" in values:
        _set_password(user, values["password"])
    elif not user.password:
        user.set_unusable_password()
    user.save()
    if "locations" in values:
        _bind(user, values["locations"])
    if user.role != Role.STORE and LocationUser.objects.filter(user=user).exists():
        text = _("Only a store user works at locations; narrow the keys of other users.")
        raise InvalidParameter({"locations": [text]})


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except Weak as refusal:
        raise InvalidParameter({"password": list(refusal.messages)}) from None
    user.set_password(password)


def _bind(user: User, locations: Iterable[int]) -> None:
    wanted = set(locations)
    present = LocationUser.objects.filter(user=user)
    present.exclude(location__in=wanted).delete()
    known = set(present.values_list("location", flat=True))
    LocationUser.objects.bulk_create(
        [LocationUser(user=user, location_id=pk) for pk in sorted(wanted - known)]
    )
