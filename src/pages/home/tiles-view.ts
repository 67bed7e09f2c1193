import { el, setAttribute, setText, svg, toggle } from '../../editor/dom';
import { age, visible } from '../../editor/format';
import { drawingOf, faceOf, HEIGHT, shownNumber, WIDTH } from '../../editor/tiles/tile-face';
import type { Tile, TileAlert } from '../../topics/tile';
import type { Connection, Home } from './feed';
import { LANGUAGE, translate } from './texts';

const TICK = 1_000;

interface Section {
  element: HTMLElement;
  title: HTMLElement;
  note: HTMLElement;
  list: HTMLElement;
  tiles: Map<string, TileElement>;
}

/** The tiles of all connections, each connection below its name where there are several. */
export class TilesView {
  readonly element = el('div', 'home');
  private readonly note = el('p', 'note');
  private readonly sections = new Map<string, Section>();
  private home: Home | undefined;

  constructor() {
    window.setInterval(() => {
      if (!document.hidden && this.element.isConnected && this.home) this.show(this.home);
    }, TICK);
  }

  /** @returns what is to be said above: the number of alerts */
  show(home: Home): string {
    this.home = home;
    const shown = home.connections.filter(({ tiles, connected }) => tiles.size > 0 || !connected);
    const isMany = shown.length > 1;
    for (const [id, { element }] of this.sections) {
      if (shown.some((one) => one.id === id)) continue;
      element.remove();
      this.sections.delete(id);
    }
    let alerts = 0;
    for (const one of shown) alerts += this.showConnection(one, isMany, Date.now() + home.ahead);
    setText(this.note, noteOf(home, shown));
    this.element.append(this.note);
    return alerts === 0
      ? translate('alerts.none')
      : alerts === 1
        ? translate('alerts.one')
        : translate('alerts.many', { n: alerts });
  }

  private showConnection({ id, name, ...one }: Connection, isMany: boolean, now: number): number {
    let section = this.sections.get(id);
    if (!section) {
      section = newSection();
      this.sections.set(id, section);
      this.element.append(section.element);
    }
    const { title, note, list, tiles } = section;
    setText(title, visible(name, 80));
    toggle(title, 'unseen', !isMany);
    const notes = [
      one.connected ? '' : translate('note.away'),
      one.leftOut > 0 ? translate('note.leftOut', { n: one.leftOut }) : '',
    ];
    setText(note, notes.filter(Boolean).join(' '));
    for (const [topic, tile] of tiles) {
      if (one.tiles.has(topic)) continue;
      tile.element.remove();
      tiles.delete(topic);
    }
    let place = list.firstElementChild;
    for (const [topic, tile] of one.tiles) {
      const drawn = tiles.get(topic) ?? new TileElement();
      tiles.set(topic, drawn);
      drawn.show(tile, one.alerts.get(topic), now);
      if (drawn.element === place) place = place.nextElementSibling;
      else list.insertBefore(drawn.element, place);
    }
    return one.alerts.size;
  }
}

function newSection(): Section {
  const title = el('h2');
  const note = el('p', 'note');
  const list = el('ul', 'tiles', { role: 'list' });
  return { element: el('section', '', {}, title, note, list), title, note, list, tiles: new Map() };
}

function noteOf({ connections, chosen, login }: Home, shown: readonly Connection[]): string {
  const nothing = connections.length === 0 ? translate('note.noConnection') : translate('note.none');
  const notes = [
    !chosen ? translate('note.unchosen') : shown.some(({ tiles }) => tiles.size > 0) ? '' : nothing,
    login ? '' : translate('note.open'),
  ];
  return notes.filter(Boolean).join(' ');
}

/** One tile. Texts from outside become text nodes only. */
class TileElement {
  readonly element = el('li', 'tile');
  private readonly title = el('h3');
  private readonly topic = el('p', 'topic');
  private readonly value = el('span', 'value');
  private readonly unit = el('span', 'unit');
  private readonly badge = el('p', 'badge');
  private readonly age = el('p', 'age');
  private readonly words = svg('title');
  private readonly area = svg('path', { class: 'area' });
  private readonly line = svg('path', { class: 'line' });
  private readonly limits = svg('path', { class: 'limit' });
  private readonly drawing = svg(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' },
    ...[this.words, this.area, this.line, this.limits],
  );
  private drawn: Tile['day'];

  constructor() {
    const value = el('p', 'reading', {}, this.value, this.unit);
    this.element.append(this.title, this.topic, value, this.badge, this.drawing, this.age);
  }

  show(tile: Tile, alert: TileAlert | undefined, now: number): void {
    const face = faceOf(tile, alert, now);
    setText(this.title, visible(tile.title, 80));
    setText(this.topic, visible(tile.topic, 200));
    setText(this.value, valueOf(tile));
    setText(this.unit, visible(tile.unit ?? '', 20));
    toggle(this.value, 'long', this.value.textContent.length > 9);
    setText(this.age, ageOf(face.age, face.isOld));
    toggle(this.age, 'old', face.isOld);
    setAttribute(this.element, 'data-level', face.level);
    toggle(this.element, 'acked', face.acked);
    const said = face.level === 'calm' ? [] : [translate(`alert.${face.level}`)];
    if (face.acked) said.push(translate('alert.acked'));
    setText(this.badge, said.join(' · '));
    if (tile.day !== this.drawn) this.draw(tile);
  }

  private draw(tile: Tile): void {
    this.drawn = tile.day;
    const drawing = drawingOf(tile);
    setAttribute(this.drawing, 'hidden', drawing ? undefined : '');
    if (!drawing || !tile.day) return;
    this.area.setAttribute('d', drawing.area);
    this.line.setAttribute('d', drawing.line + drawing.dots);
    this.limits.setAttribute('d', drawing.limits.map((y) => `M0 ${y}H${WIDTH}`).join(''));
    const { from, to, min, max } = tile.day;
    const numbers = [...min, ...max].filter((value) => value !== null);
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)].map((one) => shownNumber(one, LANGUAGE));
    setText(
      this.words,
      translate('line', { span: age(to - from, translate), low: low ?? '', high: high ?? '' }),
    );
  }
}

function valueOf({ kind, text }: Tile): string {
  if (kind === 'number') {
    const value = Number(text);
    if (Number.isFinite(value)) return shownNumber(value, LANGUAGE);
  }
  if (kind === 'picture' || kind === 'binary' || kind === 'empty') return translate(`kind.${kind}`);
  return visible(text, 160);
}

function ageOf(ms: number | undefined, isOld: boolean): string {
  if (ms === undefined) return translate('age.unknown');
  const said = age(ms, translate);
  if (isOld) return translate('age.old', { age: said });
  return ms < 2_000 ? said : translate('age.ago', { age: said });
}
