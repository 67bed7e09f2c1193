/** All that templates can call, by name. */

import { text } from '../../../base/catalogue';
import { TemplateError } from '../errors';
import { str } from '../show';
import { type Callable, Float, fn, Namespace, table, typeName, type Value } from '../values';
import { JSON_FILTERS } from './json';
import { LIST_FILTERS, LIST_FUNCTIONS } from './lists';
import { NUMERIC_FILTERS, NUMERIC_FUNCTIONS } from './numeric';
import { TEXT_FILTERS } from './textual';
import { TIME_FILTERS, TIME_FUNCTIONS } from './time';

export { TESTS } from './tests';

const typeOf = fn('value', (args) => typeName(args.at(0)));

export const FILTERS: ReadonlyMap<string, Callable> = new Map([
  ...NUMERIC_FILTERS,
  ...TEXT_FILTERS,
  ...LIST_FILTERS,
  ...JSON_FILTERS,
  ...TIME_FILTERS,
  ...table({
    d: LIST_FILTERS.get('default') as Callable,
    typeof: typeOf,
  }),
]);

export const FUNCTIONS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...NUMERIC_FUNCTIONS,
  ...LIST_FUNCTIONS,
  ...TIME_FUNCTIONS,
  ...[...TEXT_FILTERS].filter(([name]) => name === 'iif' || name === 'slugify'),
  ...table({
    typeof: typeOf,
    namespace: fn('*', (args) => new Namespace(new Map(args.keywords))),
    joiner: fn('sep=', (args) => {
      // The first time nothing, then the separator.
      let isFirst = true;
      const separator = str(args.or(0, ', '));
      return fn('', () => {
        const now = isFirst ? '' : separator;
        isFirst = false;
        return now;
      });
    }),
  }),
  ['pi', new Float(Math.PI)],
  ['e', new Float(Math.E)],
  ['tau', new Float(2 * Math.PI)],
]);

/** What only Home Assistant knows: its states, its registries, its clock, chance. */
const FOREIGN = new Set(
  (
    'states,state_attr,is_state,is_state_attr,has_value,state_translated,expand,closest,' +
    'distance,device_attr,is_device_attr,device_id,device_name,device_entities,area_id,' +
    'area_name,area_entities,area_devices,areas,floors,floor_id,floor_name,floor_areas,' +
    'floor_entities,labels,label_id,label_name,label_areas,label_devices,label_entities,' +
    'label_description,integration_entities,config_entry_id,config_entry_attr,entity_name,' +
    'is_hidden_entity,issues,issue,now,utcnow,today_at,relative_time,time_since,time_until,' +
    'this,random,shuffle,trigger,lipsum,cycler'
  ).split(','),
);

/** Throws for a name of Home Assistant's own; says nothing about any other. */
export function refuseForeign(name: string): void {
  if (FOREIGN.has(name)) throw new TemplateError('unsupported', text('template.unsupported', { name }));
}
