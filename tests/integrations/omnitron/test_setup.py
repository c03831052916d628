"""The setup steps (page 70, A8), against the sandbox."""

import pytest

from packhouse.catalog.models import CancellationReason, CargoCompany, Channel, City, District, Township
from packhouse.integrations.omnitron import order_reads, setup
from packhouse.integrations.omnitron.models import CatchUp, OrderRead
from packhouse.locations.models import SenderAddress, StockLocation
from packhouse.orders.models import Order
from tests.integrations.omnitron.office import Office
from tests.integrations.omnitron.working import work

pytestmark = pytest.mark.django_db


def test_all_steps_one_after_the_other(office: Office) -> None:
    assert all(
        setup.is_required(step) for step in setup.NAMES if step not in ("transitions", "sender_addresses")
    )

    for step in setup.NAMES:
        setup.run(step)

    assert not any(setup.is_required(step) for step in setup.NAMES)
    assert {setup.status_of(step).result for step in setup.NAMES} == {"FINISHED"}
    assert Channel.objects.filter(is_installed=True).count() == 3
    assert (City.objects.count(), Township.objects.exists(), District.objects.exists()) == (10, True, True)
    assert StockLocation.objects.count() == 12
    assert CargoCompany.objects.count() == 3
    assert CancellationReason.objects.exists()
    assert SenderAddress.objects.count() == 36
    assert CatchUp.objects.get().cursor is not None
    assert order_reads.owed() == OrderRead.objects.count() > 0

    work()

    assert order_reads.owed() == 0
    assert Order.objects.count() == OrderRead.objects.count()
