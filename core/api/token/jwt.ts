/**
 * JSON Web Tokens: three parts of base64url, of which the last is the signature over the others. It is simulated: bits that
 * follow from the cluster's seed, where a real one follows from a private key. Whoever knows no seed can sign nothing.
 */
import { bits, purposeOf, type Seed } from '../../random/draw.ts';
import type { Json } from '../generated/types.ts';

/** Claims by name; Go writes them in the order of their names. */
export type Claims = Readonly<Record<string, Json>>;

/** The token that says this. */
export function signed(seed: Seed, claims: Claims): string {
  const said = `${encoded(`{"alg":"RS256","kid":"${keyId(seed)}"}`)}.${encoded(JSON.stringify(claims))}`;
  return `${said}.${signatureOf(seed, said)}`;
}

/** What a token says; undefined where this cluster has not signed it. */
export function verified(seed: Seed, token: string): Claims | undefined {
  const end = token.lastIndexOf('.');
  const said = token.slice(0, Math.max(0, end));
  if (token.slice(end + 1) !== signatureOf(seed, said)) return undefined;
  return JSON.parse(decoded(said.slice(said.indexOf('.') + 1))) as Claims;
}

/** A signature of 2,048 bits. (RS256 with the key that kubeadm makes) */
const wordsOfSignature = 64;
/** A sha256 of the public key. */
const wordsOfKey = 8;

const signatureOf = (seed: Seed, said: string): string => drawn(seed, said, wordsOfSignature);

const keyId = (seed: Seed): string => drawn(seed, '', wordsOfKey);

function drawn(seed: Seed, text: string, words: number): string {
  const purpose = purposeOf(seed, 'service account key');
  let bytes = '';
  for (let at = 0; at < words; at++) {
    const word = bits(purpose, text, at);
    bytes += String.fromCharCode(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255);
  }
  return urlSafe(btoa(bytes));
}

const encoded = (text: string): string =>
  urlSafe(btoa(String.fromCharCode(...new TextEncoder().encode(text))));

const decoded = (part: string): string =>
  new TextDecoder().decode(
    Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (byte) => byte.charCodeAt(0)),
  );

const urlSafe = (base64: string): string =>
  base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
