/**
 * Aim: a Secret of type service-account-token is filled, what is in it is believed as the account, and it goes with the
 * account. Method: a World, its transcript; and the controller of a World that another was faster than.
 */
import { expect, test } from 'vitest';
import type { Secret, ServiceAccount } from '../../../core/api/generated/types.ts';
import { issuer } from '../../../core/api/token/account-claims.ts';
import { userOfToken } from '../../../core/apiserver/authentication/account-token.ts';
import { conflict } from '../../../core/api/status.ts';
import { second } from '../../../core/time/time.ts';
import { World, type Plain, type WorldOptions } from './world.ts';

const account: Plain = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'build', namespace: 'default' },
};
const nameKey = 'kubernetes.io/service-account.name';
const uidKey = 'kubernetes.io/service-account.uid';

const tokenSecret = (name: string, of: Plain = { [nameKey]: 'build' }): Plain => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'default', annotations: of },
  type: 'kubernetes.io/service-account-token',
});

function started(options: WorldOptions = {}): World {
  const world = new World(options).start();
  world.run(second);
  world.lines.length = 0;
  return world;
}

const secretIn = (world: World, name = 'build-token'): Secret | undefined =>
  world.get<Secret>('secrets', `default/${name}`);

const accountIn = (world: World): ServiceAccount | undefined =>
  world.get<ServiceAccount>('serviceaccounts', 'default/build');

/** As whom somebody is believed that shows what the Secret keeps. */
function believedAs(world: World, token: string): string {
  const views = {
    serviceAccounts: world.view('serviceaccounts'),
    pods: world.view('pods'),
    secrets: world.view('secrets'),
    nodes: world.view('nodes'),
  };
  return userOfToken('test', atob(token), [issuer], views, world.now)?.user.name ?? 'nobody';
}

test('a token is made in a Secret that asks for it, is believed, and goes with its account', async () => {
  const world = started();
  const say = (what: string): void => void world.lines.push(`# ${what}`);
  say('an account, for which no Secret is made by itself');
  const { uid } = world.create('serviceaccounts', account).metadata;
  world.run(2 * second);
  expect(world.list('secrets')).toEqual([]);
  say('a Secret for a token of it, and one that is something else');
  world.create('secrets', tokenSecret('build-token'));
  world.create('secrets', { ...tokenSecret('other'), type: 'Opaque' });
  world.run(3 * second);
  const { data = {}, metadata } = secretIn(world) as Secret;
  expect(metadata.annotations).toEqual({ [nameKey]: 'build', [uidKey]: uid });
  expect([data['namespace'], data['ca.crt']].map((text) => atob(text ?? ''))).toEqual([
    'default',
    '-----BEGIN CERTIFICATE-----\nwavetank\n-----END CERTIFICATE-----\n',
  ]);
  const { token = '' } = data;
  expect(believedAs(world, token)).toBe('system:serviceaccount:default:build');
  say('its token is taken out: the same is made again, and the old namespace stays');
  world.change('secrets', 'default/build-token', { data: { token: null, namespace: btoa('mine') } });
  expect(believedAs(world, token)).toBe('nobody');
  world.run(4 * second);
  expect(secretIn(world)?.data).toEqual({ ...data, namespace: btoa('mine') });
  say('the account names a Secret that is then deleted');
  world.change('serviceaccounts', 'default/build', { secrets: [{ name: 'build-token' }, { name: 'other' }] });
  world.delete('secrets', 'default/build-token');
  world.run(5 * second);
  expect(accountIn(world)?.secrets).toEqual([{ name: 'other' }]);
  say('two more Secrets, and the account is made anew: both go, for they were for the old one');
  world.create('secrets', tokenSecret('one'));
  world.create('secrets', tokenSecret('two'));
  world.run(6 * second);
  const one = secretIn(world, 'one')?.data?.['token'] ?? '';
  expect(believedAs(world, one)).toBe('system:serviceaccount:default:build');
  world.delete('serviceaccounts', 'default/build');
  world.create('serviceaccounts', account);
  expect(believedAs(world, one)).toBe('nobody');
  world.run(7 * second);
  expect(world.list<Secret>('secrets').map((secret) => secret.metadata.name)).toEqual(['other']);
  say('a Secret for an account that is not there, and one for another uid');
  world.create('secrets', tokenSecret('nobody', { [nameKey]: 'gone' }));
  world.create('secrets', tokenSecret('old', { [nameKey]: 'build', [uidKey]: uid }));
  world.run(8 * second);
  expect(world.list<Secret>('secrets').map((secret) => secret.metadata.name)).toEqual(['other']);
  await expect(`${world.lines.join('\n')}\n`).toMatchFileSnapshot('transcripts/serviceaccount-tokens.txt');
});

test('an account that its cache has not heard of is asked for before its Secret is deleted', () => {
  const world = started();
  world.stall('serviceaccounts');
  world.create('serviceaccounts', account);
  world.create('secrets', tokenSecret('build-token'));
  world.run(2 * second);
  expect(secretIn(world)?.data?.['token']).toBeDefined();
});

test('a Secret that has changed since is filled when news of that has come', () => {
  const world = started();
  world.create('serviceaccounts', account);
  world.run(2 * second);
  world.stall('secrets');
  world.create('secrets', tokenSecret('build-token'));
  world.change('secrets', 'default/build-token', { data: { mine: btoa('1') } });
  world.run(3 * second);
  expect(world.lines).toEqual([]);
  world.proceed('secrets');
  world.run(4 * second);
  expect(Object.keys(secretIn(world)?.data ?? {})).toEqual(['mine', 'ca.crt', 'namespace', 'token']);
});

test('a name is taken out of an account again where somebody else was faster, after 100 to 200 ms', () => {
  let refusals = 3;
  const world = started({
    refuse: ({ verb, resource }) =>
      verb === 'update' && resource === 'serviceaccounts' && refusals-- > 0
        ? conflict(resource, 'build')
        : undefined,
  });
  world.create('serviceaccounts', { ...account, secrets: [{ name: 'build-token' }] });
  world.create('secrets', tokenSecret('build-token'));
  world.run(2 * second);
  world.lines.length = 0;
  world.delete('secrets', 'default/build-token');
  world.run(4 * second);
  expect(accountIn(world)?.secrets).toEqual([]);
  const times = world.lines.map((line) => Number(line.split(' ')[0]));
  const waits = times.slice(1).map((at, i) => at - (times[i] ?? 0));
  expect(waits).toHaveLength(3);
  for (const wait of waits) expect([wait > 0.1, wait < 0.21]).toEqual([true, true]);
});
