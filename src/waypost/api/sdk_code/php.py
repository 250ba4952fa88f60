"""Code in PHP: darabonba-openapi, on which the current SDKs are built."""

from waypost.api.sdk_code.api_call import SECRET_VARIABLE, ApiCall
from waypost.api.sdk_code.literals import filled, php_text

_PHP = """\
<?php

// composer require alibabacloud/darabonba-openapi
require __DIR__ . '/vendor/autoload.php';

use AlibabaCloud\\Tea\\Utils\\Utils\\RuntimeOptions;
use Darabonba\\OpenApi\\Models\\Config;
use Darabonba\\OpenApi\\Models\\OpenApiRequest;
use Darabonba\\OpenApi\\Models\\Params;
use Darabonba\\OpenApi\\OpenApiClient;

$client = new OpenApiClient(new Config([
    'accessKeyId' => <<key>>,
    'accessKeySecret' => getenv(<<secret>>),
    'endpoint' => <<endpoint>>,
    'protocol' => <<protocol>>,
]));
$params = new Params([
    'action' => <<operation>>,
    'version' => <<version>>,
    'protocol' => <<upper_protocol>>,
    'pathname' => '/',
    'method' => 'POST',
    'authType' => 'AK',
    'style' => 'RPC',
    'reqBodyType' => 'formData',
    'bodyType' => 'json',
]);
$request = new OpenApiRequest([
    'body' => [<<members>>],
]);
$response = $client->callApi($params, $request, new RuntimeOptions([]));
print_r($response['body']);
"""


def php_code(call: ApiCall) -> str:
    """Code for darabonba-openapi, which signs by V3."""
    rows = [f"        {php_text(name)} => {php_text(text)},\n" for name, text in call.parameters.items()]
    return filled(
        _PHP,
        key=php_text(call.access_key_id),
        secret=php_text(SECRET_VARIABLE),
        endpoint=php_text(call.endpoint),
        protocol=php_text(call.protocol),
        upper_protocol=php_text(call.protocol.upper()),
        version=php_text(call.version),
        operation=php_text(call.operation),
        members="\n" + "".join(rows) + "    " if rows else "",
    )
