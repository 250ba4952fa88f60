import pytest
import requests


@pytest.mark.parametrize("number", range(20))
def test_a_code_is_sent(httpserver, number):
    # set-up
    httpserver.expect_request("/", method="POST").respond_with_json({"Code": "OK", "MessageId": "1"})
    # tests
    requests.post(
        httpserver.url_for("/"), data={"To": "4915112345678", "Text": f"Your code is 47{number:02}."}
    )
    assert f"47{number:02}" in httpserver.log[0][0].form["Text"]
