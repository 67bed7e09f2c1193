/** XML namespaces are written once, in src/xmpp/namespaces.ts: two spellings of one are a mistake that nothing else tells. */
import ts from 'typescript';
import { neededText } from '../layout.mjs';
import { filesBelow, parse, placeOf, walk } from './source.mjs';

const HOME = 'src/xmpp/namespaces.ts';
const NAMESPACE =
  /(urn:(xmpp|ietf:params:xml):|https?:\/\/(etherx\.)?jabber\.org\/|\bjabber:(client|iq|x):?|storage:bookmarks)/;

export function checkNamespaces() {
  const problems = [];
  for (const path of filesBelow('src', '.ts')) {
    if (path === HOME || !NAMESPACE.test(neededText(path))) continue;
    const source = parse(path);
    walk(source, (node) => {
      const isText =
        ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
      if (isText && NAMESPACE.test(node.text))
        problems.push(`${placeOf(source, node)}: an XML namespace, which belongs into ${HOME}`);
    });
  }
  return problems;
}
