import { Presets } from '../../answers/presets';
import { text } from '../../base/catalogue';
import { textOf } from '../../base/coded-error';
import { MemoryFile } from '../chat/memory-file';
import type { BrokerOptions } from './broker-options';

/** The publications of a connection that people saved by name, over restarts. */
export const keptPresets = ({ presetsFile, tools, log }: BrokerOptions): MemoryFile<Presets> =>
  new MemoryFile(
    presetsFile,
    (stored) => Presets.from(stored),
    tools.clock,
    (error, path) => log.warn(text('log.presets', { path, reason: textOf(error) })),
  );
