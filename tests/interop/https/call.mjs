// Says what a service answers by HTTPS, as any program of Node does.
import https from "node:https";

https.get(`${process.env.WAYPOST_ENDPOINT}/healthz`, (answer) => {
  console.log(answer.statusCode);
  answer.resume();
});
