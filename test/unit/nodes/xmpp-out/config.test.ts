import assert from 'node:assert/strict';
import { xmppOutSettings } from '../../../../src/nodes/xmpp-out/config';

const settings = (def: object = {}) => xmppOutSettings({ to: 'ben@example.org', ...def }, '/data');

describe('xmpp-out: its settings', () => {
  it('read once, with what is wrong named', () => {
    const { problems, ...rest } = xmppOutSettings({}, '/data');
    assert.deepEqual(problems, []);
    assert.deepEqual(rest, {
      to: '',
      kind: 'auto',
      format: 'payload',
      nick: '',
      receipts: true,
      rate: 20,
      attachmentDir: '',
      notify: false,
      notifyExpiry: 300_000,
    });
    assert.equal(settings({ attachmentDir: 'pictures' }).attachmentDir, '/data/pictures');
    assert.equal(settings({ attachmentDir: '/srv/cam' }).attachmentDir, '/srv/cam');
    const wrong = settings({ kind: 'room', format: 'pdf', rate: '0', notifyExpiry: 'soon' });
    assert.deepEqual(
      wrong.problems.map(({ field }) => field),
      ['kind', 'format', 'notifyExpiry', 'rate'],
    );
    assert.deepEqual([wrong.kind, wrong.format, wrong.rate], ['auto', 'payload', 20]);
  });
});
