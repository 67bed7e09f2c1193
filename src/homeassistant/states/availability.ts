import { hasWildcard, matches } from '../../topics/filter';
import type { Entity } from '../entity';
import type { Payload } from '../templates/payload';
import type { Template, Templates } from '../templates/template';

interface Watched {
  readonly filter: string;
  readonly template: Template | undefined;
  readonly available: string;
  readonly notAvailable: string;
  isAvailable: boolean;
}

/** Availability of an entity: by what its availability topics say; without any it always can. */
export class EntityAvailability {
  private readonly watched: readonly Watched[];
  private latest = false;

  constructor(
    private readonly entity: Entity,
    templates: Templates,
  ) {
    this.watched = entity.availability.map(({ topic, template, available, notAvailable }) => ({
      filter: topic,
      template: template === undefined ? undefined : templates.read(template),
      available,
      notAvailable,
      // As in Home Assistant, silence is no sign of life.
      isAvailable: false,
    }));
  }

  get isAvailable(): boolean {
    if (this.watched.length === 0) return true;
    const { availabilityMode: mode } = this.entity;
    if (mode === 'latest') return this.latest;
    return mode === 'all'
      ? this.watched.every((one) => one.isAvailable)
      : this.watched.some((one) => one.isAvailable);
  }

  take(topic: string, payload: Payload): void {
    for (const one of this.watched) {
      const isFor = hasWildcard(one.filter)
        ? matches(one.filter.split('/'), topic.split('/'))
        : one.filter === topic;
      if (!isFor) continue;
      const rendered = one.template?.ofPayload(payload) ?? { text: payload.text };
      if ('error' in rendered) continue;
      if (rendered.text !== one.available && rendered.text !== one.notAvailable) continue;
      one.isAvailable = rendered.text === one.available;
      this.latest = one.isAvailable;
    }
  }
}
