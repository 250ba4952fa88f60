"""Code in TypeScript: the current SDK, with the typed request where it has one, and pop-core."""

from waypost.api.product import CAMS
from waypost.api.sdk_code.api_call import SECRET_VARIABLE, ApiCall
from waypost.api.sdk_code.literals import filled, typescript_text
from waypost.api.sdk_code.official_requests import Value, camel_case, typed_values

_TYPED = """\
// npm install @alicloud/cams20200606 @alicloud/openapi-client
import Client, { <<operation>>Request } from "@alicloud/cams20200606";
import { Config } from "@alicloud/openapi-client";

const client = new Client(
  new Config({
    accessKeyId: <<key>>,
    accessKeySecret: process.env.<<secret>>,
    endpoint: <<endpoint>>,
    protocol: <<protocol>>,
  }),
);

async function main() {
  const request = new <<operation>>Request({<<members>>});
  const response = await client.<<method>>(request);
  console.log(response.body?.toMap());
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
"""

_GENERIC = """\
// npm install @alicloud/openapi-client @alicloud/tea-util
import Client, { Config, OpenApiRequest, Params } from "@alicloud/openapi-client";
import { RuntimeOptions } from "@alicloud/tea-util";

const client = new Client(
  new Config({
    accessKeyId: <<key>>,
    accessKeySecret: process.env.<<secret>>,
    endpoint: <<endpoint>>,
    protocol: <<protocol>>,
  }),
);
const params = new Params({
  action: <<quoted_operation>>,
  version: <<version>>,
  protocol: <<upper_protocol>>,
  pathname: "/",
  method: "POST",
  authType: "AK",
  style: "RPC",
  reqBodyType: "formData",
  bodyType: "json",
});

async function main() {
  const request = new OpenApiRequest({
    body: {<<members>>},
  });
  const response = await client.callApi(params, request, new RuntimeOptions({}));
  console.log(response.body);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
"""

_POP_CORE = """\
// npm install @alicloud/pop-core
import Core from "@alicloud/pop-core";

const client = new Core({
  accessKeyId: <<key>>,
  accessKeySecret: process.env.<<secret>>!,
  endpoint: <<address>>,
  apiVersion: <<version>>,
});

async function main() {
  const parameters = {<<members>>};
  console.log(await client.request(<<quoted_operation>>, parameters, { method: "POST" }));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
"""


def typescript_code(call: ApiCall) -> str:
    """Code for the current SDK, which signs by V3: a typed request if it says all of the call."""
    values = typed_values("node", call.operation, call.parameters) if call.version == CAMS.version else None
    if values is None:
        return _typescript_filled(_GENERIC, call, _members_of_texts(call, 6))
    rows = [f"{camel_case(name)}: {_typescript_value(value)}" for name, value in values.items()]
    return _typescript_filled(_TYPED, call, _members_in_lines(rows, 4))


def typescript_core_code(call: ApiCall) -> str:
    """Code for the older SDK, @alicloud/pop-core, which signs by V1."""
    return _typescript_filled(_POP_CORE, call, _members_of_texts(call, 4))


def _members_of_texts(call: ApiCall, indent: int) -> str:
    rows = [f"{_member_name(name)}: {typescript_text(text)}" for name, text in call.parameters.items()]
    return _members_in_lines(rows, indent)


def _member_name(name: str) -> str:
    if name.isascii() and name.isidentifier() and name != "__proto__":
        return name
    # A computed one, since `__proto__` would otherwise be no member.
    return f"[{typescript_text(name)}]"


def _members_in_lines(rows: list[str], indent: int) -> str:
    if not rows:
        return ""
    return "\n" + "".join(f"{' ' * indent}{row},\n" for row in rows) + " " * (indent - 2)


def _typescript_filled(template: str, call: ApiCall, members: str) -> str:
    return filled(
        template,
        key=typescript_text(call.access_key_id),
        secret=SECRET_VARIABLE,
        endpoint=typescript_text(call.endpoint),
        address=typescript_text(call.address),
        protocol=typescript_text(call.protocol),
        upper_protocol=typescript_text(call.protocol.upper()),
        version=typescript_text(call.version),
        operation=call.operation,
        quoted_operation=typescript_text(call.operation),
        method=camel_case(call.operation),
        members=members,
    )


def _typescript_value(value: Value) -> str:
    if isinstance(value, dict):
        pairs = (f"{_member_name(name)}: {typescript_text(text)}" for name, text in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(typescript_text(text) for text in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else typescript_text(value)
