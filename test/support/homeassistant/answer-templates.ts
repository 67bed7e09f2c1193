/** `npx tsx test/support/homeassistant/answer-templates.ts`: writes Home Assistant's answers into the fixture anew. */
import { writeFileSync } from 'node:fs';
import { answered, FIXTURE, readEntries } from './templates';

answered(readEntries()).then(
  (entries) => writeFileSync(FIXTURE, `${JSON.stringify(entries, undefined, 2)}\n`),
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
