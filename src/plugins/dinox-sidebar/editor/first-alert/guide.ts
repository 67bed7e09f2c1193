import './first-alert.css';
import { el, setText } from '../../../../editor/dom';
import type { Translate } from '../../../../editor/format';
import { button } from '../controls';
import { AccountStep } from './account-step';
import { LimitStep } from './limit-step';
import { DoneStep, PlaceStep } from './place-step';
import { ProofStep } from './proof-step';
import { RecipientStep } from './recipient-step';
import type { GuideState, GuideStep, StepHost } from './state';
import { TopicStep } from './topic-step';

const STEPS = ['account', 'topic', 'limit', 'receiver', 'place', 'proof', 'done'] as const;
const MAKERS: readonly (new (host: StepHost) => GuideStep)[] = [
  AccountStep,
  TopicStep,
  LimitStep,
  RecipientStep,
  PlaceStep,
  ProofStep,
  DoneStep,
];

/** *DinoX: first alert*: from an account to an alert in chat, step by step. */
export class FirstAlert implements StepHost {
  readonly element: HTMLElement;
  readonly state: GuideState = {
    broker: '',
    account: '',
    topic: { topic: '' },
    field: undefined,
    condition: 'above',
    limit: '',
    holdFor: '',
    hysteresis: '',
    called: '',
    unit: '',
    noDataAfter: '',
    recipient: { jid: '', isRoom: false },
    placed: { mqttIn: '', alert: '' },
  };
  private readonly title = el('h3', 'dxs-name', { tabindex: '-1' });
  private readonly count = el('span', 'dxs-path');
  private readonly bar = el('progress', 'dxg-progress', { max: STEPS.length - 1, 'aria-hidden': 'true' });
  private readonly body = el('div', 'dxs-detail-body dxg-body');
  private readonly back: HTMLButtonElement;
  private at = 0;
  private step: GuideStep | undefined;
  private seen = false;

  constructor(
    readonly translate: Translate,
    private readonly closed: () => void,
  ) {
    this.back = button({ icon: 'arrow-left', label: translate('guide.back') }, () =>
      this.at === 0 ? this.close() : this.show(this.at - 1),
    );
    this.element = el(
      'div',
      'dxs-view dxs-detail dxg',
      { role: 'region', 'aria-label': translate('guide.title') },
      el(
        'div',
        'dxs-detail-head',
        {},
        this.back,
        el('div', 'dxs-title', {}, this.title, this.count),
        button({ icon: 'times', label: translate('guide.close') }, () => this.close()),
      ),
      this.bar,
      this.body,
    );
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.close();
    });
    this.show(0);
  }

  /** Asks only while somebody looks. */
  run(on: boolean): void {
    this.seen = on;
    this.step?.run?.(on);
  }

  focus(): void {
    this.step?.focus();
  }

  next(): void {
    this.show(this.at + 1);
  }

  another(): void {
    this.show(1);
  }

  close(): void {
    this.destroy();
    this.closed();
  }

  destroy(): void {
    this.step?.destroy?.();
    this.step = undefined;
  }

  private show(at: number): void {
    this.step?.destroy?.();
    this.at = at;
    const name = STEPS[at] ?? 'done';
    const Maker = MAKERS[at] ?? DoneStep;
    setText(this.title, this.translate(`guide.${name}.title`));
    const steps = STEPS.length - 1;
    setText(
      this.count,
      at < steps ? this.translate('guide.step', { at: at + 1, of: steps }) : this.translate('guide.title'),
    );
    this.bar.value = at;
    // Going back does not undo a deploy.
    this.back.hidden = name === 'done' || name === 'proof';
    this.step = new Maker(this);
    this.body.replaceChildren(this.step.element);
    this.step.run?.(this.seen);
    if (this.element.isConnected) this.step.focus();
    this.body.scrollTop = 0;
  }
}
