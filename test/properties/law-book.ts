/** What those who look on write down: which laws were broken, and how often each was asked. */
export class LawBook {
  /** Empty, as long as all is well. */
  readonly broken: string[] = [];
  readonly looked: Record<string, number> = {};

  law(name: string, holds: boolean, what: () => string): void {
    this.looked[name] = (this.looked[name] ?? 0) + 1;
    if (!holds) this.broken.push(`${name}: ${what()}`);
  }
}
