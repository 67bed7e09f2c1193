/// <reference path="../../../editor/red.d.ts" />
import { isTold } from '../../../answers/actuators';
import { brokerPath, get } from '../../../editor/admin-api';
import { type Completion, complete } from '../../../editor/form';
import { visible } from '../../../editor/format';

/** An entity as the connection's route answers. */
interface OfferedEntity {
  key: string;
  name: string;
  area: string;
  component: string;
}

const MAX_OFFERED = 30;
const MAX_SHOWN = 80;

/** Offers the entities of Home Assistant that take commands, by name, device, area or id; fills an empty name. */
export function offerEntities(
  inputs: ReadonlyMap<string, HTMLInputElement | HTMLSelectElement>,
  brokerId: () => string,
): undefined {
  const [entity, name] = [inputs.get('entity'), inputs.get('name')];
  if (!entity || !name) return;
  const offered = new Map<string, OfferedEntity>();
  complete($(entity), 0, async (text) => {
    const entities = await ask(brokerId(), text);
    offered.clear();
    for (const one of entities) if (isTold(one.key)) offered.set(one.key, one);
    return [...offered.values()].map(completion);
  });
  $(entity).on('change', () => {
    const row = offered.get(entity.value);
    if (row && name.value.trim() === '') name.value = visible(row.name, MAX_SHOWN);
  });
}

async function ask(broker: string, text: string): Promise<OfferedEntity[]> {
  if (broker === '' || broker === '_ADD_') return [];
  try {
    const query = { q: text, limit: MAX_OFFERED };
    return (await get<{ entities: OfferedEntity[] }>(brokerPath(broker, 'entities'), query)).entities;
  } catch {
    return [];
  }
}

function completion({ key, name, area, component }: OfferedEntity): Completion {
  const label = $('<div>', { class: 'dinox-completion' }).append(
    $('<span>').text(visible(name, MAX_SHOWN)),
    $('<span>', { class: 'dinox-completion-value' }).text(
      visible([area, component].filter(Boolean).join(' · '), MAX_SHOWN),
    ),
  );
  return { value: key, label };
}
