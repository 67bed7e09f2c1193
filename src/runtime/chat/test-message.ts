import type { Clock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import { RateLimit } from '../../base/rate-limit';
import type { Text } from '../../base/text';
import type { ChatKind } from '../../xmpp/chat-kind';
import { XmppError } from '../../xmpp/errors';
import { SendError } from '../../xmpp/send-error';
import type { Feedback, SendRequest } from '../../xmpp/sending/send-request';
import { Sender } from '../../xmpp/sending/sender';
import type { SessionState } from '../../xmpp/stanzas';
import type { RegisteredNode } from '../node-contract';
import type { Chat } from './chat';

/** The reason why a recipient did not get it: a code, parameters, and the words of an error. */
export interface TestMessageFault {
  /**
   * Code of a `SendError`; `session`, with an `XmppFailure` in `params.failure`; or `time`: no answer from the server.
   */
  code: string;
  params: Readonly<Record<string, string | number>>;
  text?: Text;
}

export interface TestRecipient {
  to: string;
  /** Absent until it is known. */
  kind?: ChatKind;
  /** `server`: the server has it. `received`, `displayed`: the recipient's client says so. */
  state: 'waiting' | 'server' | 'received' | 'displayed' | 'failed';
  fault?: TestMessageFault;
}

export interface TestMessageView {
  /** `sent`: everything is out or failed, and receipts may still come. `over`: nothing comes any more. */
  state: 'connecting' | 'sending' | 'sent' | 'over';
  receivers: TestRecipient[];
}

export interface TestMessageRequest {
  chat: Chat;
  request: SendRequest;
  nick: string;
  roomPassword: string | undefined;
}

/** Most test messages through one connection within the window (milliseconds). */
const MAX_MESSAGES = 5;
const WINDOW = 60_000;
/** Waits in milliseconds: for a session, for the server's word, and for receipts. */
const CONNECT = 20_000;
const ANSWER = 20_000;
const RECEIPTS = 60_000;
/** Time after that in which the result can be asked for, in milliseconds. */
const KEPT = 60_000;
/** Prefix of its name among the nodes of the session. */
const OWNER = 'dinox-test-message';

/** The test messages of all dialogs of one Node-RED. They are sent and paced like every other message. */
export class TestMessages {
  private readonly tests = new Map<string, TestMessage>();
  private readonly limit: RateLimit<Chat>;

  constructor(private readonly tools: { clock: Clock; newId(): string }) {
    this.limit = new RateLimit(tools.clock, MAX_MESSAGES, WINDOW);
  }

  /**
   * Starts a test message.
   * @returns the id by which its result is asked for
   * @throws TooOften
   */
  start(request: TestMessageRequest): string {
    const { clock, newId } = this.tools;
    this.limit.take(request.chat);
    const id = newId();
    const test = new TestMessage(request, this.tools, () => {
      clock.after(KEPT, () => this.tests.delete(id));
    });
    this.tests.set(id, test);
    // Errors are in the view.
    void test.run().catch(() => {});
    return id;
  }

  view(id: string): TestMessageView | undefined {
    return this.tests.get(id)?.view;
  }
}

class TestMessage {
  readonly view: TestMessageView;
  private readonly registration: RegisteredNode;
  private readonly sender: Sender;

  constructor(
    private readonly test: TestMessageRequest,
    private readonly tools: { clock: Clock; newId(): string },
    private readonly ended: () => void,
  ) {
    const { chat, request, nick, roomPassword } = test;
    const node = `${OWNER}-${tools.newId()}`;
    this.registration = { id: node, status: () => {} };
    this.view = { state: 'connecting', receivers: request.to.map((to) => ({ to, state: 'waiting' })) };
    this.sender = new Sender({
      ...{ stanzas: chat.stanzas, rooms: chat.rooms, kinds: chat.kinds, uploads: chat.uploads },
      ...{ memory: chat.memory, clock: tools.clock, newId: () => tools.newId(), node, nick, roomPassword },
      rate: 60,
      offlineMs: ANSWER,
      head: () => '',
      feedback: (feedback) => this.hear(feedback),
    });
  }

  async run(): Promise<void> {
    const { chat, request } = this.test;
    const { clock } = this.tools;
    chat.register(this.registration);
    try {
      const why = await this.session();
      if (why) {
        this.failAll(why);
        return;
      }
      this.view.state = 'sending';
      await within(clock, ANSWER, this.send(request));
      this.failAll({ code: 'time', params: {} });
      this.view.state = 'sent';
      if (this.view.receivers.some(({ state, kind }) => state === 'server' && kind === 'chat')) {
        await new Promise<void>((resolve) => clock.after(RECEIPTS, resolve));
      }
    } finally {
      this.failAll({ code: 'time', params: {} });
      this.view.state = 'over';
      this.sender.close(new SendError('closed'));
      await chat.deregister(this.registration, true).catch(() => {});
      this.ended();
    }
  }

  private async send(request: SendRequest): Promise<void> {
    // Each recipient is followed on its own, so that a slow one does not hide the others' results.
    await Promise.all(
      request.to.map(async (to) => {
        const { deliveries, failures } = await this.sender.send({ ...request, to: [to] });
        const [delivery] = deliveries;
        const [failure] = failures;
        const at = this.recipient(to);
        if (!at || at.state === 'failed') return;
        if (delivery) at.kind = delivery.kind;
        if (failure) this.fail(at, faultOf(failure.error));
        else if (at.state === 'waiting') at.state = 'server';
      }),
    );
  }

  /** Resolves once there is a session, or with the reason why there is none. */
  private session(): Promise<TestMessageFault | undefined> {
    const { stanzas } = this.test.chat;
    return new Promise((resolve) => {
      const finish = (fault?: TestMessageFault): void => {
        cancel();
        end();
        resolve(fault);
      };
      const look = (state: SessionState): void => {
        if (state.phase === 'online') finish();
        else if (state.phase === 'stopped') finish(faultOf(state.reason));
      };
      const cancel = this.tools.clock.after(CONNECT, () => {
        const { state } = stanzas;
        finish('reason' in state && state.reason ? faultOf(state.reason) : { code: 'time', params: {} });
      });
      const end = stanzas.onState(look);
      look(stanzas.state);
    });
  }

  private hear(feedback: Feedback): void {
    const at = this.recipient(feedback.from);
    if (!at) return;
    if (feedback.type === 'refused') this.fail(at, faultOf(feedback.error));
    else if (at.state !== 'failed' && at.state !== 'displayed') at.state = feedback.type;
  }

  private recipient(jid: string): TestRecipient | undefined {
    const bare = (text: string): string => (text.split('/', 1)[0] ?? '').toLowerCase();
    return this.view.receivers.find(({ to }) => bare(to) === bare(jid));
  }

  private fail(at: TestRecipient, fault: TestMessageFault): void {
    at.state = 'failed';
    at.fault ??= fault;
  }

  private failAll(fault: TestMessageFault): void {
    for (const at of this.view.receivers) if (at.state === 'waiting') this.fail(at, fault);
  }
}

function faultOf(error: Error): TestMessageFault {
  if (error instanceof SendError) return { code: error.code, params: {}, text: error.text };
  return {
    code: 'session',
    params: { failure: error instanceof XmppError ? error.code : 'protocol' },
    text: textOf(error),
  };
}

/** Resolves with the work, or when the time is over. */
function within(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, resolve);
    work.then(resolve, reject).finally(cancel);
  });
}
