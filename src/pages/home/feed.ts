import { merged } from '../../editor/tiles/merge';
import type { HomeAnswer, Tile, TileAlert } from '../../topics/tile';
import type { Session } from './session';

const POLL = 2_000;
/** Milliseconds after which all is asked for anew, with the lines. */
const WHOLE = 120_000;
const LONGEST_PAUSE = 30_000;
const TIMEOUT = 15_000;

export interface Connection {
  id: string;
  name: string;
  connected: boolean;
  leftOut: number;
  /** By topic, in their order. */
  tiles: Map<string, Tile>;
  alerts: Map<string, TileAlert>;
}

export interface Home {
  connections: Connection[];
  chosen: boolean;
  login: boolean;
  /** Milliseconds to add to this clock for that of Node-RED. */
  ahead: number;
}

/** `lost`: no answer; `off`: there is no such page any more; `login`: somebody has to log in. */
export type Trouble = 'lost' | 'off' | 'login';

/** Asks for the values while somebody looks. */
export class Feed {
  private timer: number | undefined;
  private tokens = new Map<string, string>();
  private wholeAt = 0;
  private failures = 0;
  private asking = false;
  private readonly home: Home = { connections: [], chosen: true, login: true, ahead: 0 };

  constructor(
    private readonly session: Session,
    private readonly arrived: (home: Home) => void,
    private readonly failed: (trouble: Trouble) => void,
  ) {
    document.addEventListener('visibilitychange', () => this.start());
    window.addEventListener('online', () => this.start());
  }

  /** Asks at once, and from then on. */
  start(): void {
    window.clearTimeout(this.timer);
    this.timer = undefined;
    if (!document.hidden) void this.ask();
  }

  /** Forgets everything that was shown. */
  clear(): void {
    window.clearTimeout(this.timer);
    this.timer = undefined;
    this.tokens = new Map();
    this.home.connections = [];
  }

  private again(ms: number): void {
    window.clearTimeout(this.timer);
    if (!document.hidden) this.timer = window.setTimeout(() => void this.ask(), ms);
  }

  private async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    const trouble = await this.fetchOnce();
    this.asking = false;
    if (trouble === undefined) {
      this.failures = 0;
      this.again(POLL);
      return;
    }
    this.failed(trouble);
    if (trouble === 'login') return;
    this.failures += 1;
    this.again(Math.min(LONGEST_PAUSE, POLL * 2 ** Math.min(this.failures - 1, 6)));
  }

  private async fetchOnce(): Promise<Trouble | undefined> {
    const isWhole = this.tokens.size === 0 || performance.now() - this.wholeAt > WHOLE;
    const query = isWhole ? '' : `?since=${encodeURIComponent(JSON.stringify([...this.tokens]))}`;
    const { token } = this.session;
    const abort = new AbortController();
    const timer = window.setTimeout(() => abort.abort(), TIMEOUT);
    try {
      const response = await fetch(`values${query}`, {
        headers: {
          Accept: 'application/json',
          ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        },
        signal: abort.signal,
        cache: 'no-store',
      });
      if (response.status === 401) return this.session.refused(token) ? await this.fetchOnce() : 'login';
      if (response.status === 404) return 'off';
      if (!response.ok) return 'lost';
      this.take((await response.json()) as HomeAnswer);
      if (isWhole) this.wholeAt = performance.now();
      return undefined;
    } catch {
      return 'lost';
    } finally {
      window.clearTimeout(timer);
    }
  }

  private take(answer: HomeAnswer): void {
    const { home } = this;
    const known = new Map(home.connections.map((one) => [one.id, one]));
    this.tokens = new Map(answer.connections.map(({ id, token }) => [id, token]));
    home.connections = answer.connections.map(({ id, name, connected, leftOut, whole, tiles, alerts }) => {
      const before = known.get(id)?.tiles;
      const all = merged(before ?? new Map(), { tiles, whole });
      return {
        id,
        name,
        connected,
        leftOut,
        tiles: all,
        alerts: new Map(alerts.map((one) => [one.topic, one])),
      };
    });
    home.chosen = answer.chosen;
    home.login = answer.login;
    home.ahead = answer.now - Date.now();
    this.arrived(home);
  }
}
