/**
 * Which message ids of ours stand for which alert, so that a reaction, a reply or a receipt finds what it is about
 * and a correction finds its message. Bounded; the runtime keeps it over restarts.
 */
import type { ChatKind } from './chat-kind';

/** A message that this account sent to one person or room. */
export interface SentEntry {
  /** The stanza's `id`. */
  id: string;
  /** Bare JID of the person or the room. */
  to: string;
  kind: ChatKind;
  /** `msg.alertId` of what was sent. */
  alertId?: string | undefined;
  /** Time at which it was sent, in milliseconds since the epoch. */
  at: number;
  /** XEP-0359, where it differs from `id`. */
  originId?: string | undefined;
  /** What the room or the own server named it (XEP-0359); often known only when the room's copy comes back. */
  stanzaId?: string | undefined;
  /** The text as people see it; its beginning is kept, to find the message that somebody quotes. */
  text?: string | undefined;
  /** For a correction (XEP-0308): the id of the message that it corrects, the first one. */
  original?: string | undefined;
  /** It is a file: a correction of the alert's text leaves it as it is. */
  file?: boolean | undefined;
  /** Id of the node that sent it: it gets the receipts. */
  node?: string | undefined;
}

/** What a reaction changed: who takes one back sends the ones that are left (XEP-0444 §3.2). */
export interface ReactionChange {
  added: string[];
  removed: string[];
}

export interface SentMessagesOptions {
  /** Maximum messages. A fifth of them is for messages that stand for no alert. @default 5000 */
  limit?: number;
  /** Called after every change. */
  changed?: () => void;
}

const FORMAT = 1;
/** Characters of a text that are kept. */
const TEXT_KEPT = 300;
/** A shorter quote would match by chance. */
const QUOTE_MIN = 3;
const REACTIONS_KEPT = 2_000;

export class SentMessages {
  /** In the order they were sent; those of alerts apart, so that chatter does not push them out. */
  private readonly alerts = new Set<SentEntry>();
  private readonly others = new Set<SentEntry>();
  private readonly byId = new Map<string, SentEntry[]>();
  private readonly byAlert = new Map<string, SentEntry[]>();
  private readonly reactions = new Map<string, string[]>();
  private readonly limit: number;
  private readonly listeners = new Set<(isAlert: boolean) => void>();

  constructor(options: SentMessagesOptions = {}) {
    this.limit = Math.max(10, options.limit ?? 5_000);
    if (options.changed) this.listeners.add(options.changed);
  }

  get size(): number {
    return this.alerts.size + this.others.size;
  }

  /** Persons that received a message, the latest first. */
  persons(limit: number): string[] {
    const sent = [...this.alerts, ...this.others].filter(({ kind }) => kind === 'chat');
    sent.sort((a, b) => b.at - a.at);
    return [...new Set(sent.map(({ to }) => to))].slice(0, limit);
  }

  /** Bare JIDs of the recipients of remembered messages. */
  get recipients(): Set<string> {
    return new Set([...this.alerts, ...this.others].map(({ to }) => to.split('/', 1)[0] ?? to));
  }

  /** Calls `listener` after every change, true for a message about an alert; the result ends that. */
  onChange(listener: (isAlert: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Remembers a message that goes out. It replaces one with the same id to the same recipient. */
  remember(entry: SentEntry): void {
    const known = this.find(entry.id, entry.to);
    if (known) this.drop(known);
    this.put({ ...entry, ...(entry.text !== undefined && { text: plainText(entry.text) }) });
    this.changed(entry.alertId !== undefined);
  }

  /** The room or the server told how it named a message of ours (XEP-0359 §3). */
  learnStanzaId(id: string, to: string, stanzaId: string): void {
    const entry = this.find(id, to);
    if (!entry || entry.stanzaId === stanzaId) return;
    entry.stanzaId = stanzaId;
    this.index(stanzaId, entry);
    this.changed(entry.alertId !== undefined);
  }

  /**
   * The message with this `id`, origin id or stanza id; of several the newest.
   * @param to bare JID: only a message that went there. Nobody else can answer it.
   */
  find(messageId: string, to?: string): SentEntry | undefined {
    return this.byId.get(messageId)?.findLast((entry) => to === undefined || entry.to === to);
  }

  /** The alert that a message stands for. */
  alertOf(messageId: string, to?: string): string | undefined {
    return this.find(messageId, to)?.alertId;
  }

  /** The newest text about an alert, to one recipient or to anyone: what a correction replaces. */
  latest(alertId: string, to?: string): SentEntry | undefined {
    return this.byAlert
      .get(alertId)
      ?.findLast((entry) => !entry.file && (to === undefined || entry.to === to));
  }

  /** The newest message to `to` that begins with what is quoted, or that the quote begins with. */
  findQuoted(quote: string, to: string): SentEntry | undefined {
    const wanted = plainText(quote);
    if (wanted.length < QUOTE_MIN) return undefined;
    let found: SentEntry | undefined;
    for (const entries of [this.alerts, this.others]) {
      for (const entry of entries) {
        const { text } = entry;
        if (entry.to !== to || text === undefined || text.length < QUOTE_MIN) continue;
        if (!text.startsWith(wanted) && !wanted.startsWith(text)) continue;
        if (!found || entry.at >= found.at) found = entry;
      }
    }
    return found;
  }

  /**
   * Somebody's reactions to a message are now these; what changed since his last ones.
   * @param sender the reacting person: bare JID, or room and nick.
   */
  react(messageId: string, to: string, sender: string, emojis: readonly string[]): ReactionChange {
    const entry = this.find(messageId, to);
    // People may react to the original or to its correction: to them it is one message.
    const key = JSON.stringify([to, entry ? originalOf(entry) : messageId, sender]);
    const before = this.reactions.get(key) ?? [];
    this.reactions.delete(key);
    if (emojis.length > 0) this.reactions.set(key, [...emojis]);
    trim(this.reactions, REACTIONS_KEPT);
    this.changed();
    return {
      added: emojis.filter((emoji) => !before.includes(emoji)),
      removed: before.filter((emoji) => !emojis.includes(emoji)),
    };
  }

  toJSON(): object {
    const sent = [...this.alerts, ...this.others].sort((a, b) => a.at - b.at);
    return { format: FORMAT, sent, reactions: [...this.reactions] };
  }

  /** Reads what `toJSON` gave, parsed; what is not whole is left out. */
  static from(json: unknown, options: SentMessagesOptions = {}): SentMessages {
    const memory = new SentMessages(options);
    const { format, sent, reactions } = (json ?? {}) as Record<string, unknown>;
    if (format !== FORMAT) return memory;
    for (const entry of Array.isArray(sent) ? sent : []) if (isEntry(entry)) memory.put(entry);
    for (const pair of Array.isArray(reactions) ? reactions : []) {
      const [key, emojis] = Array.isArray(pair) ? pair : [];
      if (typeof key === 'string' && isTexts(emojis)) memory.reactions.set(key, emojis);
    }
    trim(memory.reactions, REACTIONS_KEPT);
    return memory;
  }

  private changed(isAlert = false): void {
    for (const listener of this.listeners) listener(isAlert);
  }

  private put(entry: SentEntry): void {
    (entry.alertId === undefined ? this.others : this.alerts).add(entry);
    for (const id of idsOf(entry)) this.index(id, entry);
    if (entry.alertId !== undefined) append(this.byAlert, entry.alertId, entry);
    const isOthers = this.others.size > this.limit / 5 || this.alerts.size === 0;
    const [oldest] = isOthers ? this.others : this.alerts;
    if (this.size > this.limit && oldest) this.drop(oldest);
  }

  private index(id: string, entry: SentEntry): void {
    if (!this.byId.get(id)?.includes(entry)) append(this.byId, id, entry);
  }

  private drop(entry: SentEntry): void {
    this.alerts.delete(entry);
    this.others.delete(entry);
    for (const id of idsOf(entry)) cut(this.byId, id, entry);
    if (entry.alertId !== undefined) cut(this.byAlert, entry.alertId, entry);
  }
}

/** The id that a correction must name (XEP-0308 §3): that of the first version. */
export function originalOf(entry: SentEntry): string {
  return entry.original ?? entry.id;
}

function idsOf({ id, originId, stanzaId }: SentEntry): string[] {
  return [...new Set([id, originId, stanzaId])].filter((found) => found !== undefined);
}

/** One line, without the spaces and marks that clients change when they quote. */
function plainText(text: string): string {
  return text
    .slice(0, TEXT_KEPT * 4)
    .replace(/^[>\s]+/gm, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, TEXT_KEPT);
}

function append(index: Map<string, SentEntry[]>, key: string, entry: SentEntry): void {
  const entries = index.get(key);
  if (entries) entries.push(entry);
  else index.set(key, [entry]);
}

function cut(index: Map<string, SentEntry[]>, key: string, entry: SentEntry): void {
  const left = (index.get(key) ?? []).filter((other) => other !== entry);
  if (left.length > 0) index.set(key, left);
  else index.delete(key);
}

function trim(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function isEntry(value: unknown): value is SentEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { id, to, kind, at, ...rest } = value as Record<string, unknown>;
  const optional = [rest.alertId, rest.originId, rest.stanzaId, rest.text, rest.original];
  return (
    typeof id === 'string' &&
    typeof to === 'string' &&
    (kind === 'chat' || kind === 'groupchat') &&
    typeof at === 'number' &&
    optional.every((text) => text === undefined || typeof text === 'string')
  );
}
