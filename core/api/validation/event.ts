/**
 * Events. Who writes them with an eventTime must fill in the newer fields; without one, only the namespace is looked at.
 * (kubernetes v1.34.1 pkg/apis/core/validation/events.go legacyValidateEvent)
 */
import { invalidValue, required } from '../field-error.ts';
import type { Event } from '../generated/types.ts';
import { byteLength, dns1123SubdomainErrors, qualifiedNameErrors } from '../../text/label-format.ts';
import { checkForm, type Errors } from './fields.ts';

/** In bytes. */
const longestWord = 128;
const longestMessage = 1024;

export function checkEvent(errors: Errors, event: Event): void {
  const { eventTime, metadata, involvedObject } = event;
  const isNewer = (eventTime ?? '') !== '';
  const namespace = metadata.namespace ?? '';
  const about = namespaceOf(involvedObject);
  if (!isOf(about, namespace, isNewer))
    errors.push(invalidValue('involvedObject.namespace', about, 'does not match event.namespace'));
  if (isNewer) checkNewerFields(errors, event);
  checkForm(errors, 'namespace', namespace, dns1123SubdomainErrors);
}

/** A client may leave it out altogether. */
const namespaceOf = (involvedObject: Event['involvedObject'] | undefined): string =>
  involvedObject?.namespace ?? '';

/** What has no namespace is told of in `default`; a newer Event may tell in any namespace of what has one. */
function isOf(about: string, namespace: string, isNewer: boolean): boolean {
  if (about !== '') return isNewer || about === namespace;
  return namespace === 'default' || (isNewer ? namespace === 'kube-system' : namespace === '');
}

function checkNewerFields(errors: Errors, event: Event): void {
  const { reportingComponent = '', reportingInstance = '', message = '' } = event;
  // Inside the server, and in its messages, the field is called so.
  if (reportingComponent === '') errors.push(required('reportingController'));
  checkForm(errors, 'reportingController', reportingComponent, qualifiedNameErrors);
  checkWord(errors, 'reportingInstance', reportingInstance);
  checkWord(errors, 'action', event.action ?? '');
  checkWord(errors, 'reason', event.reason ?? '');
  checkLength(errors, 'message', message, longestMessage);
}

function checkWord(errors: Errors, field: string, value: string): void {
  if (value === '') errors.push(required(field));
  checkLength(errors, field, value, longestWord);
}

function checkLength(errors: Errors, field: string, value: string, most: number): void {
  if (!fits(value, most)) errors.push(invalidValue(field, '', `can have at most ${most} characters`));
}

/** A character has at most three bytes for each of its units. */
const fits = (text: string, most: number): boolean => text.length * 3 <= most || byteLength(text) <= most;

/** Whether there is nothing to say against an Event in a namespace that exists, found without a list. */
export function isSoundEvent(event: Event, namespace: string): boolean {
  const isNewer = (event.eventTime ?? '') !== '';
  if (!isOf(namespaceOf(event.involvedObject), namespace, isNewer)) return false;
  return !isNewer || areSound(event);
}

/** Nobody has read the fields yet: they may be anything. */
function areSound({ reportingComponent, reportingInstance, action, reason, message }: Event): boolean {
  return (
    typeof reportingComponent === 'string' &&
    typeof message === 'string' &&
    isWord(reportingInstance) &&
    isWord(action) &&
    isWord(reason) &&
    fits(message, longestMessage) &&
    isComponent(reportingComponent)
  );
}

/** Who reported last, and could: there are few of them, and each reports by the thousand. */
let lastComponent = '';

function isComponent(name: string): boolean {
  if (name === lastComponent && name !== '') return true;
  if (qualifiedNameErrors(name).length > 0) return false;
  lastComponent = name;
  return true;
}

const isWord = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && fits(value, longestWord);
