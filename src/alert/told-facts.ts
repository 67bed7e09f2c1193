import type { ToldFacts, Value } from './states';

/** Characters of each, of which hundreds are kept: no fewer than a message shows. */
const MAX = { title: 200, value: 100, unit: 40, name: 200, area: 100 } as const;

/** The same and nothing else, none of it longer than somebody reads. */
export function boundFacts({
  state,
  condition,
  title,
  value,
  unit,
  limit,
  limit2,
  noDataAfter,
  is,
  parent,
  subject,
}: ToldFacts): ToldFacts {
  return {
    ...{ state, condition },
    ...(title && { title: title.slice(0, MAX.title) }),
    ...(value !== undefined && { value: short(value) }),
    ...(unit && { unit: unit.slice(0, MAX.unit) }),
    ...(limit !== undefined && { limit: short(limit) }),
    ...(limit2 !== undefined && { limit2 }),
    ...(noDataAfter && { noDataAfter }),
    ...(is && { is }),
    ...(parent && { parent }),
    ...(subject && {
      subject: {
        check: subject.check,
        device: {
          name: subject.device.name.slice(0, MAX.name),
          area: subject.device.area.slice(0, MAX.area),
        },
      },
    }),
  };
}

const short = (value: Value): Value => (typeof value === 'string' ? value.slice(0, MAX.value) : value);
