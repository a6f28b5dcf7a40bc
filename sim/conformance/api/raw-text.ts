/** A body's text as the server reads it: JSON where it begins with a brace, otherwise YAML that is made JSON first. */
import { isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { decodeText, type DecodedText } from '../../../core/api/decode-text.ts';
import { kubectlTags } from '../../scenario/documents.ts';

export const decodeRaw = (raw: string): DecodedText =>
  raw.trimStart().startsWith('{') ? decodeText(raw) : decodeYaml(raw);

function decodeYaml(raw: string): DecodedText {
  const lines = new LineCounter();
  const document = parseDocument(raw, {
    version: '1.1',
    customTags: kubectlTags,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
  });
  const [broken] = document.errors;
  if (broken !== undefined) return { error: `yaml: ${broken.message}` };
  const again = repeatedKeys(document, lines);
  const earlier = again.length === 0 ? [] : [`yaml: unmarshal errors:\n${again.join('\n')}`];
  return decodeText(JSON.stringify(document.toJS() ?? null), raw, earlier);
}

/** Keys that their map has already, with their lines. */
function repeatedKeys(document: Document, lines: LineCounter): readonly string[] {
  const errors: string[] = [];
  visit(document, {
    Map(_, map) {
      if (!isMap(map)) return;
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        const { line } = lines.linePos(key.range?.[0] ?? 0);
        if (seen.has(name)) errors.push(`  line ${line}: key ${JSON.stringify(name)} already set in map`);
        seen.add(name);
      }
    },
  });
  return errors;
}
