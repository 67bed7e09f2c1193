/// <reference path="../../../editor/red.d.ts" />
import { brokerPath, get } from '../../../editor/admin-api';
import { type Completion, complete } from '../../../editor/form';
import { visible } from '../../../editor/format';
import { seenTopics } from '../../../editor/topics/topics';

/** An entity as the connection's route answers. */
interface OfferedEntity {
  name: string;
  entityId: string;
  topic?: string;
  field?: string;
}

const MAX_TOPICS = 50;
const MAX_ENTITIES = 10;
const MAX_SHOWN = 80;
/** Characters from which entities are looked for: that subscribes to what devices announce. */
const MIN_TYPED = 3;

/** What the fields for topic and JSON field offer: entities by the names of Home Assistant, and numbers in the JSON. */
export class RecordedFields {
  private readonly offered = new Map<string, OfferedEntity>();

  constructor(
    private readonly topic: JQuery,
    private readonly field: JQuery,
    private readonly brokerId: () => string,
  ) {
    complete(field, 0, (text) => this.offerFields(text));
    topic.on('change', () => this.taken());
  }

  /** Entities whose name, device or id has what is typed. */
  async offerEntities(text: string): Promise<Completion[]> {
    if (text.trim().length < MIN_TYPED) return [];
    const entities = await this.ask(text);
    this.offered.clear();
    for (const one of entities) if (one.topic !== undefined) this.offered.set(one.entityId, one);
    return [...this.offered.values()].map(({ entityId, name, topic = '', field = '' }) => ({
      value: entityId,
      label: line(name, field === '' ? topic : `${topic} · ${field}`),
    }));
  }

  private async ask(text: string): Promise<OfferedEntity[]> {
    try {
      const query = { q: text, limit: MAX_ENTITIES };
      return (await get<{ entities: OfferedEntity[] }>(brokerPath(this.brokerId(), 'entities'), query))
        .entities;
    } catch {
      return [];
    }
  }

  /** An entity was taken: what is recorded is its topic. */
  private taken(): void {
    const entity = this.offered.get(String(this.topic.val() ?? ''));
    if (entity?.topic === undefined) return;
    this.offered.clear();
    this.topic.val(entity.topic).trigger('change');
    this.field.val(entity.field ?? '').trigger('change');
  }

  /** Numbers in the JSON of the topics that are typed, with those that came last. */
  private async offerFields(text: string): Promise<Completion[]> {
    const topic = String(this.topic.val() ?? '').trim();
    if (topic === '') return [];
    const rows = (await seenTopics(this.brokerId(), topic, MAX_TOPICS)) ?? [];
    const isWhole = rows.some((row) => row.topic === topic);
    const found = new Map<string, number>();
    for (const row of rows)
      if (!isWhole || row.topic === topic) for (const [name, value] of row.fields) found.set(name, value);
    const wanted = text.toLowerCase();
    return [...found]
      .filter(([name]) => name.toLowerCase().includes(wanted))
      .map(([name, value]) => ({ value: name, label: line(name, String(value)) }));
  }
}

function line(text: string, beside: string): JQuery {
  return $('<div>', { class: 'dinox-completion' }).append(
    $('<span>').text(visible(text, MAX_SHOWN)),
    $('<span>', { class: 'dinox-completion-value' }).text(visible(beside, MAX_SHOWN)),
  );
}
