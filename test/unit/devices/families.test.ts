/** What messages of devices say, by family. `test/fixtures/devices/` names for each where it was found; `made-up/` has the others. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Content } from '../../../src/devices/content';
import { DeviceTopics } from '../../../src/devices/device-topics';

const FOLDER = join(__dirname, '../../fixtures/devices');

interface Message {
  topic: string;
  payload: string;
  says: object[];
}
interface Found {
  messages: (Message & { source: string })[];
}
interface MadeUp {
  source: string;
  messages: Message[];
}

const filesIn = (folder: string): string[] => readdirSync(folder).filter((file) => file.endsWith('.json'));
const read = <T>(folder: string, file: string): T =>
  JSON.parse(readFileSync(join(folder, file), 'utf8')) as T;

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

function understands(messages: readonly Message[]): void {
  for (const [form, of] of FORMS)
    it(`as ${form}`, () => {
      const topics = new DeviceTopics();
      for (const { topic, payload, says } of messages)
        assert.deepEqual(plain(topics.read(topic, new Content(of(payload)))), says, `${topic} ${payload}`);
    });
}

describe('devices: families, in messages that public documents, issues and logs show', () => {
  const files = filesIn(FOLDER);

  it('six families of devices, and where each message was found', () => {
    assert.equal(files.length, 6);
    for (const file of files)
      for (const { source, topic } of read<Found>(FOLDER, file).messages)
        assert.match(
          source,
          /issue \d|pull request \d| (?:at|before) [0-9a-f]{8}\b|\d{4}-\d\d|\d\.\d+\.\d/,
          topic,
        );
  });

  for (const file of files)
    describe(file.replace('.json', ''), () => understands(read<Found>(FOLDER, file).messages));
});

describe('devices: families, in messages that are made up', () => {
  const folder = join(FOLDER, 'made-up');
  for (const file of filesIn(folder))
    describe(file.replace('.json', ''), () => understands(read<MadeUp>(folder, file).messages));
});
