// Compiles every list of blocks and every view against @slack/types.
// Arguments: a folder with blocks.json (a list of lists) and views.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import ts from 'typescript';

const [folder] = process.argv.slice(2);
const here = path.dirname(fileURLToPath(import.meta.url));
const blocks = JSON.parse(readFileSync(path.join(folder, 'blocks.json'), 'utf8'));
const views = JSON.parse(readFileSync(path.join(folder, 'views.json'), 'utf8'));

// What differs only in words has the same type: each shape is compiled once.
const shapes = new Map();
const shape = (v) => {
  if (Array.isArray(v)) return '[' + v.map(shape).join() + ']';
  if (v && typeof v === 'object') return '{' + Object.keys(v).map((k) => k + ':' + (['type', 'style'].includes(k) && typeof v[k] === 'string' ? v[k] : shape(v[k]))).join() + '}';
  return typeof v;
};
for (const b of blocks.flat()) shapes.set(shape(b), ['KnownBlock', b]);
for (const v of views) shapes.set(shape(v), [v.type === 'modal' ? 'ModalView' : 'HomeView', v]);
const lines = ["import type { KnownBlock, ModalView, HomeView } from '@slack/types';"];
let n = 0;
for (const [type, value] of shapes.values()) lines.push(`export const v${n++}: ${type} = ${JSON.stringify(value)};`);

function problems(text) {
  const file = path.join(here, 'checked.ts');
  writeFileSync(file, text);
  const program = ts.createProgram([file], { noEmit: true, strict: true, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2022, skipLibCheck: true, types: [] });
  return ts.getPreEmitDiagnostics(program).map((d) => ts.flattenDiagnosticMessageText(d.messageText, '\n'));
}
const found = problems(lines.join('\n'));
// The check must be able to fail.
const bad = problems(lines[0] + "\nexport const v: KnownBlock = {\"type\":\"section\",\"txt\":{\"type\":\"plain_text\",\"text\":\"x\"}};");
console.log(JSON.stringify({ lists: blocks.length, views: views.length, shapes: n, problems: found, bites: bad.length > 0 }));
