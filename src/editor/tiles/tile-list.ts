import type { Tile, TileAlert } from '../../topics/tile';
import { el, setAttribute, setText, svg, toggle } from '../dom';
import { age, visible } from '../format';
import { LANGUAGE, translate } from './texts';
import { drawingOf, faceOf, HEIGHT, shownNumber, WIDTH } from './tile-face';

/** Tiles, and what their colours say. Texts from outside become text nodes only. */
export class TileList {
  readonly element = el('ul', 'dinox-tiles', { role: 'list' });
  private readonly drawn = new Map<string, TileElement>();

  /** @param now milliseconds since the epoch, by the clock of Node-RED */
  show(tiles: ReadonlyMap<string, Tile>, alerts: ReadonlyMap<string, TileAlert>, now: number): void {
    for (const [topic, { element }] of this.drawn) {
      if (tiles.has(topic)) continue;
      element.remove();
      this.drawn.delete(topic);
    }
    let place = this.element.firstElementChild;
    for (const [topic, tile] of tiles) {
      const drawn = this.drawn.get(topic) ?? new TileElement();
      this.drawn.set(topic, drawn);
      drawn.show(tile, alerts.get(topic), now);
      if (drawn.element === place) place = place.nextElementSibling;
      else this.element.insertBefore(drawn.element, place);
    }
  }
}

class TileElement {
  readonly element = el('li', 'tile');
  private readonly title = el('h3');
  /** Its end is seen where it is cut: the last levels tell tiles of one title apart. */
  private readonly topic = el('bdi', '', { dir: 'auto' });
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
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', hidden: '' },
    ...[this.words, this.area, this.line, this.limits],
  );
  private drawn: Tile['day'];

  constructor() {
    const value = el('p', 'reading', {}, this.value, this.unit);
    this.element.append(
      this.title,
      el('p', 'topic', {}, this.topic),
      value,
      this.badge,
      this.drawing,
      this.age,
    );
  }

  show(tile: Tile, alert: TileAlert | undefined, now: number): void {
    const face = faceOf(tile, alert, now);
    setText(this.title, visible(tile.title, 80));
    setText(this.topic, visible(tile.topic, 200));
    setText(this.value, shownValue(tile));
    setText(this.unit, besideValue(tile));
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

/** The unit, or what a door tells beside being open. */
const besideValue = ({ kind, opening, text, unit = '' }: Tile): string =>
  opening === undefined
    ? visible(unit, 20)
    : kind === 'json' && !text.startsWith('{')
      ? visible(text, 160)
      : '';

function shownValue({ kind, opening, text }: Tile): string {
  if (opening) return translate(`opening.${opening}`);
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
