import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { statusOf } from '../../../src/runtime/broker/connection-status';
import { clientIdFor, installationId } from '../../../src/runtime/installation';
import type { ClientState } from '../../../src/transport/connection/client-types';
import { LinkError } from '../../../src/transport/errors';
import { WORDS } from '../../../src/transport/mqtt/reasons';

describe('status', () => {
  const translate = (key: string, values?: Record<string, string | number>) =>
    values ? `${key}(${Object.values(values).join()})` : key;
  const reason = new LinkError('network', 'a long text for the log');
  const table: [state: ClientState, queued: number, status: string, dropped?: number][] = [
    [{ phase: 'connected' }, 0, 'green dot node-red:common.status.connected'],
    [{ phase: 'connected' }, 3, 'green dot status.connected (status.queued(3))'],
    [{ phase: 'idle' }, 0, 'red ring node-red:common.status.disconnected'],
    [{ phase: 'idle' }, 3, 'red ring status.disconnected (status.queued(3))'],
    [{ phase: 'finding' }, 0, 'yellow ring node-red:common.status.connecting'],
    [{ phase: 'connecting' }, 3, 'yellow ring status.connecting (status.queued(3))'],
    [{ phase: 'waiting', reason, retryInMs: 10 }, 0, 'yellow ring status.again(reason.network)'],
    [{ phase: 'connecting', reason }, 0, 'yellow ring status.again(reason.network)'],
    [{ phase: 'waiting', reason }, 3, 'yellow ring status.again(reason.network) (status.queued(3))'],
    [{ phase: 'stopped', reason: new LinkError('login', 'x', true) }, 0, 'red dot reason.login'],
    [{ phase: 'idle' }, 0, 'red ring status.disconnected (status.dropped(12))', 12],
    [{ phase: 'waiting', reason }, 0, 'yellow ring status.again(reason.network) (status.dropped(1))', 1],
    [{ phase: 'connecting' }, 3, 'yellow ring status.connecting (status.queued(3), status.dropped(2))', 2],
    [
      { phase: 'waiting', reason: new LinkError('closed', 'x', false, { said: 151 }) },
      0,
      'yellow ring status.again(reason.closed: said.151)',
    ],
    [
      { phase: 'waiting', reason: new LinkError('closed', 'x', false, { behind: '"a/b"' }) },
      0,
      'yellow ring status.again(status.behind(reason.closed,"a/b"))',
    ],
    [{ phase: 'stopped' }, 2, 'red dot reason.config (status.queued(2))'],
  ];
  for (const [state, queued, expected, dropped = 0] of table) {
    it(`${state.phase}${state.reason ? `, ${state.reason.code}` : ''}, ${queued} waiting, ${dropped} dropped`, () => {
      const { fill, shape, text } = statusOf(state, queued, dropped, translate) as {
        fill: string;
        shape: string;
        text: string;
      };
      assert.equal(`${fill} ${shape} ${text}`, expected);
    });
  }
});

describe('what servers give as a reason', () => {
  for (const language of ['en-US', 'de'])
    it(`has its words in ${language}`, () => {
      const file = join(__dirname, `../../../src/nodes/dinox-broker/locales/${language}.json`);
      const texts = JSON.parse(readFileSync(file, 'utf8')) as { 'dinox-broker': { said: object } };
      const codes = Object.keys(WORDS).filter((code) => code !== '0');
      assert.deepEqual(Object.keys(texts['dinox-broker'].said), codes);
    });
});

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
