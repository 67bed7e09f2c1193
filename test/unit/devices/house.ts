import assert from 'node:assert/strict';
import { CheckJudge, type CheckRules } from '../../../src/alert/check-judge';
import { DependencyHub } from '../../../src/alert/dependencies';
import { CHECKS } from '../../../src/alert/device-check';
import type { Rules } from '../../../src/alert/rules';
import { DeviceWatch } from '../../../src/devices/device-watch';
import { UNKNOWN_TIME } from '../../../src/history/measured';
import { Entities } from '../../../src/homeassistant/entities';
import { Harness } from '../alert/support';

const RULES: CheckRules = {
  checks: CHECKS,
  batteryBelow: 20,
  signalBelow: 30,
  band: 5,
  silentFactor: 3,
  silentAtLeast: 600_000,
};
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A machine with devices behind it. */
export class House {
  readonly harness: Harness;
  watch: DeviceWatch;
  full = 0;
  readonly entities = new Entities();

  constructor(
    rules: Partial<Rules> = {},
    private readonly checks: Partial<CheckRules> = {},
    private readonly maxDevices = 1_000,
  ) {
    const hub = new DependencyHub();
    this.harness = new Harness({ condition: 'nodata', ...rules }, undefined, undefined, {
      dependencies: () => hub.of('n', [], { circle: assert.fail, missing: assert.fail }),
    });
    this.watch = this.make();
  }

  say(topic: string, payload: unknown, kept = false): void {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const change = this.entities.take(topic, Buffer.from(text));
    if (change) this.watch.announced(change);
    else this.watch.take(topic, text, kept ? UNKNOWN_TIME : undefined, kept);
  }

  /** `key reason`, since the last call. */
  told(): string[] {
    return this.harness.events
      .splice(0)
      .flatMap(
        (event) =>
          event.alerts?.map((one) => `group ${one.key} ${one.reason}`) ?? [`${event.key} ${event.reason}`],
      );
  }

  wait(ms: number): void {
    this.harness.wait(ms);
  }

  /** @param comesBack a deploy makes the node anew */
  restart(ms = 0, comesBack = false): void {
    this.watch.close(comesBack);
    this.harness.restart(ms);
    this.watch = this.make();
  }

  private make(): DeviceWatch {
    const { harness } = this;
    return new DeviceWatch({
      judge: new CheckJudge({ ...RULES, ...this.checks }),
      checks: harness.machine.checks,
      isOpen: (key) => harness.machine.keys.map.get(key)?.episode !== undefined,
      clock: harness.clock,
      maxDevices: this.maxDevices,
      full: () => {
        this.full += 1;
      },
    });
  }
}
