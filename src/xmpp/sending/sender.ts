import { bareOf } from '../addresses';
import type { ChatKind } from '../chat-kind';
import { BlockedError } from '../errors';
import { originalOf } from '../sent-messages';
import type { Xml } from '../stanzas';
import { guardStreams, UploadQueue } from '../upload/upload-queue';
import { BODY_BYTES, splitBody, wireBytes } from './body-splitter';
import { joinedNotified } from './joined-notified';
import { messageStanza, type Outgoing } from './message-stanza';
import { answerable } from './quick-responses';
import { RecipientGate } from './recipient-gate';
import { SendFeedback } from './send-feedback';
import type { Delivery, Notified, SendReport, SendRequest } from './send-request';
import type { SenderOptions } from './sender-options';
import { Throttle, type Throttled } from './throttle';

type Settle = (error: Error | undefined, delivery: Delivery) => void;

/** A message that waits until its recipient can be written to: for a connection, a room, or to be known. */
export interface Pending {
  readonly to: string;
  readonly kind: ChatKind | 'auto';
  /** Makes its parts, once it is known if it goes to a room. */
  make(kind: ChatKind): Unsettled[];
  /** The first call counts. */
  done(error: Error | undefined, delivery?: Delivery): void;
}

type Unsettled = Omit<Item, 'settles' | 'refused'>;

/** An item in the throttle: one stanza, or more if its text is long. */
interface Item extends Throttled {
  readonly to: string;
  readonly kind: ChatKind;
  readonly body: string | undefined;
  readonly parts: Omit<Outgoing, 'id' | 'to' | 'kind' | 'body' | 'replaces'>;
  readonly replaces: SendRequest['replaces'];
  readonly alertId: string | undefined;
  readonly notified?: Notified | undefined;
  readonly settles: readonly Settle[];
}

/** Bytes of a stanza that are not its body. */
const ENVELOPE_BYTES = 20_000;

/** Sends a node's messages: finds out what a recipient is, keeps the pace, joins, corrects, uploads, and hears what comes back. */
export class Sender {
  private xml: Xml | undefined;
  private loading = false;
  private closed = false;
  private readonly gate: RecipientGate;
  private readonly throttle: Throttle<Item>;
  private readonly uploads: UploadQueue;
  private readonly feedback: SendFeedback<Item>;
  private readonly pending = new Set<Pending>();

  constructor(private readonly options: SenderOptions) {
    const { clock, rate, stanzas, uploads, offlineMs } = options;
    this.gate = new RecipientGate({ ...options, roomPassword: options.roomPassword });
    this.throttle = new Throttle<Item>({ clock, rate, send: (_recipient, items) => this.dispatch(items) });
    this.uploads = new UploadQueue({ stanzas, uploads, clock, offlineMs });
    this.feedback = new SendFeedback<Item>({
      ...options,
      again: (item, tries, refused) => this.again(item, tries, refused),
      slowDown: (to) => {
        this.throttle.slowDown(to);
        return this.throttle.restOf(to);
      },
    });
  }

  /** Goes into rooms that will be written to, and finds out who is one; `failed` hears of what refuses. */
  prepare(recipients: readonly string[], kind: ChatKind | 'auto', failed: (error: Error) => void): void {
    for (const to of recipients) this.options.devices?.want(bareOf(to));
    for (const to of recipients) this.gate.prepare(to, kind, (error) => !this.closed && failed(error));
  }

  /** Resolves when the server has everything, or with what failed; never rejects. */
  async send(request: SendRequest): Promise<SendReport> {
    guardStreams(request.files);
    const report: SendReport = { deliveries: [], failures: [] };
    const texts = request.to.map((to) => this.sendText(to, request));
    // The text is on its way before the first byte of a picture is read.
    const files = this.uploads.upload(request.files);
    await Promise.all(
      request.to.map(async (to, index) => {
        const results: Promise<Delivery | undefined>[] = [texts[index] ?? Promise.resolve(undefined)];
        results.push(...(await files).map((file) => this.sendFile(to, request, file)));
        const settled = await Promise.allSettled(results);
        for (const result of settled) {
          if (result.status === 'rejected') report.failures.push({ to, error: result.reason as Error });
        }
        const sent = settled.flatMap((result) =>
          result.status === 'fulfilled' && result.value ? [result.value] : [],
        );
        const [first] = sent;
        const urls = sent.flatMap((delivery) => delivery.files ?? []);
        if (first) report.deliveries.push({ ...first, ...(urls.length > 0 && { files: urls }) });
      }),
    );
    return report;
  }

  /** Takes over what waited at the predecessor of this node; before anything else. */
  take(pending: readonly Pending[]): void {
    for (const one of pending) this.enter(one);
  }

  /**
   * What waits for its turn goes out at once, joined; what waits for a file gets the reason, and so does what waits
   * for its recipient.
   * @param leave takes the latter instead, in order: to be taken by the successor.
   */
  close(reason: Error, leave?: (pending: Pending[]) => void): void {
    this.closed = true;
    const pending = [...this.pending];
    if (leave) {
      this.pending.clear();
      leave(pending);
    }
    this.feedback.close();
    this.gate.close(reason, !leave);
    this.uploads.close(reason);
    this.throttle.flush();
  }

  private sendText(to: string, request: SendRequest): Promise<Delivery | undefined> | undefined {
    const { subject, chatState, thread, hints, receipt, replaces, alertId, automatic, bridged } = request;
    const hasSaid = request.text !== undefined || subject !== undefined;
    if (!hasSaid && chatState === undefined) return undefined;
    return this.through(to, request.kind, (kind) => {
      const { text, responses } = answerable(request.text, request.responses, { to, kind }, this.options);
      const parts = { thread, hints, chatState, automatic, bridged };
      const corrects = typeof replaces === 'object' ? replaces.alertId : replaces;
      const about = alertId ?? (typeof replaces === 'object' ? replaces.alertId : undefined);
      const plain = { to, kind, body: undefined, parts, replaces: undefined, alertId: undefined };
      if (!hasSaid)
        return [{ ...plain, parts: { ...parts, hints: ['no-store'] }, bytes: 0, joins: undefined }];
      const topic = kind === 'groupchat' && subject !== undefined;
      // A room's topic is a message of its own (XEP-0045 §8.1), and goes first.
      const first = topic
        ? { ...plain, parts: { ...parts, subject }, bytes: subject.length, joins: undefined }
        : undefined;
      if (first && text === undefined) return [first];
      const item = {
        ...plain,
        body: text,
        parts: { ...parts, receipt, responses, ...(!topic && { subject }) },
        replaces,
        alertId: about,
        notified: request.notified,
        bytes: wireBytes(text ?? ''),
        joins:
          corrects === undefined && (topic || subject === undefined)
            ? JSON.stringify([kind, thread, hints, receipt, automatic, bridged])
            : undefined,
        ...(corrects !== undefined && { corrects }),
        ...(about !== undefined && { about }),
      };
      return first ? [first, item] : [item];
    });
  }

  private async sendFile(to: string, request: SendRequest, file: { url: string } | Error): Promise<Delivery> {
    if (file instanceof Error) throw file;
    const { thread, hints, receipt, automatic, bridged } = request;
    const delivery = await this.through(to, request.kind, (kind) => [
      {
        to,
        kind,
        body: file.url,
        parts: { thread, hints, receipt, file, automatic, bridged },
        replaces: undefined,
        alertId: request.text === undefined ? request.alertId : undefined,
        notified: request.text === undefined ? request.notified : undefined,
        bytes: file.url.length,
        joins: undefined,
      },
    ]);
    return { ...delivery, files: [file.url] };
  }

  /** Puts what `make` gives into the throttle once the recipient can be written to; resolves with the last one's delivery. */
  private through(to: string, kind: ChatKind | 'auto', make: Pending['make']): Promise<Delivery> {
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        to,
        kind,
        make,
        done: (error, delivery) => (delivery && !error ? resolve(delivery) : reject(error as Error)),
      };
      this.enter(pending);
    });
  }

  private enter(pending: Pending): void {
    this.pending.add(pending);
    if (this.xml) this.pass(pending);
    else this.load();
  }

  private load(): void {
    if (this.loading) return;
    this.loading = true;
    this.options.stanzas.load().then(
      (xml) => {
        this.xml = xml;
        for (const one of [...this.pending]) this.pass(one);
      },
      (error: Error) => {
        this.loading = false;
        for (const one of [...this.pending]) this.settle(one, error);
      },
    );
  }

  private pass(pending: Pending): void {
    const { to, kind: asked, make, done } = pending;
    this.gate.through(to, asked, (kind, error) => {
      if (error) {
        this.settle(pending, error);
        return;
      }
      // Another one has it.
      if (!this.pending.delete(pending)) return;
      const all = make(kind);
      for (const made of all) {
        const isLast = made === all.at(-1);
        const settle: Settle = (failed, delivery) => {
          if (failed || isLast) done(failed, delivery);
        };
        const item: Item = { ...made, settles: [settle], refused: done };
        if (item.body === undefined && item.parts.subject === undefined) this.dispatch([item]);
        else this.throttle.push(to, item, corrected);
      }
    });
  }

  private settle(pending: Pending, error: Error): void {
    if (this.pending.delete(pending)) pending.done(error);
  }

  /** One item, or several that become one message. */
  private dispatch(items: readonly Item[]): void {
    const [first] = items;
    const xml = this.xml;
    if (!first || !xml) return;
    const { to, kind } = first;
    const isIn =
      kind === 'chat' || this.options.stanzas.state.phase !== 'online' || this.options.rooms.isJoined(to);
    if (isIn) {
      this.write(items, xml);
      return;
    }
    // Thrown out meanwhile: it is tried once more, and the order among those that wait is kept.
    this.gate.through(to, kind, (_kind, error) => {
      if (!error) this.write(items, xml);
      else for (const item of items) item.refused(error);
    });
  }

  /** What came back is sent once more. */
  private again(item: Item, tries: number, refused: (error: Error) => void): void {
    this.gate.through(item.to, item.kind, (_kind, error) => {
      if (error) refused(error);
      else if (this.xml) this.write([item], this.xml, tries);
    });
  }

  private write(items: readonly Item[], xml: Xml, tries = 0): void {
    const { stanzas, clock, memory, node, newId, head } = this.options;
    const [first] = items;
    if (!first) return;
    const joined = items.length > 1;
    const item: Item = joined
      ? {
          ...first,
          body: joinedText(
            head(items.length),
            items.map(({ body }) => body ?? ''),
          ),
          // Nobody could tell which of them a button answers.
          parts: { ...first.parts, responses: undefined },
          replaces: undefined,
          // One id cannot stand for several alerts.
          alertId: undefined,
          notified: joinedNotified(items.flatMap(({ notified }) => notified ?? [])),
          settles: items.flatMap(({ settles }) => settles),
        }
      : first;
    const { to, kind, alertId } = item;
    const bare = to.split('/', 1)[0] ?? to;
    const stamp = clock.now();
    const replaced = this.replacedId(item, bare);
    let bodies: (string | undefined)[];
    try {
      bodies = item.body === undefined ? [undefined] : splitBody(item.body, this.bodyBytes);
    } catch (error) {
      for (const settle of item.settles) settle(error as Error, { id: '', to, kind, stamp: '' });
      return;
    }
    const ids = bodies.map(() => newId());
    const id = ids[0] ?? '';
    const delivery: Delivery = {
      id,
      to,
      kind,
      stamp: new Date(stamp).toISOString(),
      ...(joined && { joined: items.length }),
    };
    // A correction wakes nobody, and neither does what is sent once more. A nick in a room names no account: the
    // topic of the room is not for private words.
    const isNew = replaced === undefined && tries === 0 && !this.options.rooms.isJoined(bare);
    if (kind === 'chat' && item.notified && item.body !== undefined && isNew)
      this.options.notify?.({ ...item.notified, id, to: bare, text: item.body });
    let open = bodies.length;
    let failed: Error | undefined;
    for (const [index, body] of bodies.entries()) {
      const outgoing: Outgoing = {
        ...item.parts,
        id: ids[index] ?? id,
        to,
        kind,
        body,
        ...(index === 0 && { replaces: replaced }),
        // They stand below the end of the text.
        ...(index < bodies.length - 1 && { responses: undefined }),
      };
      if (body !== undefined) {
        memory.remember({
          id: outgoing.id,
          to: bare,
          kind,
          at: stamp,
          text: body,
          node,
          ...(alertId !== undefined && { alertId }),
          ...(index === 0 && replaced !== undefined && { original: replaced }),
          ...(item.parts.file && { file: true }),
        });
      }
      this.feedback.expect(outgoing.id, { ...item, body, settles: [] }, tries);
      stanzas.send(messageStanza(xml, outgoing), (error) => {
        // Learnt with this message: the way there takes shorter ones only.
        if (error instanceof BlockedError && bodies.length === 1 && wireBytes(body ?? '') > this.bodyBytes) {
          this.write(items, xml, tries);
          return;
        }
        failed ??= error;
        open -= 1;
        if (open > 0) return;
        for (const settle of item.settles) settle(failed, delivery);
      });
    }
  }

  private get bodyBytes(): number {
    const { stanzaLimit = BODY_BYTES + ENVELOPE_BYTES } = this.options.stanzas;
    return Math.min(BODY_BYTES, Math.max(stanzaLimit / 2, stanzaLimit - ENVELOPE_BYTES));
  }

  /** The id that a correction has to name (XEP-0308 §3); undefined: there is nothing to correct, it is a new message. */
  private replacedId({ replaces }: Item, to: string): string | undefined {
    const { memory } = this.options;
    if (replaces === undefined) return undefined;
    if (typeof replaces === 'string') {
      const known = memory.find(replaces, to);
      return known ? originalOf(known) : replaces;
    }
    const latest = memory.latest(replaces.alertId, to);
    return latest && originalOf(latest);
  }
}

/** Puts the newer text in the place of the waiting one. The callers of both hear when it is sent. */
function corrected(waits: Item, newer: Item): Item {
  return {
    ...waits,
    body: newer.body,
    parts: { ...waits.parts, responses: newer.parts.responses },
    bytes: newer.bytes,
    settles: [...waits.settles, ...newer.settles],
    refused: (error) => {
      waits.refused(error);
      newer.refused(error);
    },
  };
}

/** Several texts as one: a line each, or where one has several lines an empty line between them. */
function joinedText(head: string, texts: readonly string[]): string {
  const separator = texts.some((text) => text.includes('\n')) ? '\n\n' : '\n';
  return [head, ...texts].join(separator);
}
