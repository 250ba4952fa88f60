"""Code in Java: tea-openapi, on which the current SDKs are built, and aliyun-java-sdk-core."""

from waypost.api.sdk_code.api_call import SECRET_VARIABLE, ApiCall
from waypost.api.sdk_code.literals import filled, java_text

_TEA = """\
// <<operation>>.java; Maven: com.aliyun:tea-openapi
import com.aliyun.teaopenapi.Client;
import com.aliyun.teaopenapi.models.Config;
import com.aliyun.teaopenapi.models.OpenApiRequest;
import com.aliyun.teaopenapi.models.Params;
import com.aliyun.teautil.models.RuntimeOptions;
import java.util.LinkedHashMap;
import java.util.Map;

public class <<operation>> {
  public static void main(String[] arguments) throws Exception {
    Config config = new Config()
        .setAccessKeyId(<<key>>)
        .setAccessKeySecret(System.getenv(<<secret>>))
        .setEndpoint(<<endpoint>>)
        .setProtocol(<<protocol>>);
    Params params = new Params()
        .setAction(<<quoted_operation>>)
        .setVersion(<<version>>)
        .setProtocol(<<upper_protocol>>)
        .setPathname("/")
        .setMethod("POST")
        .setAuthType("AK")
        .setStyle("RPC")
        .setReqBodyType("formData")
        .setBodyType("json");
    Map<String, Object> body = new LinkedHashMap<>();
<<members>>    OpenApiRequest request = new OpenApiRequest().setBody(body);
    Map<String, ?> response = new Client(config).callApi(params, request, new RuntimeOptions());
    System.out.println(response.get("body"));
  }
}
"""

_CORE = """\
// <<operation>>.java; Maven: com.aliyun:aliyun-java-sdk-core
import com.aliyuncs.CommonRequest;
import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.IAcsClient;
import com.aliyuncs.http.MethodType;
import com.aliyuncs.http.ProtocolType;
import com.aliyuncs.profile.DefaultProfile;

public class <<operation>> {
  public static void main(String[] arguments) throws Exception {
    DefaultProfile profile = DefaultProfile.getProfile(
        "cn-hangzhou", <<key>>, System.getenv(<<secret>>));
    IAcsClient client = new DefaultAcsClient(profile);
    CommonRequest request = new CommonRequest();
    request.setSysMethod(MethodType.POST);
    request.setSysProtocol(ProtocolType.<<upper_protocol_name>>);
    request.setSysDomain(<<endpoint>>);
    request.setSysVersion(<<version>>);
    request.setSysAction(<<quoted_operation>>);
<<members>>    System.out.println(client.getCommonResponse(request).getData());
    client.shutdown();
  }
}
"""


def java_code(call: ApiCall) -> str:
    """Code for tea-openapi, which signs by V3."""
    return _java_filled(_TEA, call, "body.put")


def java_core_code(call: ApiCall) -> str:
    """Code for the older SDK, aliyun-java-sdk-core, which signs by V1."""
    return _java_filled(_CORE, call, "request.putBodyParameter")


def _java_filled(template: str, call: ApiCall, put: str) -> str:
    rows = [f"    {put}({java_text(name)}, {java_text(text)});\n" for name, text in call.parameters.items()]
    return filled(
        template,
        key=java_text(call.access_key_id),
        secret=java_text(SECRET_VARIABLE),
        endpoint=java_text(call.endpoint),
        protocol=java_text(call.protocol),
        upper_protocol=java_text(call.protocol.upper()),
        upper_protocol_name=call.protocol.upper(),
        version=java_text(call.version),
        operation=call.operation,
        quoted_operation=java_text(call.operation),
        members="".join(rows),
    )
