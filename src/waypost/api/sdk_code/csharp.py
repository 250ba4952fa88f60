"""Code in C#: AlibabaCloud.OpenApiClient, on which the current SDKs are built."""

from waypost.api.sdk_code.api_call import SECRET_VARIABLE, ApiCall
from waypost.api.sdk_code.literals import csharp_text, filled

_CSHARP = """\
// dotnet add package AlibabaCloud.OpenApiClient
using System;
using System.Collections.Generic;
using AlibabaCloud.OpenApiClient;
using AlibabaCloud.OpenApiClient.Models;
using AlibabaCloud.TeaUtil.Models;

var client = new Client(new Config
{
    AccessKeyId = <<key>>,
    AccessKeySecret = Environment.GetEnvironmentVariable(<<secret>>),
    Endpoint = <<endpoint>>,
    Protocol = <<protocol>>,
});
var parameters = new Params
{
    Action = <<operation>>,
    Version = <<version>>,
    Protocol = <<upper_protocol>>,
    Pathname = "/",
    Method = "POST",
    AuthType = "AK",
    Style = "RPC",
    ReqBodyType = "formData",
    BodyType = "json",
};
var body = new Dictionary<string, object>
{
<<members>>};
var request = new OpenApiRequest { Body = body };
var response = client.CallApi(parameters, request, new RuntimeOptions());
Console.WriteLine(AlibabaCloud.TeaUtil.Common.ToJSONString(response["body"]));
"""


def csharp_code(call: ApiCall) -> str:
    """Code for AlibabaCloud.OpenApiClient, which signs by V3."""
    rows = [f"    [{csharp_text(name)}] = {csharp_text(text)},\n" for name, text in call.parameters.items()]
    return filled(
        _CSHARP,
        key=csharp_text(call.access_key_id),
        secret=csharp_text(SECRET_VARIABLE),
        endpoint=csharp_text(call.endpoint),
        protocol=csharp_text(call.protocol),
        upper_protocol=csharp_text(call.protocol.upper()),
        version=csharp_text(call.version),
        operation=csharp_text(call.operation),
        members="".join(rows),
    )
