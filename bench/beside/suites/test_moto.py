import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer


# set-up
@pytest.fixture(scope="session")
def server():
    server = ThreadedMotoServer(port=0)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def sns(server):
    requests.post(f"{server}/moto-api/reset")
    return boto3.client(
        "sns", "us-east-1", endpoint_url=server, aws_access_key_id="a", aws_secret_access_key="b"
    )


# tests
@pytest.mark.parametrize("number", range(20))
def test_a_code_is_sent(server, sns, number):
    sns.publish(PhoneNumber="+4915112345678", Message=f"Your code is 47{number:02}.")
    sent = requests.get(f"{server}/moto-api/data.json").json()["sns"]
    assert sent
