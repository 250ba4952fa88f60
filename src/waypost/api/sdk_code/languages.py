"""All code that can be written for a call: the languages, and both generations of their clients."""

from collections.abc import Callable
from typing import NamedTuple

from waypost.api.sdk_code.api_call import ApiCall
from waypost.api.sdk_code.csharp import csharp_code
from waypost.api.sdk_code.go import go_code, go_core_code
from waypost.api.sdk_code.java import java_code, java_core_code
from waypost.api.sdk_code.php import php_code
from waypost.api.sdk_code.python import python_code, python_core_code
from waypost.api.sdk_code.shell import curl_code, waypost_call_code
from waypost.api.sdk_code.typescript import typescript_code, typescript_core_code


class Language(NamedTuple):
    """A way to write a call.

    Attributes:
        id: names it in URLs and in files.
        name: the language.
        client: the package or the command that makes the call.
        signature: `V3` or `V1`.
        suffix: of a file with the code, without the dot.
        code: writes a call; it raises `CallNotWritableError` if the language cannot have it.
    """

    id: str
    name: str
    client: str
    signature: str
    suffix: str
    code: Callable[[ApiCall], str]


LANGUAGES = (
    Language("python", "Python", "alibabacloud_cams20200606", "V3", "py", python_code),
    Language("python-core", "Python", "aliyun-python-sdk-core", "V1", "py", python_core_code),
    Language("java", "Java", "tea-openapi", "V3", "java", java_code),
    Language("java-core", "Java", "aliyun-java-sdk-core", "V1", "java", java_core_code),
    Language("go", "Go", "darabonba-openapi", "V3", "go", go_code),
    Language("go-core", "Go", "alibaba-cloud-sdk-go", "V1", "go", go_core_code),
    Language("typescript", "TypeScript", "@alicloud/cams20200606", "V3", "ts", typescript_code),
    Language("typescript-core", "TypeScript", "@alicloud/pop-core", "V1", "ts", typescript_core_code),
    Language("php", "PHP", "alibabacloud/darabonba-openapi", "V3", "php", php_code),
    Language("csharp", "C#", "AlibabaCloud.OpenApiClient", "V3", "cs", csharp_code),
    Language("curl", "curl", "curl and openssl", "V3", "sh", curl_code),
    Language("waypost", "waypost call", "waypost", "V3", "sh", waypost_call_code),
)
"""In the order in which they are shown."""

BY_ID = {language.id: language for language in LANGUAGES}
