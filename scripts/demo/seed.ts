/** The demo begins anew at each start: what the last one left is removed, and the week before now is recorded. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../src/base/clock';
import { DAY, MINUTE } from '../../src/base/time-units';
import { History } from '../../src/history/history';
import { HistoryStore } from '../../src/history/store/history-store';
import { RecorderPool } from '../../src/recorder/recorder-pool';
import { flowContext } from '../../src/runtime/data-folder';
import { FolderLock } from '../../src/storage/folder-lock';
import { alertFolder, dataFolder } from '../../src/storage/user-dir';

export interface HomeMessage {
  topic: string;
  payload: string;
  retain: boolean;
}

/** Folders with a file for each node. Names that somebody gave to topics stay. */
const FOLDERS = ['alerts', 'recorder', 'queues', 'sent', 'archives', 'announced', 'plans'];
/** What all nodes of the demo's own flow are called. */
const OURS = 'dinox-demo-';

/** Milliseconds between two values before the last day: there are buckets of ten minutes. */
const STEP = 5 * MINUTE;

/** Nobody else may write in the user directory meanwhile. */
export function folderLock(userDir: string): FolderLock {
  return new FolderLock(join(userDir, 'npm-start.lock'), systemClock);
}

/**
 * @param messages of the simulated home: `day`, a minute at a time, and `before`, of the six days before it
 * @param broker id of the connection, whose topics the sidebar shows
 * @param alert id of the alert that has a history of `topic`
 */
export async function beginWeek(
  userDir: string,
  messages: { before(ms: number): HomeMessage[]; day(minute: number): HomeMessage[] },
  { broker, alert, topic }: { broker: string; alert: string; topic: string },
): Promise<void> {
  const folder =
    flowContext({ userDir, flowFile: join(userDir, 'flows.json') })?.folder ?? dataFolder(userDir);
  removeOurs(folder);
  const end = Date.now();
  let now = end - 7 * DAY;
  const clock: Clock = { now: () => now, steady: () => now, after: () => () => {} };
  const pool = new RecorderPool(
    clock,
    () => [broker],
    () => {},
  );
  const recorder = pool.claim(broker, folder, true);
  await recorder.loading;
  const history = new History({ clock });
  const store = new HistoryStore({
    ...{ history, folder: alertFolder(folder), id: alert, clock },
    events: { aside: () => {}, failed: () => {}, recovered: () => {} },
  });
  await store.load();
  const record = (message: HomeMessage): void => {
    const payload = Buffer.from(message.payload);
    const rest = { qos: 0, dup: false, properties: undefined, pubsub: undefined } as const;
    recorder.take({ ...rest, topic: message.topic, payload, retain: message.retain }, false);
  };
  for (; now < end - DAY; now += STEP) {
    for (const message of messages.before(STEP)) record(message);
    recorder.sweep();
  }
  for (let minute = 0; now < end; minute += 1) {
    for (const message of messages.day(minute)) {
      record(message);
      if (message.topic === topic)
        history.record(topic, now, (JSON.parse(message.payload) as { value: number }).value);
    }
    recorder.sweep();
    now = Math.min(end, now + MINUTE);
  }
  await store.close();
  await pool.release(broker, folder, true);
}

function removeOurs(folder: string): void {
  for (const kind of FOLDERS) {
    let names: string[] = [];
    try {
      names = readdirSync(join(folder, kind));
    } catch {
      // Nothing was ever written there.
    }
    for (const name of names) if (name.startsWith(OURS)) rmSync(join(folder, kind, name), { force: true });
  }
}
