/**
 * One style sheet for all dialogs of the package; colours only from Node-RED's variables, so that themes hold.
 * No width of its own: Node-RED would make its tray as wide as the longest note.
 */
export const STYLE = `
.dinox-form { width: 0; min-width: 100%; }
.dinox-form .form-row { display: flex; flex-wrap: wrap; align-items: center; margin-bottom: 10px; }
.dinox-form .form-row[hidden] { display: none; }
.dinox-form .form-row > label:first-child { flex: 0 0 138px; width: 138px; margin: 0; padding-right: 10px;
  box-sizing: border-box; hyphens: auto; }
.dinox-form .form-row > label > i { width: 16px; text-align: center; margin-right: 3px; }
.dinox-form .form-row > input:not([type=checkbox]), .dinox-form .form-row > select,
.dinox-form .form-row > textarea { flex: 1 1 0; width: auto; min-width: 0; margin: 0; box-sizing: border-box; }
.dinox-form .form-row > div:not(.dinox-note):not(.red-ui-typedInput-container) { flex: 1 1 0; min-width: 0; }
.dinox-form .form-row > div > select { flex: 1 1 0; width: 0; min-width: 0; }
.dinox-form .form-row > .red-ui-typedInput-container { flex: 1 1 0; min-width: 0; }
.dinox-form .form-row > .dinox-short, .dinox-form .form-row > input.dinox-short { flex: 0 0 110px; }
.dinox-form .form-row > .dinox-inner { flex: none; width: auto; margin: 0 8px 0 14px; }
.dinox-form .form-row.dinox-check { padding-left: 138px; align-items: flex-start; }
.dinox-form .form-row.dinox-check > label:first-child { flex: 1 1 0; width: auto; padding: 0; display: flex; gap: 8px;
  align-items: baseline; }
.dinox-form .form-row.dinox-check input { flex: none; width: auto; margin: 0; position: relative; top: 2px; }
.dinox-form textarea { resize: vertical; min-height: 54px; font-family: var(--red-ui-monospace-font); }
.dinox-note { flex: 0 0 100%; padding: 3px 0 0 138px; box-sizing: border-box; font-size: 12px; line-height: 1.4;
  color: var(--red-ui-secondary-text-color-inactive); }
.dinox-check > .dinox-note { padding-left: 22px; }
.dinox-note.dinox-reason { color: var(--red-ui-text-color-error); }
.dinox-note:empty, .dinox-note[hidden] { display: none; }
.dinox-form details { margin: 0 0 8px; border: 1px solid var(--red-ui-secondary-border-color); border-radius: 4px; }
.dinox-form details[open] { margin-bottom: 14px; }
.dinox-form summary { display: flex; align-items: baseline; gap: 8px; padding: 7px 10px; cursor: pointer;
  list-style: none; border-radius: 3px; color: var(--red-ui-primary-text-color); }
.dinox-form summary::-webkit-details-marker { display: none; }
.dinox-form summary::before { content: "\\f105"; font-family: FontAwesome; width: 10px; flex: none; text-align: center; }
.dinox-form details[open] > summary::before { content: "\\f107"; }
.dinox-form summary:hover { background: var(--red-ui-secondary-background-hover); }
.dinox-form summary:focus-visible { outline: 2px solid var(--red-ui-form-input-focus-color); outline-offset: -1px; }
.dinox-form summary > .dinox-digest { flex: 1; min-width: 0; text-align: right; font-size: 12px; overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap; color: var(--red-ui-secondary-text-color-inactive); }
.dinox-form details[open] > summary > .dinox-digest { visibility: hidden; }
.dinox-form details.dinox-faulty > summary::after { content: "\\f071"; font-family: FontAwesome; flex: none;
  color: var(--red-ui-text-color-error); }
.dinox-form details > .dinox-body { padding: 10px 10px 2px; }
.dinox-form .dinox-lead { margin: 0 0 12px; color: var(--red-ui-secondary-text-color-inactive); }
.dinox-form .dinox-check > .dinox-note.dinox-hint { padding: 5px 0 0; }
.dinox-form .form-row.dinox-check > .red-ui-button { align-self: center; }
.dinox-unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.dinox-form fieldset.dinox-cannot { min-width: 0; margin: 0; padding: 0; border: 0; }
.dinox-form fieldset.dinox-cannot[disabled] .form-row { opacity: 0.55; }
.dinox-note.dinox-warn::before { content: "\\f071"; font-family: FontAwesome; margin-right: 6px; }
.dinox-preview code { padding: 1px 5px; font-size: 12px; line-height: 1.4; white-space: pre-wrap; overflow-wrap: anywhere; word-break: normal; border: 0;
  color: var(--red-ui-primary-text-color); background: var(--red-ui-secondary-background); border-radius: 3px; }
.dinox-completion { display: flex; gap: 12px; justify-content: space-between; overflow: hidden; }
.dinox-completion > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.dinox-completion-name { flex: 1 1 0; min-width: 0; }
.dinox-completion-value { flex: none; max-width: 45%; color: var(--red-ui-secondary-text-color-inactive); }
`;
