import { get } from '../../../../editor/admin-api';
import { el } from '../../../../editor/dom';
import { age, number, type Translate, visible } from '../../../../editor/format';
import { Poll } from '../poll';

const EVERY = 2_000;

/** A bot as the route sends it. */
export interface HeardBot {
  topic: string;
  id: string;
  name: string;
  state: 'online' | 'offline' | 'error' | 'silent' | 'forged';
  seen?: number;
  since?: number;
  counts: { received?: number; sent?: number; errors?: number };
  version: string;
  own: 'no' | 'yes' | 'twin';
  /** Name of the connection. */
  on: string;
}

/** Classes of a state's dot, with the colours of the connections. */
const DOTS: Readonly<Record<HeardBot['state'], string>> = {
  online: 'connected',
  offline: 'idle',
  error: 'stopped',
  silent: 'waiting',
  forged: 'stopped',
};

/** All bots that the connections hear of, own and others', with their last sign of life. */
export class HeardBots {
  readonly element: HTMLElement;
  private readonly heading = el('h2', 'dxs-heading');
  private readonly list = el('ul', 'dxs-cards dxs-heard-bots');
  private painted = '';
  private readonly poll = new Poll(
    (signal) => get<{ now: number; bots: HeardBot[] }>('dinox/bots', {}, signal),
    ({ now, bots }) => this.paint(bots, now),
    // The view above says what is wrong.
    () => {},
  );

  constructor(private readonly translate: Translate) {
    this.element = el('section', '', { 'aria-label': translate('heard.title') }, this.heading, this.list);
    this.element.hidden = true;
  }

  /** Asks while somebody looks. */
  run(on: boolean): void {
    this.poll.run(on ? EVERY : 0);
  }

  private paint(bots: readonly HeardBot[], now: number): void {
    const { translate } = this;
    this.element.hidden = bots.length === 0;
    // Forged statuses are shown, and never counted.
    const real = bots.filter(({ state }) => state !== 'forged');
    const counts = { online: real.filter(({ state }) => state === 'online').length, count: real.length };
    const names = bots.map(({ name }) => name);
    const items = bots.map((bot) => {
      // Two Node-REDs that call their connection alike are two bots all the same.
      const isAlone = names.indexOf(bot.name) === names.lastIndexOf(bot.name);
      return this.item(bot, isAlone || bot.name === bot.id ? bot.name : `${bot.name} (${bot.id})`, now);
    });
    const painted = items.map(({ outerHTML }) => outerHTML).join() + JSON.stringify(counts);
    if (painted === this.painted) return;
    this.painted = painted;
    this.heading.replaceChildren(el('span', '', {}, translate('heard.heading', counts)));
    this.list.replaceChildren(...items);
  }

  private item(bot: HeardBot, called: string, now: number): HTMLElement {
    const { translate } = this;
    const { state, counts, own } = bot;
    const word = translate(`heard.${state}`);
    const name = visible(called, 100);
    const said = [
      bot.seen === undefined
        ? translate('heard.unseen')
        : translate('heard.seen', { age: age(Math.max(0, now - bot.seen), translate) }),
      counts.received === undefined
        ? ''
        : translate('heard.counts', {
            received: number(counts.received),
            sent: number(counts.sent ?? 0),
            errors: number(counts.errors ?? 0),
          }),
      own === 'no' ? '' : translate('heard.own'),
      visible(bot.on, 100),
    ];
    return el(
      'li',
      `dxs-connection dxs-bot-${state}`,
      { 'aria-label': `${name}: ${word}`, title: visible(bot.topic, 300) },
      el(
        'header',
        '',
        {},
        el('span', `dxs-dot dxs-${DOTS[state] ?? 'waiting'}`, { 'aria-hidden': 'true' }),
        el('h3', 'dxs-name', {}, name),
        el('span', 'dxs-phase', {}, word),
      ),
      el('p', 'dxs-where', {}, said.filter(Boolean).join(' · ')),
      own === 'twin' ? el('p', 'dxs-reason', {}, translate('heard.twin')) : undefined,
      state === 'forged' ? el('p', 'dxs-reason', {}, translate('heard.forgedHelp')) : undefined,
    );
  }
}
