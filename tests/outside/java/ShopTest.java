import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aliyun.cams20200606.Client;
import com.aliyun.cams20200606.models.SendChatappMessageRequest;
import com.aliyun.tea.TeaException;
import com.aliyun.teaopenapi.models.Config;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ShopTest {
  private final WaypostSandbox waypost = new WaypostSandbox();
  private Client client;

  @BeforeEach
  void connect() throws Exception {
    client = new Client(new Config()
        .setAccessKeyId(waypost.key).setAccessKeySecret(waypost.key)
        .setEndpoint(waypost.endpoint).setProtocol("http"));
  }

  private String sendCode(String to) throws Exception {
    var request = new SendChatappMessageRequest()
        .setChannelType("viber").setType("message").setMessageType("text")
        .setContent("{\"text\": \"Your code is 4711.\"}")
        .setFrom("20001").setTo(to).setLabel("transaction").setTtl(86400)
        .setFallBackId("S_000001").setFallBackDuration(43200);
    return client.sendChatappMessage(request).getBody().getMessageId();
  }

  @Test
  void theCodeArrives() throws Exception {
    sendCode("4915112345678");
    waypost.post("clock/advance", "{\"seconds\": 5}");
    assertTrue(waypost.get("phones/4915112345678/code").contains("4711"));
  }

  @Test
  void anSmsFollowsAfterTwelveHours() throws Exception {
    sendCode("4915112340002");
    waypost.post("clock/advance", "{\"seconds\": 43200}");
    assertTrue(waypost.get("phones/4915112340002").contains("\"sms\""));
  }

  @Test
  void aThrottleIsRaised() throws Exception {
    waypost.post("refusals", "{\"code\": \"System.LimitControl\", \"count\": 1}");
    var refused = assertThrows(TeaException.class, () -> sendCode("4915112345678"));
    assertEquals("System.LimitControl", refused.getCode());
    assertTrue(waypost.get("messages").startsWith("{\"messages\":[]"));
  }
}
