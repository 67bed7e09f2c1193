/**
 * A process that records and writes as fast as it can until it is killed. Its clock runs 30,000 times as fast, so that
 * it sees hours end and days. Says on standard output what is safe: `p <minute>`, and `s <number>`.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { AlertStore } from '../../../../src/alert/alert-store';
import type { NodeRecord, Snapshot } from '../../../../src/alert/snapshot';
import { SNAPSHOT_VERSION } from '../../../../src/alert/snapshot';
import type { Clock } from '../../../../src/base/clock';
import { History } from '../../../../src/history/history';
import { HistoryStore } from '../../../../src/history/store/history-store';
import { KEYS, MINUTE, valueAt } from './killed-values';

const SPEED = 30_000;
const NODE: NodeRecord = {
  enabled: true,
  quiet: false,
  silences: [],
  groups: [],
  missed: [],
  moreMissed: 0,
};

async function main(folder: string, startMinute: number, startState: number): Promise<void> {
  const begin = Date.now();
  const clock: Clock = {
    now: () => startMinute * MINUTE + (Date.now() - begin) * SPEED,
    steady: () => (Date.now() - begin) * SPEED,
    after: (ms, action) => {
      const timer = setTimeout(action, ms / SPEED);
      return () => clearTimeout(timer);
    },
  };
  const fail = (error: Error): never => {
    writeSync(1, `e ${error.message}\n`);
    process.exit(1);
  };
  const history = new History({ clock, points: 1 });
  const aside = (path: string, why: string): never => fail(new Error(`${why} ${path}`));
  const store = new HistoryStore({
    history,
    folder,
    id: 'killed',
    clock,
    events: { aside, failed: fail, recovered: () => {} },
  });
  const states = new AlertStore({
    path: join(folder, 'killed.log'),
    clock,
    events: {
      setAside: (path) => fail(new Error(`set aside: ${path}`)),
      damaged: (count) => fail(new Error(`${count} damaged states`)),
      failed: fail,
      recovered: () => {},
    },
  });
  const keys = new Map((states.load()?.keys ?? []).map((record) => [record.key, record]));
  const whole = (): Snapshot => ({
    v: SNAPSHOT_VERSION,
    at: clock.now(),
    node: NODE,
    keys: [...keys.values()],
  });
  states.begin(whole);
  await store.load();
  writeSync(1, 'ready\n');
  let minute = startMinute - 1;
  for (let number = startState; ; number++) {
    const now = Math.floor(clock.now() / MINUTE);
    // A minute is recorded when it is over, all of it at once.
    for (minute += 1; minute < now; minute++)
      for (let key = 0; key < KEYS; key++)
        history.record(`key ${key}`, minute * MINUTE, valueAt(key, minute));
    minute -= 1;
    const key = `alert ${number % 7}`;
    const record = { key, state: 'firing', since: 0, value: number, unit: 'x'.repeat(number % 300) } as const;
    keys.set(key, record);
    states.append([{ at: clock.now(), key: record }]);
    writeSync(1, `s ${number}\n`);
    const safe = minute;
    await store.flush();
    writeSync(1, `p ${safe}\n`);
  }
}

const [folder = '', minute, state] = process.argv.slice(2);
void main(folder, Number(minute), Number(state));
