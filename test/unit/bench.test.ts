import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mosquittoVersion } from '../../bench/broker';
import { DEFAULTS, PARTS, readOptions } from '../../bench/options';
import { performancePage } from '../../bench/report';
import { median, type Results, type Row, spread } from '../../bench/results';
import { targetsOf } from '../../bench/targets';

const ROOT = join(__dirname, '../..');
const SMALL_RUN_MS = 120_000;

function received(variant: string, filters: number, ...samples: number[]): Row {
  return { case: { kind: 'exact', arrival: 'stream', version: 4, filters }, variant, unit: 'µs', samples };
}

function started(variant: string, ms: number, mb: number): Row[] {
  return [
    { case: { what: 'start, until done' }, variant, unit: 'ms', samples: [ms] },
    { case: { what: 'resident memory' }, variant, unit: 'MB', samples: [mb] },
  ];
}

function resultsOf(receive: readonly Row[], load: readonly Row[] = []): Results {
  const at = '2026-11-24T04:00:00.000Z';
  return {
    machine: { cpu: 'a processor', cores: 2, memoryMB: 8_192, os: 'Linux 6' },
    versions: { node: '20.20.2' },
    parts: {
      receive: { at, cpu: 'a processor', load: [0.1, 1.2], rows: receive },
      ...(load.length > 0 ? { load: { at, cpu: 'a processor', load: [0.1, 0.2], rows: load } } : {}),
    },
  };
}

describe('bench', () => {
  it('takes the middle, and how far it is to the outermost', () => {
    assert.equal(median([5, 1, 3]), 3);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.equal(spread([9, 10, 11]), 0.1);
  });

  it('holds results against the targets', () => {
    const rows = [
      received('floor', 1, 10, 11, 90),
      received('ours', 1, 12, 12, 1),
      received('core', 1, 12, 12, 12),
      received('floor', 10_000, 10),
      received('ours', 10_000, 14),
    ];
    const load = [...started('empty', 800, 110), ...started('ours', 951, 120)];
    assert.deepEqual(
      targetsOf(resultsOf(rows, load)).map(({ figure, met }) => [figure, met]),
      [
        ['1.09 ×', true],
        ['1.40 ×', false],
        ['+17 %', false],
        ['1.00 ×', true],
        ['151 ms', false],
        ['10.0 MB', true],
      ],
    );
  });

  it('holds a chat against the library alone', () => {
    const row = (what: string, variant: string, unit: Row['unit'], value: number): Row => ({
      case: { direction: 'bot → phone', messages: 1_000, what },
      variant,
      unit,
      samples: [value],
    });
    const rows = [
      row('throughput', 'xmppjs', 'a second', 2_000),
      row('throughput', 'ours', 'a second', 1_700),
      row('CPU', 'xmppjs', 'µs', 80),
      row('CPU', 'ours', 'µs', 40),
    ];
    const results = resultsOf([]);
    const chat = { at: '2026-11-25T04:00:00.000Z', cpu: 'a processor', load: [0.1, 0.2] as const, rows };
    assert.deepEqual(
      targetsOf({ ...results, parts: { chat } }).map(({ figure, met }) => [figure, met]),
      [
        ['0.85 ×', false],
        ['0.50 ×', true],
      ],
    );
    assert.match(
      performancePage({ ...results, parts: { chat } }),
      /^\| bot → phone, 1,000 messages: throughput \| 2,000 a second ±0 % \| 1,700 a second ±0 % \|$/m,
    );
  });

  it('says nothing of what was not measured', () => {
    assert.deepEqual(targetsOf({ ...resultsOf([]), parts: {} }), []);
  });

  it('makes the page from the results alone', () => {
    const results = resultsOf([received('floor', 100, 10, 11, 12), received('ours', 100, 10.5, 11, 1_234)]);
    const page = performancePage(results);
    assert.equal(page, performancePage(structuredClone(results)));
    assert.match(page, /below each table, 2 cores, 8 GB, Linux 6, with node 20\.20\.2/);
    assert.match(page, /\| at most 1\.1 × the floor at 100 \(MQTT 3\.1\.1\) \| 1\.05 × \| met \|/);
    assert.match(
      page,
      /^\| \| floor \| DinoX \|\n\|---\|---:\|---:\|\n\| MQTT 3\.1\.1, 100 filters \| 11\.0 µs ±9 % \|/m,
    );
    assert.match(
      page,
      /2026-11-24, on a processor, 3 rounds, load average 0\.1 at the beginning and 1\.2 at the end\./,
    );
    assert.doesNotMatch(page, /Publishing|undefined|NaN/);
  });

  it('has written the page from the results that lie beside it', function () {
    const file = join(ROOT, 'bench/results.json');
    if (!existsSync(file)) this.skip();
    const page = performancePage(JSON.parse(readFileSync(file, 'utf8')) as Results);
    assert.equal(readFileSync(join(ROOT, 'docs/performance.md'), 'utf8'), page);
  });

  it('understands its arguments', () => {
    assert.deepEqual(readOptions([]), {
      ...DEFAULTS,
      parts: PARTS,
      against: undefined,
      report: false,
      partial: false,
    });
    const { parts, filters, rounds, partial } = readOptions([
      'receive',
      '--filters',
      '1,100',
      '--rounds',
      '3',
    ]);
    assert.deepEqual([parts, filters, rounds, partial], [['receive'], [1, 100], 3, true]);
    assert.throws(
      () => readOptions(['recieve']),
      /"recieve" is neither a part \(receive, .*\) nor an option/,
    );
    assert.throws(() => readOptions(['--rounds', '0']), /--rounds must be whole numbers above 0, not "0"/);
    assert.throws(() => readOptions(['--filters']), /--filters needs a value/);
  });

  it('measures a small part', async function () {
    this.timeout(SMALL_RUN_MS);
    if (mosquittoVersion() === 'unknown' && !process.env.CI) this.skip();
    const small = ['receive', '--filters', '1', '--versions', '5', '--rounds', '1', '--messages', '60'];
    const output = await run(['--import', 'tsx', 'bench/run.ts', ...small]);
    for (const variant of ['mqttjs', 'floor', 'core', 'ours'])
      assert.match(output, new RegExp(`^receive: exact stream 5 1 30: ${variant} [0-9.,]+ µs ±0 %$`, 'm'));
  });
});

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`it ended with ${code}: ${output}`)),
    );
  });
}
