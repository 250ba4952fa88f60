"""Commands for a shell: curl with a signature by openssl, and `waypost call`."""

import re
from urllib.parse import quote, urlencode

from waypost.api.sdk_code.api_call import SECRET_VARIABLE, ApiCall, CallNotWritableError
from waypost.api.sdk_code.literals import filled, shell_text
from waypost.model.quoting import quoted

_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")

# curl has no option for this signature. With all parameters in the body, the query that is signed is empty,
# so that the shell need not sort and encode anything.
_CURL = """\
# Signed by ACS3-HMAC-SHA256 with openssl, for any POSIX shell; the signature is good for 15 minutes.
# While openssl runs, its arguments, the secret among them, can be seen by other processes of this machine.
body=<<body>>
date=$(date -u +%Y-%m-%dT%H:%M:%SZ)
nonce=$(openssl rand -hex 16)
hash=$(printf %s "$body" | openssl dgst -sha256 -r | cut -c1-64)
names='content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version'
request=$(printf '%s\\n' POST / '' \\
  'content-type:application/x-www-form-urlencoded' \\
  'host:<<endpoint>>' \\
  'x-acs-action:<<operation>>' \\
  "x-acs-content-sha256:$hash" \\
  "x-acs-date:$date" \\
  "x-acs-signature-nonce:$nonce" \\
  'x-acs-version:<<version>>' \\
  '' "$names" "$hash")
digest=$(printf %s "$request" | openssl dgst -sha256 -r | cut -c1-64)
signature=$(printf 'ACS3-HMAC-SHA256\\n%s' "$digest" |
  openssl dgst -sha256 -hmac "$<<secret>>" -r | cut -c1-64)

curl -sS '<<address>>/' \\
  -H 'content-type: application/x-www-form-urlencoded' \\
  -H 'host: <<endpoint>>' \\
  -H 'x-acs-action: <<operation>>' \\
  -H "x-acs-content-sha256: $hash" \\
  -H "x-acs-date: $date" \\
  -H "x-acs-signature-nonce: $nonce" \\
  -H 'x-acs-version: <<version>>' \\
  -H "Authorization: ACS3-HMAC-SHA256 Credential=<<key>>,SignedHeaders=$names,Signature=$signature" \\
  --data-raw "$body"
"""


def curl_code(call: ApiCall) -> str:
    """A piece of shell that signs the call by openssl and sends it by curl.

    Raises:
        CallNotWritableError: the parameters are too long for an argument.
    """
    body = shell_text(urlencode(call.parameters, quote_via=quote, safe=""))
    return filled(
        _CURL,
        body=body,
        endpoint=call.endpoint,
        operation=call.operation,
        version=call.version,
        secret=SECRET_VARIABLE,
        address=call.address,
        key=call.access_key_id,
    )


def waypost_call_code(call: ApiCall) -> str:
    """The command `waypost call`; it signs with the secret from the environment.

    Raises:
        CallNotWritableError: a name or value cannot be an argument.
    """
    lines = [
        f'WAYPOST_ACCESS_KEY_SECRET="${SECRET_VARIABLE}" waypost call {call.operation}',
        f"  --endpoint {shell_text(call.address)} --access-key-id {shell_text(call.access_key_id)}",
    ]
    for name, value in call.parameters.items():
        if _PLAIN_NAME.fullmatch(name) is None:
            raise CallNotWritableError(f"{quoted(name)} cannot be the name of an argument Key=Value.")
        lines.append(f"  {name}={shell_text(value)}" if value else f"  {name}=")
    return " \\\n".join(lines) + "\n"
