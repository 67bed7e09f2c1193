import { el, setText } from '../../../src/editor/dom';
import { merged } from '../../../src/editor/tiles/merge';
import { translate } from '../../../src/editor/tiles/texts';
import { TileList } from '../../../src/editor/tiles/tile-list';
import type { Tile, TileAlert, TileAnswer } from '../../../src/topics/tile';
import style from './widget.css';

type Asking = (token: string, answer: (answer: unknown) => void) => void;

const POLL = 2_000;
/** Milliseconds after which all is asked for anew, with the lines. */
const WHOLE = 120_000;
/** Milliseconds without an answer after which it is said. */
const LOST = 10_000;

/** Asks for the tiles while somebody looks, and shows them. */
export class TilesWidget {
  private readonly note = el('p', 'dinox-note', { role: 'status' });
  private readonly list = new TileList();
  private tiles: ReadonlyMap<string, Tile> = new Map();
  private alerts: ReadonlyMap<string, TileAlert> = new Map();
  private token = '';
  private wholeAt = 0;
  private answeredAt = performance.now();
  private ahead = 0;
  private said = '';
  private readonly timer: number;
  private readonly look = (): void => {
    if (!document.hidden) this.ask();
  };

  constructor(
    private readonly host: HTMLElement,
    private readonly asking: Asking,
  ) {
    if (!document.querySelector('style[data-dinox-tiles]')) {
      document.head.append(el('style', '', { 'data-dinox-tiles': true }, style));
    }
    host.append(this.note, this.list.element);
    this.timer = window.setInterval(() => this.tick(), POLL);
    document.addEventListener('visibilitychange', this.look);
    this.ask();
  }

  close(): void {
    window.clearInterval(this.timer);
    document.removeEventListener('visibilitychange', this.look);
  }

  private tick(): void {
    this.look();
    if (performance.now() - this.answeredAt > LOST) this.said = translate('note.lost');
    this.draw();
  }

  private ask(): void {
    const isWhole = performance.now() - this.wholeAt > WHOLE;
    this.asking(isWhole ? '' : this.token, (answer) =>
      this.take(answer as Partial<TileAnswer & { now: number; fault: string }>),
    );
  }

  private take(answer: Partial<TileAnswer & { now: number; fault: string }>): void {
    const { tiles, alerts, token, whole, now, leftOut = 0, connected, fault } = answer;
    // The next question is soon enough.
    if (fault === 'busy') return;
    if (!tiles || !alerts || token === undefined || now === undefined) {
      this.said = translate('note.closed');
      this.draw();
      return;
    }
    this.answeredAt = performance.now();
    if (whole) this.wholeAt = this.answeredAt;
    this.token = token;
    this.ahead = now - Date.now();
    this.tiles = merged(this.tiles, { tiles, whole: whole === true });
    this.alerts = new Map(alerts.map((one) => [one.topic, one]));
    const notes = [
      connected ? '' : translate('note.away'),
      this.tiles.size === 0 ? translate('note.none') : '',
      leftOut > 0 ? translate('note.leftOut', { n: leftOut }) : '',
    ];
    this.said = notes.filter(Boolean).join(' ');
    this.draw();
  }

  private draw(): void {
    this.host.classList.toggle('dinox-dark', isDark(this.host));
    setText(this.note, this.said);
    this.list.show(this.tiles, this.alerts, Date.now() + this.ahead);
  }
}

/** True where the theme of the page has light letters. */
function isDark(host: HTMLElement): boolean {
  const letters = getComputedStyle(host).getPropertyValue('--v-theme-on-surface').split(',').map(Number);
  return letters.length >= 3 && letters.reduce((sum, one) => sum + one, 0) / letters.length > 127;
}
