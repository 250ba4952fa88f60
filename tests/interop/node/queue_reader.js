// Reads receipts as the service's own sample for Node does, with the official packages: a token, a receive, then,
// with a renewed token, the delete. Prints what it received as JSON.
"use strict";

const Dybase = require("@alicloud/dybaseapi");
const MNS = require("@alicloud/mns");

const [address, key, secret, account, type] = process.argv.slice(2);
const queue = `Alicom-Queue-${account}-${type}`;

async function consumer() {
  const client = new Dybase({ accessKeyId: key, accessKeySecret: secret, endpoint: address });
  const answer = await client.queryTokenForMnsQueue({ MessageType: type, QueueName: queue });
  const token = answer.MessageTokenDTO;
  const mns = new MNS(account, {
    region: "cn-hangzhou",
    accessKeyId: token.AccessKeyId,
    accessKeySecret: token.AccessKeySecret,
    securityToken: token.SecurityToken,
  });
  // The package has no option for an endpoint; its hosts are those of the official regions.
  mns.endpoint = address;
  mns.endpointDomain = new URL(address).host;
  return mns;
}

async function main() {
  const bodies = [];
  for (let renewals = 0; renewals < 2; renewals++) {
    const message = (await (await consumer()).receiveMessage(queue, 10)).body;
    const renewed = await consumer();
    bodies.push(JSON.parse(Buffer.from(message.MessageBody, "base64").toString()));
    await renewed.deleteMessage(queue, message.ReceiptHandle);
  }
  try {
    await (await consumer()).receiveMessage(queue, 1);
  } catch (error) {
    bodies.push(error.name);
  }
  process.stdout.write(JSON.stringify(bodies));
}

main().catch((error) => {
  process.stderr.write(String(error.stack));
  process.exit(1);
});
