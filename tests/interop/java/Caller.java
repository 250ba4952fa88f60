// Calls as it is asked to, a line of JSON each: V3 by tea-openapi, V1 by aliyun-java-sdk-core, queues by aliyun-sdk-mns.

import com.aliyun.mns.client.CloudAccount;
import com.aliyun.mns.model.Message;
import com.aliyun.tea.TeaException;
import com.aliyun.teaopenapi.Client;
import com.aliyun.teaopenapi.models.Config;
import com.aliyun.teaopenapi.models.OpenApiRequest;
import com.aliyun.teaopenapi.models.Params;
import com.aliyun.teautil.models.RuntimeOptions;
import com.aliyuncs.CommonRequest;
import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.exceptions.ClientException;
import com.aliyuncs.http.MethodType;
import com.aliyuncs.http.ProtocolType;
import com.aliyuncs.profile.DefaultProfile;
import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

public class Caller {
  private static final Gson GSON = new Gson();

  public static void main(String[] arguments) throws Exception {
    var endpoint = arguments[0];
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      var fields = GSON.fromJson(line, JsonObject.class);
      var key = fields.get("key").getAsString();
      var secret = fields.get("secret").getAsString();
      if (fields.has("queue")) {
        out.println(byQueue(endpoint, fields.get("queue").getAsString(), key, secret));
      } else if (arguments[1].equals("V1")) {
        out.println(byCore(endpoint, fields, key, secret));
      } else {
        out.println(byTea(endpoint, fields, key, secret));
      }
    }
  }

  static String byTea(String endpoint, JsonObject fields, String key, String secret) throws Exception {
    var config = new Config();
    config.accessKeyId = key;
    config.accessKeySecret = secret;
    config.endpoint = endpoint;
    config.protocol = "http";
    var params = new Params()
        .setAction(fields.get("operation").getAsString()).setVersion("2020-06-06").setProtocol("HTTP")
        .setMethod("POST").setPathname("/").setStyle("RPC").setAuthType("AK")
        .setReqBodyType("formData").setBodyType("json");
    var request = new OpenApiRequest().setQuery(texts(fields));
    try {
      return GSON.toJson(new Client(config).callApi(params, request, new RuntimeOptions()).get("body"));
    } catch (TeaException refused) {
      return refused(refused.getCode(), refused.getMessage());
    }
  }

  static String byCore(String endpoint, JsonObject fields, String key, String secret) {
    var request = new CommonRequest();
    request.setSysMethod(MethodType.POST);
    request.setSysProtocol(ProtocolType.HTTP);
    request.setSysDomain(endpoint);
    request.setSysVersion("2020-06-06");
    request.setSysAction(fields.get("operation").getAsString());
    texts(fields).forEach(request::putBodyParameter);
    var client = new DefaultAcsClient(DefaultProfile.getProfile("cn-hangzhou", key, secret));
    try {
      return GSON.toJson(GSON.fromJson(client.getCommonResponse(request).getData(), JsonObject.class));
    } catch (ClientException refused) {
      return refused(refused.getErrCode(), refused.getErrMsg());
    } finally {
      client.shutdown();
    }
  }

  static String byQueue(String endpoint, String name, String key, String secret) throws Exception {
    var client = new CloudAccount(key, secret, "http://" + endpoint).getMNSClient();
    try {
      var queue = client.getQueueRef(name);
      Message message = queue.popMessage();
      if (message == null) {
        return refused("MessageNotExist", "no message");
      }
      queue.deleteMessage(message.getReceiptHandle());
      return message.getMessageBody();
    } finally {
      client.close();
    }
  }

  static Map<String, String> texts(JsonObject fields) {
    Map<String, String> texts = new HashMap<>();
    for (var parameter : fields.getAsJsonObject("parameters").entrySet()) {
      JsonElement value = parameter.getValue();
      texts.put(parameter.getKey(), value.isJsonPrimitive() ? value.getAsString() : GSON.toJson(value));
    }
    return texts;
  }

  static String refused(String code, String message) {
    return GSON.toJson(Map.of("refused", Map.of("Code", code, "Message", message)));
  }
}
