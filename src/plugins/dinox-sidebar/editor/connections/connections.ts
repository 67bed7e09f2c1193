import { get, post } from '../../../../editor/admin-api';
import { el, icon, setAttribute, setText } from '../../../../editor/dom';
import { age, bytes, type Translate, visible } from '../../../../editor/format';
import { readText } from '../../../../editor/texts';
import { HeardBots } from '../bots/heard-bots';
import { button } from '../controls';
import { isBrokerComing } from '../empty-state';
import { note, whatFailed } from '../notes';
import { Poll } from '../poll';
import { red } from '../red';
import { editConfigNode } from '../reveal-node';
import type { Bot, ConnectionView } from '../rows';
import { botParts } from './bots';

const EVERY = 2_000;
/** Node-RED's own MQTT nodes, which *take over* replaces. */
const CORE_TYPES = ['mqtt in', 'mqtt out'];

interface Card {
  element: HTMLElement;
  body: HTMLElement;
  /** Counters of the previous answer, for the rates. */
  before: { at: number; received: number; published: number } | undefined;
  /** The last painted state; the card is made again only if it changes. */
  painted: string;
  open: Set<string>;
}

/** The connections and the bots: state, reason of the last loss, waiting messages, abilities of the server. */
export class ConnectionsView {
  readonly element: HTMLElement;
  private readonly empty = el('div', 'dxs-empty', { role: 'status' });
  private readonly cards = new Map<string, Card>();
  private readonly place = el('div', 'dxs-cards');
  private readonly botsHeading: HTMLElement;
  private readonly bots = el('div', 'dxs-cards');
  private readonly heard: HeardBots;
  /** Hint that is shown if the flows have Node-RED's own MQTT nodes. */
  private readonly takeOver: HTMLElement;
  private readonly poll = new Poll(
    (signal) => get<{ now: number; brokers: ConnectionView[] }>('dinox/brokers', {}, signal),
    ({ now, brokers }) => {
      this.paint(brokers, now);
      this.arrived(brokers);
    },
    (error) => this.explain(whatFailed(error, this.translate), 'chain-broken'),
  );

  constructor(
    private readonly translate: Translate,
    private readonly arrived: (connections: ConnectionView[]) => void,
  ) {
    this.empty.hidden = true;
    this.botsHeading = el('h2', 'dxs-heading', {}, el('span', '', {}, translate('bot.title')));
    this.botsHeading.hidden = true;
    this.heard = new HeardBots(translate);
    this.takeOver = el(
      'div',
      'dxs-take-over',
      {},
      el('p', 'dxs-note', {}, translate('takeOver.help')),
      button({ icon: 'exchange', text: translate('takeOver.label') }, () =>
        red().actions.invoke('dinox:take-over-mqtt'),
      ),
    );
    this.takeOver.hidden = true;
    this.element = el(
      'div',
      'dxs-view dxs-scroll',
      { role: 'tabpanel', tabindex: '0' },
      this.empty,
      this.place,
      this.botsHeading,
      this.bots,
      this.heard.element,
      this.takeOver,
    );
  }

  /** Asks while somebody looks; `slow`: only for the names, while another view is shown. */
  run(on: boolean, slow: boolean): void {
    this.poll.run(on ? (slow ? 5 * EVERY : EVERY) : 0);
    this.heard.run(on && !slow);
  }

  /** Asks now, because a deploy may have changed everything. */
  readonly again = (): Promise<void> => this.poll.again();

  private explain(text: string, symbol: string): void {
    this.empty.hidden = false;
    if (this.empty.textContent !== text) this.empty.replaceChildren(icon(symbol), el('p', '', {}, text));
  }

  private paint(brokers: ConnectionView[], now: number): void {
    if (brokers.length === 0)
      this.explain(this.translate(isBrokerComing() ? 'empty.loading' : 'empty.noBroker'), 'plug');
    else this.empty.hidden = true;
    this.takeOver.hidden = !CORE_TYPES.some((type) => red().nodes.filterNodes({ type }).length > 0);
    const bots = brokers.flatMap(({ id, bot }) => (bot ? [{ id: `${id} bot`, bot }] : []));
    const ids = new Set([...brokers, ...bots].map(({ id }) => id));
    for (const [id, card] of this.cards) {
      if (ids.has(id)) continue;
      card.element.remove();
      this.cards.delete(id);
    }
    for (const broker of brokers) this.paintCard(this.cardOf(broker.id, this.place), broker, now);
    this.botsHeading.hidden = bots.length === 0;
    for (const { id, bot } of bots) this.paintBot(this.cardOf(id, this.bots), bot, now);
  }

  private paintBot(card: Card, bot: Bot, now: number): void {
    const parts = botParts(bot, now, this.translate);
    const painted = parts.map((part) => part?.outerHTML).join();
    if (painted === card.painted) return;
    card.painted = painted;
    setAttribute(card.element, 'aria-label', visible(bot.account, 100));
    fill(card.body, parts);
  }

  private cardOf(id: string, place: HTMLElement): Card {
    const known = this.cards.get(id);
    if (known) return known;
    const body = el('div');
    const card: Card = {
      element: el('article', 'dxs-connection', {}, body),
      body,
      before: undefined,
      painted: '',
      open: new Set(),
    };
    this.cards.set(id, card);
    place.append(card.element);
    return card;
  }

  private paintCard(card: Card, broker: ConnectionView, now: number): void {
    const { translate } = this;
    const { before } = card;
    const seconds = before ? (now - before.at) / 1_000 : 0;
    const rate = (is: number, was: number): string =>
      seconds > 0 && is >= was
        ? translate('connection.perSecond', { n: Number(((is - was) / seconds).toFixed(1)) })
        : '–';
    const rates = {
      in: rate(broker.received, before?.received ?? 0),
      out: rate(broker.published, before?.published ?? 0),
    };
    card.before = { at: now, received: broker.received, published: broker.published };
    const facts = [
      [translate('connection.received'), `${broker.received} (${rates.in})`],
      [translate('connection.published'), `${broker.published} (${rates.out})`],
      [translate('connection.queued'), String(broker.queued)],
      [translate('connection.topics'), String(broker.topics)],
    ];
    const losses = broker.losses.map((loss) => ({ ...loss, ago: age(now - loss.at, translate) }));
    const painted = JSON.stringify([broker, facts, losses.map(({ ago }) => ago)]);
    if (painted === card.painted) return;
    card.painted = painted;
    setAttribute(card.element, 'aria-label', visible(broker.name, 100));
    const { phase } = broker;
    const name = visible(broker.name, 100);
    fill(card.body, [
      el(
        'header',
        '',
        {},
        el('span', `dxs-dot dxs-${phase}`, { 'aria-hidden': 'true' }),
        el('h3', 'dxs-name', {}, name),
        el('span', 'dxs-phase', {}, translate(`phase.${phase}`)),
        button({ icon: 'pencil', label: translate('connection.edit', { name }) }, ({ detail }) =>
          editConfigNode('dinox-broker', broker.id, detail === 0),
        ),
      ),
      ...(broker.where ? [el('p', 'dxs-where', {}, whereOf(broker, translate))] : []),
      ...(broker.reason && phase !== 'connected'
        ? [el('p', 'dxs-reason', {}, visible(readText(broker.reason.text), 500))]
        : []),
      ...(broker.held ?? []).map((queue) => this.heldQueue(broker, queue)),
      el(
        'dl',
        'dxs-facts-list',
        {},
        ...facts.flatMap(([name, value]) => [el('dt', '', {}, name), el('dd', '', {}, value)]),
      ),
      ...(losses.length > 0
        ? [
            this.section(
              card,
              'losses',
              translate('connection.losses', { count: losses.length }),
              lossList(losses, translate),
            ),
          ]
        : []),
      ...(broker.can
        ? [this.section(card, 'can', translate('connection.can'), capabilityTable(broker, translate))]
        : []),
    ]);
  }

  /** Messages that waited for another server, with buttons: they are sent only by hand. */
  private heldQueue(
    broker: ConnectionView,
    { name, server, count }: NonNullable<ConnectionView['held']>[number],
  ): HTMLElement {
    const { translate } = this;
    const act = (action: string): (() => Promise<void>) => {
      return async () => {
        try {
          await post(`dinox/brokers/${encodeURIComponent(broker.id)}/held`, { name, action });
          await this.again();
        } catch (error) {
          note(whatFailed(error, translate), 'error');
        }
      };
    };
    return el(
      'div',
      'dxs-held',
      { role: 'group', 'aria-label': translate('connection.heldFor', { server: visible(server, 100) }) },
      el('p', 'dxs-reason', {}, translate('connection.held', { count, server: visible(server, 100) })),
      el(
        'div',
        'dxs-bar',
        {},
        button(
          { icon: 'paper-plane', text: translate('connection.heldSend'), class: 'dxs-text' },
          act('send'),
        ),
        button(
          { icon: 'trash-o', text: translate('connection.heldDiscard'), class: 'dxs-text' },
          act('discard'),
        ),
      ),
    );
  }

  /** A folded part that stays open or closed as it was left. */
  private section(card: Card, name: string, title: string, content: HTMLElement): HTMLElement {
    const element = el(
      'details',
      'dxs-more',
      { open: card.open.has(name) },
      el('summary', '', {}, title),
      content,
    );
    element.addEventListener('toggle', () => {
      if (element.open) card.open.add(name);
      else card.open.delete(name);
    });
    return element;
  }
}

/** Fills a card again: what the keyboard is at keeps it. */
function fill(body: HTMLElement, parts: readonly (HTMLElement | undefined)[]): void {
  const reachable = (): HTMLElement[] => [...body.querySelectorAll<HTMLElement>('button, summary')];
  const inHand = reachable().indexOf(document.activeElement as HTMLElement);
  body.replaceChildren(...parts.filter((part) => part !== undefined));
  if (inHand >= 0) reachable()[inHand]?.focus();
}

function whereOf({ where = '', server, version, client }: ConnectionView, translate: Translate): string {
  const protocol =
    version === undefined
      ? ''
      : translate('connection.version', { n: version === 4 ? '3.1.1' : version === 3 ? '3.1' : version });
  return [where, server, protocol, client]
    .filter(Boolean)
    .map((text) => visible(String(text), 200))
    .join(' · ');
}

function lossList(
  losses: (ConnectionView['losses'][number] & { ago: string })[],
  translate: Translate,
): HTMLElement {
  return el(
    'ul',
    'dxs-losses',
    {},
    ...losses.map(({ ago, text, times }) =>
      el(
        'li',
        '',
        {},
        el('span', 'dxs-age', {}, ago),
        el(
          'span',
          '',
          {},
          visible(readText(text), 500) +
            (times > 1 ? ` (${translate('connection.times', { n: times })})` : ''),
        ),
      ),
    ),
  );
}

function capabilityTable({ can = {} }: ConnectionView, translate: Translate): HTMLElement {
  const cell = (value: number | boolean, name: string): HTMLElement => {
    if (typeof value === 'boolean') {
      const element = el('td', value ? 'dxs-yes' : 'dxs-no', {}, icon(value ? 'check' : 'times'));
      element.append(` ${translate(value ? 'can.yes' : 'can.no')}`);
      return element;
    }
    return el('td', '', {}, name === 'maximumPacketSize' ? bytes(value) : String(value));
  };
  const table = el('table', 'dxs-can');
  for (const [name, value] of Object.entries(can)) {
    table.append(
      el('tr', '', {}, el('th', '', { scope: 'row' }, translate(`can.${name}`)), cell(value, name)),
    );
  }
  setText(table.createCaption(), translate('connection.canHelp'));
  return table;
}
