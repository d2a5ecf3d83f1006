// A conversation with the bot through telegram-test-api. Prints the address
// of the API, then, when the bot is there, talks and checks what it says.
// With WEBHOOK_TARGET updates go there, with the secret that the bot has set,
// which telegram-test-api itself forgets.
const assert = require('node:assert/strict')
const http = require('node:http')
const net = require('node:net')
const TelegramServer = require('telegram-test-api')

const token = process.env.BOT_TOKEN
const target = process.env.WEBHOOK_TARGET
const forwardPort = Number(process.env.FORWARD_PORT || 0)

function freePort() {
  return new Promise(resolve => {
    const s = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address()
      s.close(() => resolve(port))
    })
  })
}

const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

async function until(what, is) {
  for (let i = 0; i < 600; i++) {
    if (is()) return
    await pause(50)
  }
  throw new Error('in vain: ' + what)
}

function forward(server) {
  return http.createServer((req, res) => {
    const chunks = []
    req.on('data', c => chunks.push(c)).on('end', () => {
      const headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': server.webhooks[token].secret_token }
      const out = http.request(target, { method: 'POST', headers }, r => { res.statusCode = r.statusCode; r.resume(); r.on('end', () => res.end()) })
      out.on('error', () => { res.statusCode = 502; res.end() })
      out.end(Buffer.concat(chunks))
    })
  }).listen(forwardPort, '127.0.0.1')
}

async function main() {
  const server = new TelegramServer({ port: await freePort(), host: '127.0.0.1', storage: 'RAM', storeTimeout: 600 })
  await server.start()
  const forwarder = target ? forward(server) : null
  console.log('api ' + server.config.apiURL)
  const ready = new Promise(resolve => process.stdin.once('data', resolve))
  await ready
  const bot = () => server.storage.botMessages.map(m => m.message)
  const count = () => bot().length
  const client = server.getClient(token, { userId: 7, chatId: 7, type: 'private', timeout: 20000 })
  const say = async (what, send) => {
    const before = count()
    await send()
    await until(what, () => count() > before)
    return bot()[before]
  }

  let m = await say('an answer', () => client.sendMessage(client.makeMessage('四水四定')))
  assert.match(m.text, /<blockquote/)
  assert.match(m.text, /四水四定/)
  assert.equal(m.parse_mode, 'HTML')
  const keys = m.reply_markup.inline_keyboard.flat()
  assert.ok(keys.every(k => k.url || Buffer.byteLength(k.callback_data) <= 64))

  m = await say('help', () => client.sendCommand(client.makeCommand('/help')))
  assert.match(m.text, /命令/)

  m = await say('a term', () => client.sendCommand(client.makeCommand('/term 三线一单')))
  assert.match(m.text, /三线一单/)

  const answer = server.storage.botMessages[0]
  const paragraph = keys.find(k => k.text.includes('整段')).callback_data
  m = await say('the paragraph', () => client.sendCallback(client.makeCallbackQuery(paragraph, { message: { message_id: answer.messageId } })))
  assert.match(m.text, /原文/)
  const turn = m.reply_markup.inline_keyboard.flat().find(k => k.text.includes('一段')).callback_data
  const posted = server.storage.botMessages.at(-1)
  const edited = server.waitBotEdits()
  await client.sendCallback(client.makeCallbackQuery(turn, { message: { message_id: posted.messageId } }))
  await edited

  m = await say('small talk', () => client.sendMessage(client.makeMessage('你好')))
  assert.doesNotMatch(m.text, /blockquote/)

  const group = server.getClient(token, { userId: 8, chatId: -100500, type: 'supergroup', timeout: 20000 })
  const before = count()
  await group.sendMessage(group.makeMessage('四水四定'))
  m = await say('an answer in a group', () => group.sendCommand(group.makeCommand('/ask 四水四定')))
  assert.equal(count(), before + 1)
  assert.equal(String(m.chat_id), '-100500')
  console.log(`done ${count()} messages`)
  if (forwarder) forwarder.close()
  await server.stop()
  process.exit(0)
}

main().catch(e => { console.error(e); process.exit(1) })
