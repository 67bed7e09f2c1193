/** `kill -9` at any moment: nothing of what was said to be safe is lost, and nothing else is there. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { AlertStore } from '../../../../src/alert/alert-store';
import { systemClock } from '../../../../src/base/clock';
import { History } from '../../../../src/history/history';
import { readStore } from '../../../../src/history/store/store-reader';
import { systemFiles } from '../../../../src/storage/files';
import { FakeClock } from '../../transport/fake-clock';
import { folder, removeFolders } from './failing-files';
import { KEYS, MINUTE, valueAt } from './killed-values';

const KILLS = process.env.DINOX_LONG ? 50 : 10;
const FIRST_MINUTE = 28_333_440;

/** Runs until it has said `enough` lines and a little longer; gives its last words. */
async function runAndKill(
  child: ChildProcess,
  enough: number,
  more: number,
): Promise<{ minute: number; state: number }> {
  let text = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`it ended by itself: ${text.slice(-500)}`)));
    child.stdout?.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.split('\n').length > enough) resolve();
    });
  });
  child.removeAllListeners('exit');
  // Not a wait for anything: the moment is to be any.
  await sleep(more);
  child.kill('SIGKILL');
  await ended;
  // Its last line may be cut off.
  const lines = text.split('\n').slice(0, -1);
  assert.deepEqual(
    lines.filter((line) => line.startsWith('e ')),
    [],
  );
  const last = (kind: string): number =>
    Number(lines.findLast((line) => line.startsWith(`${kind} `))?.slice(2) ?? Number.NaN);
  return { minute: last('p'), state: last('s') };
}

describe('history and states of alerts, killed', () => {
  afterEach(removeFolders);

  it(`${KILLS} times: what was safe is there`, async function () {
    this.timeout(300_000);
    const own = folder();
    const script = join(own, 'child.cjs');
    buildSync({
      entryPoints: [join(__dirname, 'killed-child.ts')],
      bundle: true,
      platform: 'node',
      outfile: script,
      logLevel: 'error',
    });
    let minute = FIRST_MINUTE;
    let state = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const child = spawn(process.execPath, [script, own, String(minute), String(state)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const safe = await runAndKill(child, 20 + ((kill * 37) % 50), (kill * 13) % 29);
      // The next one begins behind all that it may have come to on a slow machine.
      minute = await check(own, safe, minute);
      state = safe.state + 1_000;
    }
  });

  async function check(own: string, safe: { minute: number; state: number }, first: number): Promise<number> {
    const clock = new FakeClock();
    clock.advance((safe.minute + 200) * MINUTE - clock.now());
    const history = new History({ points: 1 });
    const names = [join(own, 'killed.history'), join(own, 'killed.recent')] as const;
    const found = await readStore(systemFiles, names[0], names[1], history);
    assert.deepEqual(found.unusable, []);
    const end = (history.blocks.pages.head + 1) * 60;
    // On a slow machine its time may have run far ahead of what was safe, and beyond the span.
    const from = Math.max(first, end - 1_320);
    for (let key = 0; key < KEYS; key++) {
      const { t, last, count } = history.series(`key ${key}`, from * MINUTE, end * MINUTE, end - from);
      for (const [part, at] of t.entries()) {
        const number = Math.round(at / MINUTE);
        if (number <= safe.minute) assert.equal(count[part], 1, `key ${key}, minute ${number - safe.minute}`);
        if ((count[part] as number) > 0) assert.equal(last[part], valueAt(key, number));
      }
    }
    const states = new AlertStore({
      path: join(own, 'killed.log'),
      clock: systemClock,
      events: {
        damaged: (lines) => assert.fail(`${lines} damaged lines`),
        setAside: (path) => assert.fail(path),
        failed: (error) => assert.fail(error),
        recovered: () => {},
      },
    }).load();
    const newest = Math.max(...(states?.keys ?? []).map(({ value }) => Number(value)));
    assert.ok(newest >= safe.state, `${newest}, not ${safe.state}`);
    return end;
  }
});
