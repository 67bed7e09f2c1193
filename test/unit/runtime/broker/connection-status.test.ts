import assert from 'node:assert/strict';
import { words } from '../../../../src/base/catalogue';
import { connectionStatus } from '../../../../src/runtime/broker/connection-status';
import type { ClientState } from '../../../../src/transport/connection/client-types';
import { LinkError } from '../../../../src/transport/errors';

describe('status', () => {
  const translate = (key: string, values?: Record<string, string | number>) =>
    values ? `${key}(${Object.values(values).join()})` : key;
  const reason = new LinkError('network', words('a long text for the log'));
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
    [{ phase: 'stopped', reason: new LinkError('login', words('x'), true) }, 0, 'red dot reason.login'],
    [{ phase: 'idle' }, 0, 'red ring status.disconnected (status.dropped(12))', 12],
    [{ phase: 'waiting', reason }, 0, 'yellow ring status.again(reason.network) (status.dropped(1))', 1],
    [{ phase: 'connecting' }, 3, 'yellow ring status.connecting (status.queued(3), status.dropped(2))', 2],
    [
      { phase: 'waiting', reason: new LinkError('closed', words('x'), false, { said: 151 }) },
      0,
      'yellow ring status.again(reason.closed: said.151)',
    ],
    [
      { phase: 'waiting', reason: new LinkError('closed', words('x'), false, { behind: '"a/b"' }) },
      0,
      'yellow ring status.again(status.behind(reason.closed,"a/b"))',
    ],
    [{ phase: 'stopped' }, 2, 'red dot reason.config (status.queued(2))'],
  ];
  for (const [state, queued, expected, dropped = 0] of table) {
    it(`${state.phase}${state.reason ? `, ${state.reason.code}` : ''}, ${queued} waiting, ${dropped} dropped`, () => {
      const { fill, shape, text } = connectionStatus(state, queued, dropped, translate) as {
        fill: string;
        shape: string;
        text: string;
      };
      assert.equal(`${fill} ${shape} ${text}`, expected);
    });
  }
});
