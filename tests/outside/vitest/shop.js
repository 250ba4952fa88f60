import Client, { SendChatappMessageRequest } from "@alicloud/cams20200606";
import { Config } from "@alicloud/openapi-client";

export class Shop {
  constructor(accessKeyId, accessKeySecret, endpoint, protocol = "https") {
    this.client = new Client(new Config({ accessKeyId, accessKeySecret, endpoint, protocol }));
  }

  async sendCode(to, code) {
    const request = new SendChatappMessageRequest({
      channelType: "viber",
      type: "message",
      messageType: "text",
      content: JSON.stringify({ text: `Your code is ${code}.` }),
      from: "20001",
      to,
      label: "transaction",
      ttl: 86400,
      fallBackId: "S_000001",
      fallBackDuration: 43200,
    });
    return (await this.client.sendChatappMessage(request)).body.messageId;
  }
}
