// Renders messages and views as pages for a browser to photograph.
// Arguments: a folder with pictures.json: {name: {blocks, home?}}.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import React from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
const require = createRequire(import.meta.url);
const { Message } = require('slack-blocks-to-jsx');

const [folder] = process.argv.slice(2);
const style = readFileSync(require.resolve('slack-blocks-to-jsx/dist/style.css'), 'utf8');
const icon = 'data:image/svg+xml,' + encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="72" height="72"><rect width="72" height="72" rx="14" fill="#9b1c1c"/><text x="36" y="50" font-size="40" text-anchor="middle" fill="#fff" font-family="Noto Serif CJK SC">文</text></svg>');
// The renderer shows verbatim text without any markup; Slack shows its links.
const linked = (v) => Array.isArray(v) ? v.map(linked) : v && typeof v === 'object' ? Object.fromEntries(Object.entries(v).filter(([k]) => k !== 'verbatim').map(([k, x]) => [k, linked(x)])) : v;
for (const [name, p] of Object.entries(JSON.parse(readFileSync(path.join(folder, 'pictures.json'), 'utf8')))) {
  const html = renderToStaticMarkup(React.createElement(Message, { blocks: linked(p.blocks), logo: icon, name: '问报', time: new Date(2026, 0, 5, 10, 30), showBlockKitDebug: false, withoutWrapper: false }));
  const page = `<!doctype html><meta charset="utf-8"><style>${style}</style><style>
    body{margin:0;padding:20px 24px;background:#fff;font-family:Lato,"Noto Sans","Noto Sans CJK SC",sans-serif;width:680px;box-sizing:border-box}
    a{color:#1264a3}</style><body>${html}`;
  writeFileSync(path.join(folder, name + '.html'), page);
}
