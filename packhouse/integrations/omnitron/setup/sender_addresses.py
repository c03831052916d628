"""What each carrier calls each location: its code, until somebody enters another."""

from django.db.models import Exists, OuterRef

from packhouse.catalog.models import CargoCompany
from packhouse.integrations.omnitron.setup.progress import Progress
from packhouse.locations.models import SenderAddress, StockLocation


def is_required() -> bool:
    """A location is not known to a carrier yet."""
    carriers = CargoCompany.objects.filter(is_active=True)
    return any(_unknown_to(carrier).exists() for carrier in carriers)


def execute(progress: Progress) -> None:
    """One for each pair that has none."""
    for carrier in CargoCompany.objects.filter(is_active=True).order_by("id"):
        locations = list(_unknown_to(carrier).order_by("id"))
        progress.expect(len(locations))
        SenderAddress.objects.bulk_create(
            (
                SenderAddress(stock_location=location, cargo_company=carrier, origin_id=location.erp_code)
                for location in locations
            ),
            ignore_conflicts=True,
        )
        progress.did(len(locations))


def _unknown_to(carrier: CargoCompany):  # type: ignore[no-untyped-def]  # a query of locations
    known = SenderAddress.objects.filter(stock_location=OuterRef("pk"), cargo_company=carrier)
    return StockLocation.objects.filter(~Exists(known), is_active=True)
