"""Reading the rules of carriers. Read whole each time, so that an edited rule binds the next order."""

import json
import logging
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection

from packhouse.catalog.models import CargoCompany
from packhouse.kernel import settings_store
from packhouse.planning import queries
from packhouse.planning.query_fields import Scope
from packhouse.planning.tariff import CarrierRule, Tariff

log = logging.getLogger(__name__)

_RULES = """
SELECT g.id, g.erp_code, c.rules_configuration::text
FROM catalog_cargocompanycondition c JOIN catalog_cargocompany g ON g.id = c.cargo_company_id
WHERE g.is_active ORDER BY g.id, c.id
"""


def read_tariff() -> Tariff:
    """As it stands now. One statement; a second one where there are rules."""
    with connection.cursor() as cursor:
        cursor.execute(_RULES)
        rows = cursor.fetchall()
    if not rows:
        return Tariff()
    active = CargoCompany.objects.filter(is_active=True).values_list("erp_code", flat=True)
    return Tariff(
        rules=tuple([rule for row in rows for rule in _rules(*row)]),
        carriers=frozenset(active),
        rules_first=settings_store.get("CARGO_COMPANY_CHOICE") == "rules_first",
    )


@lru_cache(maxsize=1024)
def _rules(carrier_id: int, carrier: str, configuration: str) -> tuple[CarrierRule, ...]:
    """A condition without rules always holds. One that cannot be read is left out: it must not stop all the others."""
    given = json.loads(configuration, parse_float=Decimal).get("rules") or [{}]
    try:
        return tuple([_rule(carrier_id, carrier, rule) for rule in given])
    except (queries.QueryInvalid, ArithmeticError, TypeError, AttributeError) as error:
        log.warning("the rules of carrier %s cannot be read: %s", carrier, error)
        return ()


def _rule(carrier_id: int, carrier: str, given: dict[str, Any]) -> CarrierRule:
    when, cost = given.get("when"), given.get("cost")
    return CarrierRule(
        carrier_id=carrier_id,
        carrier=carrier,
        priority=given.get("priority", 100),
        when=None if when is None else queries.parse(when, Scope.CARRIER),
        shipping_option_slug=given.get("shipping_option_slug"),
        base=None if cost is None else _amount(cost.get("base")),
        per_desi=_amount(cost.get("per_desi")) if cost else Decimal(0),
    )


def _amount(value: Any) -> Decimal:
    return Decimal(str(value or 0))
