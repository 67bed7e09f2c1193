/** What messages of real devices say, by family: `test/fixtures/devices/` names where their forms come from. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Content } from '../../../src/devices/content';
import { DeviceTopics } from '../../../src/devices/device-topics';

const FOLDER = join(__dirname, '../../fixtures/devices');

interface Fixture {
  source: string;
  messages: { topic: string; payload: string; says: object[] }[];
}

/** What is not said is left out. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? []));

/** The forms in which a flow may have a payload. */
const FORMS: readonly (readonly [string, (payload: string) => unknown])[] = [
  ['text', (payload) => payload],
  ['bytes', (payload) => Buffer.from(payload)],
  [
    'parsed',
    (payload) => {
      try {
        return JSON.parse(payload) as unknown;
      } catch {
        return payload;
      }
    },
  ],
];

describe('devices: families, in the forms that public documents and logs show', () => {
  for (const file of readdirSync(FOLDER)) {
    const { source, messages } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Fixture;
    for (const [form, of] of FORMS)
      it(`${file.replace('.json', '')}, as ${form}`, () => {
        assert.ok(source.length > 20, 'a fixture names its source');
        const topics = new DeviceTopics();
        for (const { topic, payload, says } of messages)
          assert.deepEqual(plain(topics.read(topic, new Content(of(payload)))), says, `${topic} ${payload}`);
      });
  }
});
