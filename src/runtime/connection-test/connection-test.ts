import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { CodedError, textOf } from '../../base/coded-error';
import { plain } from '../../base/printable';
import { RateLimit } from '../../base/rate-limit';
import type { Step } from '../../base/step';
import type { Text } from '../../base/text';
import { ResolveError } from '../../discovery/errors';
import type { Lookups, ResolveOptions } from '../../discovery/lookups';
import { resolve as resolvePlan } from '../../discovery/resolve';
import type { ChatMissed, Notice, Plan, Question, Secrets } from '../../discovery/types';
import type { UntrustedCertificate } from '../../net/tls-fault';
import { endpointText } from '../../servers/endpoint';
import { profileOf } from '../../servers/profiles';
import { LinkError } from '../../transport/errors';
import { type Ability, transportAbilities, xmppAbilities } from '../../transport/probe/abilities';
import type { ProbedServer, ProbeListener } from '../../transport/probe/probe';
import { probePubsub } from '../../transport/probe/pubsub-probe';
import { probeServer } from '../../transport/probe/server-probe';

/** The connection to test, as typed in the dialog. The secrets are let go at the end of the test. */
export interface TestRequest {
  question: Question;
  secrets: Secrets;
  tls: ProbedServer['tls'];
  payloadType: string;
}

/** `partly`: MQTT works, and the account cannot log in to chat. */
export type TestState = 'running' | 'done' | 'partly' | 'failed' | 'cancelled';

/** Progress and result for the dialog. Holds no password. */
export interface TestView {
  id: string;
  state: TestState;
  /** The steps after `since`. */
  steps: Step[];
  /** `since` of the next question. */
  next: number;
  abilities: Ability[];
  notices: Pick<Notice, 'level' | 'text'>[];
  /** The server's address, and its name for itself. */
  found?: FoundServer;
  /** The reason for the failure: a code with its own text in the dialog, and the whole story. */
  failure?: TestFault;
  /** The reason why there is no chat, for `partly`: an `XmppFailure`, or `password`. */
  chat?: TestFault;
}

export interface TestFault {
  code: string;
  text: Text;
  certificate?: UntrustedCertificate;
}

export interface FoundServer {
  /** `mqtts://mqtt.example.org:8883`; absent if the server offers no MQTT. */
  where?: string;
  /** `ejabberd 23.01-1`, or the kind of server if it does not say. */
  software: string;
  /** Services that the account's server named. */
  services: Plan['services'];
}

export interface TestTools {
  clock: Clock;
  /** So many random bytes as hexadecimal digits. */
  random(bytes: number): string;
  lookups(tls: ProbedServer['tls']): Lookups;
  loadMqtt(): Promise<typeof import('mqtt')>;
}

/** Most tests that run at the same time. */
const MAX_RUNNING = 4;
/** Most tests that begin within the window (milliseconds): each logs in, and servers ban repeated refusals. */
const MAX_BEGUN = 15;
const WINDOW = 60_000;
/** A test whose dialog no longer asks is cancelled, and one that is over is forgotten: in milliseconds. */
const UNWATCHED = 30_000;
const KEPT = 120_000;
const MAX_LENGTH = 90_000;
const MAX_STEPS = 200;
/** Longest look, in milliseconds, at a typed port with TLS instead of without, or the other way round. */
const OTHER_WAY = 5_000;
/** Failures behind which a wrong tick may be. */
const MAYBE_TLS: readonly string[] = ['tls', 'network', 'closed', 'timeout', 'protocol'];

/** Thrown if no more tests may run. */
export class TooManyTests extends CodedError<'busy'> {
  override readonly name = 'TooManyTests';
}

/** The connection tests of all dialogs of one Node-RED. */
export class ConnectionTests {
  private readonly tests = new Map<string, ConnectionTest>();

  private readonly limit: RateLimit<'all'>;

  constructor(private readonly tools: TestTools) {
    this.limit = new RateLimit(tools.clock, MAX_BEGUN, WINDOW);
  }

  /**
   * @returns the id by which the test is asked for, 32 hexadecimal digits.
   * @throws TooManyTests, TooOften
   */
  start(request: TestRequest): string {
    const running = [...this.tests.values()].filter((test) => test.running).length;
    if (running >= MAX_RUNNING) throw new TooManyTests('busy', text('probe.tooMany', { running }));
    this.limit.take('all');
    const id = this.tools.random(16);
    const { clock } = this.tools;
    const test = new ConnectionTest(id, this.tools, () => {
      clock.after(KEPT, () => this.tests.delete(id));
    });
    this.tests.set(id, test);
    void test.run(request);
    return id;
  }

  view(id: string, since: number): TestView | undefined {
    return this.tests.get(id)?.view(since);
  }

  /** False if there is no such test. */
  cancel(id: string): boolean {
    const test = this.tests.get(id);
    test?.cancel();
    return test !== undefined;
  }
}

class ConnectionTest {
  private state: TestState = 'running';
  private readonly steps: Step[] = [];
  private readonly abilities: Ability[] = [];
  private notices: TestView['notices'] = [];
  private found: FoundServer | undefined;
  private failure: TestView['failure'];
  private chat: TestView['chat'];
  private readonly controller = new AbortController();
  private unwatched: () => void = () => {};

  constructor(
    private readonly id: string,
    private readonly tools: TestTools,
    private readonly ended: () => void,
  ) {
    this.watched();
  }

  get running(): boolean {
    return this.state === 'running';
  }

  view(since: number): TestView {
    if (this.running) this.watched();
    const { id, state, steps, abilities, notices, found, failure, chat } = this;
    return {
      id,
      state,
      steps: steps.slice(since),
      next: steps.length,
      abilities,
      notices,
      ...(found && { found }),
      ...(failure && { failure }),
      ...(chat && { chat }),
    };
  }

  cancel(): void {
    if (!this.running) return;
    this.end('cancelled');
    this.controller.abort(new Error('cancelled'));
  }

  /** Never rejects. */
  async run(request: TestRequest): Promise<void> {
    const stop = this.tools.clock.after(MAX_LENGTH, () => {
      this.fail({ code: 'timeout', text: text('probe.tookLonger', { seconds: MAX_LENGTH / 1_000 }) });
      this.controller.abort(new Error('too long'));
    });
    try {
      const missed = await this.look(request);
      if (missed && this.running) {
        const { failure: code, text: why, certificate } = missed;
        this.chat = { code, text: why, ...(certificate && { certificate }) };
      }
      this.end(missed ? 'partly' : 'done');
    } catch (error) {
      this.fail(await this.ticked(failureOf(error), request));
    } finally {
      stop();
    }
  }

  /** Tests; the result says why there is no chat if there is an account and MQTT works. */
  private async look({ question, secrets, tls, payloadType }: TestRequest): Promise<ChatMissed | undefined> {
    const { signal } = this.controller;
    const options: ResolveOptions = { signal, withXmpp: true, onStep: (step) => this.step(step) };
    const plan = await resolvePlan(question, secrets, this.tools.lookups(tls), options).catch((error) => {
      if (error instanceof ResolveError) this.notice(error.notices);
      throw error;
    });
    this.notice(plan.notices);
    this.found = {
      ...(plan.mqtt && { where: endpointText(plan.mqtt.endpoint) }),
      ...(plan.pubsub && { where: `xmpp:${plan.pubsub.service}` }),
      software: plain(plan.software ?? profileOf(plan.serverType).label, 100),
      services: plan.services,
    };
    this.abilities.push(...transportAbilities(plan), ...xmppAbilities(plan, question.jid !== undefined));
    const { clock, random } = this.tools;
    const listener: ProbeListener = {
      step: (step) => this.step(step),
      ability: (ability) => this.ability(ability),
    };
    const server = { plan, question, secrets, tls, payloadType };
    if (plan.pubsub) {
      await probePubsub(server, { clock, newId: () => random(6) }, listener, signal);
      return undefined;
    }
    if (!plan.mqtt) {
      const last = plan.steps.at(-1);
      const why = last
        ? text('any.both', { text: last.answer, advice: last.follows })
        : text('probe.noMqttFound');
      throw new TestFailure('no-mqtt', why);
    }
    const { mqtt } = plan;
    await probeServer(
      server,
      { clock, mqtt: await this.tools.loadMqtt(), newId: () => random(6) },
      listener,
      signal,
    ).catch(async (error: unknown) => {
      if (!(error instanceof LinkError)) throw error;
      // The account is known to be right by now, or plays no part: advice about it would mislead.
      const isAccounts = mqtt.login === 'account' && (question.host === undefined || plan.chatMissed);
      if (error.code === 'login' && !isAccounts) throw new TestFailure('broker-login', error.text);
      if (error.code !== 'tls') throw error;
      // Nobody has seen the certificate yet if nothing was looked for.
      throw new TestFailure('tls', error.text, await this.certificateAt(mqtt, this.tools.lookups(tls)));
    });
    return plan.chatMissed;
  }

  /** Names the wrong tick, where a typed port answers only with TLS, or only without; or a port of something else. Nothing is logged in to it. */
  private async ticked(failure: TestFault, { question, tls }: TestRequest): Promise<TestFault> {
    const { host, port, scheme, usetls } = question;
    const isTyped = host !== undefined && port !== undefined && scheme === undefined;
    if (!this.running || !isTyped || !MAYBE_TLS.includes(failure.code) || failure.certificate) return failure;
    const ask = (overTls: boolean) =>
      this.tools
        .lookups(tls)
        .probe(
          { host, port, tls: overTls, webSocket: false, servernames: [host], timeoutMs: OTHER_WAY },
          this.controller.signal,
        )
        .catch(() => undefined);
    const [answer, same] = await Promise.all([ask(!usetls), ask(usetls)]);
    if (answer?.ok) return { ...failure, code: usetls ? 'tls-ticked' : 'tls-unticked' };
    // XMPP's port: it answers, to everything in its own words.
    const said = [answer, same].map((one) => (one && !one.ok ? one.text.key : ''));
    const isOther = said.includes('net.notMqtt') && said.includes('net.notTls');
    return isOther ? { ...failure, code: 'not-mqtt' } : failure;
  }

  /** The broker's certificate if it is not trusted. */
  private async certificateAt(
    { endpoint, servername }: NonNullable<Plan['mqtt']>,
    lookups: Lookups,
  ): Promise<UntrustedCertificate | undefined> {
    const { host, port } = endpoint;
    const asked = { host, port, tls: true, webSocket: true, servernames: [servername], timeoutMs: 5_000 };
    const answer = await lookups.probe(asked, this.controller.signal);
    const certificate = answer.ok ? answer.tls?.fault?.certificate : undefined;
    return certificate && { where: endpointText(endpoint), ...certificate };
  }

  private step(step: Step): void {
    if (this.running && this.steps.length < MAX_STEPS) this.steps.push(step);
  }

  private ability(ability: Ability): void {
    if (this.running) this.abilities.push(ability);
  }

  private notice(notices: readonly Notice[]): void {
    this.notices = notices.slice(0, 20).map(({ level, text }) => ({ level, text }));
  }

  private fail(failure: NonNullable<TestView['failure']>): void {
    if (!this.running) return;
    this.failure = failure;
    this.end('failed');
  }

  private end(state: TestState): void {
    if (!this.running) return;
    this.state = state;
    this.unwatched();
    this.ended();
  }

  private watched(): void {
    this.unwatched();
    this.unwatched = this.tools.clock.after(UNWATCHED, () => this.cancel());
  }
}

class TestFailure extends CodedError {
  override readonly name = 'TestFailure';
  constructor(
    code: string,
    text: Text,
    readonly certificate?: UntrustedCertificate,
  ) {
    super(code, text);
  }
}

function failureOf(error: unknown): TestFault {
  // The dialog has its own texts for these codes.
  const known = error instanceof ResolveError || error instanceof LinkError || error instanceof TestFailure;
  const certificate =
    error instanceof ResolveError || error instanceof TestFailure ? error.certificate : undefined;
  return {
    code: known ? error.code : 'internal',
    text: textOf(error),
    ...(certificate && { certificate }),
  };
}
