/** What is wrong with what a person gave, and where: the one kind of error that input may cause. */

export interface Position {
  readonly file: string;
  /** Counted from 1, as are columns. */
  readonly line: number;
  readonly column: number;
}

export interface Problem {
  readonly at: Position;
  /** What was found, what is allowed, and the nearest word where one is near. One line. */
  readonly message: string;
}

export const startOf = (file: string): Position => ({ file, line: 1, column: 1 });

/** `web.yaml:12:5: unknown field "replica"; did you mean "replicas"?`: editors find the place by it. */
const problemText = ({ at, message }: Problem): string => `${at.file}:${at.line}:${at.column}: ${message}`;

/** Input that cannot be run. Never shown with a stack. */
export class BadInput extends Error {
  override readonly name = 'BadInput';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(problemText).join('\n'));
    this.name = 'BadInput';
    this.problems = problems;
  }
}

/** Stops with one problem. */
export function refuse(at: Position, message: string): never {
  throw new BadInput([{ at, message }]);
}

/** A value as an error shows it: short, and on one line. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** ` (did you mean "replicas"?)`, or what is allowed where nothing is near. */
export function suggestion(near: string | undefined, allowed: readonly string[]): string {
  if (near !== undefined) return `; did you mean "${near}"?`;
  return allowed.length === 0 ? '' : `; allowed: ${allowed.join(', ')}`;
}

/** `spec.timeline[0].at: `; nothing for the document itself. */
export function dotted(path: readonly (string | number)[]): string {
  if (path.length === 0) return '';
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return `${text.startsWith('.') ? text.slice(1) : text}: `;
}

export const placeText = (at: Position = startOf('')): string => `${at.file}:${at.line}:${at.column}`;

/** Problems found so far: one bad part does not hide the others. */
export class Problems {
  private readonly found: Problem[] = [];

  gather<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      this.found.push(...error.problems);
      return undefined;
    }
  }

  async wait<T>(reading: Promise<T>): Promise<T | undefined> {
    try {
      return await reading;
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      this.found.push(...error.problems);
      return undefined;
    }
  }

  add(at: Position, message: string): void {
    this.found.push({ at, message });
  }

  /** Throws what was found, if anything was. */
  stop(): void {
    if (this.found.length > 0) throw new BadInput(this.found);
  }
}
