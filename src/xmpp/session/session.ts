/** The one XMPP session of an account: opened, kept, resumed after losses. Stanzas that it cannot send now wait. */

import { randomUUID } from 'node:crypto';
import type { Element } from '@xmpp/client';
import { Backoff } from '../../base/backoff';
import { text } from '../../base/catalogue';
import { textOf } from '../../base/coded-error';
import { toXmppError, XmppError } from '../errors';
import { NS } from '../namespaces';
import type { Sent, SessionState, Stanzas, Xml } from '../stanzas';
import { connect, isRefusal } from '../stream/connector';
import { excessOf, type XmppStream } from '../stream/stream';
import { Admission } from './admission';
import { CanonicalJids } from './canonical-jids';
import { untilDrained } from './drain';
import { type IqRequestOptions, IqRequests } from './iq-requests';
import { type HiddenFeatures, type IqHandler, IqResponses } from './iq-responses';
import { whyUnsendable } from './outgoing-check';
import { addIds, presenceOf, roomOf } from './own-stanzas';
import { lossOf, type StreamLoss, safeSizeBelow } from './poison-stanzas';
import type { SessionSettings, SessionTools } from './settings';
import { type PendingStanza, StanzaQueue } from './stanza-queue';
import { type Counts, countOf, StreamManagement } from './stream-management';

export type { SessionSettings, SessionTools } from './settings';

/** Limit for a server that does not name one (XEP-0478): that of both packages. */
const DEFAULT_STANZA_LIMIT = 262_144;
/** A server that bans says for how long. A try each second would only fill its log. */
const POLICY_MIN_MS = 60_000;

export class XmppSession implements Stanzas {
  readonly account: string;
  readonly domain: string;
  private current: SessionState = { phase: 'idle' };
  private xml: Xml | undefined;
  private running: AbortController | undefined;
  private cancelWait: (() => void) | undefined;
  private stream: XmppStream | undefined;
  private line: StreamManagement | undefined;
  private jid = '';
  /** Id by which a lost stream is resumed; empty: it cannot be. */
  private resumable: ({ id: string } & Counts) | undefined;
  private since = 0;
  private limit = DEFAULT_STANZA_LIMIT;
  /** Largest stanza that something on the way there lets through, as far as that was learnt. */
  private passes = Number.POSITIVE_INFINITY;
  private closed: XmppError | undefined;
  private readonly backoff: Backoff;
  private readonly queue: StanzaQueue;
  private readonly iqRequests: IqRequests;
  private readonly answers: IqResponses;
  private readonly admission: Admission;
  private readonly jids = new CanonicalJids(
    (iq) => this.ask(iq, { timeoutMs: 10_000 }),
    () => this.load(),
    () => this.tools.clock.steady(),
  );
  private readonly stanzaHandlers = new Set<(stanza: Element) => void>();
  private readonly stateHandlers = new Set<(state: SessionState) => void>();

  constructor(
    private readonly settings: SessionSettings,
    private readonly tools: SessionTools,
  ) {
    const { jid, reconnectMin } = settings;
    this.account = jid.bare;
    this.domain = jid.domain;
    this.backoff = new Backoff({
      random: tools.random,
      ...(reconnectMin !== undefined && { min: reconnectMin }),
    });
    this.queue = new StanzaQueue(
      settings.limits,
      tools.clock,
      () => tools.queued?.(this.queue.waiting),
      (bytes) => {
        this.passes = Math.min(this.passes, safeSizeBelow(bytes) ?? this.passes);
      },
    );
    this.iqRequests = new IqRequests(
      tools.clock,
      () => [this.account, this.domain, this.jid],
      () => this.queue.progress,
    );
    this.answers = new IqResponses(settings.software, () => tools.clock.now());
    this.admission = new Admission(tools.clock, (said) => tools.notice(said));
  }

  get state(): SessionState {
    return this.current;
  }

  /** Stanzas that wait for the stream. */
  get queued(): number {
    return this.queue.waiting;
  }

  /** Largest stanza that the server takes, in bytes. */
  get stanzaLimit(): number {
    return Math.min(this.limit, this.passes);
  }

  async load(): Promise<Xml> {
    this.xml ??= (await import('@xmpp/client')).xml;
    return this.xml;
  }

  /** Opens the session, and again after every loss. Does nothing if it is open or being opened. */
  start(): void {
    if (this.closed || this.running) return;
    this.running = new AbortController();
    this.connect();
  }

  send(stanza: Element, done: Sent): void {
    const reason = this.closed ?? (this.current.phase === 'stopped' ? this.current.reason : undefined);
    if (reason) {
      done(reason);
      return;
    }
    if (stanza.name === 'message') addIds(stanza, this.xml);
    this.jids.addressed(stanza.attrs.to);
    const text = stanza.toString();
    const fault = whyUnsendable(text, this.limit);
    if (fault) done(fault);
    else this.queue.push(text, done, { room: roomOf(stanza), id: stanza.attrs.id });
  }

  /** Takes over stanzas that another session of this account could not send. They go before everything else. */
  takeReleased(unsent: readonly PendingStanza[]): void {
    if (this.closed) for (const { done } of unsent) done(this.closed);
    else this.queue.take(unsent);
  }

  /**
   * Registers bare JIDs and domains that people typed. Their owners are known by these, however the server writes them.
   */
  expect(jids: Iterable<string>): void {
    for (const jid of jids) this.jids.expect(jid);
  }

  ask(iq: Element, options: IqRequestOptions = {}): Promise<Element> {
    this.jids.addressed(iq.attrs.to);
    return this.iqRequests.ask(iq, options, (text, taken) => {
      const fault = this.closed ?? whyUnsendable(text, this.limit);
      if (fault) taken(fault);
      else this.queue.now(text, taken);
    });
  }

  onStanza(handler: (stanza: Element) => void): () => void {
    this.stanzaHandlers.add(handler);
    return () => this.stanzaHandlers.delete(handler);
  }

  onState(handler: (state: SessionState) => void): () => void {
    this.stateHandlers.add(handler);
    return () => this.stateHandlers.delete(handler);
  }

  /** Answers a kind of question. Its namespace is announced with {@link addFeature}. */
  handleIq(type: 'get' | 'set', xmlns: string, handler: IqHandler): void {
    this.answers.handle(type, xmlns, handler);
  }

  /** Announces a feature in `disco#info`, and in the presence (XEP-0115) for clients that look there. */
  addFeature(feature: string | HiddenFeatures): void {
    if (this.answers.add(feature) && this.current.phase === 'online') this.sendPresence();
  }

  /**
   * Ends the session for good. Stanzas under way have a moment to be acknowledged; the others get `reason`.
   * @param graceMs length of that moment.
   */
  async end(reason: Error, graceMs = 1_000): Promise<void> {
    if (this.closed) return;
    if (this.line) await this.settled(graceMs);
    await this.close(toXmppError(reason), (error) => {
      this.queue.close(error);
      return [];
    });
  }

  /**
   * Ends the session as {@link end} does. Messages that the server has not acknowledged are returned for the successor.
   */
  async handOver(reason: Error, graceMs = 1_000): Promise<PendingStanza[]> {
    if (this.closed) return [];
    if (this.line) await this.settled(graceMs);
    return this.close(toXmppError(reason), (error) => this.queue.giveAway(error));
  }

  private async close(
    reason: XmppError,
    empty: (reason: XmppError) => PendingStanza[],
  ): Promise<PendingStanza[]> {
    if (this.closed) return [];
    this.closed = reason;
    const left = this.logOff(reason);
    const unsent = empty(reason);
    this.iqRequests.fail(reason);
    await left;
    this.setState({ phase: 'idle' });
    return unsent;
  }

  /** Logs off; {@link start} logs in again. Waiting stanzas get the reason, because nobody wants them sent any more. */
  async pause(): Promise<void> {
    if (this.closed || !this.running) return;
    if (this.line) await this.settled(1_000);
    const reason = new XmppError('network', text('xmpp.lastNodeGone'));
    const left = this.leave(reason);
    if (!this.closed) this.setState({ phase: 'idle' });
    await left;
  }

  private settled(graceMs: number): Promise<void> {
    return untilDrained(this.queue, this.tools.clock, graceMs, () => this.line !== undefined);
  }

  private leave(reason: XmppError): Promise<void> {
    const left = this.logOff(reason);
    this.queue.close(reason);
    this.iqRequests.fail(reason);
    return left;
  }

  private async logOff(reason: XmppError): Promise<void> {
    this.running?.abort(reason);
    this.running = undefined;
    this.cancelWait?.();
    const [stream, line] = [this.stream, this.line];
    const lastWords = line?.lastWords() ?? '';
    this.drop();
    this.resumable = undefined;
    await stream?.close(lastWords);
  }

  private connect(reason?: XmppError): void {
    const signal = this.running?.signal;
    if (!signal) return;
    this.setState({ phase: 'connecting', ...(reason && { reason }) });
    this.attempt(signal).catch((error) => {
      if (signal.aborted) return;
      const missed = toXmppError(error);
      if (isRefusal(missed)) this.stop(missed);
      else this.wait(missed, missed.code === 'policy' || missed.code === 'conflict');
    });
  }

  private async attempt(signal: AbortSignal): Promise<void> {
    const xml = await this.load();
    signal.throwIfAborted();
    const attempt = {
      xml,
      resumable: this.resumable?.id ? this.resumable : undefined,
      checkResumption: (h: string | undefined) => this.checkResumption(h),
      other: (element: Element) => this.deliver(element),
    };
    const { stream, bound, where } = await connect(this.settings, this.tools, attempt, signal);
    this.stream = stream;
    this.limit = stream.features.maxBytes ?? DEFAULT_STANZA_LIMIT;
    this.since = this.tools.clock.steady();
    stream.onEnd = (error) => this.lost(error);
    if (bound.resumed) this.goOn(stream, xml, bound.h, where);
    else this.begin(stream, xml, bound, where);
    for (const element of bound.early) this.line?.take(element);
  }

  private checkResumption(h: string | undefined): void {
    const more = this.resumable && countOf(h, this.resumable.acknowledged);
    if (more !== undefined && more <= this.queue.underway) return;
    // The server's count cannot be trusted. The next session is a new one, and open stanzas are sent again.
    this.resumable = undefined;
    throw new XmppError('protocol', text('xmpp.oddCount'));
  }

  /** The old stream goes on (XEP-0198 §5). */
  private goOn(stream: XmppStream, xml: Xml, h: string | undefined, where: string): void {
    const counts = this.resumable as { id: string } & Counts;
    const more = countOf(h, counts.acknowledged) ?? 0;
    const line = this.newLine(stream, xml, true, counts);
    counts.acknowledged = (counts.acknowledged + more) % 2 ** 32;
    this.queue.acknowledged(more);
    this.current = { phase: 'online', jid: this.jid, resumed: true, where };
    this.queue.resumed(line.write);
    this.setState(this.current);
  }

  private begin(
    stream: XmppStream,
    xml: Xml,
    { jid, sm, h }: { jid: string; sm: string | undefined; h: string | undefined },
    where: string,
  ): void {
    // A server that refuses to resume may say how many stanzas it had. It may have dropped the last one all the same
    // (Prosody 0.12, if SIGTERM comes in between), so that one is sent again.
    const had = this.resumable && h !== undefined ? countOf(h, this.resumable.acknowledged) : 0;
    if (had) this.queue.acknowledged(had - 1);
    const reason = new XmppError('network', text('xmpp.sessionLost'));
    this.queue.forgotten(reason);
    this.iqRequests.fail(reason);
    this.jid = this.jids.own(this.account, this.domain, jid);
    const counts = { id: sm ?? '', inbound: 0, acknowledged: 0 };
    this.resumable = counts;
    const line = this.newLine(stream, xml, sm !== undefined, counts);
    this.current = { phase: 'online', jid: this.jid, resumed: false, where };
    this.queue.attach(line.write, () => {
      // Without carbons (XEP-0280), messages to another device of the account never come here.
      const carbons = xml('enable', { xmlns: NS.carbons });
      this.queue.now(xml('iq', { type: 'set', id: randomUUID() }, carbons).toString());
      this.sendPresence();
      this.setState(this.current);
    });
  }

  private newLine(stream: XmppStream, xml: Xml, counting: boolean, counts: Counts): StreamManagement {
    const { clock } = this.tools;
    this.line = new StreamManagement({
      stream,
      xml,
      clock,
      queue: this.queue,
      counting,
      counts,
      domain: this.domain,
      deliver: (element) => this.deliver(element),
    });
    return this.line;
  }

  private sendPresence(): void {
    const xml = this.xml;
    if (this.settings.presence === 'none' || !xml) return;
    this.queue.now(presenceOf(xml, this.settings, this.answers.capabilities(xml)).toString());
  }

  private lost(error: XmppError): void {
    this.backoff.lasted(this.tools.clock.steady() - this.since);
    this.drop(lossOf(error));
    if (error.code === 'conflict') {
      this.stop(new XmppError('conflict', text('xmpp.thrownOut', { jid: this.jid }), { cause: error }));
    } else this.wait(error);
  }

  private drop(lost?: StreamLoss): void {
    this.line?.end();
    this.line = undefined;
    this.stream = undefined;
    this.queue.detach(lost);
  }

  private wait(reason: XmppError, patient = false): void {
    const { clock } = this.tools;
    const ms = patient ? POLICY_MIN_MS + this.backoff.next() : this.backoff.next();
    this.setState({ phase: 'waiting', at: clock.now() + ms, reason });
    if (this.current.phase !== 'waiting') return;
    this.cancelWait = clock.after(ms, () => this.connect(reason));
  }

  /** No more attempts until {@link start}. */
  private stop(reason: XmppError): void {
    this.setState({ phase: 'stopped', reason });
    this.leave(reason).catch(() => {});
  }

  private deliver(element: Element): void {
    if (this.admission.admits(element)) this.jids.admit(element, () => this.take(element));
  }

  private take(element: Element): void {
    const { name, attrs } = element;
    const excess = excessOf(element);
    if (name === 'iq') {
      if (attrs.type === 'result' || attrs.type === 'error') this.iqRequests.answered(element, excess);
      else if (this.xml && !this.queue.congested) {
        const answer = this.answers.answer(element, this.xml);
        if (answer) this.queue.now(answer.toString());
      }
      return;
    }
    if (excess) return;
    for (const handler of [...this.stanzaHandlers]) this.guard(() => handler(element));
  }

  private setState(state: SessionState): void {
    this.current = state;
    for (const handler of [...this.stateHandlers]) this.guard(() => handler(state));
  }

  /** A listener's fault must not end the stream. */
  private guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.tools.notice(text('log.notHandled', { reason: textOf(error) }));
    }
  }
}
