import { AlertCommands } from '../../../src/alert/command-handler';
import type { NodeDependencies } from '../../../src/alert/dependencies';
import type { Limits } from '../../../src/alert/limits';
import { AlertMachine } from '../../../src/alert/machine';
import { MessageTexts } from '../../../src/alert/message-texts';
import type { NodeNumbers } from '../../../src/alert/number-pool';
import { readyLimits } from '../../../src/alert/ready-limits';
import { DEFAULT_RULES, type LimitSource, type Rules } from '../../../src/alert/rules';
import { restore, type Snapshot, snapshot } from '../../../src/alert/snapshot';
import type { AlertEvent } from '../../../src/alert/states';
import type { SteadyClock } from '../../../src/alert/steady-clock';
import type { Translate } from '../../../src/base/translate';

/** 2026-03-10 12:00 UTC. */
export const NOON = Date.UTC(2026, 2, 10, 12);

/** A clock on the wall that a test can set, and the time that really goes by. */
export class WallClock implements SteadyClock {
  private gone = 0;
  private readonly timers = new Set<{ due: number; action: () => void }>();

  constructor(private offset = NOON) {}

  now(): number {
    return this.gone + this.offset;
  }

  steady(): number {
    return this.gone;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { due: this.gone + ms, action };
    this.timers.add(timer);
    return () => {
      this.timers.delete(timer);
    };
  }

  get waiting(): number {
    return this.timers.size;
  }

  /** Somebody sets the clock. */
  jump(ms: number): void {
    this.offset += ms;
  }

  /** Time goes by in which nothing runs: the process is stopped, or something blocks. */
  stand(ms: number): void {
    this.gone += ms;
  }

  /** Time goes by, and timers run. */
  advance(ms: number): void {
    const end = this.gone + ms;
    for (let runs = 0; ; runs++) {
      let first: { due: number; action: () => void } | undefined;
      for (const timer of this.timers)
        if (timer.due <= end && (!first || timer.due < first.due)) first = timer;
      if (!first) break;
      if (runs > 100_000) throw new Error('timers without end');
      this.timers.delete(first);
      this.gone = Math.max(this.gone, first.due);
      first.action();
    }
    this.gone = end;
  }
}

/** Texts as their key and values, so that a test sees what is said. */
export const plainTranslate: Translate = (key, values) =>
  values ? `${key}(${Object.values(values).join('|')})` : key;

type Wordings = ConstructorParameters<typeof MessageTexts>[2];

/** A machine with its commands, and all that it told. */
export class Harness {
  readonly events: AlertEvent[] = [];
  machine: AlertMachine;
  commands: AlertCommands;
  rules: Rules;
  /** Keys that were to be written a little later. */
  readonly noted: string[] = [];
  private limits: Limits | undefined;
  private ids = 0;
  private dependencies: NodeDependencies | undefined;
  turns = 0;

  constructor(
    rules: Partial<Rules> & { limits?: LimitSource },
    readonly clock = new WallClock(),
    readonly translate: Translate = plainTranslate,
    private readonly among: {
      name?: string;
      numbers?: NodeNumbers;
      chatControl?: boolean;
      dependencies?: () => NodeDependencies;
      opening?: Wordings['opening'];
      title?: Wordings['title'];
      own?: Wordings['own'];
    } = {},
  ) {
    this.rules = { ...DEFAULT_RULES, ...rules };
    this.limits = readyLimits(this.rules.condition, this.rules.limits, this.rules.hysteresis);
    [this.machine, this.commands] = this.make();
    this.dependencies?.started();
  }

  sample(key: string, value: number | string | boolean, unit = ''): void {
    this.machine.sample(key, value, unit);
  }

  wait(ms: number): void {
    this.clock.advance(ms);
  }

  state(key: string): string | undefined {
    return this.machine.keys.map.get(key)?.state;
  }

  /** What was told since the last call: `key reason state`. */
  told(): string[] {
    return this.events.splice(0).map(({ key, reason, state }) => `${key} ${reason} ${state}`);
  }

  saved(): Snapshot {
    this.machine.turn(() => undefined);
    // Through JSON, as it goes to the disk.
    return JSON.parse(
      JSON.stringify(snapshot(this.machine, this.commands.override, this.clock.now())),
    ) as Snapshot;
  }

  get limitsOfRules(): Limits | undefined {
    return this.limits;
  }

  /** Ends it and makes another one of what it left, `ms` later, with other rules if there are. */
  restart(ms = 0, rules = this.rules): void {
    const saved = this.saved();
    this.rules = rules;
    this.limits = readyLimits(rules.condition, rules.limits, rules.hysteresis);
    this.restartFrom(saved, ms);
  }

  /** The same of what was written down some time before. */
  restartFrom(saved: Snapshot, ms = 0, before: (machine: AlertMachine) => void = () => {}): void {
    this.machine.close();
    this.clock.advance(ms);
    [this.machine, this.commands] = this.make();
    before(this.machine);
    this.adopt(saved);
  }

  adopt(saved: Snapshot): void {
    this.commands.adoptOverride(saved.node.override);
    restore(this.machine, saved, this.clock.now());
    this.dependencies?.started();
    this.machine.turn(() => undefined);
  }

  private make(): [AlertMachine, AlertCommands] {
    const { opening, title, own } = this.among;
    const words = new MessageTexts(this.rules, this.translate, {
      ...{ timeZone: 'UTC', name: 'node' },
      ...(opening && { opening }),
      ...(title && { title }),
      ...(own && { own }),
    });
    this.dependencies?.close(true);
    this.dependencies = this.among.dependencies?.();
    const machine: AlertMachine = new AlertMachine({
      rules: this.rules,
      limits: this.limits,
      clock: this.clock,
      words,
      numbers: this.among.numbers,
      dependencies: this.dependencies,
      newId: () => {
        this.ids += 1;
        return `a${this.ids}`;
      },
      turned: (events, urgent) => {
        this.turns += 1;
        this.events.push(...events);
        const { keys } = machine.takeChanges();
        if (!urgent) this.noted.splice(0, this.noted.length, ...keys);
      },
    });
    const commands = new AlertCommands({
      machine,
      name: this.among.name ?? 'node',
      translate: this.translate,
      read: (said) => JSON.stringify(said),
      words,
      chatControl: this.among.chatControl ?? false,
      limitsElsewhere: false,
      now: () => this.clock.now(),
    });
    return [machine, commands];
  }
}
