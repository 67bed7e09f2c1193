import assert from 'node:assert/strict';
import { words } from '../../../../src/base/catalogue';
import {
  type ConnectionLoss,
  type ReconnectStep,
  reconnectPolicy,
} from '../../../../src/transport/connection/reconnect-policy';
import { LinkError } from '../../../../src/transport/errors';

const closed = new LinkError('closed', words('hung up'));

/** A found way that failed for the first time, and tries again by itself. */
const FIRST: ConnectionLoss = {
  reason: closed,
  wasConnected: false,
  failures: 1,
  nextVersion: false,
  versionsRefused: false,
  searched: true,
  retryInMs: 500,
};

const login = new LinkError('login', words('wrong'), true);

const table: [name: string, loss: Partial<ConnectionLoss>, then: ReconnectStep][] = [
  ['a first failure: the link comes back', {}, { next: 'wait', inMs: 500 }],
  [
    'a lost connection: the link comes back',
    { wasConnected: true, failures: 0 },
    { next: 'wait', inMs: 500 },
  ],
  ['another version is left: it, at once', { nextVersion: true }, { next: 'version' }],
  ['before the reason counts', { nextVersion: true, reason: login }, { next: 'version' }],
  [
    'never after a connection that had come about',
    { nextVersion: true, wasConnected: true, failures: 0 },
    { next: 'wait', inMs: 500 },
  ],
  ['a refused login: a stop', { reason: login, failures: 9 }, { next: 'stop', reason: login }],
  ['the second failure: a fresh search', { failures: 2 }, { next: 'search', fresh: true, inMs: 500 }],
  ['of a typed way: none', { failures: 9, searched: false }, { next: 'wait', inMs: 500 }],
  [
    'the best version was given up, and it was not why: a new link',
    { versionsRefused: true, searched: false },
    { next: 'search', fresh: false, inMs: 500 },
  ],
  [
    'but where that version had worked, the same one',
    { versionsRefused: true, wasConnected: true, failures: 0 },
    { next: 'wait', inMs: 500 },
  ],
  [
    'the link is of no more use: a new one',
    { retryInMs: undefined },
    { next: 'search', fresh: false, inMs: undefined },
  ],
  ['after no wait at all it comes back too', { retryInMs: 0 }, { next: 'wait', inMs: 0 }],
];

describe('after a loss', () => {
  for (const [name, loss, then] of table) {
    it(name, () => assert.deepEqual(reconnectPolicy({ ...FIRST, ...loss }), then));
  }

  it('a refused version with no other left: a stop that says what to set', () => {
    const refused = new LinkError('version', words('The server refused MQTT 5.'));
    const then = reconnectPolicy({ ...FIRST, reason: refused });
    assert.ok(then.next === 'stop');
    assert.equal(then.reason.message, 'The server refused MQTT 5. Set the protocol version to auto.');
    assert.deepEqual([then.reason.code, then.reason.fatal, then.reason.cause], ['version', true, refused]);
  });
});
