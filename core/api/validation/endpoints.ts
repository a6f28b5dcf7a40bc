/** Endpoints. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go) */
import { required } from '../field-error.ts';
import type { EndpointAddress, EndpointPort, Endpoints } from '../generated/types.ts';
import { qualifiedNameErrors } from '../../text/label-format.ts';
import { checkIP, checkNotSpecial } from './address.ts';
import { checkForm, checkPort, checkRequiredOneOf, label, subdomain, type Errors } from './fields.ts';

export function checkEndpoints(errors: Errors, { subsets = [] }: Endpoints): void {
  subsets.forEach(({ addresses = [], notReadyAddresses = [], ports = [] }, i) => {
    const at = `subsets[${i}]`;
    if (addresses.length === 0 && notReadyAddresses.length === 0)
      errors.push(required(at, 'must specify `addresses` or `notReadyAddresses`'));
    addresses.forEach((address, j) => {
      checkAddress(errors, `${at}.addresses[${j}]`, address);
    });
    notReadyAddresses.forEach((address, j) => {
      checkAddress(errors, `${at}.notReadyAddresses[${j}]`, address);
    });
    ports.forEach((port, j) => {
      checkEndpointPort(errors, `${at}.ports[${j}]`, port, ports.length > 1);
    });
  });
}

function checkAddress(errors: Errors, field: string, address: EndpointAddress): void {
  const { hostname = '', nodeName } = address;
  const ip = (address.ip as string | undefined) ?? '';
  checkIP(errors, `${field}.ip`, ip);
  if (hostname !== '') checkForm(errors, `${field}.hostname`, hostname, label);
  if (nodeName !== undefined) checkForm(errors, `${field}.nodeName`, nodeName, subdomain);
  checkNotSpecial(errors, `${field}.ip`, ip);
}

function checkEndpointPort(errors: Errors, field: string, port: EndpointPort, isOneOfMany: boolean): void {
  const { name = '', appProtocol } = port;
  if (name !== '') checkForm(errors, `${field}.name`, name, label);
  else if (isOneOfMany) errors.push(required(`${field}.name`));
  checkPort(errors, `${field}.port`, port.port);
  checkRequiredOneOf(errors, `${field}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']);
  if (appProtocol !== undefined) checkForm(errors, `${field}.appProtocol`, appProtocol, qualifiedNameErrors);
}
