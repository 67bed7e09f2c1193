import type { Text } from '../../../../base/text';
import { ApiError, get, post, remove } from '../../../../editor/admin-api';
import { accountCommands } from '../../../../editor/administrator';
import type { Translate } from '../../../../editor/format';
import { visible, visibleLines } from '../../../../editor/format';
import type { TestFault, TestView, UntrustedCertificate } from '../../../../editor/test-view';
import { readText, wordsOf } from '../../../../editor/texts';
import { red } from '../red';
import type { ConnectionView } from '../rows';
import { addNodes, deploy, nodeOf } from './deploy';

/** One step of the test: a look-up or an attempt. */
export interface TestStep {
  asked: string;
  ok: boolean;
}

/** The account, and its broker if that is somewhere else. */
export interface TypedAccount {
  jid: string;
  password: string;
  /** Empty: found from the account. */
  host: string;
  port: string;
  usetls: boolean;
  /** Login of that broker; empty: the account's. */
  user: string;
  mqttPassword: string;
  /** Fingerprints of certificates that a person trusts. */
  trusted: readonly string[];
}

/** Failures whose advice is in the details: lines for the server, a command, the reason. */
const TOLD_BELOW = ['no-mqtt', 'login', 'config'];

/** Why there is no connection: in words, with advice, and with details. */
export class ConnectFailure extends Error {
  constructor(
    message: string,
    readonly todo = '',
    readonly story = '',
    readonly code = '',
    readonly certificate?: UntrustedCertificate,
  ) {
    super(message);
  }

  /** True if the details say what to do. */
  get isToDo(): boolean {
    return TOLD_BELOW.includes(this.code);
  }
}

const POLL = 250;
const pause = (ms: number): Promise<void> => new Promise((resolve) => window.setTimeout(resolve, ms));

/** Texts of the broker's dialog, which has those of failures. */
const brokerSay = (key: string, values?: Record<string, string | number>): string =>
  red().nodes.getType('dinox-broker')?._?.(`dinox-broker.${key}`, values) ?? key;

/** Advice that names fields of the dialog. The guide lacks them and has its own words. */
const ADVICE = [
  'discovery.doNetwork',
  'net.doAuthority',
  'discovery.doCertificate',
  'discovery.doTls',
  'discovery.wouldGoClear',
  'mqtt.notSentClear',
  'mqtt.tlsSelf',
  'xmpp.otherHost',
  'discovery.typePassword',
];

/** A text of the test, in the editor's language, with advice that can be followed here. */
const read = (said: Text, say: Translate): string =>
  readText(said, (key) =>
    ADVICE.includes(key) ? say(`guide.text.${key}`, { skipInterpolation: true }) : wordsOf(key),
  );

/** The fields of the `dinox-broker` as which an account is saved. */
function dialogFields({ jid, password, host, port, usetls, user, mqttPassword, trusted }: TypedAccount) {
  const isElsewhere = host !== '';
  const config = {
    jid,
    trusted: trusted.join('\n'),
    ...(isElsewhere && { host, port, usetls, useXmppCredentials: user === '' }),
  };
  const login = isElsewhere && user !== '' ? { user, mqttPassword } : {};
  return { config, credentials: { password, ...login } };
}

/**
 * Tests the account as the broker's dialog does. The password travels once, and is not echoed.
 * @throws ConnectFailure
 */
export async function testAccount(
  account: TypedAccount,
  say: Translate,
  showStep: (step: TestStep) => void,
  signal: AbortSignal,
): Promise<string> {
  const wanted = dialogFields(account);
  const { id: _id, type: _type, ...config } = nodeOf('dinox-broker', wanted.config);
  let since = 0;
  let id = '';
  try {
    ({ id } = await post<{ id: string }>('dinox/test', {
      id: 'dinox-guide',
      config,
      credentials: wanted.credentials,
    }));
    for (;;) {
      const view = await get<TestView>(`dinox/test/${id}`, { since });
      if (signal.aborted) throw new ConnectFailure('');
      since = view.next;
      for (const { asked, ok } of view.steps) showStep({ asked: read(asked, say), ok });
      if (view.state === 'done') return [view.found?.software, view.found?.where].filter(Boolean).join(', ');
      if (view.state !== 'running') throw failureOf(view, account.jid, say);
      await pause(POLL);
    }
  } catch (error) {
    if (signal.aborted && id) void remove(`dinox/test/${id}`).catch(() => {});
    throw error instanceof ApiError ? refusalOf(error, account, say) : error;
  }
}

/** The reason of a failed test. Working MQTT is not enough for an alert in chat. */
function failureOf({ failure, chat }: TestView, jid: string, say: Translate): ConnectFailure {
  const { code = 'cancelled', text, certificate } = chat ?? failure ?? ({} as Partial<TestFault>);
  const [group, todo] = chat ? (['missed', 'missed'] as const) : (['failure', 'failed'] as const);
  const what = brokerSay(`${group}.${code}.what`);
  const own = say(`guide.${todo}.${code}`);
  const commands =
    code === 'login'
      ? ['', '', brokerSay('test.admin'), ...accountCommands(jid).map((one) => one.join(': '))].join('\n')
      : '';
  return new ConnectFailure(
    chat ? say('guide.noChat', { what }) : brokerSay('test.failed', { what }),
    // If the dialog's advice names its own fields, the guide's words are used.
    own.endsWith(`.${code}`) ? brokerSay(`${group}.${code}.todo`) : own,
    text ? visibleLines(read(text, say), 2_000) + commands : '',
    code,
    certificate,
  );
}

function refusalOf(
  { isForbidden, code, params, message }: ApiError,
  { host }: TypedAccount,
  say: Translate,
): ConnectFailure {
  if (isForbidden) return new ConnectFailure(brokerSay('test.forbidden'));
  if (code === 'config') {
    const elsewhere = ['host', 'port'].map((name) => say(`guide.elsewhere.${name}`)).join(', ');
    return new ConnectFailure(
      readText({ key: 'route.config', params: { field: host === '' ? 'JID' : elsewhere } }),
    );
  }
  if (code === 'often') return new ConnectFailure(brokerSay('test.often', params));
  return new ConnectFailure(message || brokerSay('test.lost'));
}

/** Adds the connection to the flows and deploys it, so that the rest of the guide can use it. */
export async function deployBroker(account: TypedAccount, asks: () => void): Promise<string> {
  const { config, credentials } = dialogFields(account);
  const { user, mqttPassword } = { user: '', mqttPassword: '', ...credentials };
  const broker = nodeOf('dinox-broker', {
    ...config,
    credentials: {
      ...credentials,
      has_password: true,
      ...(user && { has_mqttPassword: mqttPassword !== '' }),
    },
  });
  addNodes([broker]);
  await deploy(asks);
  return String(broker.id);
}

/** True if the runtime has this connection. One that was only drawn is not deployed yet. */
export async function isKnown(id: string): Promise<boolean> {
  const { brokers } = await get<{ brokers: ConnectionView[] }>('dinox/brokers');
  return brokers.some((one) => one.id === id);
}

/** Resolves once the runtime has this connection. */
export async function untilKnown(id: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await isKnown(id))) await pause(POLL);
}

/** Asks the server to make the account (XEP-0077). @param invitation a link; empty: none. @param trusted fingerprints that a person has confirmed. @throws ConnectFailure */
export async function makeAccount(
  jid: string,
  password: string,
  invitation: string,
  trusted: readonly string[],
  say: Translate,
): Promise<void> {
  try {
    await post('dinox/guide/account', { jid, password, invitation, trusted: trusted.join('\n') });
  } catch (error) {
    const { status = 0, code = '', message = '', params } = error as Partial<ApiError>;
    if (status === 401) throw new ConnectFailure(brokerSay('test.forbidden'));
    if (status === 0) throw new ConnectFailure(brokerSay('test.lost'));
    // The runtime says which of its reasons it is.
    if (code === 'invitation') throw new ConnectFailure(visible(message, 600), '', '', code);
    const words = say(`guide.made.${code}`, params);
    throw new ConnectFailure(words, '', code === 'often' ? '' : visible(message, 600), code);
  }
}

export { newPassword } from '../../../../editor/people/new-password';
