// Checks that the fake Slack is one to Slack's own clients.
// Arguments: address of the API, bot token, app token.
import assert from 'node:assert/strict';
import { WebClient, ErrorCode } from '@slack/web-api';
import { SocketModeClient } from '@slack/socket-mode';

const [api, botToken, appToken] = process.argv.slice(2);
const quiet = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel() { return 'error'; }, setName() {} };
const web = new WebClient(botToken, { slackApiUrl: api, logger: quiet, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true });

async function fails(call, code) {
  await assert.rejects(call, (e) => {
    assert.equal(e.code, ErrorCode.PlatformError);
    assert.equal(e.data.error, code);
    return true;
  });
}

const who = await web.auth.test();
assert.equal(who.ok, true);
assert.ok(who.team_id && who.user_id && who.bot_id);

await web.conversations.join({ channel: 'C1' });
const posted = await web.chat.postMessage({ channel: 'C1', text: 'one', blocks: [{ type: 'divider' }] });
assert.match(posted.ts, /^\d+\.\d{6}$/);
assert.equal(posted.message.text, 'one');
const reply = await web.chat.postMessage({ channel: 'C1', text: 'two', thread_ts: posted.ts });
assert.equal(reply.message.thread_ts, posted.ts);
const updated = await web.chat.update({ channel: 'C1', ts: posted.ts, text: 'three' });
assert.equal(updated.ts, posted.ts);
assert.ok((await web.chat.postEphemeral({ channel: 'C1', user: 'U1', text: 'four' })).message_ts);
const replies = await web.conversations.replies({ channel: 'C1', ts: posted.ts });
assert.deepEqual(replies.messages.map((m) => m.text), ['three', 'two']);
assert.equal((await web.conversations.info({ channel: 'C1' })).channel.is_member, true);
assert.ok((await web.conversations.list()).channels.some((c) => c.id === 'C1'));
assert.match((await web.conversations.open({ users: 'U1' })).channel.id, /^D/);
await web.chat.delete({ channel: 'C1', ts: reply.ts });
await fails(() => web.chat.update({ channel: 'C1', ts: reply.ts, text: 'x' }), 'message_not_found');
await fails(() => web.chat.postMessage({ channel: 'C404', text: 'x' }), 'not_in_channel');
await fails(() => web.chat.postMessage({ channel: 'C1', text: '' }), 'no_text');
await fails(() => web.chat.postMessage({ channel: 'C1', text: 'x', blocks: [{ type: 'header', text: { type: 'plain_text', text: '长'.repeat(151) } }] }), 'invalid_blocks');
await fails(() => new WebClient('xoxb-wrong', { slackApiUrl: api, logger: quiet }).auth.test(), 'invalid_auth');
await fails(() => web.views.open({ trigger_id: 'nothing', view: { type: 'modal', title: { type: 'plain_text', text: 'x' }, blocks: [] } }), 'invalid_trigger_id');
const home = await web.views.publish({ user_id: 'U1', view: { type: 'home', blocks: [{ type: 'divider' }] } });
assert.equal(home.view.type, 'home');
await fails(() => web.oauth.v2.access({ client_id: 'x', client_secret: 'y', code: 'z' }), 'bad_client_secret');
await assert.rejects(() => web.chat.postMessage({ channel: 'C429', text: 'x' }), (e) => e.code === ErrorCode.RateLimitedError && e.retryAfter === 7);

// Sockets: hello, an event, its acknowledgement, a command with a payload.
const socket = new SocketModeClient({ appToken, logger: quiet, clientOptions: { slackApiUrl: api } });
const got = { event: false, command: false };
socket.on('slack_event', async ({ type, body, ack }) => {
  if (type === 'events_api') {
    assert.equal(body.event.type, 'app_home_opened');
    got.event = true;
    await ack();
  }
  if (type === 'slash_commands') {
    assert.equal(body.command, '/ask');
    got.command = true;
    await ack({ text: 'heard' });
  }
});
await socket.start();
console.log('connected');
for (let n = 0; n < 100 && !(got.event && got.command); n++) await new Promise((r) => setTimeout(r, 50));
assert.deepEqual(got, { event: true, command: true });
await new Promise((r) => setTimeout(r, 200));
await socket.disconnect();
console.log('ok');
process.exit(0);
