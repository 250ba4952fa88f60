import pytest
from alibabacloud_cams20200606.models import SendChatappMessageRequest


@pytest.mark.parametrize("number", range(20))
def test_a_code_arrives(waypost, number):
    waypost.client.send_chatapp_message(
        SendChatappMessageRequest(
            channel_type="viber",
            type="message",
            message_type="text",
            content=f'{{"text": "Your code is 47{number:02}."}}',
            from_="20001",
            to="4915112345678",
            label="transaction",
        )
    )
    assert waypost.phone("4915112345678").code == f"47{number:02}"
