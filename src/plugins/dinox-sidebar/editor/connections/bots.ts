import { el } from '../../../../editor/dom';
import { age, type Translate, time, visible } from '../../../../editor/format';
import { readText } from '../../../../editor/texts';
import { button } from '../controls';
import { revealNode } from '../reveal-node';
import type { Bot } from '../rows';

/** Classes of a state's dot, with the colours of the connections. */
const DOTS: Readonly<Record<string, string>> = { online: 'connected', stopped: 'stopped', idle: 'idle' };

/** Contents of a bot's card: state of its session, since when, the reason of the last loss, and its nodes. */
export function botParts(bot: Bot, now: number, translate: Translate): (HTMLElement | undefined)[] {
  const { account, phase, jid, since, reason, queued, losses, nodes } = bot;
  const [lost] = losses;
  const facts = [
    [translate(phase === 'online' ? 'bot.online' : 'bot.away'), age(now - since, translate)],
    [translate('connection.queued'), String(queued)],
  ];
  return [
    el(
      'header',
      '',
      {},
      el('span', `dxs-dot dxs-${DOTS[phase] ?? 'waiting'}`, { 'aria-hidden': 'true' }),
      el('h3', 'dxs-name', {}, visible(account || translate('bot.noAccount'), 200)),
      el('span', 'dxs-phase', {}, translate(`chat.${phase}`)),
    ),
    jid ? el('p', 'dxs-where', {}, visible(jid, 300)) : undefined,
    reason ? el('p', 'dxs-reason', {}, visible(readText(reason), 500)) : undefined,
    el(
      'dl',
      'dxs-facts-list',
      {},
      ...facts.flatMap(([name, value]) => [el('dt', '', {}, name), el('dd', '', {}, value)]),
    ),
    // While it is away, the reason is shown above.
    lost && !reason
      ? el(
          'p',
          'dxs-where',
          {},
          translate('bot.lost', { time: time(lost.at, now), text: visible(readText(lost.text), 500) }),
        )
      : undefined,
    nodes.length > 0
      ? el(
          'div',
          'dxs-bar dxs-users',
          { role: 'group', 'aria-label': translate('bot.nodes') },
          ...nodes.map((node) => nodeButton(node, translate)),
        )
      : undefined,
  ];
}

function nodeButton({ id, type, name }: Bot['nodes'][number], translate: Translate): HTMLElement {
  const text = visible(name || type, 60);
  const title = translate('bot.reveal', { node: `${visible(type, 60)} ${visible(name, 60)}`.trim() });
  return button({ text, title, icon: type === 'xmpp-in' ? 'sign-in' : 'comment-o' }, () => revealNode(id));
}
