/** Draws frames in the terminal, and turns keys and the passing of time into the cursor's inputs. It decides nothing. */
import { Box, Text, useApp, useInput, useStdout, type Key } from 'ink';
import { useEffect, useReducer, useState, type ReactElement } from 'react';
import { moved, type Cursor, type Input, type KeyName } from './cursor.ts';
import { frameOf, type Size } from './frame.ts';
import { linesOfFrame, type ScreenLine, type Span } from './lines.ts';
import type { ReplayIndex } from './replay-index.ts';

export interface ScreenProps {
  readonly index: ReplayIndex;
  readonly cursor: Cursor;
  /** Instead of the terminal's size. */
  readonly size?: Size;
}

/** Between two frames while it plays. */
const tickMs = 50;

export function Screen({ index, cursor: start, size: given }: ScreenProps): ReactElement {
  const [cursor, send] = useReducer((at: Cursor, input: Input) => moved(index, at, input), start);
  const size = useSize(given);
  const { exit } = useApp();
  useInput((text, key) => {
    for (const input of inputsOf(text, key)) send(input);
  });
  useEffect(() => {
    if (cursor.quit) exit();
  }, [cursor.quit, exit]);
  useEffect(() => (cursor.playing ? ticking(send) : undefined), [cursor.playing]);
  const lines = linesOfFrame(frameOf(index, cursor, size));
  return (
    <Box flexDirection="column">
      {lines.map((line, row) => (
        <Row key={row} line={line} />
      ))}
    </Box>
  );
}

function Row({ line }: { readonly line: ScreenLine }): ReactElement {
  return (
    <Text wrap="truncate">
      {line.length === 0 ? ' ' : ''}
      {line.map((span, i) => (
        <Text key={i} {...styleOf(span)}>
          {span.text}
        </Text>
      ))}
    </Text>
  );
}

const styleOf = ({
  colour,
  bold,
  dim,
}: Span): { readonly color?: string; readonly bold: boolean; readonly dimColor: boolean } => ({
  ...(colour === undefined ? {} : { color: colour }),
  bold: bold === true,
  dimColor: dim === true,
});

function ticking(send: (input: Input) => void): () => void {
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    send({ type: 'tick', elapsedMs: now - last });
    last = now;
  }, tickMs);
  return () => {
    clearInterval(timer);
  };
}

/** The terminal's size, as it changes; the last row stays free, or ink would draw everything anew each time. */
function useSize(given: Size | undefined): Size {
  const { stdout } = useStdout();
  const [, redraw] = useState(0);
  useEffect(() => {
    const onResize = (): void => {
      redraw((count) => count + 1);
    };
    stdout.on('resize', onResize);
    return () => {
      stdout.off('resize', onResize);
    };
  }, [stdout]);
  return given ?? { columns: stdout.columns || 80, rows: stdout.rows || 24 };
}

const keyNames: readonly (readonly [keyof Key, KeyName])[] = [
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['pageUp', 'pageUp'],
  ['pageDown', 'pageDown'],
  ['return', 'return'],
  ['escape', 'escape'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
];

/** A key, or text; pasted text may end with the return that confirms it. */
function inputsOf(text: string, key: Key): readonly Input[] {
  const named = keyNames.find(([name]) => key[name] === true);
  if (named !== undefined) return [{ type: 'key', key: named[1] }];
  if (key.ctrl || key.meta || text === '') return [];
  const typed: Input = { type: 'text', text: text.replace(/[\r\n]/g, '') };
  return /[\r\n]/.test(text) ? [typed, { type: 'key', key: 'return' }] : [typed];
}
