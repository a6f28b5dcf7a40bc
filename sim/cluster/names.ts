/** What the processes of a component are called: by its name, and with a number where there are several. */
export const replicaNames = (component: string, count: number): readonly string[] =>
  count === 1 ? [component] : Array.from({ length: count }, (_, i) => `${component}-${i + 1}`);

/** What the process of a controller of one's own is called, before its name. */
export const ownProcess = 'controller/';
