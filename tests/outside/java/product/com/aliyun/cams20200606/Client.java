package com.aliyun.cams20200606;

import com.aliyun.cams20200606.models.SendChatappMessageRequest;
import com.aliyun.cams20200606.models.SendChatappMessageResponse;
import com.aliyun.tea.TeaModel;
import com.aliyun.teaopenapi.models.Config;
import com.aliyun.teaopenapi.models.OpenApiRequest;
import com.aliyun.teaopenapi.models.Params;
import com.aliyun.teautil.models.RuntimeOptions;
import java.util.HashMap;
import java.util.Map;

/** Stands in for the product's package, which cannot be fetched here, on its real core. */
public class Client extends com.aliyun.teaopenapi.Client {
  public Client(Config config) throws Exception {
    super(config);
  }

  public SendChatappMessageResponse sendChatappMessage(SendChatappMessageRequest request) throws Exception {
    Map<String, String> query = new HashMap<>();
    request.toMap().forEach((name, value) -> query.put(name, value.toString()));
    var params = new Params()
        .setAction("SendChatappMessage").setVersion("2020-06-06").setProtocol("HTTPS").setPathname("/")
        .setMethod("POST").setAuthType("AK").setStyle("RPC").setReqBodyType("formData").setBodyType("json");
    var answer = callApi(params, new OpenApiRequest().setQuery(query), new RuntimeOptions());
    return TeaModel.toModel(answer, new SendChatappMessageResponse());
  }
}
