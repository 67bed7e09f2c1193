import { type Translate, visible } from '../../../../editor/format';
import { button } from '../controls';
import { revealNode } from '../reveal-node';
import type { TopicPlace } from '../rows';

/** Something that has a node, and perhaps a topic. */
interface Placed {
  node: string;
  name: string;
  place?: TopicPlace;
}

/** Buttons with icons alone: the way to the topic, and to the node that watches it. */
export function waysTo(
  { node, name, place }: Placed,
  translate: Translate,
  openTopic: (place: TopicPlace) => void,
): HTMLElement[] {
  const toNode = button(
    { icon: 'crosshairs', label: translate('alerts.toNode', { node: visible(name, 60) }).trim() },
    () => revealNode(node),
  );
  toNode.dataset.act = 'node';
  if (!place) return [toNode];
  const toTopic = button(
    { icon: 'line-chart', label: translate('alerts.toTopic', { topic: visible(place.topic, 200) }) },
    () => openTopic(place),
  );
  toTopic.dataset.act = 'topic';
  return [toTopic, toNode];
}

/**
 * Replaces elements, and leaves the keyboard where it was: on the same control of the same thing (`data-act` within
 * `data-about`), else on one that takes it back (the first word of `data-act` is the same), else on the whole view.
 */
export function replaceKeepingFocus(place: HTMLElement, fresh: readonly HTMLElement[]): void {
  const active = document.activeElement;
  const isWithin = active instanceof HTMLElement && place.contains(active);
  const act = isWithin ? active.dataset.act : undefined;
  const about = active?.closest<HTMLElement>('[data-about]')?.dataset.about;
  place.replaceChildren(...fresh);
  if (!isWithin) return;
  const same = fresh.find((one) => one.dataset.about === about);
  const controls = [...(same?.querySelectorAll<HTMLElement>('[data-act]') ?? [])];
  const kindOf = (one: string | undefined): string | undefined => one?.split(' ')[0];
  const next =
    controls.find((one) => one.dataset.act === act) ??
    controls.find((one) => kindOf(one.dataset.act) === kindOf(act));
  (next ?? place.closest<HTMLElement>('[role=tabpanel]'))?.focus();
}
