/** Aim: entries come out by time, and first in first out within an instant; `busy` counts what is not background. */
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { Agenda, type Entry } from '../../../sim/engine/agenda.ts';

const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ at: fc.nat(20), background: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant('pop' as const) },
);

test.prop([fc.array(step, { maxLength: 200 })])('is a sorted list', (steps) => {
  let agenda = new Agenda<string>();
  let model: Entry<string>[] = [];
  steps.forEach((next, sequence) => {
    if (next === 'pop') expect(agenda.pop()).toEqual(model.shift());
    else {
      const entry: Entry<string> = {
        ...next,
        sequence,
        cause: 0,
        to: 0,
        incarnation: 1,
        message: `${sequence}`,
      };
      agenda.push(entry);
      model = [...model, entry].sort((a, b) => a.at - b.at || a.sequence - b.sequence);
    }
    expect(agenda.peek()).toEqual(model[0]);
    expect(agenda.busy).toBe(model.some((entry) => !entry.background));
    if (sequence % 7 === 0) agenda = new Agenda(agenda.entries());
  });
});
