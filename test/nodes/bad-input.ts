/** What the suites of bad input share. */
import assert from 'node:assert/strict';
import { type Context, OURS, suite } from '../conformance/context';
import { broker, catchAll, dynamicIn, type Flow, mqttIn, mqttOut, sink, tab } from '../support/flows';
import type { Completion, Message, RunningFlow } from '../support/runtime';

/** Defines tests of our nodes for both protocol versions. */
export function bothVersions(title: string, define: (context: () => Context, version: 4 | 5) => void): void {
  for (const version of [4, 5] as const) suite(title, OURS, version, (context) => define(context, version));
}

/** `in` receives `<prefix>/#`, `out` publishes, `dynamic` is controlled by messages; errors end in `errors`. */
export function workbench(
  context: Context,
  version: 4 | 5,
  out: object = {},
  brokerProperties: object = {},
): Flow {
  return [
    tab(),
    broker(context.port, version, brokerProperties),
    mqttIn('in', `${context.prefix}/#`, 'received', { datatype: 'utf8' }),
    mqttOut('out', out),
    dynamicIn('dynamic', 'received'),
    sink('received'),
    catchAll('errors'),
    sink('errors'),
  ];
}

/**
 * Sends a bad message and asserts that it is refused as it should be: `done` called once, with an error whose text
 * says enough and matches `says`; the catch node gets it with the message.
 */
export async function assertRefused(
  flow: RunningFlow,
  id: string,
  bad: Message,
  says: RegExp[],
  ms?: number,
): Promise<void> {
  const completion = await flow.call(id, bad, ms);
  assertClear(completion.error, says);
  const [caught] = await flow.messages('errors', 1, ms);
  const { error } = caught as { error: { source: { id: string } } };
  assert.equal(error.source.id, id);
  assertDoneOnce(flow, bad);
}

/** A person can do something with it: it is a phrase, and says each of these. */
export function assertClear(error: string | undefined, says: RegExp[]): void {
  assert.ok(error !== undefined, 'there is no error');
  assert.ok(error.length >= 25 && error.length <= 400, `not a phrase: ${error}`);
  assert.doesNotMatch(error, /\n|undefined is not|cannot read prop|^[\w.-]+$/i);
  for (const pattern of says) assert.match(error, pattern);
}

export function assertDoneOnce(flow: RunningFlow, msg: Message): void {
  assert.equal(flow.completionsOf(msg).length, 1, 'done was not called exactly once');
}

/** Sends a good message and asserts that it arrives, and that `done` is called once. */
export async function assertWorks(flow: RunningFlow, context: Context, id = 'out'): Promise<Completion> {
  const topic = `${context.prefix}/good`;
  const good: Message = { topic, payload: 'good', qos: 1 };
  const completion = await flow.call(id, good);
  assert.equal(completion.error, undefined);
  await flow.until('the good message', () => flow.at('received').some((msg) => msg.payload === 'good'));
  assertDoneOnce(flow, good);
  return completion;
}
