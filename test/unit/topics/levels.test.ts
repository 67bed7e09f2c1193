import assert from 'node:assert/strict';
import { wildcardLevels } from '../../../src/topics/levels';

const CASES: [filter: string, topic: string, levels: string[]][] = [
  ['home/kitchen', 'home/kitchen', []],
  ['+', 'home', ['home']],
  ['home/+/temperature', 'home/kitchen/temperature', ['kitchen']],
  ['+/+', 'home/kitchen', ['home', 'kitchen']],
  ['+/+', '/', ['', '']],
  ['home/+/#', 'home/kitchen/light/on', ['kitchen', 'light/on']],
  ['#', 'home/kitchen', ['home/kitchen']],
  // # stands for its parent too (MQTT 5 §4.7.1.2).
  ['home/#', 'home', ['']],
  ['home/#', 'home/', ['']],
  ['+/#', 'home', ['home', '']],
  ['$share/group/home/+', 'home/kitchen', ['kitchen']],
];

describe('what wildcards stood for', () => {
  for (const [filter, topic, levels] of CASES)
    it(`${filter} on ${topic}`, () => assert.deepEqual(wildcardLevels(filter)(topic), levels));
});
