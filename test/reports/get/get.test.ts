/**
 * Aim: `wavetank get` prints what kubectl prints. Method: a run written by hand is asked through the command line; the
 * transcripts are whole outputs, with the lines of standard error and the exit status where it is not 0.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { said, wordsOf } from '../../sim/cli/said.ts';
import { cluster } from './cluster.ts';

const folder = mkdtempSync(join(tmpdir(), 'wavetank-'));
const trace = join(folder, 'run.trace');
writeFileSync(trace, cluster());
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const transcripts: Readonly<Record<string, readonly string[]>> = {
  tables: [
    '# The state at the end; ages are counted at the last event.',
    'get pods',
    'get nodes',
    'get po -A -o wide',
    '# Several kinds, and one that is all of a category; custom resources belong to it where their definition says so.',
    'get deploy,svc',
    'get all -A',
    '# Labels, and no headers.',
    'get pods --show-labels -l app=web',
    'get pods -L app,example.com/tier --no-headers -A',
    '# By name: in the order asked for.',
    'get pod web-c web-b',
    'get pod/web-b deploy/web po/web-c',
    '# By fields.',
    'get pods -A --field-selector spec.nodeName=node-1',
    '# Events come by name, unless another order is asked for.',
    'get events',
    'get ev --sort-by .metadata.creationTimestamp',
    '# The API warns of what is deprecated.',
    'get endpoints',
  ],
  moments: [
    '# Before anything is there.',
    'get pods --at 5s',
    'get pods --at 12s',
    '# One of them is on its way out, then gone.',
    'get pods --at 26s',
    'get pods --at 27s',
    'get pod web-a --at 26s -o name',
    'get pod web-a --at 28s',
    '# A kind is known once it is defined.',
    'get widgets --at 30s',
    'get widgets --at 40s',
    'get wd --at 1m',
    'get widgets.v1beta1.example.com --at 1m',
  ],
  documents: [
    'get pod web-b -o yaml',
    'get pod web-b -o json --at 10s',
    'get svc,cm -o yaml',
    'get cm settings --format json',
    'get secrets -o yaml',
    'get secrets -o json',
    'get deploy,pods -o name',
    '# Defaults of a custom resource are given when it is read; its version is the one asked for.',
    'get widgets -o yaml --field-selector spec.colour=red',
    'get widget.v1beta1.example.com cog -o yaml',
    'get pods -o custom-columns=NAME:.metadata.name,ARGS:.spec.containers[*].args,LABELS:metadata.labels,NONE:.spec.none',
    `get pods -o 'jsonpath={range .items[*]}{.metadata.name}{"\\t"}{.spec.containers[*].image}{"\\n"}{end}'`,
    `get pod web-b -o 'jsonpath={.metadata.labels} {.spec.containers[0].args} {.spec.none}{"\\n"}'`,
    `get pod web-b -o 'jsonpath={@.metadata.managedFields[0].manager}, {"{"}{.spec.containers[?(@.name=="main")].image}}'`,
  ],
  watch: [
    '# From the beginning to the end.',
    'get pods -w',
    '# From a moment to another, in one line a change; what no longer is selected is shown as it was last.',
    'get pods -w --at 14s --until 25s -A -o wide',
    'get pods --watch --at 10s --field-selector status.phase=Pending --no-headers',
    'get pod web-a -w --at 15s -o name',
    'get widgets -w --at 41s --sort-by .spec.size',
    'get cm -w --at 50s -o jsonpath={.metadata.name}',
    'get pods -w --at 20s --until 25s -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName',
    'get ns -w -o yaml',
    '# What cannot be watched.',
    'get pods,svc -w',
    'get pod a b -w',
    'get pod web-x -w --at 20s',
    'get pods -w -l a=,,',
    'get pods --until 20s',
    'get pods -w --until soon',
  ],
  refusals: [
    'get pod web-x',
    'get pod web-b web-x web-y',
    'get pod web-x -n nowhere',
    'get pod web-x -n nowhere --ignore-not-found',
    'get pods -n nowhere',
    'get secrets -A',
    'get pv',
    'get sc,pods -n shop -l app=web',
    '# What cannot be asked for.',
    'get pdos',
    'get deployment.aps',
    'get widgets.example.org',
    'get pods -o yml',
    'get pods -o yaml --show-labels',
    'get pods -o jsonpath',
    'get pods -o jsonpath={.a',
    `get pods -o 'jsonpath={range .items[*]}'`,
    `get pods -o 'jsonpath={end}'`,
    `get pods -o 'jsonpath={"a}'`,
    'get pods -o jsonpath={a}',
    'get pods -o custom-columns=NAME',
    'get pods -o custom-columns=NAME:{a}b',
    'get pods --sort-by .spec.none',
    'get pods -o wide --format json',
    'get pods -l a=,,',
    'get pods --field-selector spec.none=1',
    'get widgets --field-selector spec.size=1',
    'get pod web-a -A',
    'get pod web-a -l app=web',
    'get pod/web-a web-b',
    'get pod/a/b',
    'get pod/',
    'get pods --at soon',
    'get',
  ],
};

test.each(Object.keys(transcripts))('%s', async (name) => {
  const told: string[] = [];
  for (const line of transcripts[name] ?? [])
    told.push(
      line.startsWith('#')
        ? `${line}\n`
        : `$ wavetank ${line} run.trace\n${await said([...wordsOf(line), trace])}\n`,
    );
  await expect(told.join('').replaceAll(trace, 'run.trace')).toMatchFileSnapshot(`transcripts/${name}.txt`);
});
