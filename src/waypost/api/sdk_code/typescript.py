"""Code in TypeScript: the current SDK, with the typed request where it has one, and pop-core."""

from collections.abc import Iterator

from waypost.api.product import CAMS
from waypost.api.sdk_code.api_call import SECRET_VARIABLE, ApiCall
from waypost.api.sdk_code.literals import filled, typescript_text
from waypost.api.sdk_code.official_requests import Model, Value, camel_case, typed_request

_TYPED = """\
// npm install @alicloud/cams20200606 @alicloud/openapi-client
import Client, { <<classes>> } from "@alicloud/cams20200606";
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
  const request = <<members>>;
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
    request = typed_request("node", call.operation, call.parameters) if call.version == CAMS.version else None
    if request is None:
        return _typescript_filled(_GENERIC, call, _members_of_texts(call, "    "))
    classes = ", ".join(dict.fromkeys(_classes_of(request)))
    return _typescript_filled(_TYPED, call, _typescript_value(request, "  "), classes)


def typescript_core_code(call: ApiCall) -> str:
    """Code for the older SDK, @alicloud/pop-core, which signs by V1."""
    return _typescript_filled(_POP_CORE, call, _members_of_texts(call, "  "))


def _members_of_texts(call: ApiCall, indent: str) -> str:
    rows = [f"{_member_name(name)}: {typescript_text(text)}" for name, text in call.parameters.items()]
    return _in_lines(rows, indent)


def _member_name(name: str) -> str:
    if name.isascii() and name.isidentifier() and name != "__proto__":
        return name
    # A computed one, since `__proto__` would otherwise be no member.
    return f"[{typescript_text(name)}]"


def _in_lines(rows: list[str], indent: str) -> str:
    """Rows between brackets: nothing, or a line for each, and the start of the line of the closing one."""
    return "\n" + "".join(f"{indent}  {row},\n" for row in rows) + indent if rows else ""


def _typescript_filled(template: str, call: ApiCall, members: str, classes: str = "") -> str:
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
        classes=classes,
    )


def _classes_of(value: Value) -> Iterator[str]:
    """The classes that an object is made by, itself first."""
    if isinstance(value, Model):
        yield value.name
        for inner in value.values.values():
            yield from _classes_of(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _classes_of(item)


def _typescript_value(value: Value, indent: str) -> str:
    """A value as an expression whose first line is indented by `indent`."""
    deeper = indent + "  "
    if isinstance(value, Model):
        rows = [
            f"{camel_case(name)}: {_typescript_value(inner, deeper)}" for name, inner in value.values.items()
        ]
        return f"new {value.name}({{{_in_lines(rows, indent)}}})"
    if isinstance(value, dict):
        pairs = (f"{_member_name(name)}: {typescript_text(text)}" for name, text in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    if isinstance(value, list):
        items = [_typescript_value(item, deeper) for item in value]
        has_models = any(isinstance(item, Model) for item in value)
        return f"[{_in_lines(items, indent) if has_models else ', '.join(items)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else typescript_text(value)
