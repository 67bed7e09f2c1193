/** kind: identity without its context. Which flow file, which project, which machine, which copy? */

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inEnglish } from '../../../src/base/english';
import { DataFolders, flowContext } from '../../../src/runtime/data-folder';
import { clientIdFor, installationId, machineOf } from '../../../src/runtime/installation';
import { FolderLock, thisProcess } from '../../../src/storage/folder-lock';
import { WallClock } from '../alert/support';
import { FakeClock } from '../transport/fake-clock';

describe('folder of the flows', () => {
  let userDir: string;
  beforeEach(() => {
    userDir = mkdtempSync(join(tmpdir(), 'dinox-flows-'));
  });
  afterEach(() => rmSync(userDir, { recursive: true, force: true }));

  const of = (flowFile?: string) => {
    const context = flowContext({ userDir, flowFile });
    return context && [context.name, context.folder.slice(userDir.length + 1)];
  };
  const file = (name: string): void => writeFileSync(join(userDir, name), '[]');

  it('the first flow file keeps the folder that there always was; another one has its own, and other client ids', () => {
    mkdirSync(join(userDir, 'dinox/queues'), { recursive: true });
    file('production.json');
    file('test.json');
    assert.deepEqual(of('production.json'), ['', 'dinox']);
    const own = ['file:test.json', 'dinox/flows/file%3Atest.json'];
    assert.deepEqual(of('test.json'), own);
    assert.deepEqual(of('production.json'), ['', 'dinox']);
    assert.deepEqual(of(join(userDir, 'test.json')), own, 'the same, however it is written');
    assert.notEqual(clientIdFor('i', 'node', 'file:test.json'), clientIdFor('i', 'node'));
    assert.equal(flowContext({}), undefined);
  });

  it('settings that name no flow file mean the one that Node-RED takes then: another one does not get its folder', () => {
    const usual = `flows_${hostname()}.json`;
    file(usual);
    file('test.json');
    assert.deepEqual(of(), ['', 'dinox']);
    assert.deepEqual(of('test.json'), ['file:test.json', 'dinox/flows/file%3Atest.json']);
    assert.deepEqual(of(), ['', 'dinox'], 'it keeps what is its own');
  });

  it('a flow file that lies in the working directory is there, and nobody else gets its folder', () => {
    const before = process.cwd();
    const elsewhere = mkdtempSync(join(tmpdir(), 'dinox-cwd-'));
    try {
      process.chdir(elsewhere);
      file('test.json');
      writeFileSync(join(elsewhere, 'flows.json'), '[]');
      assert.deepEqual(of('flows.json'), ['', 'dinox']);
      assert.deepEqual(
        of(join(process.cwd(), 'flows.json')),
        ['', 'dinox'],
        'the same, however it is written',
      );
      assert.equal(of('test.json')?.[0], 'file:test.json');
      assert.deepEqual(of('./flows.json'), ['', 'dinox']);
    } finally {
      process.chdir(before);
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });

  it('a flow file that was renamed takes its folder along', () => {
    file('flows_old.json');
    assert.deepEqual(of('flows_old.json'), ['', 'dinox']);
    renameSync(join(userDir, 'flows_old.json'), join(userDir, 'flows.json'));
    assert.deepEqual(of('flows.json'), ['', 'dinox']);
    assert.equal(readFileSync(join(userDir, 'dinox/flow-file'), 'utf8'), 'file:flows.json');
  });

  it('projects have one each, also when one is exchanged for another while Node-RED runs', () => {
    let activeProject = 'house';
    for (const name of ['house', 'trial']) mkdirSync(join(userDir, 'projects', name), { recursive: true });
    const settings = {
      userDir,
      flowFile: 'flows.json',
      editorTheme: { projects: { enabled: true } },
      get: () => ({ activeProject }),
    };
    const folders = new DataFolders(settings, 'alerts', new FakeClock(), () => assert.fail('taken'));
    const house = folders.acquire();
    activeProject = 'trial';
    const trial = folders.acquire();
    assert.deepEqual([house.flow, house.folder], ['', join(userDir, 'dinox')]);
    assert.deepEqual(
      [trial.flow, trial.folder],
      ['project:trial', join(userDir, 'dinox/flows/project%3Atrial')],
    );
    house.release();
    trial.release();
  });

  it('two Node-REDs: one writes, the other says so once and works in memory, until it is free', () => {
    const clock = new WallClock(Date.now());
    const path = join(userDir, 'dinox/alerts.lock');
    const first = new FolderLock(path, clock, { ...thisProcess(), pid: process.ppid, start: '' });
    first.acquire();
    const said: unknown[] = [];
    const folders = new DataFolders({ userDir }, 'alerts', clock, (folder, owner) =>
      said.push([folder, owner?.pid]),
    );
    for (let i = 0; i < 3; i++) assert.equal(folders.acquire().folder, undefined);
    assert.deepEqual(said, [[join(userDir, 'dinox'), process.ppid]]);
    first.release();
    const held = folders.acquire();
    assert.equal(held.folder, join(userDir, 'dinox'));
    held.release();
  });
});

describe('a user directory that was copied', () => {
  let parent: string;
  let userDir: string;
  let said: string[];
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'dinox-copy-'));
    userDir = join(parent, 'node-red');
    mkdirSync(userDir);
    said = [];
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));
  const idOf = (dir: string, machine?: string): string =>
    installationId(dir, (one) => said.push(inEnglish(one)), machine);

  it('gets an id of its own, beside the original and on another machine, and says so', () => {
    const id = idOf(userDir, 'pi');
    cpSync(userDir, join(parent, 'copy'), { recursive: true });
    const copy = idOf(join(parent, 'copy'), 'pi');
    assert.notEqual(copy, id);
    assert.equal(idOf(join(parent, 'copy'), 'pi'), copy, 'and keeps it');
    assert.equal(idOf(userDir, 'pi'), id, 'the original has its own');
    assert.equal(said.length, 1);
    const elsewhere = idOf(userDir, 'nuc');
    assert.notEqual(elsewhere, id);
    assert.equal(idOf(userDir, 'nuc'), elsewhere);
    assert.equal(said.length, 2);
  });

  it('one that was moved, one whose machine has no steady name, and one of an earlier version keep theirs', () => {
    const id = idOf(userDir, 'pi');
    const moved = join(parent, 'moved');
    renameSync(userDir, moved);
    assert.equal(idOf(moved, 'pi'), id);
    assert.equal(idOf(moved, ''), id, 'a container');
    const old = join(parent, 'old');
    mkdirSync(join(old, 'dinox'), { recursive: true });
    writeFileSync(join(old, 'dinox/installation'), `${'ab'.repeat(16)}\n`);
    assert.equal(idOf(old, 'pi'), 'ab'.repeat(16));
    assert.notEqual(idOf(old, 'nuc'), 'ab'.repeat(16), 'from then on it is bound');
    assert.equal(said.length, 1);
  });

  it('a container is no machine: with each new pod or image it would be another one, and lose its sessions', () => {
    const host = { machineId: undefined, system: 'linux', inContainer: true };
    const pods = ['node-red-7d9f8b6c4-x2x9z', 'node-red-7d9f8b6c4-q7wkp'].map((name) =>
      machineOf({ ...host, name }),
    );
    const id = idOf(userDir, pods[0] ?? '?');
    assert.equal(idOf(userDir, pods[1] ?? '?'), id, 'the next pod, with the same volume');
    const image = (machineId: string): string => machineOf({ ...host, machineId, name: 'nodered' });
    assert.equal(image('1'.repeat(32)), image('2'.repeat(32)), 'the next image');
    const outside = { ...host, inContainer: false };
    assert.notEqual(machineOf({ ...outside, name: 'pi' }), machineOf({ ...outside, name: 'nuc' }));
    assert.equal(machineOf({ ...outside, name: '0123456789ab' }), '');
    assert.equal(machineOf({ ...outside, name: 'book', system: 'darwin' }), '');
    assert.deepEqual(said, []);
  });
});
