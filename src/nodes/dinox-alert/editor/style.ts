/** The preview of `dinox-alert`: colours from Node-RED's variables alone, so that themes hold. */
export const PREVIEW_STYLE = `
.dinox-alert-form .form-row > input.dinox-short { flex-basis: 150px; }
.dinox-alert-form .form-row > input.dinox-narrow { flex-basis: 80px; }
.dinox-alert-preview { margin: 4px 0 14px; }
.dinox-alert-preview [hidden] { display: none !important; }
.dinox-alert-preview p { margin: 0; }
.dal-sentence { padding: 0 0 10px; line-height: 1.5; color: var(--red-ui-primary-text-color); overflow-wrap: anywhere; }
.dal-sentence strong { font-weight: 600; }
.dal-box { border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px; padding: 8px 10px;
  background: var(--red-ui-secondary-background); color: var(--red-ui-primary-text-color); }
.dal-head { display: flex; align-items: center; gap: 10px; min-height: 28px; margin-bottom: 4px; }
.dal-title { flex: 1 1 auto; min-width: 0; font-size: 12px; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; color: var(--red-ui-secondary-text-color-inactive); }
.dinox-form .dal-keys { flex: 0 1 55%; min-width: 0; width: auto; height: 28px; margin: 0; font-size: 12px; }
.dal-chart { position: relative; overflow: hidden; }
.dal-plot svg { display: block; overflow: visible; }
.dal-label { font-size: 11px; fill: var(--red-ui-secondary-text-color-inactive); }
.dal-name { font-size: 11px; fill: var(--red-ui-primary-text-color); }
.dal-grid, .dal-axis { stroke: var(--red-ui-secondary-border-color); fill: none; shape-rendering: crispEdges; }
.dal-grid { stroke-opacity: 0.7; }
.dal-line { stroke: var(--red-ui-text-color-success); stroke-width: 1.75; fill: none; stroke-linejoin: round;
  stroke-linecap: round; }
.dal-area { fill: var(--red-ui-text-color-success); fill-opacity: 0.22; }
.dal-limit { stroke: var(--red-ui-text-color-warning); stroke-width: 1.5; stroke-dasharray: 6 4; fill: none; }
.dal-critical, .dal-critical2 { stroke: var(--red-ui-text-color-error); }
.dal-limit.dal-ghost { stroke-opacity: 0.5; stroke-dasharray: 2 4; }
.dal-band { fill: var(--red-ui-text-color-warning); fill-opacity: 0.1; }
.dal-span { fill: var(--red-ui-text-color-warning); fill-opacity: 0.16; }
.dal-severe { fill: var(--red-ui-text-color-error); }
.dal-silent { fill: var(--red-ui-secondary-text-color-inactive); }
.dal-span.dal-edge { fill-opacity: 1; }
.dal-state { stroke: var(--red-ui-secondary-background); }
.dal-state-0 { fill: var(--red-ui-text-color-success); fill-opacity: 0.3; }
.dal-state-1 { fill: var(--red-ui-secondary-text-color-inactive); fill-opacity: 0.25; }
.dal-state-2 { fill: var(--red-ui-text-color-warning); fill-opacity: 0.3; }
.dal-state-3 { fill: var(--red-ui-text-color-error); fill-opacity: 0.25; }
.dal-state-4 { fill: var(--red-ui-text-color-success); fill-opacity: 0.6; }
.dal-state-5 { fill: var(--red-ui-secondary-text-color-inactive); fill-opacity: 0.5; }
.dal-handle { position: absolute; left: 46px; right: 0; height: 14px; margin-top: -7px; cursor: ns-resize;
  touch-action: none; outline: none; }
.dal-pill { position: absolute; right: 0; top: 50%; min-width: 44px; max-width: 74px; box-sizing: border-box;
  padding: 1px 6px; border-radius: 9px; font-size: 11px; line-height: 15px; text-align: center; white-space: nowrap;
  overflow: hidden; text-overflow: ellipsis; color: var(--red-ui-primary-text-color);
  background: var(--red-ui-form-input-background); border: 1px solid var(--red-ui-text-color-warning);
  user-select: none; }
.dal-handle-critical .dal-pill, .dal-handle-critical2 .dal-pill { border-color: var(--red-ui-text-color-error); }
.dal-handle.dal-ghost .dal-pill { border-style: dashed; }
.dal-handle:hover .dal-pill, .dal-handle.dal-held .dal-pill { background: var(--red-ui-secondary-background-hover); }
.dal-handle:focus-visible .dal-pill { outline: 2px solid var(--red-ui-form-input-focus-color); outline-offset: 1px; }
.dal-readout { position: absolute; top: 2px; left: 54px; font-size: 11px; pointer-events: none; white-space: pre;
  padding: 0 4px; border-radius: 3px; background: var(--red-ui-secondary-background);
  color: var(--red-ui-primary-text-color); }
.dal-verdict { padding-top: 4px; font-weight: 600; }
.dal-verdict::before { content: "\\f058"; font-family: FontAwesome; font-weight: 400; margin-right: 6px;
  color: var(--red-ui-text-color-success); }
.dal-verdict.dal-fired::before { content: "\\f0f3"; color: var(--red-ui-text-color-warning); }
.dal-verdict.dal-why { font-weight: 400; font-size: 12px; color: var(--red-ui-secondary-text-color-inactive); }
.dal-verdict.dal-why::before { content: "\\f05a"; color: inherit; }
.dal-verdict:empty { display: none; }
.dal-empty { padding: 4px 0; line-height: 1.45; color: var(--red-ui-secondary-text-color-inactive);
  overflow-wrap: anywhere; }
.dal-verdict + .dal-empty { font-size: 12px; padding-bottom: 0; }
.dal-offers { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 8px; padding-top: 6px; }
.dal-lead { font-size: 12px; }
.dal-reason { font-size: 12px; line-height: 1.4; color: var(--red-ui-secondary-text-color-inactive);
  overflow-wrap: anywhere; }
.dal-test { display: flex; align-items: center; gap: 10px; padding-top: 10px; }
.dinox-alert-preview .red-ui-button, .dinox-alert-preview .red-ui-button:hover {
  color: var(--red-ui-primary-text-color) !important; }
.dinox-alert-preview .red-ui-button.red-ui-button-small { font-size: 12px; }
.dal-test > .red-ui-button { flex: none; }
.dal-test > .red-ui-button.dal-off { opacity: 0.6; cursor: not-allowed; }
`;
