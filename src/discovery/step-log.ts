import type { Step } from '../base/step';
import type { Lookups } from './lookups';

/** Place of a step in the list for people, whatever came back first. */
export enum StepGroup {
  Typed,
  XmppSrv,
  Xmpp,
  MqttSrv,
  Probe,
  Decision,
}

export type Finding = Pick<Step, 'asked' | 'answer' | 'follows' | 'ok'>;

/** Collects the steps of one resolution. */
export class StepLog {
  private entries: { phase: StepGroup; step: Step }[] = [];

  constructor(
    private readonly lookups: Pick<Lookups, 'steady'>,
    private readonly onStep: ((step: Step) => void) | undefined,
  ) {}

  /** Runs a look-up and records what `describe` makes of its answer. */
  async run<T>(phase: StepGroup, work: () => Promise<T>, describe: (answer: T) => Finding): Promise<T> {
    const started = this.lookups.steady();
    const answer = await work();
    this.add(phase, describe(answer), this.lookups.steady() - started);
    return answer;
  }

  add(phase: StepGroup, finding: Finding, ms = 0): void {
    const step: Step = { ...finding, ms: Math.round(ms) };
    this.entries.push({ phase, step });
    this.onStep?.(step);
  }

  /** Steps of one phase, or of all in their order; within one, in the order of their answers. */
  steps(only?: StepGroup): Step[] {
    return this.entries
      .filter(({ phase }) => only === undefined || phase === only)
      .sort((a, b) => a.phase - b.phase)
      .map(({ step }) => step);
  }
}
