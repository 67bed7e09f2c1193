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
      limits: { text: Number.POSITIVE_INFINITY, file: Number.POSITIVE_INFINITY, parsed: 64_000 },
      attachmentDir: '',
      notify: false,
      ...{ links: false, message: undefined, onlyChanges: false },
      notifyExpiry: 300_000,
    });
    assert.equal(settings({ attachmentDir: 'pictures' }).attachmentDir, '/data/pictures');
    assert.equal(settings({ attachmentDir: '/srv/cam' }).attachmentDir, '/srv/cam');
    const limits = { maxText: '5', maxFile: 2, maxParsed: '8' };
    assert.deepEqual(settings(limits).limits, { text: 5_000, file: 2_000_000, parsed: 8_000 });
    const wrong = settings({ kind: 'room', format: 'pdf', rate: '0', notifyExpiry: 'soon', maxFile: '0' });
    assert.deepEqual(
      wrong.problems.map(({ field }) => field),
      ['kind', 'format', 'notifyExpiry', 'rate', 'maxFile'],
    );
    assert.deepEqual([wrong.kind, wrong.format, wrong.rate], ['auto', 'payload', 20]);
  });
});
