/** What the dialog of `xmpp-out` shows and sends, without Node-RED. */
import assert from 'node:assert/strict';
import { inEnglish } from '../../../../src/base/english';
import { MADE_UP, previewsOf, sampleOf } from '../../../../src/runtime/chat/message-sample';

describe('xmpp-out: the preview', () => {
  it('shows the last message in every format, as it is sent', () => {
    const payload = { value: 81.5, unit: '°C' };
    const sample = sampleOf({ payload, topic: 'home/boiler' }, 5) ?? MADE_UP;
    payload.value = 0;
    const { full, short, file, payload: plain } = previewsOf(sample, inEnglish);
    assert.deepEqual(
      [full.text, short.text, plain.text],
      ['MQTT [home/boiler]\n81.5 °C', '[home/boiler] 81.5 °C', '81.5 °C'],
    );
    assert.deepEqual(file.file, { name: 'boiler.json', bytes: 8, text: '81.5 °C' });
    assert.match(previewsOf(MADE_UP, inEnglish).full.text ?? '', /home\/kitchen/);
  });

  it('keeps what a template may ask for, and no secret of a flow', () => {
    const secrets = { password: 'x', accessToken: 'x', api_key: 'x', apiKey: 'x', Authorization: 'x' };
    const sample = sampleOf({ payload: 1, name: 'Door', key: 'z/door', ...secrets }, 0);
    assert.deepEqual(sample?.more, { name: 'Door', key: 'z/door' });
  });

  it('keeps little of what is large, and says what cannot be sent', () => {
    const long = sampleOf({ payload: 'x'.repeat(100_000), topic: 'y'.repeat(9_000) }, 0) ?? MADE_UP;
    assert.ok(JSON.stringify(long).length < 5_000);
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    assert.equal(sampleOf({ payload: circle }, 0), undefined);
    assert.equal(sampleOf({}, 0), undefined);
    const picture = sampleOf({ payload: Buffer.alloc(1_000_000), attachment: ['a'] }, 0) ?? MADE_UP;
    assert.deepEqual([picture.files, picture.payload, previewsOf(picture, inEnglish).full], [2, '', {}]);
    const faulty = Object.assign(new Error(), { message: Symbol('no text') });
    assert.equal(sampleOf({ payload: faulty }, 0), undefined);
    const broken = previewsOf({ payload: Symbol('x'), files: 0 }, inEnglish);
    assert.equal(broken.payload.error?.code, 'payload-type');
  });
});
