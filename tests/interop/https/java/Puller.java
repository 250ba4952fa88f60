import com.aliyun.mns.client.CloudAccount;
import com.aliyun.mns.client.CloudQueue;
import com.aliyun.mns.model.Message;
import com.aliyuncs.CommonRequest;
import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.http.MethodType;
import com.aliyuncs.http.ProtocolType;
import com.aliyuncs.profile.DefaultProfile;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

/** Reads receipts as the official puller does: a token by HTTPS, then the queue SDK, at the same port. */
public class Puller {
    private static final String URL = System.getenv("WAYPOST_ENDPOINT");
    private static DefaultAcsClient client;

    private static JsonObject call(String version, String action, String... parameters) throws Exception {
        CommonRequest request = new CommonRequest();
        request.setSysProtocol(ProtocolType.HTTPS);
        request.setSysMethod(MethodType.POST);
        request.setSysDomain(URL.substring("https://".length()));
        request.setSysVersion(version);
        request.setSysAction(action);
        for (int place = 0; place < parameters.length; place += 2) {
            request.putQueryParameter(parameters[place], parameters[place + 1]);
        }
        return JsonParser.parseString(client.getCommonResponse(request).getData()).getAsJsonObject();
    }

    public static void main(String[] arguments) throws Exception {
        client = new DefaultAcsClient(DefaultProfile.getProfile(
            "cn-hangzhou",
            System.getenv("ALIBABA_CLOUD_ACCESS_KEY_ID"),
            System.getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")));
        call("2020-06-06", "UpdateAccountWebhook", "CustSpaceId", "cams-sandbox", "QueueFlag", "Y");
        String sent = call(
            "2020-06-06", "SendChatappMessage",
            "ChannelType", "viber", "Type", "message", "MessageType", "text", "Content", "{\"text\": \"hello\"}",
            "From", "20001", "To", "4915112340003", "Label", "promotion").get("MessageId").getAsString();
        JsonObject token = call("2017-05-25", "QueryTokenForMnsQueue", "MessageType", "ChatAppStatus")
            .getAsJsonObject("MessageTokenDTO");
        CloudAccount account = new CloudAccount(
            token.get("AccessKeyId").getAsString(),
            token.get("AccessKeySecret").getAsString(),
            URL,
            token.get("SecurityToken").getAsString());
        CloudQueue queue = account.getMNSClient().getQueueRef("Alicom-Queue-1-ChatAppStatus");
        // Others have used the account before: their receipts come first.
        boolean found = false;
        while (!found) {
            Message message = queue.popMessage(20);
            if (message == null) {
                break;
            }
            queue.deleteMessage(message.getReceiptHandle());
            found = message.getMessageBody().contains(sent);
        }
        System.out.println(found);
        account.getMNSClient().close();
        System.exit(0);
    }
}
