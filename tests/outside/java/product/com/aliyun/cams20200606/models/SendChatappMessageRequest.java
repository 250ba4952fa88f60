package com.aliyun.cams20200606.models;

import java.util.HashMap;
import java.util.Map;

/** Of the generated class what the recipe uses. */
public class SendChatappMessageRequest {
  private final Map<String, Object> fields = new HashMap<>();

  public Map<String, Object> toMap() {
    return fields;
  }

  public SendChatappMessageRequest setChannelType(String value) {
    return set("ChannelType", value);
  }

  public SendChatappMessageRequest setType(String value) {
    return set("Type", value);
  }

  public SendChatappMessageRequest setMessageType(String value) {
    return set("MessageType", value);
  }

  public SendChatappMessageRequest setContent(String value) {
    return set("Content", value);
  }

  public SendChatappMessageRequest setFrom(String value) {
    return set("From", value);
  }

  public SendChatappMessageRequest setTo(String value) {
    return set("To", value);
  }

  public SendChatappMessageRequest setLabel(String value) {
    return set("Label", value);
  }

  public SendChatappMessageRequest setTtl(Integer value) {
    return set("Ttl", value);
  }

  public SendChatappMessageRequest setFallBackId(String value) {
    return set("FallBackId", value);
  }

  public SendChatappMessageRequest setFallBackDuration(Integer value) {
    return set("FallBackDuration", value);
  }

  private SendChatappMessageRequest set(String name, Object value) {
    fields.put(name, value);
    return this;
  }
}
