/**
 * Aim: the functions that Kubernetes adds to CEL do what they do there. Method: tables of expressions, each true; and what
 * those are answered that do not compile, or fail. (kubernetes v1.34.1 apiserver/pkg/cel/library)
 */
import { describe, expect, test } from 'vitest';
import { compile } from '../../../core/cel/compile.ts';

/** The value of an expression, or why there is none. */
function evaluated(expression: string): unknown {
  const program = compile(expression, new Map());
  if ('compileError' in program) return `compilation failed: ${program.compileError}`;
  const result = program.evaluate({});
  return 'value' in result ? result.value : `failed: ${result.error}`;
}

const truths: Readonly<Record<string, readonly string[]>> = {
  quantity: [
    `quantity('1.5Gi').isGreaterThan(quantity('1Gi'))`,
    `quantity('500m').isLessThan(quantity('1'))`,
    `quantity('1k').compareTo(quantity('1000')) == 0`,
    `isQuantity('1.3Gi') && !isQuantity('1,3Gi') && !isQuantity('1K')`,
    `quantity('100m').add(quantity('900m')).compareTo(quantity('1')) == 0`,
    `quantity('2').sub(1).isInteger() && quantity('2').sub(1).asInteger() == 1`,
    `quantity('-1').sign() == -1 && quantity('0').sign() == 0`,
    `quantity('50M').asApproximateFloat() == 50000000.0`,
    `quantity('1G') == quantity('1000M')`,
  ],
  url: [
    `url('https://user:pass@example.com:80/path?k=v').getHost() == 'example.com:80'`,
    `url('https://example.com:80/').getHostname() == 'example.com'`,
    `url('https://[::1]:80/').getHostname() == '::1'`,
    `url('https://example.com:80/').getPort() == '80' && url('https://example.com/').getPort() == ''`,
    `url('https://example.com/a%20b').getEscapedPath() == '/a%20b'`,
    `url('https://example.com/?k1=a&k2=b&k2=c').getQuery() == {'k1': ['a'], 'k2': ['b', 'c']}`,
    `url('https://example.com/').getScheme() == 'https'`,
    `isURL('https://example.com/') && !isURL('../relative')`,
  ],
  lists: [
    `[1, 2, 3].isSorted() && !['b', 'a'].isSorted()`,
    `[1, 3, 2].sum() == 6 && [1, 3, 2].max() == 3 && [1, 3, 2].min() == 1`,
    `['a', 'b', 'b'].indexOf('b') == 1 && ['a', 'b', 'b'].lastIndexOf('b') == 2 && ['a'].indexOf('c') == -1`,
  ],
  regex: [
    `'abc 123'.find('[0-9]+') == '123' && 'abc'.find('[0-9]+') == ''`,
    `'123 abc 456'.findAll('[0-9]+') == ['123', '456']`,
    `'123 abc 456'.findAll('[0-9]+', 1) == ['123']`,
    `'web-1'.matches('^web-[0-9]$')`,
  ],
  format: [
    `!format.dns1123Label().validate('web-1').hasValue()`,
    `format.dns1123Label().validate('Web_1').hasValue()`,
    `format.named('dns1123Subdomain').hasValue() && !format.named('nothing').hasValue()`,
    `!format.uuid().validate('123e4567-e89b-12d3-a456-426614174000').hasValue()`,
    `format.date().validate('yesterday').hasValue()`,
  ],
  ip: [
    `isIP('127.0.0.1') && isIP('::1') && !isIP('127.0.0.256') && !isIP('127.0.0.01')`,
    `ip('127.0.0.1').family() == 4 && ip('::1').family() == 6`,
    `ip('127.0.0.1').isLoopback() && ip('0.0.0.0').isUnspecified() && ip('10.0.0.1').isGlobalUnicast()`,
    `ip('fe80::1').isLinkLocalUnicast() && ip('224.0.0.1').isLinkLocalMulticast()`,
    `ip.isCanonical('::1') && !ip.isCanonical('0:0::1')`,
    `string(ip('10.0.0.1')) == '10.0.0.1'`,
  ],
  cidr: [
    `isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0/33')`,
    `cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsIP('11.0.0.1')`,
    `cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.1.0.0/16').containsCIDR('10.0.0.0/8')`,
    `cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && cidr('10.0.0.0/8').prefixLength() == 8`,
    `cidr('10.0.0.0/8').ip() == ip('10.0.0.0')`,
  ],
  sets: [
    `sets.contains([1, 2, 3], [2]) && !sets.contains([1], [2])`,
    `sets.equivalent([1, 2, 2], [2, 1])`,
    `sets.intersects([1, 2], [2, 3]) && !sets.intersects([1], [2])`,
  ],
  strings: [
    `'a,b'.split(',') == ['a', 'b'] && ['a', 'b'].join('-') == 'a-b'`,
    `' web '.trim() == 'web' && 'Web'.lowerAscii() == 'web' && 'web'.upperAscii() == 'WEB'`,
    `'tacocat'.indexOf('c') == 2 && 'tacocat'.lastIndexOf('c') == 4 && 'tacocat'.charAt(1) == 'a'`,
    `'tacocat'.substring(4) == 'cat' && 'tacocat'.substring(0, 4) == 'taco'`,
    `'a b a'.replace('a', 'c') == 'c b c' && 'a b a'.replace('a', 'c', 1) == 'c b a'`,
    `'%s has %d'.format(['web', 3]) == 'web has 3'`,
  ],
  'macros and optionals': [
    `[1, 2, 3].all(n, n > 0) && [1, 2].exists_one(n, n == 2) && [1, 2].map(n, n * 2) == [2, 4]`,
    `{'a': 1}.all(k, v, v == 1) && [3, 4].exists(i, v, i == 1 && v == 4)`,
    `optional.of(1).hasValue() && optional.none().orValue(2) == 2 && {'a': 1}[?'b'].orValue(3) == 3`,
    `duration('90s') == duration('1m30s') && timestamp('2026-01-01T00:00:00Z').getFullYear() == 2026`,
  ],
};

describe.each(Object.entries(truths))('%s', (_library, expressions) => {
  test.each(expressions)('%s', (expression) => {
    expect(evaluated(expression)).toBe(true);
  });
});

test.each([
  [`quantity('1K')`, 'failed:'],
  [`url('not a url')`, 'failed:'],
  [`ip('1.2.3')`, 'failed:'],
  [`cidr('10.0.0.0')`, 'failed:'],
  [`[].min()`, 'failed:'],
  [`nothing('a')`, 'compilation failed:'],
  [`1 + 'a'`, 'compilation failed:'],
])('%s has no value', (expression, why) => {
  expect(evaluated(expression)).toContain(why);
});
