/** Aim: tokens have the form that a reader of JSON Web Tokens expects, and only who has the seed can sign one. Method: one token, read and spoilt. */
import { expect, test } from 'vitest';
import { boundClaims, legacyClaims } from '../../../../core/api/token/account-claims.ts';
import { signed, verified } from '../../../../core/api/token/jwt.ts';
import { hour, second } from '../../../../core/time/time.ts';

const account = { name: 'build', uid: 'b9a8' };
const claims = boundClaims(
  {
    namespace: 'default',
    account,
    audiences: ['https://kubernetes.default.svc.cluster.local', 'ü'],
    bound: { pod: { name: 'runner', uid: 'c1' }, node: { name: 'node-1', uid: 'd2' } },
    expirationSeconds: hour / second,
    warnAfterSeconds: 3_607,
    id: 'e3',
  },
  90 * second,
);
const token = signed('42', claims);

test('a token is header, claims and signature, in base64url', () => {
  expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]{342}$/);
  const [header = ''] = token.split('.');
  expect(JSON.parse(atob(header))).toEqual({
    alg: 'RS256',
    kid: expect.stringMatching(/^[\w-]{43}$/) as string,
  });
  expect(verified('42', token)).toEqual(claims);
});

test('the claims, in the order in which Go writes them', () => {
  expect(JSON.stringify(claims)).toBe(
    '{"aud":["https://kubernetes.default.svc.cluster.local","ü"],"exp":1735693290,"iat":1735689690,' +
      '"iss":"https://kubernetes.default.svc.cluster.local","jti":"e3","kubernetes.io":{"namespace":"default",' +
      '"node":{"name":"node-1","uid":"d2"},"pod":{"name":"runner","uid":"c1"},' +
      '"serviceaccount":{"name":"build","uid":"b9a8"},"warnafter":1735693297},"nbf":1735689690,' +
      '"sub":"system:serviceaccount:default:build"}',
  );
  expect(JSON.stringify(legacyClaims('default', account, 'build-token'))).toBe(
    '{"iss":"kubernetes/serviceaccount","kubernetes.io/serviceaccount/namespace":"default",' +
      '"kubernetes.io/serviceaccount/secret.name":"build-token",' +
      '"kubernetes.io/serviceaccount/service-account.name":"build",' +
      '"kubernetes.io/serviceaccount/service-account.uid":"b9a8","sub":"system:serviceaccount:default:build"}',
  );
});

test('what another cluster signed, or what was changed, says nothing', () => {
  const [header = '', said = '', signature = ''] = token.split('.');
  const other = signed('42', { ...claims, sub: 'system:serviceaccount:kube-system:admin' }).split('.');
  const spoilt = [
    signed('43', claims),
    [header, other[1], signature].join('.'),
    [header, said].join('.'),
    token.slice(0, -1),
    '',
    'a.b.c',
  ];
  expect(spoilt.map((each) => verified('42', each))).toEqual(spoilt.map(() => undefined));
});
