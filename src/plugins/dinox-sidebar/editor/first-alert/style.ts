/** Of the guided start; colours from Node-RED's variables, but for the code, which cameras want dark on white. */
export const GUIDE_STYLE = `
.dxg-progress { flex: none; display: block; width: 100%; height: 3px; border: 0; border-radius: 0; appearance: none;
  background: var(--dxs-line); color: var(--dxs-accent); }
.dxg-progress::-webkit-progress-bar { background: var(--dxs-line); }
.dxg-progress::-webkit-progress-value { background: var(--dxs-accent); }
.dxg-progress::-moz-progress-bar { background: var(--dxs-accent); }
.dxg-step { display: flex; flex-direction: column; gap: 12px; min-height: 0; }
.dxg-step p { overflow-wrap: anywhere; }
.dxg-step .dxs-form { gap: 12px; padding-top: 0; }
.dxg-field { display: flex; flex-direction: column; gap: 4px; }
.dinox-sidebar .dxg-field > label, .dxg-label { display: block; margin: 0; width: auto; font-weight: 600; }
.dinox-sidebar .dxg-field > input.dxs-input.dxs-input, .dinox-sidebar .dxg-field > .dxs-select { flex: none; width: 100%; height: 34px;
  margin: 0; }
.dinox-sidebar .dxs-input[aria-invalid=true] { border-color: var(--red-ui-form-input-border-error-color); }
.dinox-sidebar .dxg .dxs-bar .dxs-button { height: 34px; padding: 0 12px; }
.dinox-sidebar .dxg .dxg-next { font-weight: 600; }
.dxg-told { padding: 8px 10px; border: 1px solid var(--dxs-line); border-radius: 4px; overflow-wrap: anywhere;
  border-left: 4px solid var(--dxs-accent); background: var(--red-ui-secondary-background); display: flex;
  flex-direction: column; gap: 6px; }
.dxg-told[data-fault=true] { border-left-color: var(--red-ui-text-color-error); }
.dxg-told .dxs-more { margin: 0; }
.dxg-todo { font-weight: 600; }
.dinox-sidebar .dxg-story { margin: 6px 0 0; padding: 6px 8px; font-size: 12px; white-space: pre-wrap; overflow-wrap: anywhere;
  max-height: 180px; overflow: auto; border: 1px solid var(--dxs-line); border-radius: 4px; user-select: text;
  background: var(--red-ui-form-input-background); color: var(--red-ui-form-text-color); }
.dinox-sidebar .dxg-lead:focus { outline: none; }
.dxg-step > .dxs-note:empty { display: none; }
.dxg-or { color: var(--dxs-muted); }
.dxg-list { display: flex; flex-direction: column; gap: 4px; }
.dxg-list:empty { display: none; }
.dinox-sidebar .dxg-choice { display: flex; align-items: center; gap: 8px; width: 100%; min-height: 36px; padding: 5px 10px;
  border: 1px solid var(--dxs-line); border-radius: 4px; background: var(--red-ui-secondary-background);
  color: var(--red-ui-primary-text-color); font: inherit; text-align: left; cursor: pointer; }
.dinox-sidebar .dxg-choice:hover { border-color: var(--dxs-accent); }
.dinox-sidebar .dxg-choice:disabled { opacity: .5; cursor: default; }
.dxg-choice > .fa { flex: none; color: var(--dxs-accent); }
.dxg-words { flex: 1 1 0; min-width: 0; display: flex; flex-direction: column; }
.dxg-name { overflow-wrap: anywhere; unicode-bidi: isolate; }
.dxg-below { font-size: 12px; color: var(--dxs-muted); overflow-wrap: anywhere; unicode-bidi: isolate; }
.dxg-beside { flex: none; max-width: 45%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600;
  font-variant-numeric: tabular-nums; unicode-bidi: isolate; }
.dxg-topic { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: baseline; justify-content: space-between; }
.dxg-topic strong, .dxg-now { unicode-bidi: isolate; overflow-wrap: anywhere; }
.dxg-now { font-size: 18px; }
.dxg-code { display: flex; flex-wrap: wrap; gap: 12px; align-items: center; }
.dxg-code:empty { display: none; }
.dxg-paper { flex: none; width: 152px; height: 152px; padding: 4px; border: 1px solid var(--dxs-line); border-radius: 6px;
  background: #fff; color: #000; }
.dxg-qr { display: block; width: 100%; height: 100%; }
.dxg-how { flex: 1 1 130px; min-width: 0; display: flex; flex-direction: column; gap: 8px; overflow-wrap: anywhere; }
.dinox-sidebar .dxg-how a { color: var(--red-ui-text-color-link); text-decoration: underline; }
.dxg-sentence { font-size: 15px; line-height: 1.4; }
.dxg-certificate { display: flex; flex-direction: column; gap: 6px; align-items: flex-start; }
.dxg-certificate:empty { display: none; }
.dinox-sidebar .dxg-fingerprint { white-space: normal; overflow-wrap: anywhere; user-select: text; padding: 2px 6px;
  color: var(--red-ui-form-text-color); background: var(--red-ui-form-input-background);
  border: 1px solid var(--dxs-line); }
.dinox-sidebar details.dxs-more .dxg-field, .dinox-sidebar details.dxs-more .dxs-check { margin-top: 8px; }
.dxg-proof { display: flex; align-items: baseline; gap: 8px; padding: 8px 10px; border: 1px solid var(--dxs-line);
  border-left: 4px solid var(--dxs-accent); border-radius: 4px; background: var(--red-ui-secondary-background); }
.dxg-proof > .fa { flex: none; width: 16px; text-align: center; color: var(--dxs-accent); }
.dxg-proof[data-mark=fault] { border-left-color: var(--red-ui-text-color-error); }
.dxg-proof[data-mark=fault] > .fa { color: var(--red-ui-text-color-error); }
.dxg-proof > .dxg-words { overflow-wrap: anywhere; }
.dinox-sidebar .dxs-start { flex: none; }
`;
