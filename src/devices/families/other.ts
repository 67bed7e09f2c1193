import { availabilityOf } from '../content';
import { REPORT_FIELDS, reportIn } from '../report';
import { before, type FamilyReader } from '../route';

const family = 'other';
/** Last levels under which devices of any make say if they are there. */
const AVAILABILITY = new Set(['availability', 'available', 'LWT', 'lwt']);

/** What is a device by its topic, or by what it reports, and belongs to no family that is known. */
export const other: FamilyReader = (topic, levels) => {
  const last = levels[levels.length - 1] ?? '';
  if (levels.length > 1 && AVAILABILITY.has(last)) {
    const device = before(levels, 1);
    return (content) => {
      if (content.isEmpty) return [{ device, family, isCleared: true }];
      const online = availabilityOf(content);
      return online === undefined ? undefined : [{ device, family, online }];
    };
  }
  return (content) => {
    if (!content.mayHave(REPORT_FIELDS)) return undefined;
    const { object } = content;
    // OwnTracks: the battery of somebody's phone is charged every night.
    if (!object || Object.hasOwn(object, '_type')) return undefined;
    return [{ device: topic, family, isAlive: true, ...reportIn(object) }];
  };
};
