import type { ContentLimits } from '../../xmpp/payload/content';
import { type Problem, whole } from '../config/raw-fields';

const KB = 1_000;
const MB = 1_000_000;
/** Larger data is no value that somebody reads. */
const PARSED_KB = 64;

/** The fields `maxText` and `maxParsed` (kB) and `maxFile` (MB) of a node. @param fallback for the first and the last. */
export function contentLimits(
  def: Readonly<Record<string, unknown>>,
  fallback: Pick<ContentLimits, 'text' | 'file'>,
  problems: Problem[],
): ContentLimits {
  return {
    text: whole(def.maxText, 'maxText', fallback.text / KB, problems) * KB,
    file: whole(def.maxFile, 'maxFile', fallback.file / MB, problems) * MB,
    parsed: whole(def.maxParsed, 'maxParsed', PARSED_KB, problems) * KB,
  };
}
