"""Code in Python: the current SDK, with the typed request where it has one, and the older SDK."""

from waypost.api.product import CAMS
from waypost.api.sdk_code.api_call import SECRET_VARIABLE, ApiCall
from waypost.api.sdk_code.literals import filled, python_text
from waypost.api.sdk_code.official_requests import Model, Value, snake_case, typed_request

_TYPED = """\
# pip install alibabacloud_cams20200606
import os

from alibabacloud_cams20200606 import models
from alibabacloud_cams20200606.client import Client
from alibabacloud_tea_openapi.models import Config

client = Client(
    Config(
        access_key_id=<<key>>,
        access_key_secret=os.environ[<<secret>>],
        endpoint=<<endpoint>>,
        protocol=<<protocol>>,
    )
)
request = <<members>>
response = client.<<method>>(request)
print(response.body.to_map())
"""

_GENERIC = """\
# pip install alibabacloud_tea_openapi
import os

from alibabacloud_tea_openapi.client import Client
from alibabacloud_tea_openapi.models import Config, OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions

client = Client(
    Config(
        access_key_id=<<key>>,
        access_key_secret=os.environ[<<secret>>],
        endpoint=<<endpoint>>,
        protocol=<<protocol>>,
    )
)
params = Params(
    action=<<operation>>,
    version=<<version>>,
    protocol=<<upper_protocol>>,
    pathname="/",
    method="POST",
    auth_type="AK",
    style="RPC",
    req_body_type="formData",
    body_type="json",
)
request = OpenApiRequest(
    body={<<members>>},
)
response = client.call_api(params, request, RuntimeOptions())
print(response["body"])
"""

_CORE = """\
# pip install aliyun-python-sdk-core
import os

from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

client = AcsClient(<<key>>, os.environ[<<secret>>], "cn-hangzhou")
request = CommonRequest()
request.set_protocol_type(<<protocol>>)
request.set_domain(<<endpoint>>)
request.set_version(<<version>>)
request.set_action_name(<<operation>>)
request.set_method("POST")
<<members>>print(client.do_action_with_exception(request).decode())
"""


def python_code(call: ApiCall) -> str:
    """Code for the current SDK, which signs by V3: a typed request if it says all of the call."""
    request = (
        typed_request("python", call.operation, call.parameters) if call.version == CAMS.version else None
    )
    if request is not None:
        return _python_filled(_TYPED, call, call.operation, _python_value(request, ""))
    rows = [f"{python_text(name)}: {python_text(text)}" for name, text in call.parameters.items()]
    return _python_filled(_GENERIC, call, python_text(call.operation), _lines(rows, "    "))


def python_core_code(call: ApiCall) -> str:
    """Code for the older SDK, aliyun-python-sdk-core, which signs by V1."""
    rows = [
        f"request.add_body_params({python_text(name)}, {python_text(text)})\n"
        for name, text in call.parameters.items()
    ]
    return _python_filled(_CORE, call, python_text(call.operation), "".join(rows))


def _python_filled(template: str, call: ApiCall, operation: str, members: str) -> str:
    return filled(
        template,
        key=python_text(call.access_key_id),
        secret=python_text(SECRET_VARIABLE),
        endpoint=python_text(call.endpoint),
        protocol=python_text(call.protocol),
        upper_protocol=python_text(call.protocol.upper()),
        version=python_text(call.version),
        operation=operation,
        method=snake_case(call.operation),
        members=members,
    )


def _lines(rows: list[str], indent: str) -> str:
    """Rows between brackets: nothing, or a line for each, and the start of the line of the closing one."""
    return "\n" + "".join(f"{indent}    {row},\n" for row in rows) + indent if rows else ""


def _attribute(name: str) -> str:
    # The one name on the wire that is a keyword.
    return "from_" if name == "From" else snake_case(name)


def _python_value(value: Value, indent: str) -> str:
    """A value as an expression whose first line is indented by `indent`."""
    deeper = indent + "    "
    if isinstance(value, Model):
        rows = [f"{_attribute(name)}={_python_value(inner, deeper)}" for name, inner in value.values.items()]
        return f"models.{value.name}({_lines(rows, indent)})"
    if isinstance(value, dict):
        pairs = (f"{python_text(name)}: {python_text(text)}" for name, text in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        items = [_python_value(item, deeper) for item in value]
        has_models = any(isinstance(item, Model) for item in value)
        return f"[{_lines(items, indent) if has_models else ', '.join(items)}]"
    return python_text(value) if isinstance(value, str) else repr(value)
