package com.aliyun.cams20200606.models;

import com.aliyun.tea.NameInMap;
import com.aliyun.tea.TeaModel;

/** Of the generated class what the recipe uses. */
public class SendChatappMessageResponse extends TeaModel {
  @NameInMap("body")
  public Body body;

  public Body getBody() {
    return body;
  }

  /** The answer. */
  public static class Body extends TeaModel {
    @NameInMap("MessageId")
    public String messageId;

    public String getMessageId() {
      return messageId;
    }
  }
}
