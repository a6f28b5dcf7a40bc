/** Aim: a volume says since when it is in its phase. Method: a table of statuses before and as they are sent. */
import { expect, test } from 'vitest';
import { volumeStatus } from '../../../../core/apiserver/strategy/storage.ts';
import { second } from '../../../../core/time/time.ts';

const begun = { phase: 'Bound', lastPhaseTransitionTime: '2025-01-01T00:00:01Z' };
const now = 20 * second;
const isNow = '2025-01-01T00:00:20Z';

test.each([
  ['a new phase begins now', { phase: 'Released' }, { phase: 'Released', lastPhaseTransitionTime: isNow }],
  [
    'the time that was there before does not stand in its way',
    { ...begun, phase: 'Released' },
    { phase: 'Released', lastPhaseTransitionTime: isNow },
  ],
  [
    'a client may say another time',
    { phase: 'Released', lastPhaseTransitionTime: '2024-01-01T00:00:00Z' },
    { phase: 'Released', lastPhaseTransitionTime: '2024-01-01T00:00:00Z' },
  ],
  ['the same phase keeps its time', { phase: 'Bound' }, begun],
  ['and where nothing changes, nothing does', begun, begun],
])('%s', (_, sent, stored) => {
  expect(volumeStatus(sent, begun, now)).toEqual(stored);
});
