/** What the tests of the XMPP session share. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Element } from '@xmpp/client';
import { systemClock } from '../../src/base/clock';
import { inEnglish } from '../../src/base/english';
import { type SessionSettings, type SessionTools, XmppSession } from '../../src/xmpp/session/session';
import type { SessionState, Xml } from '../../src/xmpp/stanzas';
import { certificates, type Ejabberd, type Prosody } from '../support/servers/index';

export const BOT = { user: 'bot', password: 'rob0t-Zebra' };
export const ANNA = { user: 'anna', password: 'tr3ppe-Otter' };
export const chatUsers = { [BOT.user]: BOT.password, [ANNA.user]: ANNA.password };

export async function until(
  what: string | (() => string),
  look: () => unknown,
  ms = 30_000,
  every = 10,
): Promise<void> {
  const deadline = Date.now() + ms;
  while (!look()) {
    if (Date.now() > deadline)
      throw new Error(`not within ${ms} ms: ${typeof what === 'string' ? what : what()}`);
    await sleep(every);
  }
}

interface Session {
  resource: string;
  status: string;
}

/**
 * Resolves once the server knows that an account is there, with this resource or with all it has. A green bot has only said so: ejabberd may still put what
 * somebody says then behind the offline messages that it has just delivered, where it lies until the next login.
 */
export async function isPresent(
  server: Ejabberd | Prosody,
  user = BOT.user,
  resource?: string,
): Promise<void> {
  if (!('api' in server)) return;
  for (const end = Date.now() + 60_000; ; await sleep(50)) {
    const all = (await server.api('user_sessions_info', { user, host: 'localhost' })) as Session[];
    const wanted = resource === undefined ? all : all.filter((one) => one.resource === resource);
    if (wanted.length > 0 && wanted.every(({ status }) => status === 'available')) return;
    if (Date.now() > end) throw new Error(`${user} is not there: ${JSON.stringify(all)}`);
  }
}

/** The bot's session, with what it said of itself. */
export class BotSession {
  readonly states: SessionState[] = [];
  readonly notices: string[] = [];
  readonly stanzas: Element[] = [];
  /** What `done` was called with, by the message's id. */
  readonly done = new Map<string, (Error | undefined)[]>();
  readonly session: XmppSession;
  xml!: Xml;

  constructor(port: number, settings: Partial<SessionSettings> = {}, tools: Partial<SessionTools> = {}) {
    this.session = new XmppSession(
      {
        jid: { local: BOT.user, domain: 'localhost', bare: `${BOT.user}@localhost` },
        password: BOT.password,
        resource: 'node-red',
        service: { host: '127.0.0.1', port, directTls: false },
        allowUnencrypted: false,
        tls: { ca: certificates().ca },
        presence: 'available',
        priority: 0,
        limits: { messages: 10_000, bytes: 16_777_216, ttl: 3_600_000 },
        software: { name: 'DinoX for Node-RED', version: '1.2.3' },
        reconnectMin: 50,
        ...settings,
      },
      {
        clock: systemClock,
        // Connections that hold for a second only would soon wait a minute for the next try.
        random: () => Math.random() / 100,
        srv: () => Promise.resolve({ kind: 'none' }),
        notice: (said) => this.notices.push(inEnglish(said)),
        ...tools,
      },
    );
    this.session.onState((state) => this.states.push(state));
    this.session.onStanza((stanza) => this.stanzas.push(stanza));
  }

  static async online(
    port: number,
    settings: Partial<SessionSettings> = {},
    tools: Partial<SessionTools> = {},
  ): Promise<BotSession> {
    const bot = new BotSession(port, settings, tools);
    await bot.start();
    await bot.phase('online');
    return bot;
  }

  async start(): Promise<void> {
    this.session.start();
    this.xml = await this.session.load();
  }

  async phase(phase: SessionState['phase'], ms?: number): Promise<SessionState> {
    await until(
      () => `${phase}; the states were ${JSON.stringify(this.states.slice(-6))}`,
      () => this.session.state.phase === phase,
      ms,
    );
    return this.session.state;
  }

  get messages(): Element[] {
    return this.stanzas.filter(({ name }) => name === 'message');
  }

  /** Sends a chat message and keeps its `done`. */
  message(id: string, to: string, body: string): void {
    const results: (Error | undefined)[] = [];
    this.done.set(id, results);
    const { xml } = this;
    this.session.send(xml('message', { type: 'chat', to, id }, xml('body', {}, body)), (error) => {
      results.push(error);
    });
  }

  /** Messages whose `done` was not called once without an error. */
  get wrong(): string[] {
    return [...this.done].filter(([, got]) => got.length !== 1 || got[0] !== undefined).map(([id]) => id);
  }

  end(): Promise<void> {
    return this.session.end(new Error('over'));
  }
}

/** Collects what must be ended, last made first ended. */
export class Ends {
  private readonly ends: (() => unknown)[] = [];

  add<T extends { end(): unknown } | { stop(): unknown }>(one: T): T {
    this.ends.push(() => ('end' in one ? one.end() : one.stop()));
    return one;
  }

  async all(): Promise<void> {
    for (const end of this.ends.splice(0).reverse()) await end();
  }
}
