/**
 * What a process shows the apiservers: its own certificate, and for those of its clients that have one, another
 * credential. It belongs to the client's end of a connection: what a request calls itself opens nothing.
 */
import type { Credential } from '../../core/apiserver/authentication/authenticate.ts';
import type { VirtualTime } from '../../core/time/time.ts';

export interface Keyring {
  readonly own: Credential;
  /** By the name of the client within the process, which is its user agent. */
  readonly clients: Readonly<Record<string, Credential>>;
}

export const keyringOf = (own: Credential, clients: Keyring['clients'] = {}): Keyring => ({ own, clients });

export const credentialFor = (keyring: Keyring, client: string): Credential =>
  keyring.clients[client] ?? keyring.own;

/** The same with another end of the process's own certificate; undefined: it does not end. */
export function endingAt({ own, clients }: Keyring, notAfter: VirtualTime | undefined): Keyring {
  return { own: own.type === 'certificate' ? { ...own, notAfter } : own, clients };
}
