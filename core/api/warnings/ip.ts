/** Of addresses in forms that only old fields take. (kubernetes v1.34.1 apimachinery/pkg/util/validation/ip.go) */
import { addressText, hasBitsBeyond, isMapped, readAddress, readCidr } from '../names/ip.ts';

const quoted = (text: string): string => JSON.stringify(text);

export function ipWarnings(field: string, text: string): readonly string[] {
  const address = readAddress(text);
  if (address === undefined) return [];
  const canonical = addressText(address);
  if (address.leadingZeros || isMapped(address)) {
    const shown = isMapped(address) ? text.slice(text.lastIndexOf(':') + 1) : canonical;
    return [
      `${field}: non-standard IP address ${quoted(text)} will be considered invalid in a future Kubernetes release: use ${quoted(shown)}`,
    ];
  }
  return address.bits === 128 && canonical !== text
    ? [`${field}: IPv6 address ${quoted(text)} should be in RFC 5952 canonical format (${quoted(canonical)})`]
    : [];
}

export function rangeWarnings(field: string, text: string): readonly string[] {
  const cidr = readCidr(text);
  if (cidr === undefined) return [];
  const { address, prefix, leadingZeros } = cidr;
  const canonical = `${addressText(address)}/${prefix}`;
  const warnings: string[] = [];
  if (leadingZeros || address.leadingZeros || isMapped(address))
    warnings.push(
      `${field}: non-standard CIDR value ${quoted(text)} will be considered invalid in a future Kubernetes release: use ${quoted(canonical)}`,
    );
  else if (hasBitsBeyond(cidr))
    warnings.push(
      `${field}: CIDR value ${quoted(text)} is ambiguous in this context (should be ${quoted(`${networkText(cidr)}/${prefix}`)} or ${quoted(`${addressText(address)}/${address.bits}`)}?)`,
    );
  else if (address.bits === 128 && canonical !== text)
    warnings.push(
      `${field}: IPv6 CIDR value ${quoted(text)} should be in RFC 5952 canonical format (${quoted(canonical)})`,
    );
  return warnings;
}

/** The first address of a range. */
function networkText({ address, prefix }: NonNullable<ReturnType<typeof readCidr>>): string {
  const width = address.bits === 32 ? 8 : 16;
  const parts = address.parts.map((part, i) => {
    const kept = Math.min(width, Math.max(0, prefix - i * width));
    return part - (part % (1 << (width - kept)));
  });
  return addressText({ ...address, parts });
}
