/**
 * Prose in the code: whatever people read is a key of a catalogue (`src/base/texts/`, the labels of a node). A literal
 * of two words or more in what runs in Node-RED is one that nobody can translate, wherever it goes from there; in the
 * browser, where class names and selectors look alike, it is one that goes to an error or to the person.
 */
import ts from 'typescript';
import { parse, placeOf, walk } from './source.mjs';

/** Literals that nobody reads, by file: text, and why it stays. One that is gone from the code is a problem too. */
const ALLOWED = new Map(
  Object.entries({
    'src/alert/commands.ts': { 'set limit': 'what people type' },
    'src/discovery/find-xmpp.ts': { 'an XMPP login needs a JID': 'a fault of our own; the caller has one' },
    'src/discovery/probe/probe-packets.ts': {
      'too long for an answer to CONNECT': 'caught by the probe, which says that this is not MQTT',
      'a packet length of more than four bytes': 'likewise',
    },
    'src/discovery/probe/probe-socket.ts': { 'no answer': 'its code becomes a text a few lines below' },
    'src/homeassistant/announcing/device-config.ts': {
      'DinoX for Node-RED': 'the name of the software',
      "{{ 'offline' if value_json.status == 'offline' else 'online' }}": 'a template',
    },
    'src/homeassistant/announcing/chat-entities.ts': {
      "{{ 'OFF' if value_json.status == 'offline' else 'ON' }}": 'a template',
    },
    'src/runtime/homeassistant/shown-chat.ts': { 'Home Assistant': 'a name' },
    'src/nodes/dinox-alert/shown-alert.ts': { 'Home Assistant': 'a name' },
    'src/plugins/dinox-sidebar/editor/topics/row-painter.ts': { 'not one of ours': 'a fault of our own' },
    'src/recorder/pubsub-explorer.ts': { 'nobody explores any more': 'the reason of an AbortSignal' },
    'src/runtime/chat/chat-lease.ts': { 'the guide was closed': 'the reason of an AbortSignal' },
    'src/runtime/chat/chat.ts': {
      'a session needs a JID': 'a fault of our own; without one there is no session',
      'DinoX for Node-RED': 'the name of the software',
    },
    'src/runtime/connection-test/connection-test.ts': { 'too long': 'the reason of an AbortSignal' },
    'src/transport/connection/open-link.ts': { 'MQTT.js is not loaded': 'a fault of our own' },
    'src/base/openmetrics.ts': {
      'application/openmetrics-text; version=1.0.0; charset=utf-8': 'a media type',
    },
    'src/xmpp/stream/sasl.ts': { 'Client Key': 'a constant of RFC 5802', 'Server Key': 'likewise' },
    'src/xmpp/stream/strict-transport.ts': {
      '@xmpp/client has no TCP transport': 'a fault of our own: another version of the library',
    },
  }),
);

/** Files that hold no words for people at run time. */
const LEFT_OUT = new Map([
  ['src/homeassistant/components.ts', 'names that Home Assistant gives, in its own words'],
  ['src/homeassistant/templates/search-script.ts', 'a program that runs in a context of its own'],
  ['src/alert/transitions.ts', 'its reasons are the table of docs/alerts.md'],
  ['src/history/formats/openmetrics.ts', 'lines of the format, which programs read'],
]);

const PROSE = /\p{L}{2,}[,:;.]?\s+\p{L}{2,}/u;
/** Stands for what is put into a template. */
const GAP = '\u0001';

const MARKUP = /^\s*<|<\/|\/>/;

const isProse = (text) => PROSE.test(text) && !MARKUP.test(text);

function textOf(node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => GAP + literal.text).join('');
  return undefined;
}

const EQUALS = new Set([ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken]);

/** True where a literal only is compared: with the name of a node type, or with the words of a foreign program. */
function isCompared(node) {
  const { parent } = node;
  if (ts.isBinaryExpression(parent)) return EQUALS.has(parent.operatorToken.kind);
  if (!ts.isCallExpression(parent) || !ts.isPropertyAccessExpression(parent.expression))
    return ts.isCaseClause(parent);
  return ['startsWith', 'endsWith', 'includes'].includes(parent.expression.name.text);
}

const isSyntax = ({ parent }) =>
  ts.isLiteralTypeNode(parent) || ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent);

const SAYING = /^(log|warn|error|debug|trace|info|notice|note|tell|words|notify|confirm)$/;

/** True where a literal goes to an error, the log or a person: the argument of such a call, through conditions. */
function isHandedOver(node) {
  let at = node;
  while (
    ts.isConditionalExpression(at.parent) ||
    ts.isParenthesizedExpression(at.parent) ||
    ts.isBinaryExpression(at.parent)
  )
    at = at.parent;
  const { parent } = at;
  if (ts.isNewExpression(parent)) return /(Error|Failure|Fault|Refusal)$/.test(parent.expression.getText());
  if (!ts.isCallExpression(parent)) return false;
  const { expression } = parent;
  const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
  return SAYING.test(name);
}

const isBrowser = (path) => /\/editor(\/|\.ts$)|^src\/pages\//.test(path);

/** Prose of one file that is not allowed: `{node, text}`. @param allowed texts that stay; those found are removed */
function proseIn(path, source, allowed = new Set()) {
  const found = [];
  walk(source, (node) => {
    const text = textOf(node);
    if (text === undefined || !isProse(text) || isSyntax(node) || isCompared(node)) return;
    if (isBrowser(path) && !isHandedOver(node)) return;
    if (!allowed.delete(text)) found.push({ node, text });
  });
  return found;
}

/** @typedef {[code: string, path?: string]} Sample */

/** What a check that cannot fail would let through. @type {Sample[]} */
const MUST_FAIL = [
  ["log.warn('two words');"],
  ['throw new Error(`the file ${name} is gone`);'],
  ["done(new CodedError('x', words('all is lost')));"],
  ["const WHY = 'nothing was sent';"],
  ["node.status({ text: isOff ? 'turned off' : '' });"],
  ["note(isOff ? 'turned off' : '');", 'src/editor/x.ts'],
];
/** @type {Sample[]} */
const MUST_PASS = [
  ["log.warn(text('log.queueAgain'));"],
  ["if (error.message === 'Keepalive timeout') return;"],
  ["el('div', 'dxs-view dxs-scroll');", 'src/editor/x.ts'],
];

function selfCheck() {
  /** @param {Sample} sample */
  const count = ([code, path = 'src/x.ts']) => proseIn(path, parse(path, code)).length;
  return [
    ...MUST_FAIL.filter((one) => count(one) !== 1).map(
      ([code]) => `scripts/check/prose.mjs lets through: ${code}`,
    ),
    ...MUST_PASS.filter((one) => count(one) !== 0).map(
      ([code]) => `scripts/check/prose.mjs refuses: ${code}`,
    ),
  ];
}

/** @param {readonly ts.SourceFile[]} sources of the code */
export function checkProse(sources) {
  const problems = selfCheck();
  for (const source of sources) {
    const path = source.fileName;
    if (LEFT_OUT.has(path)) continue;
    const allowed = new Set(Object.keys(ALLOWED.get(path) ?? {}));
    for (const { node, text } of proseIn(path, source, allowed))
      problems.push(
        `${placeOf(source, node)}: words for people belong into a catalogue: "${text.replaceAll(GAP, '…')}"`,
      );
    for (const text of allowed) problems.push(`scripts/check/prose.mjs: ${path} no longer has "${text}"`);
  }
  return problems;
}
