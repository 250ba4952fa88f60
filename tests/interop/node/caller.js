// Calls as it is asked to, a line of JSON each: V3 by the product's package, V1 by pop-core, queues by mns.
"use strict";

const readline = require("readline");
const Cams = require("@alicloud/cams20200606");
const { Config, OpenApiRequest, Params } = require("@alicloud/openapi-client");
const { cast } = require("@alicloud/tea-typescript");
const { RuntimeOptions } = require("@alicloud/tea-util");
const Core = require("@alicloud/pop-core");
const MNS = require("@alicloud/mns");

const [endpoint, signature] = process.argv.slice(2);

async function byProduct({ operation, parameters, key, secret }) {
  const config = new Config({ accessKeyId: key, accessKeySecret: secret, endpoint, protocol: "http" });
  const client = new Cams.default(config);
  const Request = Cams[`${operation}Request`];
  if (Request === undefined) return byCallApi(client, operation, parameters);
  const method = operation[0].toLowerCase() + operation.slice(1);
  return (await client[method](cast(parameters, new Request({})))).body.toMap();
}

// For what the package has no method for; version 1.4.2 has none for ListChatappMessage.
async function byCallApi(client, operation, parameters) {
  const params = new Params({
    action: operation,
    version: "2020-06-06",
    protocol: "HTTPS",
    pathname: "/",
    method: "POST",
    authType: "AK",
    style: "RPC",
    reqBodyType: "formData",
    bodyType: "json",
  });
  const query = texts(parameters);
  return (await client.callApi(params, new OpenApiRequest({ query }), new RuntimeOptions({}))).body;
}

async function byCore({ operation, parameters, key, secret }) {
  const client = new Core({
    accessKeyId: key,
    accessKeySecret: secret,
    endpoint: `http://${endpoint}`,
    apiVersion: "2020-06-06",
  });
  return client.request(operation, texts(parameters), { method: "POST" });
}

function texts(parameters) {
  const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, text(value)]));
}

async function byQueue({ queue, key, secret }) {
  const client = new MNS("1", { region: "cn-hangzhou", accessKeyId: key, accessKeySecret: secret });
  client.endpoint = `http://${endpoint}`;
  client.endpointDomain = endpoint;
  const message = (await client.receiveMessage(queue, 0)).body;
  await client.deleteMessage(queue, message.ReceiptHandle);
  return JSON.parse(Buffer.from(message.MessageBody, "base64").toString());
}

async function answer(call) {
  try {
    if (call.queue) return await byQueue(call);
    return await (signature === "V1" ? byCore(call) : byProduct(call));
  } catch (error) {
    const code = error.code || (error.name || "").replace(/^MNS(\w+)Error$/, "$1");
    return { refused: { Code: code, Message: error.message } };
  }
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answer(JSON.parse(line))));
  }
})();
