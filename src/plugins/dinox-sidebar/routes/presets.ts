import type { NodeAPI } from 'node-red';
import { type Preset, readPreset } from '../../../answers/presets';
import { Fault } from '../../../base/fault';
import { Refusal } from '../../../runtime/admin/refusal';
import { type Routes, requestBody } from '../../../runtime/admin/routes';
import { brokerOr404 } from './brokers';

/** What each of the routes answers. */
interface PresetsAnswer {
  presets: readonly Preset[];
}

/**
 * Routes for publications that are saved by name. `POST` saves one; `replaces` is the name of the one whose place it
 * takes. A refusal (400) has the field as its code: name, topic, payload, qos, many, twin, unknown.
 */
export function presetRoutes(RED: NodeAPI, routes: Routes): void {
  routes.get('/dinox/brokers/:id/presets', ({ params }): PresetsAnswer => {
    const { memory: presets } = brokerOr404(RED, params.id).presets;
    return { presets: presets.all };
  });

  routes.post('/dinox/brokers/:id/presets', (request): PresetsAnswer => {
    const { memory: presets } = brokerOr404(RED, request.params.id).presets;
    const { replaces, ...raw } = requestBody(request);
    const preset = readPreset(raw);
    if (preset instanceof Fault) throw new Refusal(400, preset.code, preset.text);
    const fault = presets.save(preset, typeof replaces === 'string' ? replaces : undefined);
    if (fault) throw new Refusal(400, fault.code, fault.text);
    return { presets: presets.all };
  });

  routes.delete('/dinox/brokers/:id/presets/:name', ({ params }): PresetsAnswer => {
    const { memory: presets } = brokerOr404(RED, params.id).presets;
    if (!presets.remove(params.name ?? '')) throw new Refusal(404, 'noPreset');
    return { presets: presets.all };
  });
}
