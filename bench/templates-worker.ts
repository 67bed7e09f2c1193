/** Measures templates alone, in a process of their own; prints its figures as JSON. */
import { readFileSync } from 'node:fs';
import { Payload } from '../src/homeassistant/templates/payload';
import { Templates } from '../src/homeassistant/templates/template';

interface Entry {
  readonly template: string;
  readonly payloads?: readonly string[];
  readonly answers: readonly (string | null)[];
}

/** Microseconds of CPU for which each is measured. */
const LENGTH_US = 60_000;
const JSON_PAYLOAD = '{"state":"ON","linkquality":120,"temperature":21.53}';

const templates = new Templates();

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Microseconds for one call, the better of three runs: the first one is the compiler's. */
function cost(action: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    let times = 0;
    const begin = cpu();
    let end = begin;
    for (; end - begin < LENGTH_US; end = cpu()) for (let i = 0; i < 1_000; i++, times++) action();
    best = Math.min(best, (end - begin) / times);
  }
  return best;
}

/** Microseconds for a template and a payload that just came, the middle of its payloads that give a text. */
function costOf({ template, payloads = [], answers }: Entry): number | undefined {
  const read = templates.read(template);
  const costs = payloads
    .filter((_, index) => answers[index] !== null)
    .map((payload) => cost(() => read.ofPayload(new Payload(payload))));
  return middle(costs);
}

function middle(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function main(): void {
  const entries = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as (Entry & { style: string })[];
  const bare = templates.read('{{ value_json.temperature }}');
  const known = new Payload(JSON_PAYLOAD);
  const costs = entries.filter(({ style }) => style !== 'language').flatMap((entry) => costOf(entry) ?? []);
  console.log(
    JSON.stringify({
      'bare path, JSON read before, µs': cost(() => bare.ofPayload(known)),
      'bare path, JSON of 52 bytes read, µs': cost(() => bare.ofPayload(new Payload(JSON_PAYLOAD))),
      'JSON.parse alone, µs': cost(() => JSON.parse(JSON_PAYLOAD)),
      'the median template, JSON read, µs': middle(costs),
      'the slowest template, JSON read, µs': Math.max(...costs),
    }),
  );
}

main();
