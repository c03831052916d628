"""Accounts at carriers: whom we are there, and how the carrier is talked to."""

import hashlib
from dataclasses import dataclass

from pydantic import ValidationError

from packhouse.catalog.configuration import IS_SECRET, CargoConfiguration
from packhouse.catalog.models import CargoCompany
from packhouse.kernel.errors import NotConfigured
from packhouse.kernel.secrets import unseal

MANUAL = CargoConfiguration()


@dataclass(frozen=True, slots=True)
class Account:
    """One account at one carrier; `company_id` None: no carrier, everything by hand.

    `configuration` has its secrets in the clear. `identifier` tells several accounts at one carrier apart.
    """

    company_id: int | None
    company: str
    configuration: CargoConfiguration
    identifier: str | None = None

    @property
    def system(self) -> str:
        """Whom the circuit, the limit of calls and the log go by."""
        name = f"carrier/{self.company_id}"
        if self.identifier is None:
            return name
        return f"{name}/{hashlib.sha256(self.identifier.encode()).hexdigest()[:12]}"


def account_at(company: CargoCompany | None, *, erp_code: str, channel_id: int) -> Account:
    """The account that a location's parcels of a channel go by.

    `credentials_identifier` is one text, or texts by location (`erp_code`) or by channel (`channel:4`), with
    `default` for the rest. Raises NotConfigured for a configuration that cannot be read.
    """
    if company is None:
        return Account(None, "manual", MANUAL)
    try:
        configuration = CargoConfiguration.model_validate(unseal(company.configuration, IS_SECRET))
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, problem["loc"]))
        raise NotConfigured(
            f"The configuration of {company.name} cannot be read: {where}: {problem['msg']}"
        ) from None
    return Account(company.pk, company.name, configuration, _identifier(configuration, erp_code, channel_id))


def _identifier(configuration: CargoConfiguration, erp_code: str, channel_id: int) -> str | None:
    given = configuration.credentials_identifier
    if not isinstance(given, dict):
        return given
    keys = (erp_code, f"channel:{channel_id}", "default")
    return next((given[key] for key in keys if key in given), None)
