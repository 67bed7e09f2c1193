import assert from 'node:assert/strict';
import { addressedTo, recipientOf } from '../../../../../src/plugins/dinox-sidebar/editor/one-recipient';

const make = (type: string, properties: object = {}): EditorNode =>
  ({ id: 'x', type, ...properties }) as unknown as EditorNode;
const out = (to: string, more: object = {}) => make('xmpp-out', { to, ...more });
const listens = (allow: string, more: object = {}) => make('xmpp-in', { allow, ...more });

describe('the person of imported examples', () => {
  for (const [what, nodes, person] of [
    ['is written to and listened to', [out('eve@home.lan'), listens('eve@home.lan')], 'eve@home.lan'],
    ['is nobody who is only written to', [out('eve@home.lan')], undefined],
    ['is nobody who only gives orders', [listens('eve@home.lan')], undefined],
    [
      'is a choice between two',
      [out('eve@home.lan, bob@home.lan'), listens('eve@home.lan bob@home.lan')],
      undefined,
    ],
    ['is not one of the example', [out('anna@example.org'), listens('anna@example.org')], undefined],
    ['is not a domain', [out('home.lan'), listens('home.lan')], undefined],
    ['is no device', [out('eve@home.lan/phone'), listens('eve@home.lan/phone')], undefined],
    [
      'is no room, by its service',
      [out('us@conference.home.lan'), listens('us@conference.home.lan')],
      undefined,
    ],
    [
      'is no room that is joined',
      [out('us@talk.lan'), listens('us@talk.lan', { rooms: 'us@talk.lan' })],
      undefined,
    ],
    [
      'is no room, by its kind',
      [out('us@x.lan', { kind: 'groupchat' }), out('us@x.lan'), listens('us@x.lan')],
      undefined,
    ],
    ['is nobody of disabled nodes', [out('eve@home.lan', { d: true }), listens('eve@home.lan')], undefined],
  ] as const) {
    it(what, () => assert.equal(recipientOf(nodes), person));
  }

  it('takes the place of the one in the examples, in fields and in tables; whatever else stands there stays', () => {
    const rows = [
      { name: 'lamp', allow: 'anna@example.org', retain: false },
      { name: 'heating', allow: 'bob@example.org' },
    ];
    const found = addressedTo('eve@home.lan', [
      out('anna@example.org'),
      out('family@rooms.example.org'),
      listens('anna@example.org', { actuators: rows }),
      make('debug', { name: 'anna@example.org' }),
    ]);
    assert.deepEqual(
      found.map(({ property, value }) => [property, value]),
      [
        ['to', 'eve@home.lan'],
        ['allow', 'eve@home.lan'],
        [
          'actuators',
          [
            { name: 'lamp', allow: 'eve@home.lan', retain: false },
            { name: 'heating', allow: 'bob@example.org' },
          ],
        ],
      ],
    );
    assert.equal(rows[0]?.allow, 'anna@example.org', 'undo finds what was there');
  });
});
