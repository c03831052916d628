import pytest
from tests.webhooks.builders import *
pytestmark = pytest.mark.usefixtures("_sending")

def test_smoke(receiver):
    a_hook(receiver.url + "/a", secret_key="s")
    for p in range(5):
        tell("package.created", "package.created", package=p + 1)
    assert pump() == 10
    assert receiver.report()["unique"] == 10
    print(receiver.requests[0])
    print(the_delivery(id=1).__dict__)
