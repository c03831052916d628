"""SelfServicePackageDeliveryCommand and its codes (page 80, 4)."""

from datetime import timedelta

import pytest

from packhouse.kernel import clock, settings_store
from packhouse.kernel.errors import MissingParameter, PermissionDenied
from packhouse.kernel.models import Role, StateTransitionLog
from packhouse.orders.models import StatusReport
from packhouse.packages import otp
from packhouse.packages.models import Otp, Package
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package, an_order
from tests.commands.running import an_actor, refuse, run

pytestmark = pytest.mark.django_db
DELIVER = "SelfServicePackageDeliveryCommand"
PATH = "input_parameters.otp"


@pytest.fixture
def package() -> Package:
    settings_store.put("IS_OTP_ENABLED", True)
    return a_package(state=P.READY_FOR_PICKUP, order=an_order(items=1, delivery_type="in_store"))


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def test_with_the_right_code_the_package_is_delivered(package: Package) -> None:
    code = otp.make_code(package.pk).code

    run(package, DELIVER, otp=code)

    assert package.state == P.DELIVERED
    item = package.order.items.get()
    assert item.state == "550"
    assert item.delivered_date is not None
    assert StatusReport.objects.get().status == "550"
    kept = Otp.objects.get()
    assert kept.used_date is not None
    assert code not in kept.digest


def test_five_wrong_codes_lock_it_until_a_new_one(package: Package) -> None:
    start = clock.now()
    code = otp.make_code(package.pk).code
    for _ in range(5):
        with pytest.raises(otp.WrongOtp) as refusal:
            run(package, DELIVER, otp=wrong(code))
        assert list(refusal.value.errors) == [PATH]

    refuse(package, DELIVER, otp.OtpLocked, PATH, otp=code)
    assert Package.objects.get().state == P.READY_FOR_PICKUP

    with clock.frozen(start + timedelta(seconds=61)):
        run(package, DELIVER, otp=otp.make_code(package.pk).code)
    assert package.state == P.DELIVERED


def test_a_wrong_code_changes_nothing_but_its_count(package: Package) -> None:
    code = otp.make_code(package.pk).code

    with pytest.raises(otp.WrongOtp):
        run(package, DELIVER, otp=wrong(code))

    assert Otp.objects.get().tries == 1
    run(package, DELIVER, otp=code)
    assert Otp.objects.get().tries == 1


def test_a_code_that_is_over_or_none_at_all_is_wrong(package: Package) -> None:
    refuse(package, DELIVER, otp.WrongOtp, PATH, otp="123456")
    code = otp.make_code(package.pk).code

    with clock.frozen(clock.now() + timedelta(seconds=301)), pytest.raises(otp.WrongOtp):
        run(package, DELIVER, otp=code)


def test_codes_are_made_a_minute_apart_and_five_a_day(package: Package) -> None:
    start = clock.now()
    for minutes in range(5):
        with clock.frozen(start + timedelta(minutes=minutes, seconds=minutes)):
            assert len(otp.make_code(package.pk).code) == 6
            with pytest.raises(otp.OtpTooSoon):
                otp.make_code(package.pk)
    with clock.frozen(start + timedelta(hours=2)), pytest.raises(otp.OtpTooSoon):
        otp.make_code(package.pk)
    with clock.frozen(start + timedelta(hours=25)):
        otp.make_code(package.pk)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OPERATOR])
def test_staff_deliver_without_code_for_a_reason_that_is_logged(package: Package, role: Role) -> None:
    refuse(package, DELIVER, MissingParameter, PATH, actor=an_actor(role))

    run(package, DELIVER, actor=an_actor(role), reason="shows an identity card")

    assert package.state == P.DELIVERED
    attributes = StateTransitionLog.objects.get(object_id=package.pk).attributes
    assert attributes["delivery.reason"] == "shows an identity card"


def test_a_store_does_not_deliver_without_code(package: Package) -> None:
    refuse(
        package,
        DELIVER,
        PermissionDenied,
        "input_parameters.reason",
        actor=an_actor(Role.STORE),
        reason="known here",
    )


@pytest.mark.parametrize("enabled", [True, False])
def test_elsewhere_no_code_is_asked_and_one_is_ignored(enabled: bool) -> None:
    settings_store.put("IS_OTP_ENABLED", enabled)
    delivery_type = "standard" if enabled else "in_store"
    package = a_package(state=P.READY_FOR_PICKUP, order=an_order(items=1, delivery_type=delivery_type))

    run(package, DELIVER, otp="000000")

    assert package.state == P.DELIVERED
