import { createHash } from 'node:crypto';
import { plain } from '../base/printable';
import { DAY } from '../base/time-units';
import type { HomeNames } from '../homeassistant/names';
import { Router } from '../topics/router';
import type { Tile, TileDay } from '../topics/tile';
import { titleOf } from '../topics/title';
import type { TopicRow } from '../topics/topic-row';
import { historyKey } from './history-key';
import type { Recorder } from './recorder';

/** Most tiles of a page: more cannot be looked at. */
const MAX_TILES = 200;
/** Parts of a line: half an hour each. */
const DAY_PARTS = 48;
/** Milliseconds for which a line is good: several phones ask at once. */
const FRESH = 1_000;
/** Shortest time that a line shows, in milliseconds. */
const SHORTEST = 60_000;
const MAX_TITLE_LENGTH = 80;
const MAX_UNIT_LENGTH = 20;
/** Numbers of a JSON object that a tile has room for. */
const MAX_FIELDS = 4;

/** The tiles of the topics that match some filters, in the order of the filters, then by name. */
export class TileBoard {
  private readonly router = new Router<number>();
  private readonly days = new Map<string, { at: number; day: TileDay | undefined }>();
  private list: readonly string[] = [];
  private outside = 0;
  private readFrom = -1;
  /** Made of the topics, because a deploy makes another board, and a browser knows the one before. */
  private edition = '';

  /**
   * @param filters have passed `checkFilter`
   * @param now milliseconds since the epoch
   */
  constructor(
    private readonly recorder: Pick<
      Recorder,
      'epoch' | 'history' | 'roster' | 'rowsOf' | 'settle' | 'since' | 'topics'
    >,
    readonly names: Pick<HomeNames, 'of' | 'seq'>,
    filters: readonly string[],
    private readonly now: () => number,
    private readonly most = MAX_TILES,
  ) {
    for (const [rank, filter] of filters.entries()) this.router.add(filter, rank);
  }

  /** Changes when tiles come, go, or get another name. */
  get version(): string {
    this.look();
    return `${this.recorder.epoch}.${this.edition}.${this.names.seq}`;
  }

  /** The topics that have a tile, in its order. */
  get topics(): readonly string[] {
    this.look();
    return this.list;
  }

  /** Topics that match and have no tile, because there are too many. */
  get leftOut(): number {
    this.look();
    return this.outside;
  }

  /** All tiles without their day, or those that changed after `since`, the `seq` of the answer before. */
  tiles(since = -1): { seq: number; tiles: Tile[] } {
    this.look();
    const { seq, rows } = this.recorder.rowsOf(this.list, since);
    return { seq, tiles: rows.map((row) => this.tileOf(row)) };
  }

  /**
   * The line of a tile, of the time for which something is known; undefined: no number came in the last day. It costs
   * up to a millisecond.
   */
  dayOf({ topic, field }: Pick<Tile, 'topic' | 'field'>): TileDay | undefined {
    const now = this.now();
    const key = historyKey(topic, field);
    const known = this.days.get(key);
    if (known && now >= known.at && now - known.at < FRESH) return known.day;
    this.recorder.settle(topic);
    const { history, since } = this.recorder;
    // Before its first value there is nothing to draw.
    const begin = Math.max(since, history.first(key, now - DAY, now) ?? since);
    const from = Math.max(now - DAY, Math.min(now - SHORTEST, begin));
    const { min, max, last } = history.drawn(key, from, now, DAY_PARTS);
    const day = last.some((value) => value !== null) ? { from, to: now, min, max, last } : undefined;
    if (this.days.size > 2 * this.most) this.days.clear();
    this.days.set(key, { at: now, day });
    return day;
  }

  private look(): void {
    if (this.readFrom === this.recorder.roster) return;
    this.readFrom = this.recorder.roster;
    const found: { topic: string; rank: number }[] = [];
    for (const topic of this.recorder.topics()) {
      const ranks = this.router.match(topic);
      if (ranks.length > 0) found.push({ topic, rank: Math.min(...ranks) });
    }
    found.sort((a, b) => a.rank - b.rank || (a.topic < b.topic ? -1 : 1));
    this.outside = Math.max(0, found.length - this.most);
    const list = found.slice(0, this.most).map(({ topic }) => topic);
    // Most topics that come have no tile, and a stranger may invent one a second: the lines are not sent for that.
    if (list.length === this.list.length && list.every((topic, place) => topic === this.list[place])) return;
    this.list = list;
    this.edition = createHash('sha1').update(list.join('\0')).digest('base64url').slice(0, 12);
  }

  private tileOf({ topic, kind, text, unit, at, every, fields, mime, state, opening }: TopicRow): Tile {
    const name = this.names.of(topic);
    const numbers = Object.entries(fields ?? {}).slice(0, MAX_FIELDS);
    const [first] = numbers;
    const ownUnit = plain(unit ?? name?.unit ?? '', MAX_UNIT_LENGTH);
    const numbersText = (): string =>
      [
        ...(state === undefined ? [] : [plain(state)]),
        ...numbers.map(([field, value]) => `${plain(field)} ${value}${unitOf(name?.fields?.[field]?.unit)}`),
      ].join(' · ');
    return {
      topic,
      title: plain(name?.name ?? titleOf(topic), MAX_TITLE_LENGTH),
      kind,
      text: first ? numbersText() : kind === 'picture' || kind === 'binary' ? (mime ?? '') : text,
      ...(opening && { opening }),
      ...(ownUnit !== '' && { unit: ownUnit }),
      // The day of a door's battery would look like that of the door.
      ...(first && !opening && { field: first[0] }),
      at,
      every,
    };
  }
}

const unitOf = (unit: string | undefined): string => (unit ? ` ${plain(unit, MAX_UNIT_LENGTH)}` : '');
