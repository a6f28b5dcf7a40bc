/**
 * Aim: an Event is refused for what kubernetes v1.34.1 pkg/apis/core/validation/events.go refuses it for, and the short way
 * of recorders' Events lets nothing else pass. Method: a table of what differs from a sound Event, old and newer.
 */
import { fc, test as prop } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { errorText } from '../../../../core/api/field-error.ts';
import type { Event } from '../../../../core/api/generated/types.ts';
import { checkEvent, isSoundEvent } from '../../../../core/api/validation/event.ts';
import type { Errors } from '../../../../core/api/validation/fields.ts';

const old = {
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'web.1', namespace: 'team' },
  involvedObject: { kind: 'Pod', namespace: 'team', name: 'web' },
  eventTime: null,
};
const newer = {
  ...old,
  eventTime: '2025-01-01T00:00:00.000000Z',
  reportingComponent: 'example.com/robot',
  reportingInstance: 'robot-1',
  action: 'Binding',
  reason: 'Scheduled',
  message: '',
};
const within = (namespace: string, about: string | undefined) => ({
  metadata: { name: 'web.1', namespace },
  involvedObject: { kind: 'Node', name: 'n', namespace: about },
});

const found = (event: object): readonly string[] => {
  const errors: Errors = [];
  checkEvent(errors, event as Event);
  return errors.map(errorText);
};

const mismatch = (about: string): string =>
  `involvedObject.namespace: Invalid value: "${about}": does not match event.namespace`;

const cases: Readonly<Record<string, readonly [event: object, errors: readonly string[]]>> = {
  'old, as it should be': [old, []],
  'old, of another namespace': [{ ...old, ...within('team', 'other') }, [mismatch('other')]],
  'old, of no namespace, in default': [{ ...old, ...within('default', undefined) }, []],
  'old, of no namespace, in another': [{ ...old, ...within('team', undefined) }, [mismatch('')]],
  'old, of nothing': [{ ...old, involvedObject: undefined }, [mismatch('')]],
  'newer, as it should be': [newer, []],
  'newer, of another namespace': [{ ...newer, ...within('team', 'other') }, []],
  'newer, of no namespace, in kube-system': [{ ...newer, ...within('kube-system', undefined) }, []],
  'newer, of no namespace, in another': [{ ...newer, ...within('team', undefined) }, [mismatch('')]],
  'newer, with nothing else': [
    { ...old, eventTime: newer.eventTime },
    [
      'reportingController: Required value',
      'reportingController: Invalid value: "": name part must be non-empty',
      "reportingController: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'reportingInstance: Required value',
      'action: Required value',
      'reason: Required value',
    ],
  ],
  'newer, as long as may be': [
    { ...newer, reason: 'r'.repeat(128), action: 'a'.repeat(128), message: 'ä'.repeat(512) },
    [],
  ],
  'newer, too long': [
    {
      ...newer,
      reportingInstance: 'i'.repeat(129),
      action: 'ä'.repeat(65),
      reason: 'r'.repeat(129),
      message: '€'.repeat(342),
    },
    [
      'reportingInstance: Invalid value: "": can have at most 128 characters',
      'action: Invalid value: "": can have at most 128 characters',
      'reason: Invalid value: "": can have at most 128 characters',
      'message: Invalid value: "": can have at most 1024 characters',
    ],
  ],
};

test.each(Object.entries(cases))('%s', (_, [event, errors]) => {
  expect(found(event)).toEqual(errors);
});

const text = fc.constantFrom<unknown>('', 'a', 'default', 'team', 'a'.repeat(129), 'ä/b', null, undefined, 7);

prop.prop([
  fc.record({
    eventTime: fc.constantFrom<unknown>(null, undefined, '', '2025-01-01T00:00:00.000000Z'),
    namespace: fc.constantFrom('default', 'team', 'kube-system'),
    involvedObject: fc.constantFrom<unknown>(undefined, {}, { namespace: 'team' }, { namespace: 'default' }),
    reportingComponent: text,
    reportingInstance: text,
    action: text,
    reason: text,
    message: text,
  }),
])('the short way never lets an invalid Event pass, whatever a field is', ({ namespace, ...fields }) => {
  const event = { ...old, ...fields, metadata: { name: 'e', namespace } } as unknown as Event;
  if (isSoundEvent(event, namespace)) expect(found(event)).toEqual([]);
});

test('the short way takes what recorders write', () => {
  expect([old, newer].map((event) => isSoundEvent(event as unknown as Event, 'team'))).toEqual([true, true]);
});
