import { el, setText, toggle } from '../../editor/dom';
import { visible } from '../../editor/format';
import { TileList } from '../../editor/tiles/tile-list';
import type { Connection, Home } from './feed';
import { translate } from './texts';

const TICK = 1_000;

interface Section {
  element: HTMLElement;
  title: HTMLElement;
  note: HTMLElement;
  list: TileList;
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
    const { title, note, list } = section;
    setText(title, visible(name, 80));
    toggle(title, 'unseen', !isMany);
    const notes = [
      one.connected ? '' : translate('note.away'),
      one.leftOut > 0 ? translate('note.leftOut', { n: one.leftOut }) : '',
    ];
    setText(note, notes.filter(Boolean).join(' '));
    list.show(one.tiles, one.alerts, now);
    return one.alerts.size;
  }
}

function newSection(): Section {
  const title = el('h2');
  const note = el('p', 'note');
  const list = new TileList();
  return { element: el('section', '', {}, title, note, list.element), title, note, list };
}

function noteOf({ connections, chosen, login }: Home, shown: readonly Connection[]): string {
  const nothing = connections.length === 0 ? translate('note.noConnection') : translate('note.none');
  const notes = [
    !chosen ? translate('note.unchosen') : shown.some(({ tiles }) => tiles.size > 0) ? '' : nothing,
    login ? '' : translate('note.open'),
  ];
  return notes.filter(Boolean).join(' ');
}
