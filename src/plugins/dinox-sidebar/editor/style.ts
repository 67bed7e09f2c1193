import { GUIDE_STYLE } from './first-alert/style';

/**
 * The sidebar's style: colours from Node-RED's variables alone, so that every theme holds, and widths measured by the
 * container, because Node-RED 5 lets one drag tabs anywhere.
 */
const STYLE = `
.dinox-sidebar { --dxs-accent: var(--red-ui-text-color-success); --dxs-accent-2: var(--red-ui-text-color-warning);
  --dxs-muted: var(--red-ui-secondary-text-color-focus); --dxs-line: var(--red-ui-secondary-border-color);
  display: flex; flex-direction: column; height: 100%; box-sizing: border-box; container-type: inline-size;
  color: var(--red-ui-primary-text-color); background: var(--red-ui-primary-background); font-size: 13px;
  line-height: 1.35; text-align: left; }
.dinox-sidebar *, .dinox-sidebar *::before { box-sizing: border-box; }
.dinox-sidebar [hidden] { display: none !important; }
.dinox-sidebar :focus-visible { outline: 2px solid var(--red-ui-form-input-focus-color); outline-offset: 1px; }
.dinox-sidebar .fa { line-height: 1; }
.dinox-sidebar h3 { font-size: 14px; font-weight: 600; line-height: 1.3; margin: 0; }
.dinox-sidebar p { margin: 0; }
.dxs-head { flex: none; display: flex; flex-direction: column; gap: 6px; padding: 8px 8px 0;
  border-bottom: 1px solid var(--dxs-line); background: var(--red-ui-secondary-background); }
.dxs-tabs { display: flex; gap: 2px; }
.dxs-tab { flex: 1 1 auto; display: flex; align-items: center; justify-content: center; gap: 6px; padding: 6px 4px 7px;
  border: 0; border-bottom: 2px solid transparent; background: none; color: var(--dxs-muted); font: inherit;
  min-width: 0; white-space: nowrap; }
.dxs-tab:hover { color: var(--red-ui-primary-text-color); }
.dxs-tab.dxs-on { color: var(--red-ui-primary-text-color); border-bottom-color: var(--dxs-accent); font-weight: 600; }
.dxs-badge { min-width: 17px; padding: 0 5px; border-radius: 9px; font-size: 11px; font-weight: 600; line-height: 17px;
  color: var(--red-ui-secondary-background); background: var(--red-ui-text-color-error); text-align: center; }
.dxs-stage { flex: 1 1 0; min-height: 0; position: relative; }
.dxs-view { position: absolute; inset: 0; display: flex; flex-direction: column; min-width: 0; }
.dxs-scroll { overflow-y: auto; padding: 8px; }
.dxs-bar { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; }
.dxs-topics > .dxs-bar { flex: none; padding: 8px 8px 0; }
.dxs-topics > .dxs-bar-second { padding-bottom: 8px; }
.dxs-grow { flex: 1 1 auto; }
.dxs-push { margin-left: auto; width: 0; }
.dinox-sidebar .dxs-button { display: inline-flex; align-items: center; justify-content: center; gap: 6px; height: 30px;
  min-width: 30px; padding: 0 7px; border: 1px solid var(--red-ui-form-input-border-color); border-radius: 4px;
  background: var(--red-ui-form-input-background); color: var(--red-ui-form-text-color); font: inherit; cursor: pointer; }
.dinox-sidebar .dxs-button:hover { background: var(--red-ui-secondary-background-hover); }
.dinox-sidebar .dxs-button:disabled { opacity: .45; cursor: default; }
.dinox-sidebar .dxs-button.dxs-on { border-color: var(--dxs-accent); box-shadow: inset 0 0 0 1px var(--dxs-accent); }
.dinox-sidebar .dxs-button.dxs-primary { font-weight: 600; border-color: var(--dxs-accent); }
.dinox-sidebar .dxs-select, .dinox-sidebar .dxs-input, .dinox-sidebar .dxs-search { height: 30px; margin: 0;
  padding: 0 8px; border: 1px solid var(--red-ui-form-input-border-color); border-radius: 4px; font: inherit;
  background-color: var(--red-ui-form-input-background); color: var(--red-ui-form-text-color); min-width: 0;
  width: auto; box-shadow: none; }
.dinox-sidebar .dxs-select { flex: 1 1 90px; max-width: 100%; padding-right: 4px; }
.dinox-sidebar .dxs-broker { width: 100%; flex: none; font-weight: 600; }
.dinox-sidebar .dxs-input { flex: 1 1 100px; width: 100%; }
.dinox-sidebar input.dxs-input.dxs-input[type=text] { height: 30px; margin: 0; padding: 0 8px; border-radius: 4px;
  font-size: 13px; }
.dinox-sidebar textarea.dxs-input { height: auto; padding: 6px 8px; resize: vertical; min-height: 60px;
  font-family: var(--red-ui-monospace-font); font-size: 12px; flex: none; }
.dinox-sidebar .dxs-input.dxs-short { flex: 0 1 84px; }
.dinox-sidebar ::placeholder { color: var(--dxs-muted); opacity: 1; }
.dxs-search-box { flex: 1 1 0; min-width: 0; position: relative; display: flex; align-items: center; }
.dxs-search-box > .fa { position: absolute; left: 9px; color: var(--dxs-muted); pointer-events: none; }
.dinox-sidebar input.dxs-search.dxs-search[type=search] { width: 100%; padding: 0 8px 0 28px; margin: 0; height: 30px;
  border-radius: 4px; font-size: 13px; }
.dinox-sidebar .dxs-search[aria-invalid=true] { border-color: var(--red-ui-form-input-border-error-color); }
.dxs-note { font-size: 12px; color: var(--dxs-muted); }
.dxs-topics > .dxs-note { flex: none; padding: 0 10px 8px; }
.dxs-fault { color: var(--red-ui-text-color-error); }
.dxs-list { flex: 1 1 0; min-height: 0; overflow-y: auto; overflow-x: hidden; padding: 0 4px; outline-offset: -2px;
  border-top: 1px solid var(--dxs-line); }
.dxs-space { position: relative; contain: strict; width: 100%; }
.dxs-item { position: absolute; top: 0; contain: strict; }
.dxs-foot { flex: none; padding: 4px 10px; border-top: 1px solid var(--dxs-line); font-size: 12px; color: var(--dxs-muted);
  background: var(--red-ui-secondary-background); }
.dxs-name, .dxs-path, .dxs-value, .dxs-where, .dxs-title { unicode-bidi: isolate; }
.dxs-heading { display: flex; align-items: flex-end; padding: 0 6px 3px; font-size: 12px; font-weight: 600;
  color: var(--dxs-muted); }
.dxs-heading > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
.dxs-tile { padding: 3px; cursor: pointer; }
.dxs-card { height: 100%; padding: 7px 9px 6px; border: 1px solid var(--dxs-line); border-radius: 6px; overflow: hidden;
  background: var(--red-ui-secondary-background); display: flex; flex-direction: column; }
.dxs-tile:hover .dxs-card { border-color: var(--red-ui-primary-border-color); }
.dxs-tile.dxs-active .dxs-card { border-color: var(--dxs-accent); }
.dxs-list:focus-visible .dxs-active .dxs-card, .dxs-list:focus-visible .dxs-line.dxs-active {
  box-shadow: 0 0 0 2px var(--red-ui-form-input-focus-color); }
.dxs-tile-head { display: flex; align-items: flex-start; gap: 4px; }
.dxs-tile .dxs-title { flex: 1 1 0; min-width: 0; display: flex; flex-direction: column; line-height: 1.2; }
.dxs-tile .dxs-name { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.dxs-tile .dxs-path { font-size: 11px; color: var(--dxs-muted); overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  min-height: 13px; }
.dxs-marks { flex: none; display: inline-flex; gap: 4px; font-size: 11px; color: var(--dxs-muted); }
.dxs-mark-bolt, .dxs-mark-clock-o { color: var(--red-ui-text-color-error); }
.dxs-reading { display: flex; align-items: baseline; gap: 4px; min-width: 0; }
.dxs-tile .dxs-reading { flex: 1 1 auto; align-items: center; }
.dxs-value { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-variant-numeric: tabular-nums; }
.dxs-unit { flex: none; color: var(--dxs-muted); }
.dxs-tile .dxs-value { font-size: 18px; line-height: 1.25; }
.dxs-tile[data-kind=text] .dxs-value, .dxs-tile[data-kind=json] .dxs-value, .dxs-tile[data-kind=picture] .dxs-value,
.dxs-tile[data-kind=binary] .dxs-value, .dxs-tile[data-kind=empty] .dxs-value { font-size: 13px; font-weight: 400; }
.dxs-item[data-kind=json] .dxs-value { font-family: var(--red-ui-monospace-font); font-size: 12px; }
.dxs-tile-foot { display: flex; align-items: flex-end; gap: 6px; }
.dxs-tile .dxs-spark { flex: 1 1 0; min-width: 0; height: 18px; }
.dxs-age { flex: none; font-size: 11px; color: var(--dxs-muted); white-space: nowrap; margin-left: auto; }
.dxs-old .dxs-value { color: var(--dxs-muted); font-style: italic; }
.dxs-old .dxs-card { border-style: dashed; }
.dxs-spark { display: block; overflow: visible; color: var(--dxs-accent); }
.dxs-spark-line { fill: none; stroke: currentColor; stroke-width: 1.4; stroke-linejoin: round; stroke-linecap: round;
  vector-effect: non-scaling-stroke; }
.dxs-spark-band { fill: currentColor; opacity: .18; }
.dxs-line { display: flex; align-items: center; gap: 6px; padding: 0 6px; cursor: pointer; white-space: nowrap;
  border-radius: 3px; }
.dxs-line:hover { background: var(--red-ui-list-item-background-hover); }
.dxs-line.dxs-active { background: var(--red-ui-secondary-background-selected); }
.dxs-caret { flex: none; width: 14px; height: 100%; display: inline-flex; align-items: center; justify-content: center; }
.dxs-branch > .dxs-caret::before { content: "\\f105"; font-family: FontAwesome; }
.dxs-branch[aria-expanded=true] > .dxs-caret::before { content: "\\f107"; }
.dxs-line > .dxs-name { flex: 1 1 auto; min-width: 40px; overflow: hidden; text-overflow: ellipsis; }
.dxs-line > .dxs-path { flex: 0 1 auto; max-width: 40%; font-size: 12px; color: var(--dxs-muted); overflow: hidden;
  text-overflow: ellipsis; }
.dxs-line > .dxs-path:empty { display: none; }
.dxs-line > .dxs-reading { flex: 0 0 auto; max-width: 45%; }
.dxs-line > .dxs-spark { flex: none; width: 44px; height: 16px; }
.dxs-line > .dxs-age { width: 46px; text-align: right; margin-left: 0; }
@container (max-width: 340px) { .dxs-tab > .fa { display: none; } }
.dinox-sidebar .dxs-chart-panel > .dxs-bar { gap: 4px; }
.dinox-sidebar .dxs-chart-panel > .dxs-bar .dxs-button { height: 26px; min-width: 26px; padding: 0 6px; }
@container (max-width: 280px) { .dxs-line > .dxs-spark, .dxs-line > .dxs-path { display: none; } }
.dxs-empty { flex: 1 1 0; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 12px;
  padding: 24px 20px; text-align: center; color: var(--dxs-muted); }
.dxs-empty > .fa { font-size: 30px; opacity: .6; }
.dxs-empty > p { max-width: 34em; }
.dxs-cards { display: flex; flex-direction: column; gap: 8px; }
.dxs-cards:only-child { min-height: 100%; }
.dinox-sidebar h2.dxs-heading { margin: 14px 0 6px; padding: 0 2px; line-height: 1.35; }
.dxs-take-over { display: flex; flex-direction: column; align-items: flex-start; gap: 6px; padding: 14px 2px 4px; }
.dxs-users { margin-top: 8px; }
.dinox-sidebar .dxs-users .dxs-button { height: 26px; max-width: 100%; }
.dxs-users .dxs-button > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.dxs-connection, .dxs-alert { padding: 10px 12px; border: 1px solid var(--dxs-line); border-radius: 6px;
  background: var(--red-ui-secondary-background); overflow-wrap: anywhere; }
.dxs-connection header, .dxs-alert header { display: flex; align-items: center; gap: 8px; }
.dxs-connection h3, .dxs-alert h3 { flex: 1 1 0; min-width: 0; }
.dxs-dot { flex: none; width: 10px; height: 10px; border-radius: 50%; background: var(--red-ui-text-color-warning); }
.dxs-dot.dxs-connected { background: var(--red-ui-text-color-success); }
.dxs-dot.dxs-stopped { background: var(--red-ui-text-color-error); }
.dxs-dot.dxs-idle, .dxs-dot.dxs-unconfigured { background: none; border: 2px solid var(--dxs-muted); }
.dxs-phase { font-size: 12px; color: var(--dxs-muted); }
.dxs-where { font-size: 12px; color: var(--dxs-muted); margin: 4px 0 0 !important; }
.dxs-reason { margin: 6px 0 0 !important; color: var(--red-ui-text-color-error); }
.dxs-facts-list { display: grid; grid-template-columns: auto 1fr; gap: 2px 12px; margin: 8px 0 0; }
.dxs-facts-list dt { font-weight: 400; color: var(--dxs-muted); }
.dxs-facts-list dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
.dxs-more { margin-top: 8px; border-top: 1px solid var(--dxs-line); padding-top: 6px; }
.dxs-more > summary { cursor: pointer; padding: 2px 0; }
.dxs-more > summary > .fa { margin: 0 6px 0 2px; }
.dxs-losses { list-style: none; margin: 4px 0 0; }
.dxs-losses li { display: flex; gap: 10px; padding: 3px 0; font-size: 12px; line-height: 1.35; }
.dxs-losses .dxs-age { width: 46px; margin: 0; }
.dxs-can { width: 100%; font-size: 12px; margin-top: 4px; }
.dxs-can caption { text-align: left; color: var(--dxs-muted); padding-bottom: 4px; }
.dxs-can th { text-align: left; font-weight: 400; padding: 2px 0; }
.dxs-can td { text-align: right; white-space: nowrap; }
.dxs-yes .fa { color: var(--red-ui-text-color-success); }
.dxs-no .fa { color: var(--red-ui-text-color-error); }
.dxs-alert { border-left: 4px solid var(--red-ui-text-color-warning); display: flex; flex-direction: column; gap: 6px; }
.dxs-alert.dxs-critical { border-left-color: var(--red-ui-text-color-error); }
.dxs-alert.dxs-known { border-left-color: var(--dxs-line); }
.dxs-facts { font-size: 12px; color: var(--dxs-muted); overflow-wrap: anywhere; }
.dxs-detail { background: var(--red-ui-primary-background); }
.dxs-detail-head { flex: none; display: flex; align-items: center; gap: 8px; padding: 8px;
  border-bottom: 1px solid var(--dxs-line); background: var(--red-ui-secondary-background); }
.dxs-detail-head .dxs-title { flex: 1 1 0; min-width: 0; overflow-wrap: anywhere; }
.dxs-detail-head .dxs-path { display: block; font-size: 11px; color: var(--dxs-muted); }
.dxs-detail-body { flex: 1 1 0; min-height: 0; overflow-y: auto; padding: 10px; display: flex; flex-direction: column; gap: 10px; }
.dxs-detail-body > * { flex: none; min-width: 0; }
.dxs-detail-body .dxs-more { margin: 0; }
.dxs-large { flex-wrap: wrap; }
.dxs-large .dxs-value { font-size: 28px; line-height: 1.2; max-width: 100%; }
.dxs-large > span:last-child { margin-left: auto; }
.dxs-form { display: flex; flex-direction: column; gap: 8px; padding-top: 6px; margin: 0; }
.dxs-check { display: inline-flex !important; align-items: center; gap: 6px; margin: 0; }
.dinox-sidebar .dxs-check input { margin: 0; width: auto; }
.dxs-segment { display: inline-flex; }
.dinox-sidebar .dxs-segment .dxs-button { border-radius: 0; margin-left: -1px; height: 26px; font-size: 12px; }
.dinox-sidebar .dxs-segment .dxs-button:first-child { border-radius: 4px 0 0 4px; margin-left: 0; }
.dinox-sidebar .dxs-segment .dxs-button:last-child { border-radius: 0 4px 4px 0; }
.dxs-chart-panel { display: flex; flex-direction: column; gap: 6px; }
.dxs-chart { width: 100%; min-width: 0; overflow: hidden; }
.dxs-legend { min-height: 17px; font-size: 12px; color: var(--dxs-muted); font-variant-numeric: tabular-nums; white-space: pre-wrap; }
.dxs-payload pre { max-height: 320px; overflow: auto; margin: 0; padding: 8px; font-size: 12px; white-space: pre-wrap;
  overflow-wrap: anywhere; border: 1px solid var(--dxs-line); border-radius: 4px; unicode-bidi: isolate;
  background: var(--red-ui-form-input-background); color: var(--red-ui-form-text-color); }
.dxs-payload img { max-width: 100%; border-radius: 4px; }
dialog.dxs-dialog { width: min(440px, 94vw); height: fit-content; padding: 12px 14px 14px; gap: 8px; margin: auto;
  border: 1px solid var(--red-ui-primary-border-color); border-radius: 8px; }
dialog.dxs-dialog:not([open]) { display: none; }
dialog.dxs-dialog::backdrop { background: rgba(0, 0, 0, .4); }
dialog.dxs-dialog > header { display: flex; align-items: center; gap: 8px; }
dialog.dxs-dialog > header h3 { flex: 1 1 0; min-width: 0; overflow-wrap: anywhere; }
dialog.dxs-wide { width: 88vw; }
.dinox-sidebar .uplot, .dinox-sidebar .u-wrap { position: relative; user-select: none; }
.dinox-sidebar .u-over, .dinox-sidebar .u-under, .dinox-sidebar .u-axis, .dinox-sidebar .u-select { position: absolute; }
.dinox-sidebar .u-under { overflow: hidden; }
.dinox-sidebar .uplot canvas { display: block; position: relative; width: 100%; height: 100%; }
.dinox-sidebar .u-select { background: var(--dxs-accent); opacity: .2; pointer-events: none; }
.dinox-sidebar .u-cursor-x, .dinox-sidebar .u-cursor-y { position: absolute; left: 0; top: 0; pointer-events: none; }
.dinox-sidebar .u-hz .u-cursor-x { height: 100%; border-right: 1px dashed var(--dxs-muted); }
.dinox-sidebar .u-cursor-pt { position: absolute; top: 0; left: 0; border-radius: 50%; border: 0 solid; pointer-events: none;
  background-clip: padding-box !important; }
.dinox-sidebar .u-off { display: none; }
.dxs-limit { position: absolute; left: 0; right: 0; top: -8px; height: 16px; cursor: ns-resize; touch-action: none; z-index: 2; }
.dinox-sidebar .dxs-limit:focus-visible { outline-offset: -3px; }
.dxs-limit-grip { position: absolute; right: 4px; top: 3px; width: 22px; height: 10px; border-radius: 5px; opacity: .9;
  background: var(--red-ui-text-color-error); }
.dxs-limit-grip::after { content: ""; position: absolute; left: 6px; right: 6px; top: 3px; height: 4px;
  border: solid var(--red-ui-primary-background); border-width: 1px 0; }
@media (prefers-reduced-motion: no-preference) {
  .dxs-empty[data-why=loading] > .fa { animation: dxs-turn 1.2s linear infinite; }
  @keyframes dxs-turn { to { transform: rotate(1turn); } }
}
`;

/** Brings the style into the page, once. */
export function addSidebarStyle(): void {
  if (document.getElementById('dinox-sidebar-style')) return;
  const style = document.createElement('style');
  style.id = 'dinox-sidebar-style';
  style.textContent = STYLE + GUIDE_STYLE;
  document.head.append(style);
}
