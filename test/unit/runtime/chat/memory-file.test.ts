import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MemoryFile } from '../../../../src/runtime/chat/memory-file';
import { SentMessages } from '../../../../src/xmpp/sent-messages';
import { FakeClock } from '../../transport/fake-clock';

const TO = 'anna@example.org';

describe('memory of sent messages on disk', () => {
  let folder: string;
  let path: string;
  let clock: FakeClock;
  let complaints: string[];

  const open = (file: string | undefined = path) =>
    new MemoryFile(
      file,
      (stored) => SentMessages.from(stored),
      clock,
      (error) => complaints.push(error.message),
    );
  const remember = (file: MemoryFile<SentMessages>, id: string) =>
    file.memory.remember({ id, to: TO, kind: 'chat', alertId: `alert ${id}`, at: 1 });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dinox-sent-'));
    path = join(folder, 'dinox', 'sent', 'broker.json');
    clock = new FakeClock();
    complaints = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('comes back after a restart, and leaves nothing beside it', async () => {
    const file = open();
    remember(file, 'a');
    await file.close(false);
    assert.deepEqual(readdirSync(dirname(path)), ['broker.json']);
    assert.equal(open().memory.alertOf('a', TO), 'alert a');
    assert.deepEqual(complaints, []);
  });

  it('is written once for many changes, some time after the first', async () => {
    const file = open();
    for (let n = 0; n < 100; n++) remember(file, `${n}`);
    assert.equal(clock.waiting, 1);
    assert.ok(!existsSync(path));
    clock.advance(clock.next ?? 0);
    await file.flush();
    assert.ok(existsSync(path));
    assert.equal(clock.waiting, 0);
    remember(file, 'later');
    await file.close(false);
    assert.equal(open().memory.alertOf('later'), 'alert later');
    assert.equal(clock.waiting, 0);
  });

  it('is gone with the node, and does not come back by a late change', async () => {
    const file = open();
    remember(file, 'a');
    await file.flush();
    await file.close(true);
    remember(file, 'b');
    assert.ok(!existsSync(path));
    assert.equal(clock.waiting, 0);
  });

  it('a damaged file is said once, and begun anew', async () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '{"format":1,"sent":[{"id"');
    const file = open();
    assert.equal(complaints.length, 1);
    remember(file, 'a');
    await file.close(false);
    assert.match(readFileSync(path, 'utf8'), /alert a/);
    assert.equal(
      readFileSync(`${path}.damaged`, 'utf8'),
      '{"format":1,"sent":[{"id"',
      'nothing is overwritten',
    );
  });

  it('a disk that is free again has it without a new message', async () => {
    writeFileSync(join(folder, 'dinox'), 'in the way');
    const file = open();
    remember(file, 'a');
    await file.flush();
    rmSync(join(folder, 'dinox'));
    clock.advance(60_000);
    await file.flush();
    assert.equal(open().memory.alertOf('a'), 'alert a');
    assert.equal(clock.waiting, 0);
  });

  it('where nothing can be written it goes on in memory, says so once, and tries again', async () => {
    writeFileSync(join(folder, 'dinox'), 'a file where the folder should be');
    const file = open();
    for (const id of ['a', 'b']) {
      remember(file, id);
      await file.flush();
    }
    assert.equal(complaints.length, 1);
    assert.equal(file.memory.alertOf('a'), 'alert a');
    rmSync(join(folder, 'dinox'));
    await file.close(false);
    assert.equal(open().memory.alertOf('b'), 'alert b');
  });

  it('without a user directory it lasts as long as the process', async () => {
    const file = new MemoryFile(
      undefined,
      (stored) => SentMessages.from(stored),
      clock,
      (error) => complaints.push(error.message),
    );
    remember(file, 'a');
    await file.close(false);
    assert.equal(file.memory.alertOf('a'), 'alert a');
    assert.deepEqual(complaints, []);
  });
});
