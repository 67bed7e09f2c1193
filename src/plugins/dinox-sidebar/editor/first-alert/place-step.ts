import { brokerPath, get } from '../../../../editor/admin-api';
import { breakable, el, setText } from '../../../../editor/dom';
import { visible, visibleLines } from '../../../../editor/format';
import { hasWildcard } from '../../../../topics/filter';
import { button } from '../controls';
import { whatFailed } from '../notes';
import { red } from '../red';
import { deploy } from './deploy';
import { placeFlow } from './flow';
import { primary, StatusLine } from './parts';
import { askPreview } from './rule';
import { endSentence, limitText, planSentence } from './sentence';
import type { GuideState, GuideStep, StepHost } from './state';

/** Shows the plan in one sentence, then places and deploys it. */
export class PlaceStep implements GuideStep {
  readonly element: HTMLElement;
  private readonly status: StatusLine;
  private readonly button: HTMLButtonElement;
  private readonly said = el('p', 'dxg-said');
  private readonly message: HTMLElement;

  constructor(private readonly host: StepHost) {
    const { translate } = host;
    this.status = new StatusLine(translate('guide.details'));
    this.button = primary(translate('guide.place.press'), 'check', () => void this.place());
    const end = endSentence(host);
    this.message = el(
      'div',
      'dxg-message',
      { role: 'group', 'aria-label': translate('guide.place.says') },
      el('span', 'dxg-label', { 'aria-hidden': 'true' }, translate('guide.place.says')),
      this.said,
    );
    this.message.hidden = true;
    this.element = el(
      'div',
      'dxg-step',
      {},
      el('p', 'dxg-sentence', {}, ...breakable([planSentence(host), end].filter(Boolean).join(' '))),
      this.message,
      el('p', 'dxs-note', {}, translate('guide.place.ack')),
      red().nodes.dirty() ? el('p', 'dxs-note', {}, translate('guide.place.others')) : undefined,
      el('div', 'dxs-bar dxg-foot', {}, this.button),
      this.status.element,
    );
    void this.show();
  }

  focus(): void {
    this.button.focus();
  }

  /** The message as the phone will show it. */
  private async show(): Promise<void> {
    try {
      const { message } = await askPreview(this.host.state, nameOf(this.host), 0);
      if (!message) return;
      setText(this.said, visibleLines(message.text, 2_000));
      this.message.hidden = false;
    } catch {
      // The plan stands above.
    }
  }

  private async place(): Promise<void> {
    const { translate, state } = this.host;
    this.button.disabled = true;
    try {
      state.topic = await named(state);
      const placed = placeFlow(state, nameOf(this.host));
      if ('fault' in placed) {
        this.status.show(
          translate(`guide.place.${placed.fault}`, { topic: visible(placed.topic ?? '', 200) }),
          true,
        );
        return;
      }
      state.placed = placed;
      this.status.show(translate('guide.place.deploying'));
      await deploy(() => this.status.show(translate('guide.asks')));
      this.host.next();
    } catch (error) {
      this.status.show(whatFailed(error, translate), true);
    } finally {
      this.button.disabled = false;
    }
  }
}

/** The topic with the name by which a flow receives it, as the recorder knows it now. */
async function named({ broker, topic }: GuideState): Promise<GuideState['topic']> {
  const asked = { q: topic.topic, limit: 100 };
  const { rows } = await get<{ rows: GuideState['topic'][] }>(brokerPath(broker, 'topics'), asked);
  const { filter = topic.filter } = rows.find((row) => row.topic === topic.topic) ?? {};
  return { ...topic, ...(filter !== undefined && { filter }) };
}

/** The alert's name: `living_room › 25 °C`. */
function nameOf(host: StepHost): string {
  const { translate, state } = host;
  const { topic, condition, limit, noDataAfter, field } = state;
  // The alert of `doors/+` is called after the doors.
  const levels = topic.topic.split('/').filter((level) => level !== '' && !hasWildcard(level));
  const place = levels.pop() ?? topic.topic;
  const what = visible(field === undefined ? place : `${place} ${field}`, 60);
  if (condition === 'nodata') return `${what} ${translate('alert.nodata')} ${noDataAfter}`;
  const value = limitText(limit, host);
  return `${what} ${{ above: '›', below: '‹', equals: '=' }[condition]} ${value}`;
}

/** The last step: a value was seen, and the recipient was greeted. */
export class DoneStep implements GuideStep {
  readonly element: HTMLElement;
  private readonly close: HTMLButtonElement;

  constructor(host: StepHost) {
    const { translate } = host;
    this.close = primary(translate('guide.done.close'), 'check', () => host.close());
    this.element = el(
      'div',
      'dxg-step',
      {},
      el('p', 'dxg-sentence', { role: 'status' }, translate('guide.done.runs')),
      el('p', '', {}, ...breakable(planSentence(host))),
      el('p', 'dxs-note', {}, translate('guide.done.try')),
      el(
        'div',
        'dxs-bar dxg-foot',
        {},
        this.close,
        button({ icon: 'plus', text: translate('guide.done.another') }, () => host.another()),
      ),
    );
  }

  focus(): void {
    this.close.focus();
  }
}
