"""Who works with the demo: an administrator, an integration, and a store's people; their keys."""

import secrets
from dataclasses import dataclass

import click
from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from packhouse.kernel import clock
from packhouse.kernel.accounts import EVERY_SCOPE, issue_key
from packhouse.kernel.models import ApiKey, Role, User
from packhouse.locations.models import LocationUser, StockLocation
from packhouse.orders.models import Order
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus

ADMIN, INTEGRATION, STORE = "admin", "demo-erp", "demo-store"
KEY = "demo"


@dataclass(frozen=True)
class People:
    """Keys by role, and the administrator's login at the console."""

    tokens: dict[str, str]
    username: str
    password: str


def refuse_foreign_data() -> None:
    """The demo works only in a database of its own. Raises click.ClickException for one with other orders."""
    if Order.objects.exists() and not User.objects.filter(username=INTEGRATION).exists():
        raise click.ClickException(
            "This database holds orders that are not the demo's. Name another data folder (--data) or database."
        )


@transaction.atomic
def hire() -> People:
    """The administrator and the integration, with new keys; those of an earlier start no longer work."""
    password = secrets.token_urlsafe(12)
    admin, erp = _user(ADMIN, Role.ADMIN, password=password), _user(INTEGRATION, Role.INTEGRATION)
    tokens = {"admin": _new_key(admin), "integration": _new_key(erp)}
    return People(tokens, admin.username, password)


@transaction.atomic
def open_store() -> str:
    """The key of a user who works at the store with the most packages to prepare."""
    user = _user(STORE, Role.STORE)
    LocationUser.objects.filter(user=user).delete()
    LocationUser.objects.create(user=user, location=_busiest_store())
    return _new_key(user)


def _busiest_store() -> StockLocation:
    waiting = Package.objects.filter(
        state=PackageStatus.WAITING.value, stock_location=OuterRef("pk")
    ).order_by()
    counted = waiting.values("stock_location").annotate(packages=Count("id")).values("packages")
    stores = StockLocation.objects.filter(stock_location_type=StockLocation.Type.STORE)
    busiest = stores.annotate(packages=Coalesce(Subquery(counted), 0)).order_by("-packages", "id").first()
    if busiest is None:
        raise click.ClickException("The back office has no store.")
    return busiest


def _user(username: str, role: Role, *, password: str | None = None) -> User:
    user = User.objects.filter(username=username).first() or User(username=username)
    user.role, user.is_active = role, True
    user.scopes = sorted(EVERY_SCOPE) if role == Role.INTEGRATION else []
    if password:
        user.set_password(password)
    else:
        user.set_unusable_password()
    user.save()
    return user


def _new_key(user: User) -> str:
    ApiKey.objects.filter(user=user, name=KEY, revoked_date=None).update(revoked_date=clock.now())
    return issue_key(user, name=KEY)
