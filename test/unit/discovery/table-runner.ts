/** Plays one row of a table: what was typed and what the network answers, and what follows. */
import assert from 'node:assert/strict';
import { ResolveError } from '../../../src/discovery/errors';
import { resolve } from '../../../src/discovery/resolve';
import type { Plan, Question, Secrets } from '../../../src/discovery/types';
import { assertReadable, assertStepReadable, storyOf } from '../../support/readable';
import { ask, type FakeNetwork, fakeNetwork, online } from './fake-network';

export const PASSWORD = 'correct horse';
export const EJABBERD = online('ejabberd 24.12', { pubsub: 'pubsub.example.org' });
export const PROSODY = online('Prosody 13.0.1', { pubsub: 'pubsub.example.org' });
/** The XMPP server on the account's domain itself. */
export const HERE = 'xmpp://example.org:5222';

export interface Row {
  name: string;
  ask?: Parameters<typeof ask>[0];
  secrets?: Secrets;
  network: FakeNetwork;
  /** `serverType login endpoint servername`, `serverType pubsub service`, or `serverType -` for a plan with neither. */
  plan?: string;
  /** Codes of the notices, joined. */
  notices?: string;
  /** Code of the error. */
  fails?: string;
  /** Must stand in the steps, or in the error's message. */
  says?: RegExp;
  /**
   * Parts of a plan: `failure` of the missing chat, and the names under which broker and account present themselves.
   */
  missed?: string;
  software?: [broker: string | undefined, account: string | undefined];
  /** How many XMPP logins there are. @default not looked at */
  logins?: number;
  srvQuestions?: number;
}

function brief({ serverType, mqtt, pubsub }: Plan): string {
  if (pubsub) return `${serverType} pubsub ${pubsub.service}`;
  if (!mqtt) return `${serverType} -`;
  const { protocol, host, port, path = '' } = mqtt.endpoint;
  return `${serverType} ${mqtt.login} ${protocol}://${host}:${port}${path} ${mqtt.servername}`;
}

/** Describes a suite with one test a row. */
export function describeRows(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    for (const row of rows) it(row.name, () => play(row));
  });
}

async function play(row: Row): Promise<void> {
  const question: Question = ask(row.ask);
  const lookups = fakeNetwork(row.network);
  const secrets = row.secrets ?? { password: PASSWORD };
  const result = await resolve(question, secrets, lookups).catch((error: unknown) => {
    if (error instanceof ResolveError) return error;
    throw error;
  });
  for (const step of result.steps) assertStepReadable(step);
  for (const { text } of result.notices) assertReadable(text);
  if (result instanceof ResolveError) assertReadable(result.text);
  else if (result.chatMissed) assertReadable(result.chatMissed.text);
  const said = storyOf(result.steps);
  if (result instanceof ResolveError) {
    assert.equal(result.code, row.fails, `${result.message}\n${said}`);
    if (row.says) assert.match(result.message, row.says);
  } else {
    assert.equal(row.fails, undefined, `a plan instead of an error: ${brief(result)}\n${said}`);
    assert.equal(brief(result), row.plan, said);
    if (row.notices !== undefined)
      assert.equal(result.notices.map(({ code }) => code).join(' '), row.notices);
    if (row.says) assert.match(said, row.says);
    if (row.missed !== undefined) assert.equal(result.chatMissed?.failure, row.missed);
    if (row.software) assert.deepEqual([result.software, result.accountSoftware], row.software);
    assert.deepEqual(JSON.parse(JSON.stringify(result)), result, 'a plan is JSON');
  }
  assert.doesNotMatch(JSON.stringify(result), new RegExp(PASSWORD), 'a result holds no secret');
  assert.equal(lookups.asked.open, 0, 'something was left open');
  if (row.logins !== undefined) assert.equal(lookups.asked.xmpp.length, row.logins);
  if (row.srvQuestions !== undefined) assert.equal(lookups.asked.srv.length, row.srvQuestions);
}
