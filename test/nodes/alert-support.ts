/** What the suites of `dinox-alert` share. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Flow, node, sink, tab } from '../support/flows';
import { type Message, type NodeModule, RunningFlow } from '../support/runtime';

const LOCALES = ['dinox-alert', 'dinox-broker', 'dinox-mqtt-in', 'dinox-mqtt-out', 'xmpp-in', 'xmpp-out'];

function texts(): Record<string, unknown> {
  return Object.assign(
    {},
    ...LOCALES.map((name) =>
      JSON.parse(readFileSync(join(__dirname, `../../src/nodes/${name}/locales/en-US.json`), 'utf8')),
    ),
  ) as Record<string, unknown>;
}

/** A module with English texts: in the test helper, `RED._` gives back the key. */
function withTexts(module: NodeModule): NodeModule {
  const known = texts();
  return (red) => {
    const translate = (key: string, values: Record<string, string> = {}): string => {
      const text = key
        .split('.')
        .reduce<unknown>((inner, part) => (inner as Record<string, unknown> | undefined)?.[part], known);
      if (typeof text !== 'string' && key.startsWith('dinox-broker.text.')) return key;
      if (typeof text !== 'string') throw new Error(`no text ${key}`);
      return text.replace(/__(\w+?)__/g, (_, name: string) => String(values[name] ?? ''));
    };
    return module(Object.assign(Object.create(red as object), { _: translate }));
  };
}

export function modules(): NodeModule[] {
  const ours = require('../../src/index') as typeof import('../../src/index');
  return [
    ours.registerDinoxBroker,
    ours.registerDinoxMqttIn,
    ours.registerDinoxMqttOut,
    ours.registerDinoxAlert,
    ours.registerXmppIn,
    ours.registerXmppOut,
  ].map((module) => withTexts(module as NodeModule));
}

/** `alert` with the three helpers `told`, `samples` and `answers`, and `errors` for what a catch node sees. */
export function alertFlow(properties: object = {}): Flow {
  return [
    tab(),
    node('dinox-alert', 'alert', {
      condition: 'above',
      limit: '25',
      wires: [['told'], ['samples'], ['answers']],
      ...properties,
    }),
    sink('told'),
    sink('samples'),
    sink('answers'),
    node('catch', 'catch', { scope: null, uncaught: false, wires: [['errors']] }),
    sink('errors'),
  ];
}

export const startAlert = (properties: object = {}, userDir?: string): Promise<RunningFlow> =>
  RunningFlow.start(modules(), alertFlow(properties), {}, userDir ? { userDir } : {});

export const payload = (msg: Message | undefined): Record<string, unknown> =>
  (msg?.payload ?? {}) as Record<string, unknown>;

export const alertOf = (msg: Message | undefined): Record<string, unknown> =>
  (msg?.alert ?? {}) as Record<string, unknown>;
