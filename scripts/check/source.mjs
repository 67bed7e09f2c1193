/** Reading the source for the checks: files, imports, the HTML of an editor. */
import { readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { neededText, ROOT } from '../layout.mjs';

/** All files below a folder of the repository with this ending, as paths relative to the repository. */
export function filesBelow(folder, ending) {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();
}

export function parse(path, text = neededText(path)) {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** Calls `visit` with every node of a syntax tree. */
export function walk(node, visit) {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

/** Line of a syntax node, for messages: `src/x.ts:12`. */
export function placeOf(source, node) {
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

function isTypeOnly(node) {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (!clause) return false;
  const names = clause.namedBindings;
  const allTypes = names && ts.isNamedImports(names) && names.elements.every(({ isTypeOnly }) => isTypeOnly);
  return clause.isTypeOnly || Boolean(allTypes && !clause.name);
}

/** Everything that a file imports: `{to, typeOnly, place}`; `to` is a path of the repository or a package. */
export function importsOf(path) {
  const source = parse(path);
  const found = [];
  const add = (node, specifier, typeOnly) => {
    const text = specifier.text;
    const to = text.startsWith('.') ? normalize(join(dirname(path), text)) : text;
    found.push({ to, typeOnly, place: placeOf(source, node) });
  };
  walk(source, (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      add(node, node.moduleSpecifier, isTypeOnly(node));
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node, node.argument.literal, true);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      if (ts.isStringLiteral(node.arguments[0])) add(node, node.arguments[0], false);
    } else if (ts.isCallExpression(node) && node.expression.getText() === 'require') {
      if (node.arguments[0] && ts.isStringLiteral(node.arguments[0])) add(node, node.arguments[0], false);
    }
  });
  return found;
}
