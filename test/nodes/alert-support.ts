/** What the suites of `dinox-alert` share. */
import { type Flow, node, sink, tab } from '../support/flows';
import { withTexts } from '../support/labels';
import { type Message, type NodeModule, RunningFlow } from '../support/runtime';

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
