import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientIdFor, installationId } from '../../../src/runtime/installation';

describe('identity', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dinox-identity-'));
  });
  afterEach(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true });
  });

  it('an installation keeps its id', () => {
    const id = installationId(folder);
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.equal(installationId(folder), id);
    assert.equal(statSync(join(folder, 'dinox', 'installation')).mode & 0o077, 0, 'nobody else reads it');
  });

  it('two installations differ', () => {
    assert.notEqual(installationId(folder), installationId(join(folder, 'other')));
  });

  it('an empty file and a place that cannot be written are no hindrance', () => {
    installationId(folder);
    writeFileSync(join(folder, 'dinox', 'installation'), '');
    assert.match(installationId(folder), /^[0-9a-f]{32}$/);
    const file = join(folder, 'file');
    writeFileSync(file, '');
    assert.match(installationId(file), /^[0-9a-f]{32}$/);
    assert.match(installationId(undefined), /^[0-9a-f]{32}$/);
    assert.equal(existsSync(join(file, 'dinox')), false);
  });

  it('client ids are stable, differ by node and by installation, and fit into MQTT 3.1', () => {
    const id = clientIdFor('i', 'n');
    assert.equal(clientIdFor('i', 'n'), id);
    assert.equal(
      new Set([id, clientIdFor('i', 'm'), clientIdFor('j', 'n'), clientIdFor('i\nn', '')]).size,
      4,
    );
    assert.match(id, /^dinox-[0-9a-f]{16}$/);
    assert.ok(id.length <= 23);
  });
});
