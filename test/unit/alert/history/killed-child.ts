/**
 * A process that records and writes as fast as it can until it is killed. Its clock runs 30,000 times as fast, so that
 * it sees hours end and days. Says on standard output what is safe: `p <minute>`, and `s <number>`.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { History } from '../../../../src/alert/history/history';
import { HistoryStore } from '../../../../src/alert/history/history-store';
import { StateJournal } from '../../../../src/alert/history/state-journal';
import type { Clock } from '../../../../src/time/clock';
import { KEYS, MINUTE, valueAt } from './killed-values';

const SPEED = 30_000;

async function main(folder: string, startMinute: number, startState: number): Promise<void> {
  const begin = Date.now();
  const clock: Clock = {
    now: () => startMinute * MINUTE + (Date.now() - begin) * SPEED,
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
  const damaged = (count: number): void => void (count > 1 && fail(new Error(`${count} damaged states`)));
  const states = new StateJournal(join(folder, 'killed.states'), clock, {
    aside,
    damaged,
    failed: fail,
    recovered: () => {},
  });
  await states.load();
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
    states.set(`alert ${number % 7}`, { number, text: 'x'.repeat(number % 300) });
    await turn();
    await turn();
    writeSync(1, `s ${number}\n`);
    const safe = minute;
    await store.flush();
    writeSync(1, `p ${safe}\n`);
  }
}

const [folder = '', minute, state] = process.argv.slice(2);
void main(folder, Number(minute), Number(state));
