// Says how @slack/bolt's HTTPReceiver answers each request.
// Arguments: signing secret. Input: a JSON list of {name, headers, body,
// path}. Output: a JSON list of statuses.
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';
import http from 'node:http';

const [signingSecret] = process.argv.slice(2);
const quiet = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel() { return LogLevel.ERROR; }, setName() {} };
let input = '';
for await (const chunk of process.stdin) input += chunk;

const receiver = new HTTPReceiver({ signingSecret, logger: quiet, logLevel: LogLevel.ERROR, unhandledRequestTimeoutMillis: 500, endpoints: ['/slack/events', '/slack/commands', '/slack/interactions'] });
const app = new App({ receiver, logger: quiet, authorize: async () => ({ botToken: 'xoxb-x', botId: 'B0', botUserId: 'U0' }) });
app.use(async ({ ack, next }) => { if (ack) await ack(); await next(); });
app.error(async () => {});
app.command('/ask', async ({ ack }) => ack());
app.event('message', async () => {});
app.action(/.*/, async ({ ack }) => ack());
const server = await app.start(0);
const port = server.address().port;

function send(c) {
  return new Promise((resolve) => {
    const body = Buffer.from(c.body, 'base64');
    const req = http.request({ port, path: c.path, method: 'POST', headers: { ...c.headers, 'Content-Length': body.length } }, (res) => {
      res.resume();
      res.on('end', () => resolve(res.statusCode));
    });
    req.on('error', () => resolve(0));
    req.end(body);
  });
}
const out = [];
for (const c of JSON.parse(input)) out.push(await send(c));
console.log(JSON.stringify(out));
process.exit(0);
