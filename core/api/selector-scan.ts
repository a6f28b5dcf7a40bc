/** The words and signs of a label selector. (apimachinery/pkg/labels/selector.go, Lexer) */

export type TokenKind =
  'word' | 'in' | 'notin' | '=' | '==' | '!=' | '!' | '>' | '<' | '(' | ')' | ',' | 'error' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly literal: string;
}

const signs: ReadonlySet<string> = new Set(['=', '==', '!=', '!', '>', '<', '(', ')', ',']);
const isSpecial = (character: string): boolean => '=!(),><'.includes(character);
const isSpace = (character: string): boolean => ' \t\r\n'.includes(character);

/** The tokens of a selector; the last is `end`. */
export function scanSelector(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (isSpace(character)) {
      at++;
      continue;
    }
    if (character === '\0') break; // Go's lexer takes it for the end
    const token = isSpecial(character) ? sign(text, at) : word(text, at);
    tokens.push(token);
    at += token.literal.length;
  }
  tokens.push({ kind: 'end', literal: '' });
  return tokens;
}

/** The longest sign that begins here. */
function sign(text: string, at: number): Token {
  const two = text.slice(at, at + 2);
  const literal = signs.has(two) ? two : text.charAt(at);
  return { kind: literal as TokenKind, literal };
}

function word(text: string, at: number): Token {
  let end = at;
  while (
    end < text.length &&
    !isSpecial(text.charAt(end)) &&
    !isSpace(text.charAt(end)) &&
    text[end] !== '\0'
  )
    end++;
  const literal = text.slice(at, end);
  return { kind: literal === 'in' || literal === 'notin' ? literal : 'word', literal };
}
