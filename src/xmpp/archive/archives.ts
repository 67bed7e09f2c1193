/**
 * Catches up on what was written while nobody was there: from the account's own archive at each new session, from a
 * room's when we come into it. Meanwhile messages that arrive are held, so that everything is handed over in the order
 * in which it was written, and once, however often and by which way it comes.
 */
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import { plain } from '../../base/printable';
import type { Text } from '../../base/text';
import { HOUR } from '../../base/time-units';
import { NS } from '../namespaces';
import type { ChatMessage } from '../receiving/stanza-reader';
import { type SessionState, StanzaError, type Stanzas } from '../stanzas';
import type { ArchivePositions } from './positions';
import { type ArchivedStanza, type ArchiveFeatures, featuresIn } from './query';
import { MAX_LOOKED, type Reading, readBack, readNewest } from './read-back';

/** Milliseconds until the effects of a message are on disk: alerts wait a tenth of a second for copies of it. */
const SETTLED_MS = 1_000;
/** Messages, and their characters, that are held at most. With more, what was read so far has to do. */
const MAX_HELD = 2_000;
const MAX_HELD_LENGTH = 8_000_000;
/** Milliseconds until the one further try. */
const RETRY_MS = 5_000;
/** Milliseconds for an answer whether there is an archive: what people write waits for it. */
const FEATURES_MS = 10_000;
/** Milliseconds after which all flows of a start are there. */
const ALL_THERE_MS = 60_000;
/** How often the newest message is looked up: our own never come back, and would all be read at the next start. */
const MARK_MS = HOUR / 2;
/** Milliseconds in which everything that is older than an answer has come. */
const MARK_LATER_MS = 10_000;

export interface ArchivesOptions {
  clock: Clock;
  positions: ArchivePositions;
  /** True if somebody wants to hear what the archive of the account or of a room has. */
  wants(archive: string): boolean;
  /** Reads a message of the archive; undefined: it is none for us. */
  read(stanza: ArchivedStanza, archive: string, features: ArchiveFeatures): ChatMessage | undefined;
  /** Takes a message on; never throws. */
  deliver(message: ChatMessage): void;
  /** All of it was delivered. */
  caughtUp(): void;
  notice(level: 'info' | 'warn', said: Text): void;
}

interface CatchUp {
  held: ChatMessage[];
  length: number;
  /** Ends the reading with what there is. */
  hurry: AbortController;
  isRetry: boolean;
  stop: (() => void) | undefined;
}

export class Archives {
  private readonly catching = new Map<string, CatchUp>();
  /** Archives that were caught up on, and whose ids count. */
  private readonly ready = new Set<string>();
  /** Archives that there are none of. */
  private readonly absent = new Set<string>();
  private stopSettling: (() => void) | undefined;
  private stopMarking: (() => void) | undefined;
  private isClosed = false;

  constructor(
    private readonly stanzas: Stanzas,
    private readonly options: ArchivesOptions,
  ) {}

  /** Called with each state of the session. */
  stateChanged(state: SessionState): void {
    if (state.phase === 'stopped') for (const archive of [...this.catching.keys()]) this.giveUp(archive);
    if (state.phase !== 'online' || state.resumed) return;
    this.ready.clear();
    this.catchUp(this.stanzas.account);
    this.stopMarking?.();
    this.stopMarking = this.options.clock.after(MARK_MS, () => this.mark());
  }

  /** We came into a room. */
  entered(room: string): void {
    this.ready.delete(room);
    this.catchUp(room);
  }

  /** Somebody more listens, also to rooms that we may be in already. */
  listenerCame(rooms: Iterable<string>): void {
    if (this.stanzas.state.phase !== 'online') return;
    for (const archive of [this.stanzas.account, ...rooms])
      if (!this.ready.has(archive) && !this.catching.has(archive) && !this.absent.has(archive))
        this.catchUp(archive);
  }

  /** True if all of these archives were caught up on, or are none. */
  hasRead(archives: readonly string[]): boolean {
    return archives.every((archive) => this.ready.has(archive) || this.absent.has(archive));
  }

  /**
   * Takes a message that came by itself. True if it was dealt with already, or is handed over later, in its order;
   * false if it is to be handled now.
   */
  hold(message: ChatMessage): boolean {
    if (message.archived) return false;
    const archive = this.archiveOf(message);
    const catching = this.catching.get(archive);
    const { stanzaId } = message;
    if (!catching)
      return (
        stanzaId !== undefined &&
        this.ready.has(archive) &&
        this.options.positions.fate(archive, stanzaId) === 'handled'
      );
    catching.held.push(message);
    catching.length += lengthOf(message);
    if (catching.held.length >= MAX_HELD || catching.length >= MAX_HELD_LENGTH) catching.hurry.abort();
    return true;
  }

  /** A message is about to be handed over to flows. */
  begin(message: ChatMessage): void {
    const { stanzaId, stamp } = message;
    const archive = this.archiveOf(message);
    if (stanzaId === undefined || !(this.ready.has(archive) || message.archived)) return;
    this.options.positions.begin(archive, stanzaId, stamp);
    this.stopSettling ??= this.options.clock.after(SETTLED_MS, () => this.settle());
  }

  /** Everything that was handed over is dealt with. */
  close(): void {
    this.isClosed = true;
    this.settle();
    this.stopMarking?.();
    for (const { stop, hurry } of this.catching.values()) {
      stop?.();
      hurry.abort();
    }
    this.catching.clear();
    this.ready.clear();
  }

  private settle(): void {
    this.stopSettling?.();
    this.stopSettling = undefined;
    this.options.positions.settle();
  }

  private archiveOf({ kind, room }: ChatMessage): string {
    return kind === 'groupchat' && room !== undefined ? room : this.stanzas.account;
  }

  private catchUp(archive: string): void {
    const { options } = this;
    if (this.isClosed) return;
    if (!options.wants(archive)) {
      // Messages of a time in which nobody wanted to hear them are not for those who listen later.
      options.clock.after(ALL_THERE_MS, () => {
        if (!this.isClosed && !options.wants(archive)) options.positions.forget(archive);
      });
      return;
    }
    const before = this.catching.get(archive);
    before?.stop?.();
    before?.hurry.abort();
    const catching: CatchUp = {
      held: before?.held ?? [],
      length: before?.length ?? 0,
      hurry: new AbortController(),
      isRetry: before?.isRetry ?? false,
      stop: undefined,
    };
    this.catching.set(archive, catching);
    this.run(archive, catching).catch((error: Error) => this.failed(archive, catching, error));
  }

  private async run(archive: string, catching: CatchUp): Promise<void> {
    const { positions, clock } = this.options;
    const features = await this.featuresOf(archive);
    if (this.isOver(archive, catching)) return;
    if (!features.keeps) {
      this.none(archive);
      this.finish(archive, catching, undefined);
      return;
    }
    if (!positions.has(archive)) {
      const newest = await readNewest({ stanzas: this.stanzas, archive });
      if (this.isOver(archive, catching)) return;
      this.ready.add(archive);
      this.finish(archive, catching, undefined);
      // What was held comes first: the newest of the archive may be among it.
      positions.done(archive, newest ? [newest.id] : [], newest?.stamp ?? clock.now());
      return;
    }
    const reading = await readBack<ChatMessage>({
      ...{ stanzas: this.stanzas, archive, clock, signal: catching.hurry.signal },
      fate: (id) => positions.fate(archive, id),
      interrupted: positions.interrupted(archive),
      since: positions.since(archive),
      read: (stanza) => {
        const message = this.options.read(stanza, archive, features);
        return message && { message, length: lengthOf(message) };
      },
    });
    if (this.isOver(archive, catching)) return;
    this.ready.add(archive);
    if (reading.isCut)
      this.options.notice('warn', text('log.archiveCut', { where: plain(archive), most: MAX_LOOKED }));
    this.finish(archive, catching, reading);
  }

  /** A later try, or the end of the connection, has taken its place. */
  private isOver(archive: string, catching: CatchUp): boolean {
    return this.isClosed || this.catching.get(archive) !== catching;
  }

  /** Hands everything over, in the order in which it was written. */
  private finish(archive: string, { held }: CatchUp, reading: Reading<ChatMessage> | undefined): void {
    const { positions, deliver, caughtUp } = this.options;
    this.catching.delete(archive);
    const archived = new Map<string, ChatMessage>();
    for (const { id, message } of reading?.found ?? []) {
      if (!message) continue;
      if (positions.fate(archive, id) === 'interrupted') message.interrupted = true;
      archived.set(id, message);
    }
    const rest = held.filter((message) => {
      const { stanzaId } = message;
      if (stanzaId === undefined) return true;
      const twin = archived.get(stanzaId);
      // What is said just now is not of an archive, and what the server kept counts without one, too.
      if (twin && !message.delayed && !twin.interrupted) archived.set(stanzaId, message);
      else if (twin) twin.delivered = true;
      return !twin && positions.fate(archive, stanzaId) !== 'handled';
    });
    const all = [...archived.values(), ...rest].sort((a, b) => a.stamp - b.stamp);
    for (const message of all) deliver(message);
    if (reading) {
      positions.dropInterrupted(archive);
      const { newest } = reading;
      if (newest && positions.fate(archive, newest.id) === 'unknown')
        positions.done(archive, [newest.id], newest.stamp);
    }
    caughtUp();
  }

  private failed(archive: string, catching: CatchUp, error: Error): void {
    if (this.isOver(archive, catching)) return;
    // The next session asks again.
    if (this.stanzas.state.phase !== 'online') return;
    // An answer that stays away has taken long enough.
    if (!catching.isRetry && error instanceof StanzaError) {
      catching.isRetry = true;
      catching.stop = this.options.clock.after(RETRY_MS, () => this.catchUp(archive));
      return;
    }
    const reason = textOf(error);
    this.options.notice('warn', text('log.archiveFailed', { where: plain(archive), reason }));
    this.ready.add(archive);
    this.finish(archive, catching, undefined);
  }

  /** No session comes any more: what has no place in the archive would be lost. */
  private giveUp(archive: string): void {
    const catching = this.catching.get(archive);
    if (!catching) return;
    catching.stop?.();
    catching.held = catching.held.filter(({ stanzaId }) => stanzaId === undefined);
    this.finish(archive, catching, undefined);
  }

  private async featuresOf(archive: string): Promise<ArchiveFeatures> {
    const xml = await this.stanzas.load();
    const query = xml('query', { xmlns: NS.discoInfo });
    const iq = xml('iq', { type: 'get', to: archive }, query);
    try {
      const answer = await this.stanzas.ask(iq, { timeoutMs: FEATURES_MS });
      return featuresIn(answer.getChild('query', NS.discoInfo));
    } catch (error) {
      // A server that does not answer such a question has no archive either.
      if (error instanceof StanzaError) return featuresIn(undefined);
      throw error;
    }
  }

  private none(archive: string): void {
    if (this.absent.has(archive) || this.absent.size > 500) return;
    this.absent.add(archive);
    this.options.notice('info', text('log.archiveNone', { where: plain(archive) }));
  }

  /** Moves on over our own messages. */
  private mark(): void {
    const { clock, positions } = this.options;
    const { account } = this.stanzas;
    this.stopMarking = clock.after(MARK_MS, () => this.mark());
    if (!this.ready.has(account) || this.stanzas.state.phase !== 'online') return;
    readNewest({ stanzas: this.stanzas, archive: account }).then(
      (newest) => {
        if (!newest || positions.fate(account, newest.id) !== 'unknown') return;
        clock.after(MARK_LATER_MS, () => {
          if (!this.isClosed && this.ready.has(account) && this.stanzas.state.phase === 'online')
            positions.done(account, [newest.id], newest.stamp);
        });
      },
      () => {},
    );
  }
}

function lengthOf({ text: said, quote = '', subject = '' }: ChatMessage): number {
  return 200 + said.length + quote.length + subject.length;
}
