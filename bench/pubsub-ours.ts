/** Our PubSub link on our session, as the part `pubsub` measures it: bundled, with nothing of Node-RED. */
import { ItemIds } from '../src/transport/pubsub/item-ids';
import { PubsubLink } from '../src/transport/pubsub/link';
import { XmppSession } from '../src/xmpp/session/session';

const clock = {
  now: Date.now,
  steady: () => performance.now(),
  after(ms: number, action: () => void) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};

export interface OursOptions {
  port: number;
  user: string;
  password: string;
  service: string;
  /** Milliseconds between two looks at the nodes. */
  poll: number;
  /** Called for each message over PubSub. */
  arrived(): void;
}

/** Counts the looks at the service's list, so that a measurement can say that it held one. */
class WatchedSession extends XmppSession {
  looks = 0;

  override ask(...[iq, options]: Parameters<XmppSession['ask']>): ReturnType<XmppSession['ask']> {
    if (iq.getChild('query')?.attrs.xmlns === 'http://jabber.org/protocol/disco#items') this.looks += 1;
    return super.ask(iq, options);
  }
}

export async function ours({ port, user, password, service, poll, arrived }: OursOptions) {
  const session = new WatchedSession(
    {
      jid: { local: user, domain: 'localhost', bare: `${user}@localhost` },
      password,
      resource: 'bench',
      service: { host: 'localhost', port, directTls: false },
      allowUnencrypted: false,
      presence: 'available',
      priority: 0,
      limits: { messages: 1_000_000, bytes: 1e9, ttl: 3_600_000 },
      software: { name: 'bench', version: '0' },
    },
    {
      clock,
      random: Math.random,
      srv: async () => ({ kind: 'none' }),
      notice: ({ key, params }) => {
        throw new Error(`${key} ${JSON.stringify(params)}`);
      },
    },
  );
  let drained = (): void => {};
  const link = await new Promise<PubsubLink>((resolve, reject) => {
    const made: PubsubLink = new PubsubLink(
      {
        session: {
          stanzas: session,
          receivesEvents: true,
          open: () => session.start(),
          close: async () => {},
        },
        service,
        payloadType: 'json',
        node: { maxItems: 1, access: 'open', publish: 'open' },
        poll,
        ids: new ItemIds('bench', Date.now()),
        clock,
        nextDelay: () => 1_000,
        notice(code, _note, level) {
          if (level !== 'info') throw new Error(code);
        },
      },
      {
        connected: () => resolve(made),
        down: (reason) => reject(reason),
        retrying() {},
        drained: () => drained(),
        message: arrived,
        malformed() {},
      },
    );
  });
  return {
    looks: (): number => session.looks,
    async publish(node: string, payload: string, count: number): Promise<void> {
      const publication = { topic: node, payload: Buffer.from(payload), qos: 1 as const, retain: true };
      let left = count;
      await new Promise<void>((resolve, reject) => {
        let sent = 0;
        const answered = (error?: Error): void => {
          if (error) reject(error);
          left -= 1;
          if (left === 0) resolve();
        };
        drained = () => {
          for (; sent < count && link.writable; sent++) link.publish(publication, answered);
        };
        drained();
      });
    },
    subscribe(filter: string): Promise<void> {
      const wanted = { filter, qos: 1 as const, nl: false, rap: true, rh: 0 as const };
      return new Promise((resolve, reject) =>
        link.subscribe([wanted], undefined, (error, [code]) => {
          if (error) reject(error);
          else if (code instanceof Error) reject(code);
          else resolve();
        }),
      );
    },
    /** Answers every chat message with its own text. */
    echo(): void {
      session.onStanza((stanza) => {
        const body = stanza.name === 'message' && stanza.getChildText('body');
        if (!body) return;
        void session.load().then((xml) => {
          const answer = xml('message', { type: 'chat', to: stanza.attrs.from ?? '' }, xml('body', {}, body));
          session.send(answer, () => {});
        });
      });
    },
  };
}
