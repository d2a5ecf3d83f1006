// Reads JSON lines {"html"}; writes for each what Telegram's own library makes
// of it: {"text","entities"} or {"error"}. Nothing goes over a network: no
// client is ever created.
const readline = require('node:readline')
const tdl = require('tdl')
const { getTdjson } = require('prebuilt-tdlib')

tdl.configure({ tdjson: getTdjson(), verbosityLevel: 0 })

const names = {
  textEntityTypeBold: 'bold',
  textEntityTypeItalic: 'italic',
  textEntityTypeTextUrl: 'text_link',
  textEntityTypeBlockQuote: 'blockquote',
  textEntityTypeExpandableBlockQuote: 'expandable_blockquote'
}

function parse(html) {
  try {
    const r = tdl.execute({ _: 'parseTextEntities', text: html, parse_mode: { _: 'textParseModeHTML' } })
    if (r._ !== 'formattedText') return { error: r.message || r._ }
    return {
      text: r.text,
      entities: r.entities.map(e => ({
        type: names[e.type._] || e.type._, offset: e.offset, length: e.length, ...(e.type.url ? { url: e.type.url } : {})
      }))
    }
  } catch (e) {
    return { error: e.message }
  }
}

readline.createInterface({ input: process.stdin }).on('line', line => {
  process.stdout.write(JSON.stringify(parse(JSON.parse(line).html)) + '\n')
})
