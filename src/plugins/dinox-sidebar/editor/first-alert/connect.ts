import { Phrases } from '../../../../nodes/dinox-broker/editor/phrases';
import { ApiError, get, post } from '../api';
import type { Say } from '../format';
import { visible } from '../format';
import { red } from '../red';
import type { Connection } from '../rows';
import { addNodes, deploy, nodeOf } from './deploy';

/** One thing that was looked up or tried; in English, as the runtime tells it. */
export interface TestStep {
  asked: string;
  answer: string;
  follows: string;
  ok: boolean;
}

interface TestView {
  state: 'running' | 'done' | 'failed' | 'cancelled';
  steps: TestStep[];
  next: number;
  found?: { where?: string; software: string };
  failure?: { code: string; text: string };
}

/** Why there is no connection: in words, with what to do, and the whole story. */
export class ConnectFailure extends Error {
  constructor(
    message: string,
    readonly todo = '',
    readonly story = '',
    readonly code = '',
  ) {
    super(message);
  }
}

const POLL = 250;
const pause = (ms: number): Promise<void> => new Promise((resolve) => window.setTimeout(resolve, ms));

/** Words of the broker's dialog, where failures have theirs. */
const brokerSay = (key: string, values?: Record<string, string | number>): string =>
  red().nodes.getType('dinox-broker')?._?.(`dinox-broker.${key}`, values) ?? key;

/** What the test tells, in the editor's language. */
const phrases = (): Phrases => new Phrases((key, values) => brokerSay(`phrase.${key}`, values));

/**
 * Tests the account as the broker's dialog does. The password travels once, and is not echoed.
 * @throws ConnectFailure
 */
export async function testAccount(
  jid: string,
  password: string,
  told: (step: TestStep) => void,
  signal: AbortSignal,
): Promise<string> {
  const { id: _id, type: _type, ...config } = nodeOf('dinox-broker', { jid });
  const words = phrases();
  let since = 0;
  let id = '';
  try {
    ({ id } = await post<{ id: string }>('dinox/test', {
      id: 'dinox-guide',
      config,
      credentials: { password },
    }));
    for (;;) {
      const view = await get<TestView>(`dinox/test/${id}`, { since }).answer;
      if (signal.aborted) throw new ConnectFailure('');
      since = view.next;
      for (const step of view.steps) told({ ...step, asked: words.translate(step.asked) });
      if (view.state === 'done') return [view.found?.software, view.found?.where].filter(Boolean).join(', ');
      if (view.state !== 'running') throw failureOf(view, words);
      await pause(POLL);
    }
  } catch (error) {
    if (signal.aborted && id) void $.ajax(`dinox/test/${id}`, { method: 'DELETE' });
    throw error instanceof ApiError ? refusalOf(error) : error;
  }
}

function failureOf({ failure }: TestView, words: Phrases): ConnectFailure {
  const { code = 'cancelled', text = '' } = failure ?? {};
  const what = brokerSay(`failure.${code}.what`);
  return new ConnectFailure(
    brokerSay('test.failed', { what }),
    brokerSay(`failure.${code}.todo`),
    visible(words.translate(text), 600),
    code,
  );
}

function refusalOf({ status, message, params }: ApiError): ConnectFailure {
  if (status === 401 || status === 403) return new ConnectFailure(brokerSay('test.forbidden'));
  if (message === 'config') return new ConnectFailure(brokerSay('test.config', { field: 'JID' }));
  const known = ['busy', 'often'].includes(message);
  return new ConnectFailure(brokerSay(`test.${known ? message : 'lost'}`, params));
}

/** Makes the connection part of the flows and deploys it, so that everything else of the guide speaks through it. */
export async function deployBroker(jid: string, password: string, asks: () => void): Promise<string> {
  const broker = nodeOf('dinox-broker', {
    jid,
    credentials: { password, has_password: true },
  });
  addNodes([broker]);
  await deploy(asks);
  return String(broker.id);
}

/** Whether the runtime has this connection; one that was only just drawn is not deployed yet. */
export async function isKnown(id: string): Promise<boolean> {
  const { brokers } = await get<{ brokers: Connection[] }>('dinox/brokers').answer;
  return brokers.some((one) => one.id === id);
}

/** Resolves once the runtime has this connection. */
export async function untilKnown(id: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await isKnown(id))) await pause(POLL);
}

/** Asks the server to make the account (XEP-0077). @throws ConnectFailure */
export async function makeAccount(jid: string, password: string, say: Say): Promise<void> {
  try {
    await post('dinox/guide/account', { jid, password });
  } catch (error) {
    const { status = 0, code = '', message = '', params } = error as Partial<ApiError>;
    if (status === 401) throw new ConnectFailure(brokerSay('test.forbidden'));
    if (status === 0) throw new ConnectFailure(brokerSay('test.lost'));
    const words = say(`guide.made.${code}`, params);
    throw new ConnectFailure(words, '', code === 'often' ? '' : visible(message, 600), code);
  }
}

export { newPassword } from '../../../../nodes/editor/new-password';
