/**
 * An established stream. It counts stanzas both ways, asks for acknowledgements (XEP-0198; a ping behind the stanzas
 * for servers without it), and notices when the other side is gone.
 */

import { randomUUID } from 'node:crypto';
import type { Element } from '@xmpp/client';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import type { Text } from '../../base/text';
import { bareOf } from '../addresses';
import { XmppError } from '../errors';
import { NS } from '../namespaces';
import type { Xml } from '../stanzas';
import type { XmppStream } from '../stream/stream';
import type { QueuedStanza, StanzaQueue } from './stanza-queue';

/** Stanzas after which an acknowledgement is requested, whatever is still unanswered … */
const ASK_EVERY = 10;
/**
 * … and in a burst, with four unanswered requests, the number after which it is: each answer is work for the server.
 */
const ASK_EVERY_IN_A_BURST = 40;
const BURST = 4;
/** Milliseconds without an expected answer after which the connection counts as dead. */
const SILENT_MS = 25_000;
/** Bytes that the slowest shaper of the packaged configurations (3,000 bytes a second) surely passes in a second. */
const SLOWEST_BYTES_A_SECOND = 2_000;
/** Milliseconds of silence after which the server is asked for a sign of life. */
const IDLE_MS = 55_000;
const LOOK_EVERY_MS = 2_000;
/** Milliseconds after which received stanzas are acknowledged, if the server did not ask. */
const ACK_MS = 1_000;
const MODULUS = 2 ** 32;

/** Counts of a stream that last over its resumption. */
export interface Counts {
  /** Stanzas that came. */
  inbound: number;
  /** Stanzas that the server said to have. */
  acknowledged: number;
}

export interface StreamManagementOptions {
  stream: XmppStream;
  xml: Xml;
  clock: Clock;
  queue: StanzaQueue;
  /** True if the server counts. */
  counting: boolean;
  counts: Counts;
  domain: string;
  /** Gets message, presence and iq. */
  deliver(stanza: Element): void;
}

interface AckRequest {
  /** Stanzas written before it. */
  sent: number;
  /** Bytes written before it. */
  written: number;
  at: number;
  /** Id of the ping that replaces an acknowledgement request if the server does not count. */
  id?: string;
}

export class StreamManagement {
  private sinceMark = 0;
  /** Stanzas written on this stream. */
  private sent = 0;
  /** Stanzas that are acknowledged on this stream. */
  private taken = 0;
  private marks: AckRequest[] = [];
  private writes = { before: 0, answered: 0 };
  private received: number;
  private stopLooking: () => void;
  private stopAck: (() => void) | undefined;
  private wantsAck = false;

  constructor(private readonly options: StreamManagementOptions) {
    const { stream, clock } = options;
    this.received = clock.steady();
    stream.onData = () => {
      this.received = clock.steady();
    };
    stream.beforeFlush = () => {
      if (this.wantsAck) stream.write(this.ack());
      if (this.sinceMark > 0 && this.marks.length === 0) this.mark();
    };
    stream.onElement = (element) => this.take(element);
    this.stopLooking = clock.after(LOOK_EVERY_MS, () => this.look());
  }

  /** Writes one stanza of the queue. */
  readonly write = ({ text }: QueuedStanza): void => {
    this.options.stream.write(text);
    this.sent += 1;
    this.sinceMark += 1;
    const most = this.marks.length < BURST ? ASK_EVERY : ASK_EVERY_IN_A_BURST;
    if (this.sinceMark >= most) this.mark();
  };

  take(element: Element): void {
    const { counts, counting, stream } = this.options;
    if (element.name === 'message' || element.name === 'presence' || element.name === 'iq') {
      if (element.name === 'iq' && this.isPong(element)) return;
      try {
        this.options.deliver(element);
      } finally {
        counts.inbound = (counts.inbound + 1) % MODULUS;
      }
      if (counting) this.stopAck ??= this.options.clock.after(ACK_MS, () => stream.write(this.ack()));
    } else if (counting && element.is('r', NS.streamManagement)) {
      // One answer for all questions of a packet.
      this.wantsAck = true;
      stream.wake();
    } else if (counting && element.is('a', NS.streamManagement)) {
      this.acknowledge(element.attrs.h);
    }
  }

  /** The server says how many stanzas of this stream it has. */
  acknowledge(h: string | undefined): void {
    const more = countOf(h, this.options.counts.acknowledged);
    if (more === undefined) this.broken(text('xmpp.ackNoNumber'));
    else this.acknowledgeMore(more);
  }

  /** The last words on a stream (XEP-0198 §4), so that nothing comes again that was handled. */
  lastWords(): string {
    return this.options.counting ? this.ack() : '';
  }

  end(): void {
    this.stopLooking();
    this.stopAck?.();
    this.marks = [];
  }

  private ack(): string {
    this.wantsAck = false;
    this.stopAck?.();
    this.stopAck = undefined;
    return `<a xmlns='${NS.streamManagement}' h='${this.options.counts.inbound}'/>`;
  }

  private acknowledgeMore(more: number): void {
    const { counts, queue } = this.options;
    this.taken += more;
    counts.acknowledged = (counts.acknowledged + more) % MODULUS;
    const answered = this.marks.filter(({ sent }) => sent <= this.taken).at(-1);
    if (answered) {
      this.marks = this.marks.filter(({ sent }) => sent > this.taken);
      this.writes = { before: this.writes.answered, answered: answered.written };
    }
    if (!queue.acknowledged(more)) this.broken(text('xmpp.ackTooMany'));
    // Stanzas sent since then have no question behind them yet.
    else if (this.sinceMark > 0 && this.marks.length === 0) this.mark();
  }

  private mark(): void {
    const { stream, counting, clock, domain } = this.options;
    const mark: AckRequest = { sent: this.sent, written: stream.written, at: clock.steady() };
    this.sinceMark = 0;
    this.marks.push(mark);
    if (counting) {
      stream.write(`<r xmlns='${NS.streamManagement}'/>`);
      return;
    }
    mark.id = randomUUID();
    const { xml } = this.options;
    const ping = xml('iq', { type: 'get', id: mark.id, to: domain }, xml('ping', { xmlns: NS.ping }));
    stream.write(ping.toString());
  }

  /** Takes any answer to our ping, an error too, as proof that the server has everything sent before it. */
  private isPong({ attrs }: Element): boolean {
    const { counting, domain } = this.options;
    if (counting || (attrs.type !== 'result' && attrs.type !== 'error')) return false;
    const mark = this.marks.find(({ id }) => id !== undefined && id === attrs.id);
    if (!mark || (attrs.from !== undefined && bareOf(attrs.from) !== domain)) return false;
    this.acknowledgeMore(mark.sent - this.taken);
    return true;
  }

  private look(): void {
    const { clock, stream } = this.options;
    this.stopLooking = clock.after(LOOK_EVERY_MS, () => this.look());
    const now = clock.steady();
    const [oldest] = this.marks;
    if (!oldest) {
      if (now - this.received > IDLE_MS) this.mark();
      return;
    }
    const patience = SILENT_MS + ((stream.written - this.writes.before) / SLOWEST_BYTES_A_SECOND) * 1_000;
    const silent = now - Math.max(this.received, oldest.at);
    if (silent < patience) return;
    stream.fail(new XmppError('timeout', text('xmpp.dead', { seconds: Math.round(silent / 1_000) })));
  }

  private broken(why: Text): void {
    this.options.stream.fail(new XmppError('protocol', why));
  }
}

/** Number of stanzas by which the count `h` (modulo 2^32) exceeds `before`; undefined if it cannot. */
export function countOf(h: string | undefined, before: number): number | undefined {
  if (h === undefined || !/^\d{1,10}$/.test(h)) return undefined;
  const count = Number(h);
  return count < MODULUS ? (count - before + MODULUS) % MODULUS : undefined;
}
