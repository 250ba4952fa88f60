import { randomUUID } from "node:crypto";
import { beforeEach, expect, inject, test } from "vitest";
import { Shop } from "./shop.js";

const { url, endpoint } = inject("waypost");
let shop, sandbox;

beforeEach(() => {
  // A name is a sandbox of its own: no test sees another one's messages.
  const name = randomUUID();
  shop = new Shop(`${name}@sandbox`, `${name}@sandbox`, endpoint, "http");
  sandbox = async (path, body) => {
    const request = body && { method: "POST", body: JSON.stringify(body) };
    return (await fetch(`${url}/@${name}/sandbox/${path}`, request)).json();
  };
});

test("the code arrives", async () => {
  await shop.sendCode("4915112345678", "4711");
  await sandbox("clock/advance", { seconds: 0 });
  expect(await sandbox("phones/4915112345678/code")).toMatchObject({ code: "4711" });
});

test("an SMS follows after twelve hours", async () => {
  await shop.sendCode("4915112340002", "4711");
  await sandbox("clock/advance", { seconds: 43200 });
  const { messages } = await sandbox("phones/4915112340002");
  expect(messages.map((message) => message.channel)).toEqual(["viber", "sms"]);
});

test("a throttle is raised", async () => {
  await sandbox("refusals", { code: "System.LimitControl", count: 1 });
  await expect(shop.sendCode("4915112345678", "4711")).rejects.toThrow("System.LimitControl");
  expect((await sandbox("messages")).messages).toEqual([]);
});

test("the callbacks", async () => {
  const messageId = await shop.sendCode("4915112345678", "4711");
  await sandbox("clock/advance", { seconds: 5 });
  const { callbacks } = await sandbox(`callbacks?message_id=${messageId}`);
  expect(callbacks.map(({ body }) => body.Status)).toEqual(["Sent", "Delivered", "Read"]);
});
