import os
import socket
import subprocess
import time

import pytest
import stripe


# set-up
@pytest.fixture(scope="session")
def client():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([os.environ["STRIPE_MOCK"], "-http-addr", f"127.0.0.1:{port}"], stdout=-3)
    while socket.socket().connect_ex(("127.0.0.1", port)):
        time.sleep(0.002)
    yield stripe.StripeClient("sk_test_1", base_addresses={"api": f"http://127.0.0.1:{port}"})
    process.kill()
    process.wait()


# tests
@pytest.mark.parametrize("number", range(20))
def test_a_customer_is_made(client, number):
    # What it answers is fixed: nothing that was sent can be looked at afterwards.
    assert client.v1.customers.create({"name": f"customer {number}"}).id.startswith("cus_")
