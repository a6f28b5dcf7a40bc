/** Why a text is no base64, in the words of Go's decoder, which skips line breaks. (Go 1.24 encoding/base64) */

const letters = /^[A-Za-z0-9+/]$/;

/** Undefined where the text can be decoded. */
export function base64Error(text: string): string | undefined {
  const at = corruptAt(text);
  return at === undefined ? undefined : `illegal base64 data at input byte ${at}`;
}

function corruptAt(text: string): number | undefined {
  let inQuantum = 0;
  let at = 0;
  for (; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '\n' || char === '\r') continue;
    if (char === '=') return corruptPadding(text, at, inQuantum);
    if (!letters.test(char)) return at;
    inQuantum = (inQuantum + 1) % 4;
  }
  // The last four are cut short: told by where they begin, line breaks not counted.
  return inQuantum === 0 ? undefined : at - inQuantum;
}

/** Two or three letters are filled up to four, and nothing follows. */
function corruptPadding(text: string, at: number, inQuantum: number): number | undefined {
  if (inQuantum < 2) return at;
  let next = afterBreaks(text, at + 1);
  if (inQuantum === 2) {
    if (next === text.length) return text.length;
    if (text[next] !== '=') return next - 1;
    next = afterBreaks(text, next + 1);
  }
  return next < text.length ? next : undefined;
}

function afterBreaks(text: string, from: number): number {
  let at = from;
  while (text[at] === '\n' || text[at] === '\r') at++;
  return at;
}
