/** What messages mean for covers and valves. */

import type { Entity } from '../entity';
import { type Draft, NONE, numberIn, objectIn, percentage, type Read, type Source } from './draft';

/** Position 0 to 100 of a cover, as Home Assistant shows it. */
function position(entity: Entity, value: number): number {
  const [closed, open] = [entity.numberOr('position_closed', 0), entity.numberOr('position_open', 100)];
  return Math.min(100, Math.max(0, percentage(closed, open, value)));
}

const coverState: Read = (text, draft, entity) => {
  const is = (name: string, word: string): boolean => text === entity.textOr(name, word);
  if (is('state_stopped', 'stopped')) {
    const isClosed =
      entity.text('position_topic') === undefined
        ? draft.state === 'closed' || draft.state === 'closing'
        : draft.attributes.get('current_position') === 0;
    draft.state = isClosed ? 'closed' : 'open';
  } else if (is('state_opening', 'opening')) draft.state = 'opening';
  else if (is('state_closing', 'closing')) draft.state = 'closing';
  else if (is('state_open', 'open')) draft.state = 'open';
  else if (is('state_closed', 'closed')) draft.state = 'closed';
  else if (text === NONE) draft.state = null;
};

const coverPosition: Read = (text, draft, entity) => {
  const object = objectIn(text);
  if (object?.tilt_position !== undefined) tilt(String(object.tilt_position), draft, entity);
  const value = numberIn(object ? String(object.position) : text);
  if (value === undefined) return;
  const now = position(entity, value);
  draft.attributes.set('current_position', now);
  if (entity.text('state_topic') === undefined) draft.state = now === 0 ? 'closed' : 'open';
};

const tilt: Read = (text, draft, entity) => {
  const value = numberIn(text);
  const [low, high] = [entity.numberOr('tilt_min', 0), entity.numberOr('tilt_max', 100)];
  if (value === undefined || value < Math.min(low, high) || value > Math.max(low, high)) return;
  draft.attributes.set('current_tilt_position', percentage(low, high, value));
};

const valve: Read = (text, draft, entity) => {
  const object = objectIn(text);
  const state = object ? object.state : text;
  if (entity.flag('reports_position')) positionOfValve(object ? object.position : text, state, draft, entity);
  else if (state === entity.textOr('state_opening', 'opening')) draft.state = 'opening';
  else if (state === entity.textOr('state_closing', 'closing')) draft.state = 'closing';
  else if (state === entity.textOr('state_open', 'open')) draft.state = 'open';
  else if (state === entity.textOr('state_closed', 'closed')) draft.state = 'closed';
  else if (state === NONE) draft.state = null;
};

function positionOfValve(at: unknown, state: unknown, draft: Draft, entity: Entity): void {
  if (state === NONE) {
    draft.attributes.set('current_position', null);
    draft.state = null;
    return;
  }
  const value = numberIn(String(at));
  if (value !== undefined) draft.attributes.set('current_position', position(entity, value));
  if (state === entity.textOr('state_opening', 'opening')) draft.state = 'opening';
  else if (state === entity.textOr('state_closing', 'closing')) draft.state = 'closing';
  else if (value !== undefined)
    draft.state = draft.attributes.get('current_position') === 0 ? 'closed' : 'open';
}

export const MOVING: Readonly<Record<string, readonly Source[]>> = {
  cover: [
    { topic: 'position_topic', templates: ['position_template'], read: coverPosition },
    { topic: 'state_topic', templates: ['value_template'], read: coverState, isMain: true },
    { topic: 'tilt_status_topic', templates: ['tilt_status_template'], read: tilt },
  ],
  valve: [{ topic: 'state_topic', templates: ['value_template'], read: valve, isMain: true }],
};
